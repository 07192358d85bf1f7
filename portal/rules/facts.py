"""What the rules may know: one frozen dataclass of optional parts.

The caller fills the parts it knows; a rule that needs another part is not asked. So the standing of
a user is the decision about sending with neither recipient nor text.
"""

from dataclasses import dataclass
from datetime import date, datetime

from .incoming_facts import Answer, Inbound, ReportFacts
from .numbers import NumberKind, NumberReading
from .switches import EffectiveSetting, Level
from .terms import (
    BrandCap,
    Campaign,
    Category,
    Cause,
    ConsentKind,
    Country,
    CustomerType,
    NumberSource,
    Place,
    Pstn,
    QuietRule,
    Registration,
    Restraint,
    Subject,
)

__all__ = [
    "ActorFacts", "Answer", "BrandCap", "Campaign", "CarrierFacts", "Category", "Cause", "Change", "ConsentKind",
    "Contact", "Country", "CustomerType",
    "Facts", "Inbound", "LocationFacts", "Lock", "NumberFacts", "NumberSource", "OrganizationFacts", "Pace", "Place",
    "Policy", "Pstn", "QuietRule",
    "Registration", "ReportFacts", "Restraint", "RestrictionFacts", "Subject", "Text", "Usage", "UserFacts",
]


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """What the provider and the admins have set for an organization, or the portal where they have set nothing.

    `keyword_blocks`: a text that asks for an opt-out word is refused; otherwise its writer is only warned.
    """

    customer_type: CustomerType = CustomerType.ENTERPRISE
    calling_plan: bool = True
    add_on: bool = True
    healthcare: bool = False
    hipaa_acknowledged: bool = False
    campaign: Campaign = Campaign.ACTIVE
    brand_tier: int = 2000
    same_text_most: int = 25
    registration: Registration = Registration.ALL
    quiet_rule: QuietRule = QuietRule.WARN
    keyword_blocks: bool = True
    consent_required: bool = False


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """A site: ISO country and PSTN connection."""

    name: str = ""
    country: str = "US"
    pstn: Pstn = Pstn.PROVIDER


@dataclass(frozen=True, slots=True)
class UserFacts:
    """The person's account; `app_version` is the last one seen, "" when unknown."""

    active: bool = True
    app_version: str = ""


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """A user's primary number; the default is a user without one.

    `confirmed` is false until an operator has confirmed that the number is theirs. The organization has it from the day
    `from_on` to the day before `until_on`, where these are set; `today` is the day at the user's location.
    """

    e164: str = ""
    kind: NumberKind | None = None
    from_plan: bool = False
    confirmed: bool = True
    from_on: date | None = None
    until_on: date | None = None
    today: date | None = None

    @property
    def coming(self) -> bool:
        """Whether the organization does not have the number yet."""
        return self.from_on is not None and self.today is not None and self.today < self.from_on

    @property
    def days_left(self) -> int | None:
        """In how many days the organization loses the number; 0 or less once it has, None if no day is set."""
        return (self.until_on - self.today).days if self.until_on and self.today else None

    @property
    def gone(self) -> bool:
        """Whether the organization has the number no more."""
        return self.until_on is not None and self.today is not None and self.today >= self.until_on

    @property
    def assigned(self) -> bool:
        """Whether there is a number at all."""
        return self.kind is not None


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """Who changes a toggle: whether they administer the organization it belongs to."""

    administers: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """A locked setting of a broader level: where, by whom, when (UTC), why, and the name of the place."""

    level: Level
    who: str
    at: datetime
    reason: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The change of a setting that a person asks for; `on` None removes the setting.

    `turns_on`: it sets on, or texting goes from off to on for at least one user. `idle` counts users whom it
    switches on and who still cannot text; `why` holds the ids of the rules that stop them.
    """

    on: bool | None
    turns_on: bool
    lock: Lock | None = None
    idle: int = 0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RestrictionFacts:
    """A block or throttle in force; `until` is UTC, None when it has no end.

    `by_reports`: the portal made it because of verified reports, and no operator has decided yet.
    """

    subject: Subject
    restraint: Restraint
    cause: Cause
    until: datetime | None = None
    per_minute: int | None = None
    by_reports: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A text about to be sent: segments after encoding, attachments, and what stands in it.

    `asks_for` is the opt-out word that the text asks people to answer with, `short_link` the host of a
    public link shortener, both "" when there is none. `valid_until` is when an accepted text stops being worth
    sending (UTC); None for one that is only about to be accepted.
    """

    segments: int = 1
    attachments: int = 0
    visible: bool = True
    asks_for: str = ""
    short_link: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known between the organization and a recipient.

    `opted_out_at` is when they opted out (UTC), `perhaps_out` whether a likely opt-out waits for a
    person's decision, `first` whether this would be the first text, `wrote_lately` whether they wrote
    within 24 h, `wrote_at` when their latest text came (UTC), `zones` every time zone and `places` every state or
    province (ISO 3166-2) that their number may be in. `consent` is the consent in force that lasts longest, and
    `consent_until` its end (UTC), None without an end. `asked_at` is when a person asked on the web that the number be
    left alone, if nothing proves that the number is theirs and it has not texted since. `blocked_from` holds our
    numbers (E.164) whose texts a carrier blocks to it.
    """

    opted_out_at: datetime | None = None
    perhaps_out: bool = False
    first: bool = False
    wrote_lately: bool = False
    wrote_at: datetime | None = None
    consent: ConsentKind | None = None
    consent_until: datetime | None = None
    asked_at: datetime | None = None
    blocked_from: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast texts may leave under the throttle that holds a text longest, and when its place is (UTC)."""

    per_minute: int
    place: datetime
    cause: Cause = Cause.OTHER


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """What a carrier does.

    `real`: texts leave this machine. `answers_keywords`: the carrier itself answers STOP and HELP.
    `takes_crisis_line`: it delivers texts to 988.
    """

    real: bool = False
    answers_keywords: bool = False
    takes_crisis_line: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts that include the text in question. Days are 24 h; the brand's day begins at midnight Pacific.

    `brand_day_ends` is the next such midnight (UTC), `brand_segments_tomorrow` what the day after it already holds.
    """

    texts_minute: int = 1
    texts_day: int = 1
    recipients_day: int = 1
    same_text_recipients: int = 1
    brand_segments_today: int = 1
    brand_segments_tomorrow: int = 1
    brand_day_ends: datetime | None = None
    next_place: datetime | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings of the portal that change what rules do."""

    territories: frozenset[str] = frozenset({"PR"})
    app_version_blocks: bool = True
    brand_cap: BrandCap = BrandCap.HOLD
    route_crisis_line: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a rule may read. None means: not known here, do not ask.

    `silence_asked_at`, known at hand-over only: when a person asked on the web that the recipient be left alone (UTC),
    while the portal has not looked into it.
    """

    organization: OrganizationFacts | None = None
    location: LocationFacts | None = None
    user: UserFacts | None = None
    number: NumberFacts | None = None
    setting: EffectiveSetting | None = None
    actor: ActorFacts | None = None
    change: Change | None = None
    restrictions: tuple[RestrictionFacts, ...] | None = None
    text: Text | None = None
    recipient: NumberReading | None = None
    usage: Usage | None = None
    contact: Contact | None = None
    pace: Pace | None = None
    carrier: CarrierFacts | None = None
    inbound: Inbound | None = None
    answer: Answer | None = None
    report: ReportFacts | None = None
    silence_asked_at: datetime | None = None
    policy: Policy | None = None
    now: datetime | None = None
