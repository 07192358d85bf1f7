"""Claiming texts: a worker takes what is due for one carrier under a short lease, in a commit of its own.

A text is claimed for the carrier that its number leaves by at that moment, and keeps it: after a crash the one is asked
that may have it. Once it is certain that a carrier does not have a text, the text may leave by another one.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, Update, bindparam, func, literal_column, or_, select, update
from sqlalchemy.orm import aliased

from portal.dialects import AmongRows
from portal.extensions import current_carrier, db, writing
from portal.models import CarrierRecord, Message, Number, Organization, TextState
from portal.models.messages import QUEUED_CONDITION as QUEUED
from portal.models.messages import WAITING_CONDITION as WAITS
from portal.write_scopes import ROWS_ALONE

from ..carriers import desk, pace


class ClaimedText(NamedTuple):
    """What a worker needs to know of a text that it has claimed: columns of `Message`."""

    id: int
    ref: str
    organization_id: int
    user_id: int
    number_id: int
    theirs: str
    body: str
    automatic: bool
    at: datetime
    due_at: datetime | None
    deadline: datetime | None
    claimed_at: datetime | None
    tries: int
    crashes: int
    route: str
    may_be_at: str
    code: str


LEASE = timedelta(seconds=30)
# No lease is longer: an unclear text is left alone for some minutes at most. One that seems to be was given before the
# clock was set back.
LONGEST_LEASE = timedelta(minutes=6)
TEXTS_PER_CLAIM = 100
# Of texts that stay on this machine: nobody waits for an answer from elsewhere while the lease runs.
TEXTS_PER_BULK_CLAIM = 500
# Of a carrier with a pace for each number, so many texts are looked at to find numbers that are free.
LOOKED_AT = 500

# The condition repeats the words of the indexes: with a parameter instead, SQLite would not use them and would read
# every text.
_WAITS: Any = literal_column(WAITS)
_QUEUED: Any = literal_column(QUEUED)
# Made once: putting a statement together takes longer than running it.
_MOMENT: Any = bindparam("moment")
_MOST: Any = bindparam("most", type_=Integer)
_ROUTE: Any = bindparam("route")


class SendLane(NamedTuple):
    """Which texts a worker claims: `ref` of the carrier, "" for the pretend one; all texts where there is no other."""

    ref: str = ""
    alone: bool = True

    @property
    def refs(self) -> list[str]:
        """How texts name this carrier; of the pretend one some texts say nothing."""
        return ["", current_carrier().ref] if self.ref in {"", current_carrier().ref} else [self.ref]

    @property
    def known(self) -> dict[str, object]:
        """The names in statements: `refs` of this carrier, `way` as queued texts want it, `own` of the pretend one."""
        own = current_carrier().ref
        return {"refs": self.refs, "way": "" if self.ref == own else self.ref, "own": own}

    @property
    def route(self) -> str:
        """What its texts are marked with."""
        return self.ref or current_carrier().ref


def _first() -> Any:
    """The first text of a conversation that still waits or is on its way. Automatic answers do not queue behind it."""
    other = aliased(Message)
    return select(func.min(other.id)).where(
        other.conversation_id == Message.conversation_id, _WAITS, other.automatic.is_(False)).scalar_subquery()


_COLUMNS = [getattr(Message, name) for name in ClaimedText._fields]


def _free(found: Select[Any]) -> ColumnElement[Any]:
    """Which texts are among these and not just being changed: no worker waits for another, each takes the next ones."""
    return AmongRows(Message.id, found.with_for_update(skip_locked=True, key_share=True, of=Message).scalar_subquery())


def _leasing(which: ColumnElement[Any], state: TextState, **more: Any) -> Update:
    """A statement that leases texts and returns them."""
    leased = update(Message).where(which, Message.state == state)
    return leased.values(state=TextState.CLAIMED, lease_until=bindparam("until"), **more).returning(*_COLUMNS)


OWN_ROUTE = select(desk.route_of_texts()).where(
    Number.id == Message.number_id, Organization.id == Number.organization_id).correlate(Message).scalar_subquery()
_DUE_ANYWHERE = select(Message.id).where(
    _WAITS, Message.state == TextState.QUEUED, Message.due_at <= _MOMENT,
    or_(Message.automatic, Message.id == _first()),
    or_(Message.deadline.is_(None), Message.deadline >= _MOMENT),
).order_by(Message.due_at, Message.id)
# A text that its carrier may have stays with it; else it goes where its number goes now.
_GOES_BY = func.coalesce(func.nullif(
    func.coalesce(func.nullif(Message.may_be_at, ""), OWN_ROUTE), bindparam("own")), "")
# Which way a text goes is written down, or every carrier would go through the texts of one that is down.
_DUE_HERE = _DUE_ANYWHERE.where(_QUEUED, Message.wanted == bindparam("way"), bindparam("way") == _GOES_BY)
_NOT_LOOKED_AT = select(Message.id).where(_QUEUED, Message.wanted.is_(None)).limit(1)
_ONE_ANYWHERE, _ONE_HERE = _DUE_ANYWHERE.limit(1), _DUE_HERE.limit(1)
_LOOKED_AT = update(Message).where(_free(select(Message.id).where(_QUEUED, Message.wanted.is_(None)))).values(
    wanted=_GOES_BY)
_ASTRAY = select(Message.id).where(_QUEUED, Message.wanted != _GOES_BY)
_TABLE = Message.metadata.tables["messages"]
_FORGOTTEN = update(_TABLE).where(_TABLE.c.id == bindparam("of")).values(wanted=None)
_CLAIMED: dict[str, Any] = {"claimed_by": bindparam("worker"), "tries": Message.tries + 1, "route": _ROUTE,
                            "claimed_at": _MOMENT}
_CLAIM_ANYWHERE = _leasing(_free(_DUE_ANYWHERE.limit(_MOST)), TextState.QUEUED, **_CLAIMED)
_CLAIM_HERE = _leasing(_free(_DUE_HERE.limit(_MOST)), TextState.QUEUED, **_CLAIMED)
_CLAIM_CHOSEN = _leasing(Message.id.in_(bindparam("chosen", expanding=True)), TextState.QUEUED, **_CLAIMED)
# Without the numbers that are busy: the texts of one with many would leave no room for those of the others.
_BY_NUMBER = _DUE_HERE.join(Number, Number.id == Message.number_id).where(
    or_(Number.free_at.is_(None), Number.free_at <= _MOMENT, Number.free_at > bindparam("ahead"))).with_only_columns(
    Message.id, Message.number_id, Message.segments, Number.free_at).limit(LOOKED_AT).with_for_update(
    skip_locked=True, key_share=True, of=Message)
_NUMBERS = Number.metadata.tables["numbers"]
_BUSY = update(_NUMBERS).where(_NUMBERS.c.id == bindparam("of")).values(free_at=bindparam("until"))
_GONE = select(Message.id).where(
    _WAITS, Message.state == TextState.CLAIMED, Message.route.in_(bindparam("refs", expanding=True)), or_(
        Message.lease_until < _MOMENT, Message.lease_until > bindparam("ahead"))).limit(_MOST)
_TAKE_OVER = _leasing(_free(_GONE), TextState.CLAIMED, claimed_by=bindparam("worker"))
_LATE = select(Message.id, Message.may_be_at).where(_WAITS, Message.state == TextState.QUEUED,
                                                Message.deadline < _MOMENT).limit(TEXTS_PER_CLAIM)
_NEXT = select(func.min(Message.due_at)).where(_WAITS, Message.state == TextState.QUEUED, Message.due_at > _MOMENT)
# The workers of a carrier claim one after the other: its tokens are counted and then spent.
_RECORD = select(CarrierRecord).where(CarrierRecord.ref == bindparam("ref")).with_for_update(key_share=True)


def claim_texts(worker: str, most: int, moment: datetime, lane: SendLane = SendLane()) -> list[ClaimedText]:  # noqa: B008 - a tuple
    """Lease up to `most` due texts of a carrier, at most one per conversation: the first that waits.

    Texts past their deadline are left to `list_late_texts`. A carrier with a pace gives no more than that.
    """
    known = {"moment": moment, **lane.known}
    # Nothing is due most of the time: look before taking the write lock.
    if not has_due_texts(moment, lane):
        return []
    with writing(about=ROWS_ALONE) as session:
        if not lane.alone:
            session.connection().execute(_LOOKED_AT, known)
        claimed = {**known, "until": moment + LEASE, "worker": worker, "route": lane.route}
        if len(lane.refs) > 1:
            statement = _CLAIM_ANYWHERE if lane.alone else _CLAIM_HERE
            return _lease(statement, {**claimed, "most": most})
        record = session.scalars(_RECORD, {"ref": lane.ref}).one()
        tokens = pace.count_tokens(record, moment)
        rows = _lease_at_pace(record, int(min(most, tokens)), claimed, moment)
        if rows:
            pace.spend_tokens(record.id, tokens - len(rows), moment)
        return rows


def has_due_texts(moment: datetime, lane: SendLane) -> bool:
    """Whether a text of a carrier is due that nobody has claimed."""
    known = {"moment": moment, **lane.known}
    if lane.alone:
        return not _is_idle(_ONE_ANYWHERE, known)
    return not (_is_idle(_NOT_LOOKED_AT, known) and _is_idle(_ONE_HERE, known))


def look_again_at_routes() -> int:
    """Forget which way queued texts go that go another way by now, whatever changed it; returns how many.

    Those who assign carriers do so themselves. This is for what nobody thought of.
    """
    astray = db.session.scalars(_ASTRAY, SendLane().known).all()
    db.session.rollback()
    if astray:
        with writing() as session:
            session.connection().execute(_FORGOTTEN, [{"of": text_id} for text_id in astray])
    return len(astray)


def _lease_at_pace(record: CarrierRecord, most: int, known: dict[str, Any], moment: datetime) -> list[ClaimedText]:
    if not most:
        return []
    if record.number_pace is None:
        return _lease(_CLAIM_HERE, {**known, "most": most})
    rows = db.session.execute(_BY_NUMBER, {**known, "ahead": moment + pace.LONGEST_BUSY})
    found = [(row[0], row[1], row[2], row[3]) for row in rows]
    chosen, busy = pace.choose_by_number(found, record.number_pace, most, moment)
    if not chosen:
        return []
    db.session.connection().execute(_BUSY, [{"of": number_id, "until": busy[number_id]} for number_id in sorted(busy)])
    return _lease(_CLAIM_CHOSEN, {**known, "chosen": chosen})


def list_abandoned_texts(worker: str, moment: datetime, lane: SendLane = SendLane()) -> list[ClaimedText]:  # noqa: B008 - a tuple
    """Take over claimed texts of a carrier whose lease has run out, or ends so late that the clock was set back.

    The worker gets a lease of its own, so that no second worker recovers the same texts.
    """
    known = {"moment": moment, "ahead": moment + LONGEST_LEASE, **lane.known}
    if _is_idle(_GONE, {**known, "most": 1}):
        return []
    with writing(about=ROWS_ALONE):
        return _lease(_TAKE_OVER, {**known, "until": moment + LEASE, "most": TEXTS_PER_CLAIM, "worker": worker})


def _is_idle(found: Select[Any], known: dict[str, Any]) -> bool:
    idle = db.session.connection().execute(found, known).first() is None
    db.session.rollback()
    return idle


def _lease(statement: Update, known: dict[str, Any]) -> list[ClaimedText]:
    """Lease texts in the open write transaction, and return them in their order."""
    rows = db.session.connection().execute(statement, known).all()
    return sorted(map(ClaimedText._make, rows))


def list_late_texts(moment: datetime) -> list[tuple[int, str]]:
    """The ids of queued texts past their deadline, each with the carrier that may have it, "" for none."""
    rows = db.session.connection().execute(_LATE, {"moment": moment}).all()
    db.session.rollback()
    return [(row[0], row[1]) for row in rows]


def find_next_due_time(moment: datetime) -> datetime | None:
    """When the next queued text is due; the worker sleeps until then. None if no text waits."""
    due: datetime | None = db.session.connection().scalar(_NEXT, {"moment": moment})
    db.session.rollback()
    return due
