"""A bind: texts go out with a window, what comes in is heard, and a center that has died in silence is noticed.

One thread runs the session. Any thread may submit a text and waits for its answer, any may answer what was heard. A
text is told apart by whether a byte of it may have been written: before that it can be tried again, after that only
the center knows.
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Event

from ..http import UNREACHABLE
from .pdu import ANSWER_BIT, LAST_SEQUENCE, BrokenPdu, Command, CommandStatus, Pdu, write_bind
from .settings import CenterSettings
from .statuses import BindRefused
from .wire import ClosedWire, Wire, open_wire

# So long the center may take to answer a bind or an enquire_link, and a text may wait for its place in the window.
PATIENCE_SECONDS, PLACE_SECONDS = 10.0, 2.0
# At the end: for answers that are still due on either side, and for the answer to the unbind.
_LAST_ANSWERS_SECONDS, _UNBIND_SECONDS = 5.0, 2.0
# Texts whose answer was given up are remembered, for it may still come; the oldest of more are forgotten.
_MOST_GIVEN_UP = 1000
_HEARS = (Command.DELIVER_SM, Command.DATA_SM)
_NO_ANSWER_WANTED = (Command.OUTBIND, Command.ALERT_NOTIFICATION)


class NotWritten(Exception):
    """Nothing of a text was written; the message is the code to store."""


class Unanswered(Exception):
    """A text may have been written, and no answer came."""


class _Submission:
    """A text on its way; `reference` tells the portal's own texts apart if the answer comes late."""

    def __init__(self, body: bytes, reference: str) -> None:
        self.body, self.reference, self.number = body, reference, 0
        self.is_begun = self.is_given_up = False
        self.answer: Pdu | None = None
        self.done = Event()


