"""For every rule that decides: facts that break it, and facts that almost do.

The numbers stand here once more on purpose: a limit that moves in the table breaks its example.
"""

from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from portal.rules import Facts
from portal.rules.facts import (
    ActorFacts,
    Answer,
    BrandCap,
    Campaign,
    CarrierFacts,
    Cause,
    Change,
    ConsentKind,
    Contact,
    CustomerType,
    Inbound,
    LocationFacts,
    Lock,
    NumberFacts,
    OrganizationFacts,
    Pace,
    Policy,
    Pstn,
    QuietRule,
    ReportFacts,
    Restraint,
    RestrictionFacts,
    Subject,
    Text,
    Usage,
    UserFacts,
)
from portal.rules.numbers import NumberKind, read_number
from portal.rules.switches import EffectiveSetting, Level

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OWN = "+14165550101"
LOCK = Lock(Level.ORGANIZATION, "Ada", NOON, "Trial run", "Maple Clinic")


class Pair(NamedTuple):
    """Two sets of facts, one on either side of a rule's edge."""

    breaks: Facts
    almost: Facts


def to(raw: str, **parts: Any) -> Facts:
    """Facts about a text to this number."""
    return Facts(recipient=read_number(raw), **parts)


def restricted(restraint: Restraint, until: datetime | None = NOON) -> Facts:
    return Facts(restrictions=(RestrictionFacts(Subject.USER, restraint, Cause.SPAM, until),))


def changing(**said: Any) -> Facts:
    return Facts(change=Change(**{"on": True, "turns_on": True, **said}))


def healthcare(*, acknowledged: bool) -> Facts:
    organization = OrganizationFacts(healthcare=True, hipaa_acknowledged=acknowledged)
    return replace(changing(), organization=organization)


def registered(campaign: Campaign) -> Facts:
    return Facts(organization=OrganizationFacts(campaign=campaign))


def brand(segments: int, cap: BrandCap = BrandCap.HOLD, left: timedelta = timedelta(hours=4),
          tomorrow: int = 1) -> Facts:
    """Facts about a text to the US, so long before midnight Pacific."""
    usage = Usage(brand_segments_today=segments, brand_segments_tomorrow=tomorrow, brand_day_ends=NOON + left)
    return to("+1 212 555 0123", organization=OrganizationFacts(brand_tier=1000), usage=usage, now=NOON,
              policy=Policy(brand_cap=cap))


def same(recipients: int, most: int = 25) -> Facts:
    return Facts(organization=OrganizationFacts(same_text_most=most), usage=Usage(same_text_recipients=recipients))


def reported(**said: Any) -> Facts:
    return Facts(report=ReportFacts(**{"free_at": NOON, **said}))


def burst(texts: int) -> Facts:
    return Facts(usage=Usage(texts_minute=texts, next_place=NOON))


def slowed(later: timedelta) -> Facts:
    """Facts about a text whose turn comes so much later."""
    return replace(restricted(Restraint.THROTTLE), pace=Pace(6, NOON + later, Cause.SPAM), now=NOON)


def at_noon(zone: str) -> Facts:
    """Facts about a number somewhere; noon in Greenwich is seven in Toronto and eight in Halifax."""
    return Facts(contact=Contact(zones=(zone,)), now=NOON)


def unanswered(wrote_at: datetime, **organization: Any) -> Facts:
    """Facts about a text to a person who wrote at that moment, and of whom no consent is known."""
    return Facts(contact=Contact(wrote_at=wrote_at), organization=OrganizationFacts(**organization), now=NOON)


def held_at_noon(**text: Any) -> Facts:
    """The same about a text of an organization whose texts wait in quiet hours."""
    return replace(at_noon("America/Toronto"), organization=OrganizationFacts(quiet_rule=QuietRule.HOLD),
                   text=Text(**text))


def answering(**said: Any) -> Facts:
    return Facts(answer=Answer(**said), carrier=CarrierFacts())


REAL = CarrierFacts(real=True)
LONDON, SAN_JUAN = read_number("+44 20 7946 0018"), read_number("+1 787 555 0123")
HOURS = timedelta(hours=4)
DAYS = timedelta(days=30)
MOMENT = timedelta(seconds=1)
PLAN_NUMBER = Facts(number=NumberFacts(OWN, NumberKind.PLAIN, from_plan=True))

TODAY, DAY = date(2026, 11, 29), timedelta(days=1)


def held_number(**days: date) -> Facts:
    return Facts(number=NumberFacts(OWN, NumberKind.PLAIN, today=TODAY, **days))


