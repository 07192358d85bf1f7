"""The outbox: claim, decide again, hand over, record; and after a crash find out instead of sending twice.

A worker claims a text for a short lease, in a commit of its own, before it calls the carrier. A worker that dies leaves
claimed rows behind. When their lease has run out, the next step depends on the carrier: if it recognizes our reference,
the text is sent again; if it offers a look-up, the portal asks it first; otherwise the text becomes *unknown* and its
writer decides. The portal never sends a text again on a guess. Where receipts carry our reference, an unclear text is
left alone for a while first: the next receipt may clear it up.

Each carrier has a worker, a breaker and a pace of its own, so that one that is down holds up no other.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import OperationalError

from portal import lengths
from portal.carriers.base import TOO_FAST_CODE, Carrier, CarrierError, Certainty, Fault, OutgoingText
from portal.carriers.json_fields import storable_words
from portal.extensions import db, now
from portal.models import TextState
from portal.rules import Decision, Facts

from ..carriers import account_faults, desk, pace
from . import clock_changes, hand_over, hand_over_facts, inbound, receipts, unread_answers
from .breaker import CarrierBreaker
from .claims import (
    LEASE,
    TEXTS_PER_BULK_CLAIM,
    TEXTS_PER_CLAIM,
    ClaimedText,
    SendLane,
    claim_texts,
    has_due_texts,
    list_abandoned_texts,
    list_late_texts,
    look_again_at_routes,
)
from .outcomes import TextResult, is_id_taken, record_results
from .recheck import recheck_texts, texts_for_carrier
from .text_results import judge_answer, leave_unclear, note_crash, queue_again, refuse_text, was_too_fast

log = logging.getLogger("portal.outbox")

# While texts are due, the worker looks this often for texts of dead workers and for expired ones.
UPKEEP = timedelta(seconds=1)
# No write takes longer. A receipt that it did not see is as old at most when it has ended.
LONGEST_WRITE = timedelta(minutes=1)
LOOK_AGAIN = timedelta(minutes=1)
# Each waits five seconds for the database.
TRIES_TO_STORE = 3


class OutboxWorker:
    """The worker of one carrier, by the ref of its record; "" is the pretend one. Its worker looks after the rest, too.

    Each `step()` does what is due and returns how many texts it moved.
    """

    def __init__(self, name: str, ref: str = "") -> None:
        # Of a long host name the end stays: the process id stands there.
        self.name, self.ref = name[-lengths.WORKER_NAME:], ref
        self.breaker = CarrierBreaker()
        self.carrier: Carrier | None = None
        self.lane = SendLane(ref, alone=False)
        # An earlier worker may have written down that the account is not accepted.
        self.is_fault_noted = True
        # Texts are due, and the carrier's pace lets none leave at this moment.
        self.is_paced = False
        self.kept_up = self.looked_at_ways = datetime.min.replace(tzinfo=UTC)
        self.looked_for_receipts: datetime | None = None
        self.watch = clock_changes.ClockWatch()

    def step(self) -> int:
        """Claim, decide, hand over and record one batch; then, if idle or once a second, expire and recover texts."""
        moment = now()
        self._heed_clock(moment)
        self._heed_carrier()
        self._heed_other_carriers()
        moved = self._batch(moment) + self._answer_unread(moment)
        if not moved or abs(moment - self.kept_up) >= UPKEEP:
            self.kept_up = moment
            moved += self._keep_up(moment) + self.recover(moment)
        return moved

    def _keep_up(self, moment: datetime) -> int:
        """What concerns the texts of all carriers is one worker's part."""
        if self.ref:
            return 0
        if abs(moment - self.looked_at_ways) >= LOOK_AGAIN and not self.lane.alone:
            self.looked_at_ways = moment
            look_again_at_routes()
        late, self.looked_for_receipts = self.looked_for_receipts, moment
        receipts.adopt_late_receipts(min(late, moment) - LONGEST_WRITE if late else None)
        return clock_changes.pull_back_due_times(moment) + expire_texts(moment) + inbound.receive_lone_parts(moment)

    def _heed_clock(self, moment: datetime) -> None:
        """If the clock was set forward, move the deadlines of waiting texts as well."""
        if jump := self.watch.set_by(moment):
            log.warning("clock_set", extra={"fields": {"seconds": int(jump.total_seconds())}})
        if jump > timedelta() and not self.ref:
            clock_changes.prolong_deadlines(moment - jump, jump)

    def _heed_carrier(self) -> None:
        """Take the carrier as it is set now. One that an operator has changed is tried at once."""
        try:
            carrier = desk.find_carrier(self.ref)
        except (LookupError, desk.UnusableCarrier):
            carrier = None
        db.session.rollback()
        if self.carrier is not None and carrier is not self.carrier:
            self.breaker = CarrierBreaker()
        self.carrier = carrier

    def _heed_other_carriers(self) -> None:
        """Without any other, all texts are the pretend one's."""
        self.lane = SendLane(self.ref, not self.ref and not desk.has_other_routes())
        db.session.rollback()

    def _is_on(self) -> bool:
        """Whether an operator lets texts leave by the carrier; the pretend one cannot be turned off."""
        return not self.ref or desk.is_carrier_on(self.ref)

    def _batch(self, moment: datetime) -> int:
        if self.carrier is None or not (most := self.breaker.allows(moment)):
            return 0
        if not self._is_on():
            return 0
        claimed = claim_texts(self.name, min(most, batch_size_of_carrier(self.carrier)), moment, self.lane)
        self.is_paced = bool(self.ref and not claimed and has_due_texts(moment, self.lane))
        if claimed:
            self._hand_over(self.carrier, claimed, moment)
        return len(claimed)

    def _hand_over(self, carrier: Carrier, claimed: Sequence[ClaimedText], moment: datetime) -> None:
        """Decide again about claimed texts, hand over those that are free to go, and store what became of all."""
        seen: dict[int, Facts] = {}
        judged = recheck_texts(claimed, moment, seen)
        may_go = {one.id for one in claimed if _free(judged[one.id], moment)}
        free = [one for one in claimed if one.id in may_go]
        # No transaction is open during the calls.
        answers = hand_over.send_texts(carrier, texts_for_carrier(free), lambda: _is_in_time(moment))
        results = [refuse_text(one, judged[one.id], moment) for one in claimed if one.id not in may_go]
        left_at = now()
        results += [judge_answer(one, answer, carrier, left_at) for one, answer in zip(free, answers, strict=True)]
        left = {one.id for one, answer in zip(free, answers, strict=True) if answer is None}
        told = [one for one in results if one.id not in left]
        _store_results(results, self.name, _hand_overs(told, judged, seen, moment, claimed))
        # What the texts became is stored first: nothing that breaks from here on makes one of them unclear.
        self._learn(list(zip(free, answers, strict=True)), moment)

    def _answer_unread(self, moment: datetime) -> int:
        """Hand over answers that wait beside the texts, unless the carrier is off or in trouble; how many left."""
        if self.carrier is None or self.breaker.allows(moment) < TEXTS_PER_CLAIM or not self._is_on():
            return 0
        moved, answers = unread_answers.hand_over_unread_answers(moment, self.lane, self.carrier)
        for answer in answers:
            self._note(answer)
        return moved

    def _learn(self, answers: Sequence[tuple[ClaimedText, hand_over.SendAnswer]], moment: datetime) -> None:
        """What the answers say about the carrier."""
        for _one, answer in answers:
            self._note(answer)
        self._slow_down([answer for one, answer in answers if not was_too_fast(one)], moment)

    def _note(self, answer: hand_over.SendAnswer) -> None:
        if isinstance(answer, CarrierError):
            self._note_failure(answer)
        elif isinstance(answer, str):
            self._note_success()

    def _note_success(self) -> None:
        self.breaker.note(failed=False, moment=now())
        if self.ref and self.is_fault_noted:
            account_faults.forget_fault(self.ref)
            self.is_fault_noted = False

    def _note_failure(self, error: CarrierError) -> None:
        if error.fault is Fault.ACCOUNT:
            self.breaker.stop(now())
            account_faults.note_fault(self.ref, error.code, now())
            self.is_fault_noted = True
        elif error.code != TOO_FAST_CODE:
            self.breaker.note(error.fault is not Fault.TEXT, now())

    def _slow_down(self, answers: Sequence[hand_over.SendAnswer], moment: datetime) -> None:
        if self.ref and any(isinstance(one, CarrierError) and one.code == TOO_FAST_CODE for one in answers):
            took = max((now() - moment).total_seconds(), 0.1)
            pace.slow_down(self.ref, len(answers) / took, now())

    def recover(self, moment: datetime) -> int:
        """Find out what became of texts whose worker died; returns how many.

        A carrier may take ten seconds to say of one text that it cannot be asked. The texts that are left then keep
        their lease, and are looked at when it has run out.
        """
        left = list_abandoned_texts(self.name, moment, self.lane)
        results = [self._settle(one, text) for one, text in zip(left, texts_for_carrier(left), strict=True)
                   if _is_in_time(moment)]
        record_results(results, self.name)
        return len(results)

    def _settle(self, one: ClaimedText, text: OutgoingText) -> TextResult:
        carrier, late = self.carrier, one.deadline is not None and one.deadline < now()
        since = one.claimed_at or one.at
        if carrier is None:
            return leave_unclear(one) if late else TextResult.of(one, TextState.CLAIMED, lease_until=now() + LEASE)
        settled = since + carrier.settles_after
        # A text that seems to have been claimed in the future was claimed before the clock was set back.
        if carrier.tells and since <= now() < settled:
            return TextResult.of(one, TextState.CLAIMED, code=one.code, lease_until=settled)
        if carrier.certainty is not Certainty.LOOK_UP:
            return queue_again(one, carrier.certainty, late=late)
        return self._look_up(carrier, one, text, since, late=late)

    def _look_up(self, carrier: Carrier, one: ClaimedText, text: OutgoingText, since: datetime, *,
                 late: bool) -> TextResult:
        try:
            carrier_id = carrier.look_up(text, since) if not carrier.real else hand_over.call_bounded(
                lambda: carrier.look_up(text, since))
        except CarrierError as error:
            if late or error.fault not in {Fault.LATER, Fault.ACCOUNT}:
                return leave_unclear(one)
            return TextResult.of(one, TextState.CLAIMED, lease_until=now() + LEASE)
        except Exception as error:  # noqa: BLE001 - one poisonous text must not stop the others
            return note_crash(one, type(error).__name__)
        if carrier_id is None:
            return queue_again(one, Certainty.LOOK_UP, late=late)
        carrier_id = storable_words(carrier_id)
        if is_id_taken(one.id, one.route, carrier_id):
            # The carrier found another text with the same words between the same numbers.
            return leave_unclear(one)
        return TextResult.of(one, TextState.HANDED_OVER, carrier_id=carrier_id, left_at=now())


