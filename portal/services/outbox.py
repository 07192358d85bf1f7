"""The outbox: claim, decide again, hand over, record; and after a crash find out instead of sending twice.

A text is claimed for a short lease in its own commit before a carrier hears of it. A worker that dies
leaves claimed rows behind; when their lease has run out, the carrier's certainty says what is done:
with a key the same reference is sent again, with a look-up the carrier is asked first, and with neither
the text becomes *unknown* and a person decides. Nothing is ever sent again on a guess.
"""

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Select, bindparam, func, or_, select, update
from sqlalchemy.orm import aliased

from portal.carriers.base import Carrier, CarrierError, Certainty, Outgoing
from portal.extensions import db, now, writing
from portal.models import Message, State
from portal.rules import Decision

from . import receipts, texting
from .handing import judge, texts_of

log = logging.getLogger("portal.outbox")

BATCH = 100
LEASE = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=2)
CRASHES = 3
WAITING = (State.QUEUED, State.CLAIMED)
# What ends so was certainly never handed to a carrier.
NEVER_LEFT = (State.REFUSED, State.EXPIRED)


@dataclass
class Breaker:
    """Stops asking a carrier that keeps failing; after a pause one text tries whether it is back."""

    failures: int = 0
    open_until: datetime | None = None
    most: int = 5
    pause: timedelta = timedelta(seconds=15)

    def allows(self, moment: datetime) -> int:
        """How many texts may be handed over now: all, one as a trial, or none."""
        if self.failures < self.most:
            return BATCH
        return 1 if self.open_until is None or moment >= self.open_until else 0

    def note(self, failed: bool, moment: datetime) -> None:
        """Count what happened to one text."""
        self.failures = self.failures + 1 if failed else 0
        self.open_until = moment + self.pause if self.failures >= self.most else None


@dataclass
class Result:
    """What became of one claimed text: the columns to write."""

    id: int
    state: State
    carrier_id: str = ""
    code: str = ""
    why: list[Any] = field(default_factory=list)
    due_at: datetime | None = None
    tries: int = 0
    crashes: int = 0
    lease_until: datetime | None = None
    left_at: datetime | None = None

    @classmethod
    def of(cls, one: Message, state: State, **more: Any) -> "Result":
        """A result that keeps the counts of the text unless it says otherwise."""
        return cls(one.id, state, **{"tries": one.tries, "crashes": one.crashes, **more})