EXAMPLES = {
    "emergency": Pair(to("9-1-1"), to("912")),
    "crisis-line": Pair(to("988"), to("987")),
    "customer-type": Pair(
        Facts(organization=OrganizationFacts(customer_type=CustomerType.TRIAL)),
        Facts(organization=OrganizationFacts(customer_type=CustomerType.ENTERPRISE))),
    "calling-plan": Pair(
        Facts(organization=OrganizationFacts(calling_plan=False)),
        Facts(organization=OrganizationFacts(add_on=False))),
    "add-on": Pair(
        Facts(organization=OrganizationFacts(add_on=False)),
        Facts(organization=OrganizationFacts(calling_plan=False))),
    "location-country": Pair(Facts(location=LocationFacts(country="MX")), Facts(location=LocationFacts(country="CA"))),
    "location-pstn": Pair(
        Facts(location=LocationFacts(pstn=Pstn.OTHER_PROVIDER)), Facts(location=LocationFacts(pstn=Pstn.PROVIDER))),
    "primary-number": Pair(Facts(number=NumberFacts()), Facts(number=NumberFacts(OWN, NumberKind.PLAIN))),
    "number-unconfirmed": Pair(
        Facts(number=NumberFacts(OWN, NumberKind.PLAIN, confirmed=False)),
        Facts(number=NumberFacts(OWN, NumberKind.PLAIN))),
    "number-coming": Pair(held_number(from_on=TODAY + DAY), held_number(from_on=TODAY)),
    "number-gone": Pair(held_number(until_on=TODAY), held_number(until_on=TODAY + DAY)),
    "number-leaving": Pair(held_number(until_on=TODAY + 14 * DAY), held_number(until_on=TODAY + 15 * DAY)),
    "number-source": Pair(Facts(number=NumberFacts(OWN, NumberKind.PLAIN)), PLAN_NUMBER),
    "account-inactive": Pair(Facts(user=UserFacts(active=False)), Facts(user=UserFacts(active=True))),
    "texting-off": Pair(
        Facts(setting=EffectiveSetting(on=False, level=Level.LOCATION)),
        Facts(setting=EffectiveSetting(on=True, level=Level.LOCATION, locked=True))),
    "not-yours": Pair(Facts(actor=ActorFacts(administers=False)), Facts(actor=ActorFacts(administers=True))),
    "locked-above": Pair(changing(lock=LOCK), changing(on=None, lock=LOCK)),
    "hipaa-unacknowledged": Pair(healthcare(acknowledged=False), healthcare(acknowledged=True)),
    "no-effect-yet": Pair(changing(idle=1, why=("add-on",)), changing(on=False, idle=1, why=("add-on",))),
    "number-unreadable": Pair(to("416 555 010"), to("416 555 0100")),
    "international": Pair(to("+1 246 555 0123"), to("+1 248 555 0123")),
    "territory": Pair(to("+1 671 555 0123", policy=Policy()), to("+1 787 555 0123", policy=Policy())),
    "special-number": Pair(to("+1 800 555 0123"), to("+1 801 555 0123")),
    "own-number": Pair(
        to("416-555-0101", number=NumberFacts(OWN, NumberKind.PLAIN)),
        to("416-555-0102", number=NumberFacts(OWN, NumberKind.PLAIN))),
    "mms": Pair(Facts(text=Text(attachments=1)), Facts(text=Text(attachments=0))),
    "too-long": Pair(Facts(text=Text(segments=11)), Facts(text=Text(segments=10))),
    "campaign": Pair(registered(Campaign.PENDING), registered(Campaign.ACTIVE)),
    "app-version": Pair(Facts(user=UserFacts(app_version="42.11.9")), Facts(user=UserFacts(app_version="42.12"))),
    "blocked": Pair(restricted(Restraint.BLOCK), restricted(Restraint.THROTTLE)),
    "burst": Pair(burst(16), burst(15)),
    "repeated": Pair(same(15), same(14)),
    "daily-user": Pair(Facts(usage=Usage(texts_day=501)), Facts(usage=Usage(texts_day=500))),
    "daily-recipients": Pair(Facts(usage=Usage(recipients_day=101)), Facts(usage=Usage(recipients_day=100))),
    "daily-brand": Pair(brand(801), brand(800)),
    "opted-out": Pair(Facts(contact=Contact(opted_out_at=NOON)), Facts(contact=Contact(perhaps_out=True))),
    "maybe-opted-out": Pair(Facts(contact=Contact(perhaps_out=True)), Facts(contact=Contact(opted_out_at=NOON))),
    "carrier-blocked": Pair(
        Facts(contact=Contact(blocked_from=(OWN,)), number=NumberFacts(OWN, NumberKind.PLAIN)),
        Facts(contact=Contact(blocked_from=("+14165550102",)), number=NumberFacts(OWN, NumberKind.PLAIN))),
    "fiction-number": Pair(to(OWN, carrier=REAL), to("416 555 0200", carrier=REAL)),
    "empty": Pair(Facts(text=Text(visible=False)), Facts(text=Text(visible=True))),
    "throttled": Pair(slowed(HOURS + MOMENT), slowed(timedelta())),
    "queue-full": Pair(slowed(HOURS + MOMENT), slowed(HOURS)),
    "quiet-hours": Pair(at_noon("America/Toronto"), at_noon("America/Halifax")),
    "web-request-waits": Pair(
        Facts(silence_asked_at=NOON - timedelta(minutes=15) + MOMENT, now=NOON),
        Facts(silence_asked_at=NOON - timedelta(minutes=15), now=NOON)),
    "web-asked": Pair(
        Facts(contact=Contact(asked_at=NOON - DAYS + MOMENT), now=NOON),
        Facts(contact=Contact(asked_at=NOON - DAYS), now=NOON)),
    "first-contact": Pair(Facts(contact=Contact(first=True)), Facts(contact=Contact(first=False))),
    "no-consent": Pair(
        unanswered(NOON - DAYS), unanswered(NOON - DAYS + MOMENT, consent_required=True)),
    "unknown-area-code": Pair(to("+1 221 555 0123"), to("+1 436 555 0123")),
    "asks-for-keyword": Pair(Facts(text=Text(asks_for="CANCEL")), Facts(text=Text(asks_for=""))),
    "short-link": Pair(Facts(text=Text(short_link="bit.ly")), Facts(text=Text(short_link=""))),
    "inbound-international": Pair(Facts(inbound=Inbound(LONDON)), Facts(inbound=Inbound(SAN_JUAN))),
    "inbound-mms": Pair(Facts(inbound=Inbound(LONDON, attachments=1)), Facts(inbound=Inbound(LONDON))),
    "inbound-unavailable": Pair(Facts(inbound=Inbound(LONDON, wanted=False)), Facts(inbound=Inbound(LONDON))),
    "answer-stopped": Pair(answering(stop_told_ago=30 * 86_400 - 1), answering(stop_told_ago=30 * 86_400)),
    "answer-not-possible": Pair(answering(age=301), answering(age=300)),
    "answer-nobody-reads": Pair(answering(unread=True, told_ago=43199), answering(unread=True, told_ago=43200)),
    "report-incomplete": Pair(reported(words=False, category=False), reported(words=False)),
    "report-slow-lane": Pair(reported(many=11), reported(many=10)),
    "report-not-ours": Pair(reported(ours=False), reported(ours=None)),
    "report-again": Pair(reported(again=True), reported(again=False)),
}

