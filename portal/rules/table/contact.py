"""SEND: what the recipient wants, and what a sender is warned of before texting them."""

from datetime import datetime, timedelta
from typing import Any

from portal.marks import N_

from ..decision import Effect, Fixer, OtherWords, Rule, Source
from ..facts import Contact, OrganizationFacts, Place, QuietRule, Text
from ..quiet_hours import find_quiet, next_allowed_minute
from ..sentences import make_plural
from .send import SENDING, TIME_TO_LEAVE, VALID_HOURS
from .use import BOTH

OPT_OUT_LAW = N_("US law: 47 CFR 64.1200(a)(10); Canadian law: CASL, section 11")
CONSENT_LAW = N_("Canadian law: CASL, sections 6 and 10(9) to (13)")


def _opens(contact: Contact, now: datetime) -> datetime | None:
    return next_allowed_minute(contact.places, contact.zones, now)


def _quiet_values(contact: Contact, now: datetime) -> dict[str, Any]:
    """Where it is quiet, what time it is there, and when the quiet hours end, by the reader's clock and by theirs."""
    quiet, until = find_quiet(contact.places, contact.zones, now), _opens(contact, now)
    if quiet is None:
        return {}
    return {"local": quiet.local.time(), "place": Place(quiet.place), "until": until,
            "opens": until.astimezone(quiet.local.tzinfo).time() if until else None}


def _quiet_effect(contact: Contact, organization: OrganizationFacts, now: datetime, text: Text | None = None,
                  *, hours: int) -> Effect | None:
    """What becomes of a text in quiet hours: a warning, or a wait that ends while the text is worth sending."""
    if organization.quiet_rule is QuietRule.WARN:
        return None
    latest = text.valid_until - TIME_TO_LEAVE if text and text.valid_until else now + timedelta(hours=hours)
    until = _opens(contact, now)
    return Effect.HOLD if until is not None and until <= latest else Effect.BLOCK


def _answers(contact: Contact, now: datetime, days: int) -> bool:
    """Whether a text now would be an answer to what they wrote."""
    return contact.wrote_at is not None and (now - contact.wrote_at).days < days


