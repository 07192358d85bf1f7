"""The outbox: claim, decide again, hand over, record; and after a crash find out instead of sending twice.

A worker claims a text for a short lease, in a commit of its own, before it calls the carrier. A worker that dies leaves
claimed rows behind. When their lease has run out, the next step depends on the carrier: if it recognizes our reference,
the text is sent again; if it offers a look-up, the portal asks it first; otherwise the text becomes *unknown* and its
writer decides. The portal never sends a text again on a guess.
"""

import logging
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, Update, bindparam, func, literal_column, or_, select, update
from sqlalchemy.orm import aliased

from portal import lengths
from portal.carriers.base import Carrier, CarrierError, Certainty, Fault, OutgoingText
from portal.extensions import current_carrier, db, now, writing
from portal.models import Message, TextState
from portal.models.messages import WAITING_CONDITION as WAITS
from portal.rules import Decision

from . import clock_changes, lines, unread_answers
from .breaker import TEXTS_PER_CLAIM, CarrierBreaker
from .outcomes import TextResult, record_results
from .recheck import recheck_texts, texts_for_carrier

log = logging.getLogger("portal.outbox")

# While texts are due, the worker looks this often for texts of dead workers and for expired ones.
UPKEEP = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=2)
CRASHES = 3


class OutboxWorker:
    """One worker: each `step()` does what is due and returns how many texts it moved."""

    def __init__(self, name: str) -> None:
        # Of a long host name the end stays: the process id stands there.
        self.name = name[-lengths.WORKER_NAME:]
        self.breaker = CarrierBreaker()
        self.kept_up = datetime.min.replace(tzinfo=UTC)
        self.watch = clock_changes.ClockWatch()

    def step(self) -> int:
        """Claim, decide, hand over and record one batch; then, if idle or once a second, expire and recover texts."""
        moment = now()
        self._heed_clock(moment)
        moved = self._batch(moment)
        if self.breaker.allows(moment) == TEXTS_PER_CLAIM:
            moved += unread_answers.hand_over_unread_answers(moment)
        if not moved or abs(moment - self.kept_up) >= UPKEEP:
            self.kept_up = moment
            moved += clock_changes.pull_back_due_times(moment) + expire_texts(moment) + self.recover(moment)
        return moved

    def _heed_clock(self, moment: datetime) -> None:
        """If the clock was set forward, move the deadlines of waiting texts as well."""
        if jump := self.watch.set_by(moment):
            log.warning("clock_set", extra={"fields": {"seconds": int(jump.total_seconds())}})
        if jump > timedelta():
            clock_changes.prolong_deadlines(moment - jump, jump)

    def _batch(self, moment: datetime) -> int:
        most = self.breaker.allows(moment)
        claimed = claim_texts(self.name, min(most, batch_size_of_carrier(current_carrier())), moment) if most else []
        if claimed:
            record_results(self._hand_over(claimed, recheck_texts(claimed, moment), moment), self.name)
        return len(claimed)

    def _hand_over(self, claimed: Sequence[Message], judged: dict[int, Decision], moment: datetime) -> list[TextResult]:
        results = [_refused(one, judged[one.id], moment) for one in claimed if not _free(judged[one.id], moment)]
        free = [one for one in claimed if _free(judged[one.id], moment)]
        for one, text in zip(free, texts_for_carrier(free), strict=True):
            # A slow worker gives the rest back while its lease holds, before another worker could recover it.
            in_time = moment <= now() < moment + LEASE / 3
            results.append(self._send(one, text) if in_time else _put_back(one))
        return results

    def _send(self, one: Message, text: OutgoingText) -> TextResult:
        """Hand one text to the carrier. No transaction is open during the call."""
        try:
            carrier_id = current_carrier().send(text)
        except CarrierError as error:
            self.breaker.note(error.fault is not Fault.TEXT, now())
            return _failed(one, error)
        except Exception as error:  # noqa: BLE001 - one poisonous text must not stop the others
            return _crashed(one, type(error).__name__)
        self.breaker.note(failed=False, moment=now())
        return TextResult.of(one, TextState.HANDED_OVER, carrier_id=carrier_id, left_at=now())

    def recover(self, moment: datetime) -> int:
        """Find out what became of texts whose worker died; returns how many."""
        left = list_abandoned_texts(self.name, moment)
        results = [self._settle(one, text) for one, text in zip(left, texts_for_carrier(left), strict=True)]
        record_results(results, self.name)
        return len(results)

    def _settle(self, one: Message, text: OutgoingText) -> TextResult:
        certainty, late = current_carrier().certainty, one.deadline is not None and one.deadline < now()
        try:
            asks = certainty is Certainty.LOOK_UP
            carrier_id = current_carrier().look_up(text, one.changed_at or one.at) if asks else None
        except CarrierError:
            return _unclear(one) if late else TextResult.of(one, TextState.CLAIMED, lease_until=now() + LEASE)
        except Exception as error:  # noqa: BLE001 - one poisonous text must not stop the others
            return _crashed(one, type(error).__name__)
        if carrier_id:
            return TextResult.of(one, TextState.HANDED_OVER, carrier_id=carrier_id, left_at=now())
        return _again(one, certainty, late=late)