# For every rule with other words: for each of them, facts that break it and for which those words are true.
OTHER_WORDS = {
    "blocked": (restricted(Restraint.BLOCK, None),),
    "texting-off": (
        Facts(setting=EffectiveSetting(on=False, level=None)),
        Facts(setting=EffectiveSetting(on=False, level=Level.LOCATION, locked=True))),
    "crisis-line": (to("988", policy=Policy(route_crisis_line=True), carrier=CarrierFacts(takes_crisis_line=True)),),
    "quiet-hours": (held_at_noon(), held_at_noon(valid_until=NOON)),
    "daily-brand": (brand(1001), brand(1001, BrandCap.BLOCK), brand(1001, BrandCap.WARN)),
    "first-contact": (
        Facts(contact=Contact(first=True, consent=ConsentKind.EXPRESS)),
        Facts(contact=Contact(first=True, consent=ConsentKind.PURCHASE, consent_until=NOON + DAYS)),),
    "no-consent": (unanswered(NOON - DAYS, consent_required=True),),
}

# Of each group only one can be broken at a time: a recipient has one kind, a number is there or not.
_KINDS = {"emergency", "crisis-line", "number-unreadable", "international", "territory", "special-number"}
ONE_OF = (
    {*_KINDS, "own-number"},
    {*_KINDS, "fiction-number"},
    {*_KINDS, "daily-brand"},
    {"crisis-line", "campaign"},
    *({"unknown-area-code", one} for one in (*_KINDS, "own-number", "fiction-number", "daily-brand")),
    {"own-number", "daily-brand"},
    {"fiction-number", "daily-brand"},
    {"primary-number", "number-source"},
    {"primary-number", "number-unconfirmed"},
    {"primary-number", "own-number"},
    *({"primary-number", one} for one in ("number-coming", "number-gone", "number-leaving")),
    {"number-gone", "number-leaving"},
    {"primary-number", "carrier-blocked"},
    {"first-contact", "no-consent"},
)


class Contradiction(Exception):
    """Two sets of facts that cannot hold together."""


def merged(one: Any, other: Any, default: Any = None) -> Any:
    """Both sets of facts in one; what is left at its default says nothing."""
    if other in (one, default):
        return one
    if one == default:
        return other
    if isinstance(one, tuple):
        return one + other
    if not is_dataclass(one) or default is MISSING:
        raise Contradiction
    both = {part.name: merged(getattr(one, part.name), getattr(other, part.name), part.default)
            for part in fields(one)}
    return replace(one, **both)