class Worker:
    """One sender: `step()` does what is due and says how many texts it moved."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.breaker = Breaker()

    def step(self) -> int:
        """Recover what a dead worker left, then claim, judge, hand over and record one batch."""
        moment = now()
        moved = expire(moment) + self.recover(moment)
        most = self.breaker.allows(moment)
        claimed = claim(self.name, min(most, batch_of(carrier())), moment) if most else []
        if not claimed:
            return moved
        judged = judge(claimed, moment)
        record(self._hand_over(claimed, judged, moment))
        return moved + len(claimed)

    def _hand_over(self, claimed: Sequence[Message], judged: dict[int, Decision], moment: datetime) -> list[Result]:
        results = [_refused(one, judged[one.id], moment) for one in claimed if not _free(judged[one.id], moment)]
        free = [one for one in claimed if _free(judged[one.id], moment)]
        for one, text in zip(free, texts_of(free), strict=True):
            results.append(self._send(one, text))
        return results

    def _send(self, one: Message, text: Outgoing) -> Result:
        """Hand one text over. No transaction is open while the carrier is asked."""
        try:
            carrier_id = carrier().send(text)
        except CarrierError as error:
            self.breaker.note(not error.permanent, now())
            return _failed(one, error)
        except Exception as error:  # noqa: BLE001 - one poisonous text must not stop the others
            # Only the type: the error's own words may quote the text.
            log.error(  # noqa: TRY400
                "message_crashed", extra={"fields": {"message": one.ref, "error": type(error).__name__}})
            return _crashed(one, type(error).__name__)
        self.breaker.note(failed=False, moment=now())
        return Result.of(one, State.HANDED_OVER, carrier_id=carrier_id, left_at=now())

    def recover(self, moment: datetime) -> int:
        """Find out what became of texts whose worker is gone."""
        left = abandoned(moment)
        results = [self._settle(one, text) for one, text in zip(left, texts_of(left), strict=True)]
        record(results)
        return len(results)

    def _settle(self, one: Message, text: Outgoing) -> Result:
        certainty = carrier().certainty
        if certainty is Certainty.NONE:
            return Result.of(one, State.UNKNOWN, code="no-answer")
        try:
            carrier_id = carrier().look_up(text.reference) if certainty is Certainty.LOOK_UP else None
        except CarrierError:
            return Result.of(one, State.CLAIMED, lease_until=now() + LEASE)
        if carrier_id:
            return Result.of(one, State.HANDED_OVER, carrier_id=carrier_id, left_at=now())
        # With a key sending again is no second text; after a look-up we know that there was no first.
        return Result.of(one, State.QUEUED, due_at=now())


def carrier() -> Carrier:
    """The carrier in use."""
    chosen: Carrier = current_app.extensions["carrier"]
    return chosen


def batch_of(chosen: Carrier) -> int:
    """How many texts are claimed at once: one where a crash would leave all of them unknown."""
    return 1 if chosen.certainty is Certainty.NONE else BATCH


def claim(worker: str, most: int, moment: datetime) -> list[Message]:
    """Take up to `most` due texts for a lease, at most one of each conversation and each in its turn."""
    other = aliased(Message)
    first = select(func.min(other.id)).where(
        other.conversation_id == Message.conversation_id, other.state.in_(WAITING)).scalar_subquery()
    due = select(Message.id).where(Message.state == State.QUEUED, Message.due_at <= moment, Message.id == first)
    return _lease(due.order_by(Message.due_at).limit(most), State.QUEUED, moment, claimed_by=worker,
                  tries=Message.tries + 1)


def abandoned(moment: datetime) -> list[Message]:
    """Claimed texts whose lease has run out, or lies so far ahead that a clock must have been set back.

    Their lease is taken over, so that two workers do not settle the same texts.
    """
    gone = or_(Message.lease_until < moment, Message.lease_until > moment + 2 * LEASE)
    return _lease(select(Message.id).where(Message.state == State.CLAIMED, gone).limit(BATCH), State.CLAIMED, moment)


def _lease(found: Select[int], state: State, moment: datetime, **more: Any) -> list[Message]:
    """Lease the texts that a selection finds, in one commit, and return them for use without a session."""
    # Nothing is due most of the time: look before taking the write lock.
    idle = db.session.scalar(found.limit(1)) is None
    db.session.rollback()
    if idle:
        return []
    with writing() as session:
        ids = session.scalars(found).all()
        session.execute(update(Message).where(Message.id.in_(ids), Message.state == state).values(
            state=State.CLAIMED, lease_until=moment + LEASE, **more).execution_options(synchronize_session=False))
        rows = list(session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id)))
        for row in rows:
            session.expunge(row)
    return rows


def expire(moment: datetime) -> int:
    """End texts that were not sent in time; returns how many."""
    late = select(Message.id).where(Message.state == State.QUEUED, Message.deadline < moment).limit(BATCH)
    ids = db.session.scalars(late).all()
    db.session.rollback()
    if ids:
        record([Result(one, State.EXPIRED, code="not-in-time") for one in ids], of=State.QUEUED)
    return len(ids)


def _free(decision: Decision, moment: datetime) -> bool:
    return decision.allowed and not (decision.until and decision.until > moment)


def _refused(one: Message, decision: Decision, moment: datetime) -> Result:
    """Refused at hand-over, or put back to wait its turn."""
    why = [reason.id for reason in decision.reasons if reason.effect.value in ("block", "hold")]
    if decision.allowed:
        return Result.of(one, State.QUEUED, why=why, due_at=decision.until or moment, tries=one.tries - 1)
    return Result.of(one, State.REFUSED, why=why)


def _failed(one: Message, error: CarrierError) -> Result:
    if error.permanent:
        return Result.of(one, State.FAILED, code=error.code)
    if error.unsure:
        # It may have been taken: leave it claimed with its lease run out, so that it is looked into.
        return Result.of(one, State.CLAIMED, code=error.code, lease_until=now() - LEASE)
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(one.tries, 10))
    return Result.of(one, State.QUEUED, code=error.code, due_at=now() + longest * random.random())  # noqa: S311 - jitter


def _crashed(one: Message, name: str) -> Result:
    crashes = one.crashes + 1
    if crashes >= CRASHES:
        return Result.of(one, State.QUARANTINED, code=name[:40], crashes=crashes)
    return Result.of(one, State.CLAIMED, code=name[:40], crashes=crashes, lease_until=now() - LEASE)


def record(results: Iterable[Result], of: State = State.CLAIMED) -> None:
    """Write what became of claimed texts, in one commit, and give them receipts that came before."""
    rows = [_columns(result) for result in results]
    if not rows:
        return
    table = Message.metadata.tables["messages"]
    wanted = update(table).where(table.c.id == bindparam("of"), table.c.state == of).values(
        {name: bindparam(f"new_{name}") for name in CHANGED})
    with writing() as session:
        texting.give_back([row["of"] for row in rows if row["new_state"] in NEVER_LEFT], of)
        session.connection().execute(wanted, rows)
        taken = [row for row in rows if row["new_state"] is State.HANDED_OVER]
        for row in taken:
            _catch_up(row["of"], row["new_carrier"], row["new_carrier_id"])


CHANGED = ("state", "carrier", "carrier_id", "code", "why", "due_at", "tries", "crashes", "lease_until", "left_at",
           "changed_at")


def _columns(result: Result) -> dict[str, Any]:
    moment = now()
    return {
        "of": result.id, "new_state": result.state, "new_carrier": carrier().name if result.carrier_id else "",
        "new_carrier_id": result.carrier_id, "new_code": result.code, "new_why": result.why,
        "new_due_at": result.due_at or moment, "new_tries": result.tries, "new_crashes": result.crashes,
        "new_lease_until": result.lease_until, "new_left_at": result.left_at, "new_changed_at": moment,
    }


def _catch_up(message_id: int, name: str, carrier_id: str) -> None:
    """A receipt can be faster than our own commit."""
    receipts.adopt(name, message_id, carrier_id)
    receipts.apply(message_id)


def next_due(moment: datetime) -> datetime | None:
    """When the next waiting text may leave, to sleep until then."""
    found = select(func.min(Message.due_at)).where(Message.state == State.QUEUED, Message.due_at > moment)
    due: datetime | None = db.session.scalar(found)
    return due
