"""What the rules need to know about a text before it is sent, gathered with a fixed number of statements."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, and_, bindparam, case, func, select

from portal import lengths
from portal.extensions import db, now
from portal.models import Direction, Message, TextState, User
from portal.rules import BY_ID, Act, Decision, Facts, decide, encoding, facts, numbers, texts
from portal.rules.facts import Restraint, Subject
from portal.rules.numbers import NumberKind

from ..carriers import desk
from ..toggles.eligibility import OrganizationSnapshot
from . import brand_days
from .contact_facts import gather_contacts
from .sender_facts import NO_PLACE, KnownSender, SenderProfile, read_text_sender, read_text_senders

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
VALID_FOR = timedelta(hours=BY_ID["queue-full"].limits["hours"])
# What lies further ahead was accepted before the clock was set back, and takes no place.
CLOCK_TOLERANCE = timedelta(minutes=1)
# What was certainly not sent takes no place.
NOT_SENT = (TextState.CANCELED, TextState.REFUSED)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as typed: to whom, what, and what the rules see in it."""

    recipient: numbers.NumberReading
    body: str
    text: facts.Text
    template: str

    @property
    def payload(self) -> str:
        """A hash of what would be sent, so that one submission key cannot stand for two texts."""
        return hashlib.sha256(f"{self.theirs}\n{self.body}".encode()).hexdigest()

    @property
    def theirs(self) -> str:
        """The number as texts are stored with it: in E.164, "988" for the crisis line, "" for what gets no text."""
        return numbers.CRISIS_NUMBER if is_crisis_line(self.recipient) else self.recipient.e164

    @property
    def counts_for_brand(self) -> bool:
        """Whether US carriers count its segments: to Canada and to the crisis line they do not."""
        return self.recipient.region != "CA" and not is_crisis_line(self.recipient)


def read_draft(sender: User, typed: str, body: str, attachments: int = 0, country: str = "") -> Draft:
    """Read what was typed; a number without country code is read as at the sender's location.

    `country` is the ISO code of that location, where somebody has read it already.
    """
    country = country or (sender.location.country if sender.location else NO_PLACE)
    body = body.replace("\r\n", "\n").strip("\n")
    # A longer text is refused for its segments, which count all of it; nothing else looks at the rest.
    looked_at = body[:lengths.TEXT_BODY]
    text = texts.examine_text(looked_at, attachments)
    if looked_at != body:
        text = replace(text, segments=segments_of_text(body))
    return Draft(numbers.read_number(typed, country), body, text, texts.hash_of_template(looked_at))


def is_crisis_line(recipient: numbers.NumberReading) -> bool:
    """Whether a text goes to 988, which no count, pace, opt-out or restriction holds back."""
    return recipient.kind is NumberKind.CRISIS_LINE