def batch_size_of_carrier(chosen: Carrier) -> int:
    """How many texts to claim at once: one, if a crash would leave all of them unknown."""
    return 1 if chosen.certainty is Certainty.NONE else TEXTS_PER_CLAIM


# The condition repeats the words of the indexes: with a parameter instead, SQLite would not use them and would read
# every text.
_WAITS: Any = literal_column(WAITS)


def _first() -> Any:
    """The first text of a conversation that still waits or is on its way. Automatic answers do not queue behind it."""
    other = aliased(Message)
    return select(func.min(other.id)).where(
        other.conversation_id == Message.conversation_id, _WAITS, other.automatic.is_(False)).scalar_subquery()


def _leasing(found: Select[int], state: TextState, **more: Any) -> Update:
    """A statement that leases the texts of a selection and returns them."""
    leased = update(Message).where(Message.id.in_(found), Message.state == state)
    return leased.values(state=TextState.CLAIMED, lease_until=bindparam("until"), **more).returning(Message)


# Made once: putting a statement together takes longer than running it.
_MOMENT: Any = bindparam("moment")
_DUE = select(Message.id).where(
    _WAITS, Message.state == TextState.QUEUED, Message.due_at <= _MOMENT,
    or_(Message.automatic, Message.id == _first()),
    or_(Message.deadline.is_(None), Message.deadline >= _MOMENT),
).order_by(Message.due_at).limit(bindparam("most", type_=Integer))
_CLAIM = _leasing(_DUE, TextState.QUEUED, claimed_by=bindparam("worker"), tries=Message.tries + 1)
_GONE = select(Message.id).where(_WAITS, Message.state == TextState.CLAIMED, or_(
    Message.lease_until < _MOMENT, Message.lease_until > bindparam("ahead"))).limit(bindparam("most", type_=Integer))
_TAKE_OVER = _leasing(_GONE, TextState.CLAIMED, claimed_by=bindparam("worker"))
_LATE = select(Message.id).where(_WAITS, Message.state == TextState.QUEUED,
                                 Message.deadline < _MOMENT).limit(TEXTS_PER_CLAIM)
_NEXT = select(func.min(Message.due_at)).where(_WAITS, Message.state == TextState.QUEUED, Message.due_at > _MOMENT)


def claim_texts(worker: str, most: int, moment: datetime) -> list[Message]:
    """Lease up to `most` due texts, at most one per conversation: the first that waits.

    Texts past their deadline are left to `expire_texts`.
    """
    return _lease(_DUE, _CLAIM, moment, most=most, worker=worker)


