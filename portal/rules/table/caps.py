"""SEND: how much one person may send, and what the carriers count."""

from datetime import datetime, timedelta

from portal.marks import N_

from ..decision import Effect, Fixer, OtherWords, Rule, Source
from ..facts import BrandCap, OrganizationFacts, Policy, Usage
from ..sentences import make_plural
from .send import SENDING, VALID_HOURS
from .use import BOTH


def _brand_effect(usage: Usage, organization: OrganizationFacts, policy: Policy, now: datetime,
                  hours: int) -> Effect | None:
    """What becomes of a text that goes beyond its brand's day; None while it does not.

    It waits for midnight Pacific only while it is worth sending until then, and while the next day has room for it.
    """
    if usage.brand_segments_today <= organization.brand_tier:
        return None
    ends = usage.brand_day_ends
    waits = ends is not None and ends <= now + timedelta(hours=hours)
    if policy.brand_cap is BrandCap.HOLD:
        return Effect.HOLD if waits and usage.brand_segments_tomorrow <= organization.brand_tier else Effect.BLOCK
    return Effect.BLOCK if policy.brand_cap is BrandCap.BLOCK else Effect.WARN


CAPS = (
    Rule(
        id="burst",
        title=N_("Many texts at once"),
        acts=SENDING,
        effect=Effect.HOLD,
        source=Source(editions=BOTH, facts=("F22",), portal=True),
        limitation=N_("More than %(most)s texts of one user in %(seconds)s seconds are sent one after the other"
                      " instead of at once."),
        notice=N_("This is text %(sent)s within %(seconds)s seconds, so it waits its turn until %(until)s."),
        remedy=N_("Nothing to do: the portal sends it when its turn comes."),
        about="body",
        limits={"most": 15, "seconds": 60},
        when=lambda usage, most: usage.texts_minute > most,
        values=lambda usage: {"sent": usage.texts_minute, "until": usage.next_place},
    ),
    Rule(
        id="repeated",
        title=N_("The same text to many people"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F22",), portal=True),
        limitation=N_("The same text to more than %(most)s recipients in 24 hours is refused; from %(warned)s on"
                      " there is a warning. Operators can set another number for an organization. Digits and links do"
                      " not make a text different."),
        veiled=N_("The same text to many people within a day is refused. Digits and links do not make a text"
                  " different."),
        notice=N_("With this one, %(same)s people get the same text in 24 hours. The most is %(most)s."),
        remedy=N_("Write to each person in your own words, or wait a day."),
        fixer=Fixer.READER,
        about="body",
        limits={"most": 25, "warned": 15},
        when=lambda usage, organization, warned: (
            usage.same_text_recipients >= warned or usage.same_text_recipients > organization.same_text_most),
        values=lambda usage, organization: {
            "same": usage.same_text_recipients, "most": organization.same_text_most},
        effect_by=lambda usage, organization: (
            Effect.BLOCK if usage.same_text_recipients > organization.same_text_most else Effect.WARN),
    ),
    Rule(
        id="daily-user",
        title=N_("Texts a day"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F21",), portal=True),
        limitation=make_plural(N_("One user can send at most %(most)s text in 24 hours."),
                               N_("One user can send at most %(most)s texts in 24 hours."), "most"),
        notice=N_("You have used up your %(most)s texts for 24 hours."),
        remedy=N_("Wait until the oldest ones are more than 24 hours old."),
        fixer=Fixer.READER,
        about="body",
        limits={"most": 500},
        when=lambda usage, most: usage.texts_day > most,
    ),
    Rule(
        id="daily-recipients",
        title=N_("Recipients a day"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(editions=BOTH, facts=("F21",), portal=True),
        limitation=make_plural(N_("One user can text at most %(most)s number in 24 hours."),
                               N_("One user can text at most %(most)s different numbers in 24 hours."), "most"),
        notice=N_("You have used up your %(most)s different numbers for 24 hours."),
        remedy=N_("Answer people you have already texted today, or wait."),
        fixer=Fixer.READER,
        about="number",
        limits={"most": 100},
        when=lambda usage, most: usage.recipients_day > most,
    ),
    Rule(
        id="daily-brand",
        title=N_("Segments a day for the whole brand"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(law=N_("T-Mobile US, through 10DLC"), portal=True),
        limitation=N_("T-Mobile US counts the segments of a brand from midnight Pacific to midnight: at most %(sole)s,"
                      " %(low)s, %(lower)s, %(upper)s or %(top)s, by the brand's tier. There is a warning from"
                      " %(percent)s percent on. Beyond the tier, a text waits until midnight Pacific if that is at"
                      " most %(hours)s hours away; otherwise it is refused. A setting of this portal can refuse all of"
                      " them, or only warn."),
        notice=N_("Your organization has used %(used)s of its %(tier)s segments to US numbers today."),
        remedy=N_("Keep the rest for texts that cannot wait until tomorrow."),
        instead=(
            OtherWords(
                when=lambda usage, organization, policy, now, hours: (
                    _brand_effect(usage, organization, policy, now, hours) is Effect.HOLD),
                notice=N_("Your organization has used up its %(tier)s segments to US numbers for today (%(used)s with"
                          " this text). It waits until midnight Pacific, which is %(until)s for you."),
                remedy=N_("Nothing to do: the portal sends it then."),
            ),
            OtherWords(
                when=lambda usage, organization, policy, now, hours: (
                    _brand_effect(usage, organization, policy, now, hours) is Effect.BLOCK),
                notice=N_("Your organization has used up its %(tier)s segments to US numbers for today (%(used)s with"
                          " this text). The next day begins at midnight Pacific, which is %(until)s for you."),
                remedy=N_("Send it then. If it cannot wait, call."),
            ),
            OtherWords(
                when=lambda usage, organization, policy, now, hours: (
                    _brand_effect(usage, organization, policy, now, hours) is Effect.WARN),
                notice=N_("Your organization has used up its %(tier)s segments to US numbers for today (%(used)s with"
                          " this text)."),
                remedy=N_("The carrier may refuse the text until midnight Pacific."),
            ),
        ),
        about="body",
        limits={"percent": 80, "sole": 1_000, "low": 2_000, "lower": 10_000, "upper": 40_000, "top": 200_000,
                "hours": VALID_HOURS},
        when=lambda usage, organization, recipient, percent: (
            recipient.region != "CA" and 100 * usage.brand_segments_today > percent * organization.brand_tier),
        values=lambda usage, organization: {"used": usage.brand_segments_today, "tier": organization.brand_tier,
                                            "until": usage.brand_day_ends},
        effect_by=_brand_effect,
    ),
)
