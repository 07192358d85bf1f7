"""What each way to fail means for a text: end, wait for another try, wait to be found out, or a person's decision."""

import logging
import random
from datetime import datetime, timedelta

from portal import lengths
from portal.carriers.base import TOO_FAST_CODE, Carrier, CarrierError, Certainty, Fault
from portal.carriers.json_fields import storable_words
from portal.extensions import now
from portal.models import TextState
from portal.rules import Decision

from . import lines
from .claims import LEASE, ClaimedText
from .hand_over import SendAnswer
from .outcomes import TextResult

log = logging.getLogger("portal.outbox")

LONGEST_WAIT = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=2)
CRASHES = 3
TRIES_AT_ONCE = 3


def refuse_text(one: ClaimedText, decision: Decision, moment: datetime) -> TextResult:
    """The result of a text that the rules refuse at hand-over, or put back to wait.

    One that a carrier may have already is not said to be refused.
    """
    why = lines.reasons_to_store(decision.reasons)
    if one.may_be_at and not decision.allowed:
        return leave_unclear(one)
    if decision.allowed:
        return TextResult.of(one, TextState.QUEUED, why=why, due_at=decision.until or moment, tries=one.tries - 1)
    return TextResult.of(one, TextState.REFUSED, why=why)


def judge_answer(one: ClaimedText, answer: SendAnswer, carrier: Carrier, moment: datetime) -> TextResult:
    """The result of a text that was handed to a carrier until this moment, or that was claimed and not begun."""
    if answer is None:
        return put_back_text(one)
    if isinstance(answer, CarrierError):
        return fail_text(one, answer, carrier)
    if isinstance(answer, Exception):
        return note_crash(one, type(answer).__name__)
    return TextResult.of(one, TextState.HANDED_OVER, carrier_id=storable_words(answer), left_at=moment)


def fail_text(one: ClaimedText, error: CarrierError, carrier: Carrier) -> TextResult:
    """The result of a text that a carrier did not take, or may have taken."""
    if error.fault is Fault.TEXT:
        return TextResult.of(one, TextState.FAILED, code=error.code)
    if error.fault is Fault.UNSURE:
        # The carrier may have it: leave it claimed with its lease run out, so that the worker finds out; where
        # receipts carry our reference, only after one had the time to come.
        settles = now() + carrier.settles_after if carrier.tells and carrier.settles_after else now() - LEASE
        return TextResult.of(one, TextState.CLAIMED, code=error.code, lease_until=settles, may_be_at=one.route)
    if error.fault is Fault.ACCOUNT or (error.code == TOO_FAST_CODE and not was_too_fast(one)):
        # It keeps its place: it was not even looked at, and the carrier as a whole waits.
        return TextResult.of(one, TextState.QUEUED, code=error.code, due_at=one.due_at, tries=one.tries - 1)
    return TextResult.of(one, TextState.QUEUED, code=error.code, due_at=now() + _pause_after(one.tries))


def was_too_fast(one: ClaimedText) -> bool:
    """Whether the carrier said of this text already that it came too fast.

    Once more, at the slower pace, it is about this text, such as a full queue of its recipient: it waits by itself,
    and neither keeps the texts behind it waiting nor slows them down further.
    """
    return one.code == TOO_FAST_CODE


def _pause_after(tries: int) -> timedelta:
    """A moment by chance within a time that doubles with each try, up to five minutes."""
    longest: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 10))
    return longest * random.random()  # noqa: S311 - jitter


def put_back_text(one: ClaimedText) -> TextResult:
    """The result of a text that was claimed and not begun."""
    return TextResult.of(one, TextState.QUEUED, due_at=one.due_at, tries=one.tries - 1)


def leave_unclear(one: ClaimedText) -> TextResult:
    """The result of a text that the carrier may have, where nobody can tell: a person decides."""
    return TextResult.of(one, TextState.UNKNOWN, code="no-answer")


def queue_again(one: ClaimedText, certainty: Certainty, *, late: bool) -> TextResult:
    """The result of a text that the carrier does not know of, or cannot tell: queue it if no second one can arise.

    A late text is not queued with a key either: it might arrive for the first time, and too late. With a key it stays
    with its carrier, which alone can tell that it has it.
    """
    if certainty is Certainty.NONE or (late and certainty is Certainty.KEY):
        return leave_unclear(one)
    # A carrier that is silent to one and the same text again and again is asked less and less often.
    pause = _pause_after(one.tries) if one.tries > TRIES_AT_ONCE else timedelta()
    return TextResult.of(one, TextState.QUEUED, due_at=now() + pause,
                         may_be_at=one.route if certainty is Certainty.KEY else "")


def note_crash(one: ClaimedText, name: str) -> TextResult:
    """The result after an error in our own code. Only its type is logged: its message may quote the text."""
    log.error("message_crashed", extra={"fields": {"message": one.ref, "error": name}})
    code, crashes = name[:lengths.ERROR_CODE], one.crashes + 1
    if crashes >= CRASHES:
        return TextResult.of(one, TextState.QUARANTINED, code=code, crashes=crashes)
    return TextResult.of(one, TextState.CLAIMED, code=code, crashes=crashes, lease_until=now() - LEASE)