CONTACT = (
    Rule(
        id="opted-out",
        title=N_("A person who opted out"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(law=OPT_OUT_LAW),
        limitation=N_("A person who opted out gets no more texts from any number of the organization. Nobody here can"
                      " override a STOP; texts that wait are stopped as well."),
        notice=N_("This person opted out on %(at)s."),
        remedy=N_("Ask them by phone to text START to your number. Nobody else can undo a STOP, not even one that only"
                  " the carrier got. Administrators can withdraw any other opt-out with a reason and proof."),
        fixer=Fixer.NOBODY,
        about="number",
        when=lambda contact: contact.opted_out_at is not None,
        values=lambda contact: {"at": contact.opted_out_at},
    ),
    Rule(
        id="maybe-opted-out",
        title=N_("A person who may have opted out"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(law=N_("US law: 47 CFR 64.1200(a)(10)"), portal=True),
        limitation=make_plural(
            N_("Where a person's wording may mean that they want no more texts, nobody texts them before a member or"
               " an administrator has read it and decided. After %(remind)s working day the member is reminded, after"
               " %(admins)s administrators decide as well, and after %(listed)s it is listed as an opt-out. A decision"
               " can be undone for %(undo)s minutes. When such wording comes again within %(again)s days of a No, it"
               " counts without a question."),
            N_("Where a person's wording may mean that they want no more texts, nobody texts them before a member or"
               " an administrator has read it and decided. After %(remind)s working days the member is reminded, after"
               " %(admins)s administrators decide as well, and after %(listed)s it is listed as an opt-out. A decision"
               " can be undone for %(undo)s minutes. When such wording comes again within %(again)s days of a No, it"
               " counts without a question."), "remind"),
        notice=N_("This person may have asked for no more texts."),
        remedy=N_("Read what they wrote, or ask them by phone, and decide: did they mean it?"),
        fixer=Fixer.READER,
        about="number",
        limits={"remind": 1, "admins": 2, "listed": 10, "undo": 10, "again": 90},
        when=lambda contact: contact.perhaps_out,
    ),
    Rule(
        id="web-request-waits",
        title=N_("A request on the web that was just made"),
        acts=SENDING,
        effect=Effect.HOLD,
        source=Source(portal=True),
        limitation=N_("When a person asks on the web that a number be left alone, texts to it wait until the portal has"
                      " looked for a text that proves it: mostly a minute, and at most %(minutes)s minutes. No text"
                      " says that it waits for this."),
        notice=N_("A person has just asked on the web that this number be left alone. The text waits until %(until)s."),
        remedy=N_("Nothing to do: the portal looks into it within minutes."),
        fixer=Fixer.NOBODY,
        system=True,
        untold=True,
        limits={"minutes": 15, "seconds": 1},
        when=lambda silence_asked_at, now, minutes: abs(now - silence_asked_at) < timedelta(minutes=minutes),
        values=lambda now, seconds: {"until": now + timedelta(seconds=seconds)},
    ),
    Rule(
        id="carrier-blocked",
        title=N_("A number that the carrier blocks"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("Carriers hear STOP on their own, for one of our numbers at a time. When a carrier refuses a text"
                      " for that reason, that number cannot text this person until they text START to it. Unless they"
                      " have texted START to another number of the organization since, they count as opted out."),
        notice=N_("The carrier still blocks texts from %(ours)s to this person."),
        remedy=N_("Ask them by phone to text START to that number."),
        fixer=Fixer.NOBODY,
        about="number",
        when=lambda contact, number: number.e164 in contact.blocked_from,
        values=lambda number: {"ours": number},
    ),
)

WARNINGS = (
    Rule(
        id="quiet-hours",
        title=N_("Quiet hours"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(law=N_("US law, disputed: 47 CFR 64.1200(c)(1); the laws in the table"), portal=True),
        limitation=N_("Laws say at which hours a business may advertise or sell by text; some states are stricter than"
                      " the US as a whole. The strictest state, province and time zone that the recipient's number may"
                      " belong to counts. In quiet hours you are warned, unless the recipient wrote within 24 hours."
                      " Where the provider has set it so, the text waits for the first minute allowed there, but never"
                      " longer than %(hours)s hours; it is refused if it would have to."),
        notice=N_("It is %(local)s in %(place)s, where this number is registered: quiet hours for texts that advertise"
                  " or sell. They end at %(opens)s there, which is %(until)s for you."),
        remedy=N_("Wait until then, unless they expect your text now, such as one about their appointment."),
        instead=(
            OtherWords(
                when=lambda contact, organization, now, text=None, *, hours: (
                    _quiet_effect(contact, organization, now, text, hours=hours) is Effect.HOLD),
                notice=N_("It is %(local)s in %(place)s, where this number is registered: quiet hours for texts that"
                          " advertise or sell. This text waits until %(opens)s there, which is %(until)s for you."),
                remedy=N_("Nothing to do: the portal sends it then. If they need to know now, call."),
            ),
            OtherWords(
                when=lambda contact, organization, now, text=None, *, hours: (
                    _quiet_effect(contact, organization, now, text, hours=hours) is Effect.BLOCK),
                notice=N_("It is %(local)s in %(place)s, where this number is registered: quiet hours for texts that"
                          " advertise or sell. They end at %(opens)s there, which is %(until)s for you. A text"
                          " is worth sending for %(hours)s hours only."),
                remedy=N_("Send it then. If they need to know now, call."),
            ),
        ),
        fixer=Fixer.READER,
        about="body",
        limits={"hours": VALID_HOURS},
        when=lambda contact, now: (
            not contact.wrote_lately and find_quiet(contact.places, contact.zones, now) is not None),
        values=_quiet_values,
        effect_by=_quiet_effect,
    ),
    Rule(
        id="web-asked",
        title=N_("Asked for on the web"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(portal=True),
        limitation=make_plural(
            N_("Where a person asked on the web that a number be left alone, and no text to it proves that they own it,"
               " you are warned for %(days)s day. It blocks nothing: anybody can ask for any number."),
            N_("Where a person asked on the web that a number be left alone, and no text to it proves that they own it,"
               " you are warned for %(days)s days. It blocks nothing: anybody can ask for any number."), "days"),
        notice=N_("A person on the web asked your organization on %(at)s to stop texting this number. Nothing shows"
                  " that it was its owner."),
        remedy=N_("Ask them by phone. If they want no more texts, have an administrator write down the opt-out."),
        fixer=Fixer.READER,
        about="number",
        limits={"days": 30},
        when=lambda contact, now, days: (
            contact.asked_at is not None and now < contact.asked_at + timedelta(days=days)),
        values=lambda contact: {"at": contact.asked_at},
    ),
    Rule(
        id="first-contact",
        title=N_("The first text to a person"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(portal=True),
        limitation=N_("Before the first text to a number you are reminded: text only people who agreed, and say who you"
                      " are. You read which consent is written down, or that none is."),
        notice=N_("First text to this number. No consent is written down."),
        remedy=N_("Only text people who agreed, and say who you are. If they agreed, write down how."),
        instead=(
            OtherWords(
                when=lambda contact: contact.consent is not None and contact.consent_until is None,
                notice=N_("First text to this number. You have consent, because %(kind)s."),
                remedy=N_("Say who you are, and how they can stop your texts."),
            ),
            OtherWords(
                when=lambda contact: contact.consent is not None,
                notice=N_("First text to this number. You have consent until %(until)s, because %(kind)s."),
                remedy=N_("Say who you are, and how they can stop your texts."),
            ),
        ),
        fixer=Fixer.READER,
        about="number",
        when=lambda contact: contact.first,
        values=lambda contact: {"kind": contact.consent, "until": contact.consent_until},
    ),
    Rule(
        id="no-consent",
        title=N_("No consent is written down"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(law=CONSENT_LAW, portal=True),
        limitation=make_plural(
            N_("Texts that advertise need consent. It counts until it is withdrawn if the person agreed in words, for"
               " %(years)s years after a purchase, and for %(months)s months after an inquiry or after the latest text"
               " of a person who wrote first. Where no consent in force is written down and the person has not texted"
               " within %(days)s day, you are warned; an organization can have such texts refused instead."),
            N_("Texts that advertise need consent. It counts until it is withdrawn if the person agreed in words, for"
               " %(years)s years after a purchase, and for %(months)s months after an inquiry or after the latest text"
               " of a person who wrote first. Where no consent in force is written down and the person has not texted"
               " within %(days)s days, you are warned; an organization can have such texts refused instead."), "days"),
        notice=N_("No consent of this person is in force, and they have not texted you lately."),
        remedy=N_("If they agreed, write down how and when. In Canada a text that only confirms what they asked for"
                  " needs no consent; advertising does."),
        instead=(
            OtherWords(
                when=lambda organization: organization.consent_required,
                notice=N_("No consent of this person is in force, and they have not texted you lately. Your"
                          " organization texts nobody without consent."),
                remedy=N_("If they agreed, write down how and when; then the text can be sent."),
            ),
        ),
        fixer=Fixer.READER,
        about="number",
        limits={"years": 2, "months": 6, "days": 30},
        # Before a first text the rule above says it already, unless this one stops the text.
        when=lambda contact, organization, now, days: (
            contact.consent is None and (organization.consent_required or not contact.first)
            and not _answers(contact, now, days)),
        effect_by=lambda organization: Effect.BLOCK if organization.consent_required else None,
    ),
    Rule(
        id="unknown-area-code",
        title=N_("Area codes that nobody here knows"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(portal=True),
        limitation=N_("New area codes are opened every year. A number in one that this portal does not know yet can be"
                      " texted; you are warned, because it may be mistyped."),
        notice=N_("This portal does not know this area code. It may be new."),
        remedy=N_("Compare the number with what you were given."),
        fixer=Fixer.READER,
        about="number",
        when=lambda recipient: not recipient.known,
    ),
    Rule(
        id="asks-for-keyword",
        title=N_("Asking for an opt-out word"),
        acts=SENDING,
        effect=Effect.BLOCK,
        source=Source(portal=True),
        limitation=N_("A person who is asked to answer with an opt-out word, as in “reply CANCEL to cancel”, opts out"
                      " by doing so. Such a text is refused, unless the people who run this portal allow it to your"
                      " organization; then you are warned. Saying how to get no more texts, as in “text STOP to end"
                      " texts”, is allowed."),
        notice=N_("The text asks to answer with %(word)s. A person who does gets no more texts from you."),
        remedy=N_("Ask for another word, or for the number 1 or 2."),
        fixer=Fixer.READER,
        about="body",
        when=lambda text: bool(text.asks_for),
        values=lambda text: {"word": text.asks_for},
        effect_by=lambda organization: None if organization.keyword_blocks else Effect.WARN,
    ),
    Rule(
        id="short-link",
        title=N_("Public link shorteners"),
        acts=SENDING,
        effect=Effect.WARN,
        source=Source(editions=BOTH, facts=("F22",), portal=True),
        limitation=N_("Carriers often refuse texts with links of public shorteners. You are warned before."),
        notice=N_("Carriers often refuse links of this shortener: %(host)s."),
        remedy=N_("Use the full address on your own domain."),
        fixer=Fixer.READER,
        about="body",
        when=lambda text: bool(text.short_link),
        values=lambda text: {"host": text.short_link},
    ),
)