def segments_of_text(body: str) -> int:
    """How many segments a text takes; of one that is far too long, as many as it takes at least."""
    return encoding.pack_text(body).segments if len(body) <= lengths.PACKED_BODY else -(-len(body) // 153)


class TextParties(NamedTuple):
    """Between whom a text is: organization and user on our side, their number in E.164 ("": not readable)."""

    organization_id: int
    user_id: int
    theirs: str

    @classmethod
    def of(cls, sender: User, drafted: Draft) -> "TextParties":
        """Those of a text that is being written; 0 for an operator without organization."""
        return cls(sender.organization_id or 0, sender.id, drafted.theirs)


# Made once: putting a statement together takes longer than running it.
# Texts since a moment that took a place, automatic answers left out.
_TOOK_PLACE = and_(Message.direction == Direction.OUT, Message.at > bindparam("since"), Message.automatic.is_(False),
                   *(Message.state != state for state in NOT_SENT))
_SEEN_NOW = Message.at <= bindparam("latest")
_OTHERS: Any = Message.theirs != bindparam("theirs")
_USAGE = select(
    func.count(case(((Message.due_at > bindparam("minute_ago")) & _SEEN_NOW, 1))),
    func.count(Message.id),
    func.count(func.distinct(case((_OTHERS, Message.theirs)))),
    func.count(func.distinct(case(((Message.template == bindparam("template")) & _OTHERS, Message.theirs)))),
).where(Message.user_id == bindparam("whose"), _TOOK_PLACE)


def gather_usage(between: TextParties, drafted: Draft, moment: datetime) -> facts.Usage:
    """Counts that include this text: by minute, day, recipients and wording, and the brand's segments today."""
    minute, day, recipients, same = db.session.connection().execute(_USAGE, {
        "whose": between.user_id, "theirs": between.theirs, "template": drafted.template, "since": moment - DAY,
        "minute_ago": moment - MINUTE, "latest": moment + CLOCK_TOLERANCE}).one()
    most = BY_ID["burst"].limits["most"]
    return facts.Usage(minute + 1, day + 1, recipients + 1, same + 1,
                       *_brand_segments(between, drafted, moment), brand_days.end_of_brand_day(moment),
                       _place(Subject.USER, between.user_id, most, moment) if minute + 1 > most else None)


def _brand_segments(between: TextParties, drafted: Draft, moment: datetime) -> tuple[int, int]:
    """Segments to US numbers today and tomorrow, each with this text; a text to Canada counts for nothing."""
    if not drafted.counts_for_brand:
        return 0, 0
    today, tomorrow = brand_days.read_brand_days(between.organization_id, moment)
    return today + drafted.text.segments, tomorrow + drafted.text.segments


@cache
def _nth_place(subject: Subject, column: str) -> Select[Any]:
    """The statement for the latest places of a user or an organization by a column of `Message`. Made once."""
    whose = Message.organization_id if subject is Subject.ORGANIZATION else Message.user_id
    by = getattr(Message, column)
    return select(by).where(whose == bindparam("whose"), _TOOK_PLACE, _SEEN_NOW, by.is_not(None)).order_by(
        by.desc()).offset(bindparam("before", type_=Integer)).limit(1)


def _place(subject: Subject, whose: int, per_minute: int, moment: datetime, column: str = "due_at") -> datetime:
    """When the next text of a user or an organization (id) may leave if at most so many leave in any minute."""
    before = db.session.connection().scalar(_nth_place(subject, column), {
        "whose": whose, "since": moment - VALID_FOR - MINUTE, "latest": moment + CLOCK_TOLERANCE,
        "before": per_minute - 1})
    return max(moment, before + MINUTE) if before else moment


def gather_pace(restrictions: tuple[facts.RestrictionFacts, ...], user_id: int, organization_id: int, moment: datetime,
                column: str = "due_at", ahead: Mapping[Subject, int] = MappingProxyType({})) -> facts.Pace | None:
    """The place of a user's text under the throttles in force, the latest of them; None without a throttle.

    A throttle on an organization counts the texts of all its users. Places are counted by `column`: by when texts
    may leave where one is accepted, by when they left where one is handed over; `ahead` says how many of the
    batch go before it, of this user and of the organization.
    """
    paces = []
    for one in restrictions:
        if one.restraint is Restraint.THROTTLE and (rate := one.per_minute):
            subject = Subject.ORGANIZATION if one.subject is Subject.ORGANIZATION else Subject.USER
            whose = organization_id if subject is Subject.ORGANIZATION else user_id
            place = _place(subject, whose, rate, moment, column) + ahead.get(subject, 0) * MINUTE / rate
            # Nothing waits longer than the throttle lasts.
            paces.append(facts.Pace(rate, max(moment, min(place, one.until or place)), one.cause))
    return max(paces, key=lambda one: (one.place, -one.per_minute), default=None)


@dataclass(frozen=True, slots=True)
class SendRecords:
    """What the database says about some texts, read at one moment for one text or a whole batch.

    Everything that the rules ask about a text comes from here, but for its counts and its place under a throttle:
    those are reserved when a text is accepted.
    """

    moment: datetime
    snapshots: Mapping[int, OrganizationSnapshot]
    senders: Mapping[int, SenderProfile]
    contacts: Mapping[tuple[int, str], facts.Contact]
    carriers: Mapping[str, facts.CarrierFacts]
    of_senders: dict[tuple[int, int], Facts] = field(default_factory=dict)

    @classmethod
    def of(cls, texts_between: Iterable[TextParties], moment: datetime) -> "SendRecords":
        """Read it with two statements, and with a snapshot of each organization."""
        asked = set(texts_between)
        pairs = {(one.organization_id, one.theirs) for one in asked if one.theirs}
        senders = read_text_senders({one.user_id for one in asked})
        return cls(
            moment,
            {one: OrganizationSnapshot.read(one) for one in {each.organization_id for each in asked}},
            senders,
            gather_contacts(pairs, moment) if pairs else {},
            desk.facts_of_carriers(map(attrgetter("route"), senders.values())),
        )

    @classmethod
    def of_one(cls, between: TextParties, moment: datetime, known: KnownSender) -> "SendRecords":
        """The same for one text whose sender is known: one statement, for the recipient."""
        return cls(
            moment, {between.organization_id: known.snapshot}, {between.user_id: known.sender},
            gather_contacts([(between.organization_id, between.theirs)], moment) if between.theirs else {},
            desk.facts_of_carriers([known.sender.route]),
        )

    def facts_about(self, between: TextParties, recipient: numbers.NumberReading, text: facts.Text,
                    **more: Any) -> Facts:
        """Every fact about sending one of the texts at this moment, without counts and place; `more` by its name."""
        more = {"carrier": self.carriers[self.senders[between.user_id].route], **more}
        if is_crisis_line(recipient):
            more["restrictions"] = None
        elif between.theirs:
            more["contact"] = self.contacts[between.organization_id, between.theirs]
        return replace(self._facts_about_sender(between.organization_id, between.user_id), recipient=recipient,
                       text=text, now=self.moment, **more)

    def _facts_about_sender(self, organization_id: int, user_id: int) -> Facts:
        """The facts that all texts of a user have in common, put together once."""
        if (organization_id, user_id) not in self.of_senders:
            profile, _number_id, e164, _route = self.senders[user_id]
            self.of_senders[organization_id, user_id] = self.snapshots[organization_id].facts_of(profile, user_id, e164)
        return self.of_senders[organization_id, user_id]


def gather_send_facts(sender: User, drafted: Draft, moment: datetime, known: KnownSender | None = None) -> Facts:
    """Every fact about sending this text now, the counts included; `known` as in `gather_facts_ahead`."""
    ahead = gather_facts_ahead(sender, drafted, moment, known)
    return add_counts(ahead, TextParties.of(sender, drafted), drafted, moment)


def gather_facts_ahead(sender: User, drafted: Draft, moment: datetime, known: KnownSender | None = None) -> Facts:
    """The facts about sending this text, without its counts and its place, which only a write transaction can give.

    An operator without organization has no number. `known` is what was read about the sender at this moment.
    """
    if sender.organization_id is None:
        return Facts(number=facts.NumberFacts(), recipient=drafted.recipient, text=drafted.text, now=moment)
    between = TextParties.of(sender, drafted)
    records = SendRecords.of_one(between, moment, known or read_text_sender(sender.id, moment))
    return records.facts_about(between, drafted.recipient, drafted.text)


def add_counts(known: Facts, between: TextParties, drafted: Draft, moment: datetime) -> Facts:
    """The facts with the text's counts and its place, as they are at this moment. The crisis line has neither."""
    if known.organization is None or is_crisis_line(drafted.recipient):
        return replace(known, now=moment)
    return replace(
        known, now=moment,
        usage=gather_usage(between, drafted, moment) if between.theirs else None,
        pace=gather_pace(known.restrictions or (), between.user_id, between.organization_id, moment),
    )


def preview_send(sender: User, typed: str, body: str, attachments: int = 0) -> Decision:
    """What the rules say to sending this text now; nothing is reserved and nothing is written."""
    return decide(Act.SEND, gather_send_facts(sender, read_draft(sender, typed, body, attachments), now()))