class CenterSession:
    """One bind over one connection.

    `hear` gets each text and receipt that comes, and says whether there is room for it; whoever took it gives the
    answer. `hear_late` gets the answer to a text that was given up, with its reference. `ended` is of the monotonic
    clock, None while it lasts.
    """

    def __init__(self, wire: Wire, center: CenterSettings, hear: Callable[["CenterSession", Pdu], bool],
                 hear_late: Callable[[str, Pdu], object]) -> None:
        self._wire, self._enquire, self._patience = wire, center.enquire, PATIENCE_SECONDS
        self._hear, self._hear_late = hear, hear_late
        self._lock, self._numbers = threading.Lock(), itertools.count()
        self._places = threading.BoundedSemaphore(center.window)
        self._queued: deque[Pdu | _Submission] = deque()
        self._waiting: dict[int, _Submission] = {}
        self._given_up: deque[int] = deque()
        self._unanswered = 0
        self._parting = self._parted = self._asked = False
        self._heard_at = time.monotonic()
        self.ended: float | None = None

    def bind(self, kind: Command, center: CenterSettings, until: float) -> None:
        """Ask the center to take us. Raises BindRefused, OSError, BrokenPdu."""
        number = self._next_number()
        self._wire.write(Pdu(kind, 0, number, write_bind(center.account, center.password, center.system_type)))
        answer = None
        while answer is None:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer to the bind")
            for pdu in self._wire.turn(left):
                if pdu.sequence == number and pdu.command in {kind | ANSWER_BIT, Command.GENERIC_NACK}:
                    answer = pdu
                else:
                    self._take(pdu)
        if answer.status or answer.command == Command.GENERIC_NACK:
            raise BindRefused(answer.status)

    def run(self, stopping: Event) -> None:
        """Keep the session going until `stopping` is set and `wake` was called, then end it in peace.

        Raises OSError and BrokenPdu when it is lost. Either way it is over then, and nobody waits any more.
        """
        try:
            while not stopping.is_set():
                self._turn()
            self.part()
        finally:
            self.close()

    def part(self) -> None:
        """Give answers that are due a moment, then unbind. Raises OSError and BrokenPdu when the center is gone."""
        with self._lock:
            self._parting = True
        self._turn_until(lambda: not self._is_owed(), _LAST_ANSWERS_SECONDS)
        self._wire.write(Pdu(Command.UNBIND, 0, self._next_number()))
        self._turn_until(lambda: self._parted, _UNBIND_SECONDS)

    def end_at_once(self) -> None:
        """Unbind and close, whether the center still answers or not."""
        try:
            with suppress(OSError, BrokenPdu):
                self.part()
        finally:
            self.close()

    def close(self) -> None:
        """End the session; texts on their way learn that it is over. More than once does nothing."""
        with self._lock:
            if self.ended is None:
                self.ended = time.monotonic()
            over = [*self._waiting.values(), *(one for one in self._queued if isinstance(one, _Submission))]
            self._waiting.clear()
            self._queued.clear()
        for one in over:
            one.done.set()
        self._wire.close()

    def wake(self) -> None:
        """Make the session look at once whether there is something to do."""
        self._wire.wake()

    def submit(self, body: bytes, reference: str, until: float) -> Pdu:
        """Write a submit_sm and wait for its answer until this moment of the monotonic clock.

        Raises NotWritten when the center certainly has nothing of it, Unanswered when it may.
        """
        if not self._places.acquire(timeout=max(0.0, min(PLACE_SECONDS, until - time.monotonic()))):
            raise NotWritten("busy")
        try:
            one = _Submission(body, reference)
            if not self._queue(one):
                raise NotWritten(UNREACHABLE)
            one.done.wait(max(0.0, until - time.monotonic()))
            return self._result(one)
        finally:
            self._places.release()

    def answer(self, pdu: Pdu, status: int) -> bool:
        """Answer a text or receipt that was heard; whether the session still lasts."""
        with self._lock:
            self._unanswered -= 1
        return self._queue(_answer_to(pdu, status))

    def _next_number(self) -> int:
        """The number of our next request; only the thread of the session asks."""
        return 1 + next(self._numbers) % LAST_SEQUENCE

    def _queue(self, one: Pdu | _Submission) -> bool:
        with self._lock:
            if self.ended is not None or (self._parting and isinstance(one, _Submission)):
                return False
            self._queued.append(one)
        self._wire.wake()
        return True

    def _result(self, one: _Submission) -> Pdu:
        with self._lock:
            if one.answer is not None:
                return one.answer
            if not one.is_begun:
                with suppress(ValueError):
                    self._queued.remove(one)
                raise NotWritten(UNREACHABLE)
            one.is_given_up = True
            self._given_up.append(one.number)
            if len(self._given_up) > _MOST_GIVEN_UP:
                self._waiting.pop(self._given_up.popleft(), None)
        raise Unanswered

    def _turn(self) -> None:
        self._begin_queued()
        for pdu in self._wire.turn(self._seconds_to_look()):
            self._take(pdu)
        self._look_after_line()

    def _turn_until(self, holds: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not holds() and (left := until - time.monotonic()) > 0:
            self._begin_queued()
            for pdu in self._wire.turn(left):
                self._take(pdu)

    def _is_owed(self) -> bool:
        """Whether either side still waits for an answer of the other."""
        with self._lock:
            texts = any(not one.is_given_up for one in self._waiting.values())
            return texts or bool(self._queued) or self._unanswered > 0 or not self._wire.is_clear

    def _begin_queued(self) -> None:
        """Hand to the wire what waits, once all before is written: only then nothing is called begun too early."""
        while self._wire.is_clear:
            with self._lock:
                if not self._queued:
                    return
                ready = [self._begin(one) for one in self._queued]
                self._queued.clear()
            for pdu in ready:
                self._wire.write(pdu)

    def _begin(self, one: Pdu | _Submission) -> Pdu:
        if isinstance(one, Pdu):
            return one
        one.number, one.is_begun = self._next_number(), True
        self._waiting[one.number] = one
        return Pdu(Command.SUBMIT_SM, 0, one.number, one.body)

    def _take(self, pdu: Pdu) -> None:
        self._heard_at, self._asked = time.monotonic(), False
        if pdu.command & ANSWER_BIT:
            self._take_answer(pdu)
        elif pdu.command in _HEARS:
            self._take_heard(pdu)
        elif pdu.command in {Command.ENQUIRE_LINK, Command.UNBIND}:
            self._wire.write(Pdu(pdu.command | ANSWER_BIT, 0, pdu.sequence))
            if pdu.command == Command.UNBIND:
                self._wire.turn(0)
                raise ClosedWire("unbound by the other side")
        elif pdu.command not in _NO_ANSWER_WANTED:
            self._wire.write(Pdu(Command.GENERIC_NACK, CommandStatus.UNKNOWN_COMMAND, pdu.sequence))

    def _take_heard(self, pdu: Pdu) -> None:
        """Hand on what came; without room for it, or at the end, the center keeps it and tells it again."""
        with self._lock:
            self._unanswered += 1
        if self._parting or not self._hear(self, pdu):
            with self._lock:
                self._unanswered -= 1
            self._wire.write(_answer_to(pdu, CommandStatus.QUEUE_FULL))

    def _take_answer(self, pdu: Pdu) -> None:
        if pdu.command == Command.UNBIND | ANSWER_BIT:
            self._parted = True
        if pdu.command not in {Command.SUBMIT_SM | ANSWER_BIT, Command.GENERIC_NACK}:
            return
        with self._lock:
            one = self._waiting.pop(pdu.sequence, None)
            if one and not one.is_given_up:
                one.answer = pdu
        if one and one.is_given_up:
            self._hear_late(one.reference, pdu)
        elif one:
            one.done.set()

    def _seconds_to_look(self) -> float:
        return self._heard_at + self._enquire + (self._patience if self._asked else 0) - time.monotonic()

    def _look_after_line(self) -> None:
        """After a silence ask the center whether it is there, and believe after another that it is not."""
        if self._seconds_to_look() > 0:
            return
        if self._asked:
            raise ClosedWire("the other side is silent")
        self._asked = True
        self._wire.write(Pdu(Command.ENQUIRE_LINK, 0, self._next_number()))


def _answer_to(pdu: Pdu, status: int) -> Pdu:
    return Pdu(pdu.command | ANSWER_BIT, status, pdu.sequence, b"\0")


def open_session(center: CenterSettings, kind: Command, hear: Callable[[CenterSession, Pdu], bool],
                 hear_late: Callable[[str, Pdu], object], seconds: float | None = None) -> CenterSession:
    """Connect and bind, in so many seconds at most. Raises BindRefused, ForbiddenAddress, OSError, BrokenPdu."""
    until = time.monotonic() + (PATIENCE_SECONDS if seconds is None else seconds)
    session = CenterSession(open_wire(center, until), center, hear, hear_late)
    try:
        session.bind(kind, center, until)
    except BaseException:
        session.close()
        raise
    return session