def batch_size_of_carrier(chosen: Carrier) -> int:
    """How many texts to claim at once: no more than a crash may leave unknown, where nobody can tell afterwards.

    A carrier that can be asked for a text may not be able to say that it never got it: its list is late.
    """
    if chosen.certainty is not Certainty.KEY:
        return min(chosen.at_once, TEXTS_PER_CLAIM)
    return TEXTS_PER_CLAIM if chosen.real else TEXTS_PER_BULK_CLAIM


def expire_texts(moment: datetime) -> int:
    """Mark texts past their deadline as expired, or as unknown where a carrier may have them; returns how many."""
    late = list_late_texts(moment)
    record_results([TextResult(one, TextState.UNKNOWN if may_be_at else TextState.EXPIRED, may_be_at=may_be_at,
                               code="no-answer" if may_be_at else "not-in-time") for one, may_be_at in late])
    return len(late)


def _is_in_time(moment: datetime) -> bool:
    """Whether another text may be begun: a slow worker leaves the rest while its lease holds, and nobody else could
    recover what it is at.
    """
    return moment <= now() < moment + LEASE / 3


def _store_results(results: Sequence[TextResult], by: str, hand_overs: Sequence[dict[str, object]]) -> None:
    """Store what carriers answered; a database that is busy is asked again, for lost answers leave texts unclear."""
    for _ in range(TRIES_TO_STORE - 1):
        try:
            record_results(results, by, hand_overs)
        except OperationalError:
            db.session.rollback()
            log.warning("results_not_stored")
        else:
            return
    record_results(results, by, hand_overs)


def _free(decision: Decision, moment: datetime) -> bool:
    return decision.allowed and not (decision.until and decision.until > moment)


def _hand_overs(results: Sequence[TextResult], judged: dict[int, Decision], seen: dict[int, Facts], moment: datetime,
                claimed: Sequence[ClaimedText]) -> list[dict[str, object]]:
    """What decided about each text, to be kept beside it."""
    routes = {one.id: one.route for one in claimed}
    known: dict[int, str] = {}
    return [{"message_id": one.id, "at": moment, "carrier": routes[one.id], "edition": hand_over_facts.EDITION,
             "facts": hand_over_facts.write_facts(seen.get(one.id), known),
             "why": [reason.id for reason in judged[one.id].reasons], "result": one.state.value, "code": one.code}
            for one in results]
