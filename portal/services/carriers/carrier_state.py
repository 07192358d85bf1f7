"""How carriers are, for operators: what is wrong, what waits, and what became of the texts of the last day.

Nothing here tells a number or a word of a text.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, bindparam, case, exists, func, select, text
from sqlalchemy.orm import InstrumentedAttribute

from portal.carriers.base import TOO_FAST_CODE
from portal.extensions import db, now
from portal.models import CarrierRecord, Direction, Message, Moment, Number, Organization, Receipt, TextState

from .carrier_records import kind_of_record, list_carriers
from .carrier_secrets import decrypt_secrets
from .desk import route_of_texts
from .refused_calls import has_refused_calls

DAY = timedelta(days=1)
# If so many texts of a carrier have failed within so long and wait for another try, it takes none.
FAILURES_SHOWN, FAILED_WITHIN = 5, timedelta(minutes=5)
# It takes none either if one text has waited so long after a try in vain, and no other has left since.
WAITED_LONG = timedelta(minutes=1)
# So long after a carrier asked for fewer texts at once the pace is back where it was.
SLOWED_FOR = timedelta(minutes=2)
# What a carrier or the time it took made of a text that did not arrive.
NOT_ARRIVED = (TextState.UNDELIVERED, TextState.FAILED, TextState.EXPIRED)
_WAITING = text("messages.state IN ('queued', 'claimed')")


class CarrierVerdict(StrEnum):
    """How a carrier is in one word, the gravest first."""

    UNKNOWN_KIND = "unknown-kind"
    NEEDS_SECRETS = "needs-secrets"
    FAULT = "fault"
    OFF = "off"
    FAILING = "failing"
    UNUSED = "unused"
    UNTRIED = "untried"
    WORKING = "working"


# Texts wait until a person does something.
STOPPING = frozenset({CarrierVerdict.UNKNOWN_KIND, CarrierVerdict.NEEDS_SECRETS, CarrierVerdict.FAULT})
# What operators are told on their first page: texts wait.
ALARMING = STOPPING | {CarrierVerdict.FAILING}


@dataclass(frozen=True, slots=True)
class WaitingTexts:
    """Texts that wait for a carrier, without those that a rule holds: how many, since when, how many failed lately.

    `stuck`: one of them has waited for more than a minute, was tried in vain, and no text has left since.
    """

    many: int = 0
    since: datetime | None = None
    failed: int = 0
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class CarrierDay:
    """What became of the texts of the last 24 hours that a carrier had; `unclear` ones may have been sent.

    `failed` says for each state and code how many did not arrive, the most frequent first.
    """

    handed_over: int = 0
    delivered: int = 0
    unclear: int = 0
    failed: list[tuple[TextState, str, int]] = field(default_factory=list)

    @property
    def not_arrived(self) -> int:
        """How many did not arrive."""
        return sum(many for _state, _code, many in self.failed)


@dataclass(frozen=True, slots=True)
class CarrierReports:
    """How many reports a carrier made in the last 24 hours, and how many of them fit no text."""

    many: int = 0
    fitting_nothing: int = 0


@dataclass(frozen=True, slots=True)
class CarrierState:
    """One carrier as operators see it."""

    record: CarrierRecord
    verdict: CarrierVerdict
    waiting: WaitingTexts
    day: CarrierDay
    reports: CarrierReports = CarrierReports()


def needs_secrets(record: CarrierRecord) -> bool:
    """Whether a carrier cannot be used before an operator types its secrets (again)."""
    secrets, kind = decrypt_secrets(record.secrets), kind_of_record(record)
    needed = [one.name for one in kind.fields if one.secret and one.required] if kind else []
    return secrets is None or not all(secrets.get(name) for name in needed)


@dataclass(frozen=True, slots=True)
class CarrierUse:
    """The ids of the carriers that an organization or a number is assigned to, and of those that ever took a text."""

    assigned: Collection[int] = ()
    tried: Collection[int] = ()

    def is_used(self, record: CarrierRecord) -> bool:
        """Whether texts are to leave by a carrier."""
        return record.by_default or record.id in self.assigned


def judge_carrier(record: CarrierRecord, waiting: WaitingTexts | None = None,
                  use: CarrierUse | None = None) -> CarrierVerdict:
    """How a carrier is: `waiting` are the texts that wait for it; without `use` it counts as used."""
    found = {
        CarrierVerdict.UNKNOWN_KIND: kind_of_record(record) is None,
        CarrierVerdict.NEEDS_SECRETS: needs_secrets(record),
        CarrierVerdict.FAULT: bool(record.fault_code),
        CarrierVerdict.OFF: not record.active,
        CarrierVerdict.FAILING: waiting is not None and _is_failing(waiting),
        CarrierVerdict.UNUSED: use is not None and not use.is_used(record),
        CarrierVerdict.UNTRIED: use is not None and record.id not in use.tried,
    }
    return next((verdict for verdict, holds in found.items() if holds), CarrierVerdict.WORKING)


def _is_failing(waiting: WaitingTexts) -> bool:
    return waiting.stuck or waiting.failed >= FAILURES_SHOWN


def is_slowed(record: CarrierRecord) -> bool:
    """Whether the carrier asked a short while ago for fewer texts at once, so that they leave more slowly."""
    return record.pace_now is not None and record.slowed_at is not None and now() - record.slowed_at < SLOWED_FOR


def list_alarming_carriers() -> list[tuple[CarrierRecord, CarrierVerdict]]:
    """The carriers that do not take the texts that wait for them. Two statements, three where one was tried in vain."""
    waiting = read_waiting_texts()
    judged = [(record, judge_carrier(record, waiting.get(record.ref))) for record in list_carriers()]
    return [(record, verdict) for record, verdict in judged if record.active and verdict in ALARMING]


def select_stopped_carriers() -> Select[Any]:
    """The carriers that are turned on and whose texts wait for a person, as far as SQL can see it."""
    return select(CarrierRecord.id).where(CarrierRecord.active, (CarrierRecord.fault_code != "")
                                          | CarrierRecord.secrets.is_(None))


def select_all_carriers() -> Select[Any]:
    """All carriers that operators added."""
    return select(CarrierRecord.id)


def select_carriers_of(organization_id: Any) -> Select[Any]:
    """The carriers by which texts of an organization may leave; none where the pretend one takes all of them."""
    whole = select(Organization.carrier_id).where(Organization.id == organization_id).scalar_subquery()
    single = select(Number.carrier_id).where(Number.organization_id == organization_id,
                                             Number.carrier_id.is_not(None))
    return select(CarrierRecord.id).where(
        CarrierRecord.by_default | (CarrierRecord.id == whole) | CarrierRecord.id.in_(single))


# Built once: pages ask it often.
_CARRIER_OF_USER = select(CarrierRecord).where(CarrierRecord.ref == select(route_of_texts()).select_from(Number).join(
    Organization, Organization.id == Number.organization_id).where(
    Number.user_id == bindparam("user_id")).scalar_subquery())


def find_carrier_of_user(user_id: int) -> CarrierRecord | None:
    """The carrier by which texts of a user leave; None where the pretend one takes them. One statement."""
    return db.session.scalar(_CARRIER_OF_USER, {"user_id": user_id})


def is_carrier_stopped(record: CarrierRecord) -> bool:
    """Whether texts of a carrier wait until a person acts."""
    return judge_carrier(record) in {*STOPPING, CarrierVerdict.OFF}


def list_carrier_states() -> list[CarrierState]:
    """All carriers by name, each with what waits for it and its last day. Five statements, or six."""
    records, waiting, days, use = list_carriers(), read_waiting_texts(), read_carrier_days(), read_carrier_use()
    return [CarrierState(
        one, judge_carrier(one, waiting.get(one.ref), use),
        waiting.get(one.ref, WaitingTexts()), days.get(one.ref, CarrierDay())) for one in records]


def read_carrier_state(record: CarrierRecord) -> CarrierState:
    """One carrier in full. Five statements, or six."""
    waiting = read_waiting_texts().get(record.ref, WaitingTexts())
    return CarrierState(record, judge_carrier(record, waiting, read_carrier_use()), waiting,
                        read_carrier_days().get(record.ref, CarrierDay()), count_reports(record))


def read_waiting_texts() -> dict[str, WaitingTexts]:
    """By ref of their carrier, the texts that could leave now or were tried before. One statement, or two."""
    rows = db.session.execute(_select_waiting_texts(now())).all()
    left = read_last_leavings() if any(tried for *_rest, tried in rows) else {}
    return {ref: WaitingTexts(many, since, failed, tried is not None and (ref not in left or left[ref] < tried))
            for ref, many, since, failed, tried in rows}


def _select_waiting_texts(moment: datetime) -> Any:
    """By ref of their carrier: how many, since when, how many failed, when one that waits long was tried last."""
    route = func.coalesce(func.nullif(Message.route, ""), route_of_texts()).label("by")
    failed = (Message.code != "") & (Message.tries > 0) & (Message.changed_at > moment - FAILED_WITHIN)
    # A text that came too fast twice waits for its recipient, not for the carrier.
    long = failed & (Message.code != TOO_FAST_CODE) & (Message.at < moment - WAITED_LONG) & (
        Message.state == TextState.QUEUED)
    found = select(route, func.count(), func.min(Message.at, type_=Moment), func.sum(case((failed, 1), else_=0)),
                   func.max(case((long, Message.changed_at)), type_=Moment))
    found = found.select_from(Message).join(Number, Number.id == Message.number_id).join(
        Organization, Organization.id == Message.organization_id).where(
        _WAITING, (Message.due_at <= moment) | (Message.tries > 0) | (Message.state == TextState.CLAIMED))
    return found.group_by("by")


def read_last_leavings() -> dict[str, datetime]:
    """By ref of their carrier, when the last of the texts of 24 hours left. One statement."""
    found: Any = select(Message.carrier, func.max(Message.left_at, type_=Moment)).where(
        Message.at > now() - DAY, Message.left_at.is_not(None)).group_by(Message.carrier)
    return {row[0]: row[1] for row in db.session.execute(found)}


def read_carrier_days() -> dict[str, CarrierDay]:
    """By ref of their carrier, what became of the texts of the last 24 hours. One statement."""
    by = func.coalesce(func.nullif(Message.carrier, ""), Message.route).label("by")
    left = func.sum(case((Message.left_at.is_not(None), 1), else_=0))
    found = select(by, Message.state, Message.code, func.count(), left).where(
        Message.at > now() - DAY, Message.direction == Direction.OUT, by != "")
    rows: dict[str, list[Any]] = {}
    for row in db.session.execute(found.group_by("by", Message.state, Message.code)):
        rows.setdefault(row[0], []).append(row[1:])
    return {ref: _sum_up(counted) for ref, counted in rows.items()}


def _sum_up(counted: Sequence[Any]) -> CarrierDay:
    def of(*states: TextState) -> int:
        return sum(many for state, _code, many, _left in counted if state in states)

    failed = [(state, code, many) for state, code, many, _left in counted if state in NOT_ARRIVED]
    return CarrierDay(sum(left for *_rest, left in counted), of(TextState.DELIVERED), of(TextState.UNKNOWN),
                      sorted(failed, key=lambda one: (-one[2], one[1])))


def read_carrier_use() -> CarrierUse:
    """Which carriers are assigned, and which ever took a text. Two statements."""
    def chosen(column: InstrumentedAttribute[int | None]) -> Any:
        return select(column).where(column.is_not(None))

    found = chosen(Organization.carrier_id).union(chosen(Number.carrier_id))
    took = exists().where(text("messages.carrier_id <> ''"), Message.carrier == CarrierRecord.ref)
    return CarrierUse(set(db.session.scalars(found)), set(db.session.scalars(select(CarrierRecord.id).where(took))))


def count_reports(record: CarrierRecord) -> CarrierReports:
    """How many reports of the last 24 hours a carrier made, and how many fit no text. One statement."""
    many, fitting = db.session.execute(select(func.count(), func.count(Receipt.message_id)).where(
        Receipt.at > now() - DAY, Receipt.carrier == record.ref)).one()
    return CarrierReports(many, many - fitting)


def read_state_version(record: CarrierRecord) -> str:
    """What a page that is opened now knows of a carrier. Three statements, or four."""
    waiting = read_waiting_texts().get(record.ref, WaitingTexts())
    return version_of_state(record, judge_carrier(record, waiting, read_carrier_use()), waiting.many)


def version_of_state(record: CarrierRecord, verdict: CarrierVerdict, waiting: int) -> str:
    """What a page shows that changes by itself, the verdict first: two pages with the same version show the same."""
    slowed = "slowed" if is_slowed(record) else ""
    refused = record.refused_calls if has_refused_calls(record) else ""
    return f"{verdict}.{record.fault_code}.{slowed}.{waiting}.{refused}"