def list_abandoned_texts(worker: str, moment: datetime) -> list[Message]:
    """Take over claimed texts whose lease has run out, or ends so late that the clock must have been set back.

    The worker gets a lease of its own, so that no second worker recovers the same texts.
    """
    return _lease(_GONE, _TAKE_OVER, moment, most=TEXTS_PER_CLAIM, worker=worker, ahead=moment + 2 * LEASE)


def _lease(found: Select[int], leased: Update, moment: datetime, **given: Any) -> list[Message]:
    """Lease the texts of a selection in one commit, and return them detached from the session."""
    known = {"moment": moment, "until": moment + LEASE, **given}
    # Nothing is due most of the time: look before taking the write lock.
    idle = db.session.scalar(found, known) is None
    db.session.rollback()
    if idle:
        return []
    with writing() as session:
        rows = session.scalars(leased, known, execution_options={"synchronize_session": False}).all()
        for row in rows:
            session.expunge(row)
    return sorted(rows, key=lambda row: row.id)


def expire_texts(moment: datetime) -> int:
    """Mark texts past their deadline as expired; returns how many."""
    ids = db.session.scalars(_LATE, {"moment": moment}).all()
    db.session.rollback()
    if ids:
        record_results([TextResult(one, TextState.EXPIRED, code="not-in-time") for one in ids])
    return len(ids)


def _free(decision: Decision, moment: datetime) -> bool:
    return decision.allowed and not (decision.until and decision.until > moment)


def _refused(one: Message, decision: Decision, moment: datetime) -> TextResult:
    """The result of a text that the rules refuse at hand-over, or put back to wait."""
    why = lines.reasons_to_store(decision.reasons)
    if decision.allowed:
        return TextResult.of(one, TextState.QUEUED, why=why, due_at=decision.until or moment, tries=one.tries - 1)
    return TextResult.of(one, TextState.REFUSED, why=why)


def _failed(one: Message, error: CarrierError) -> TextResult:
    if error.fault is Fault.TEXT:
        return TextResult.of(one, TextState.FAILED, code=error.code)
    if error.fault is Fault.UNSURE:
        # The carrier may have it: leave it claimed with its lease run out, so that `recover` finds out.
        return TextResult.of(one, TextState.CLAIMED, code=error.code, lease_until=now() - LEASE)
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(one.tries, 10))
    return TextResult.of(one, TextState.QUEUED, code=error.code,
                         due_at=now() + longest * random.random())  # noqa: S311 - jitter


def _put_back(one: Message) -> TextResult:
    return TextResult.of(one, TextState.QUEUED, due_at=one.due_at, tries=one.tries - 1)


def _unclear(one: Message) -> TextResult:
    return TextResult.of(one, TextState.UNKNOWN, code="no-answer")


def _again(one: Message, certainty: Certainty, *, late: bool) -> TextResult:
    """The result of a text that the carrier does not know of, or cannot tell: queue it if no second one can arise.

    A late text is not queued with a key either: it might arrive for the first time, and too late.
    """
    if certainty is Certainty.NONE or (late and certainty is Certainty.KEY):
        return _unclear(one)
    return TextResult.of(one, TextState.QUEUED, due_at=now())


def _crashed(one: Message, name: str) -> TextResult:
    """The result after an error in our own code. Only its type is logged: its message may quote the text."""
    log.error("message_crashed", extra={"fields": {"message": one.ref, "error": name}})
    code, crashes = name[:lengths.ERROR_CODE], one.crashes + 1
    if crashes >= CRASHES:
        return TextResult.of(one, TextState.QUARANTINED, code=code, crashes=crashes)
    return TextResult.of(one, TextState.CLAIMED, code=code, crashes=crashes, lease_until=now() - LEASE)


def find_next_due_time(moment: datetime) -> datetime | None:
    """When the next queued text is due; the worker sleeps until then. None if no text waits."""
    due: datetime | None = db.session.scalar(_NEXT, {"moment": moment})
    db.session.rollback()
    return due
