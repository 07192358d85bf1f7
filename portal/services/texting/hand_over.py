"""Handing texts to a carrier: several at once where it allows that, each for ten seconds at most.

A carrier that has not answered by then may have the text. Its thread is left alone; it ends with its connection.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue

from portal.carriers.base import SEND_SECONDS, TOO_FAST_CODE, BulkCarrier, Carrier, CarrierError, Fault, OutgoingText

# A carrier's own limits come first: they know more.
DEADLINE_SECONDS = SEND_SECONDS + 0.5
NO_ANSWER = "no-answer"

# What became of one text: the carrier's id, what was raised, or None where it was not begun.
SendAnswer = str | Exception | None


def send_texts(carrier: Carrier, texts: Sequence[OutgoingText], may_begin: Callable[[], bool]) -> list[SendAnswer]:
    """Hand texts over in their order, `carrier.at_once` at the same time; one answer for each.

    `may_begin` is asked before each text. A carrier on this machine is called directly: it waits for nobody. One that
    takes many texts with one commit gets all at once.
    """
    if isinstance(carrier, BulkCarrier) and len(texts) > 1 and may_begin():
        with suppress(Exception):  # it has none of them then, and the one that it cannot take must not stop the others
            return list(carrier.send_many(texts))
    calls = [lambda text=text: carrier.send(text) for text in texts]
    if not carrier.real:
        return _attempt_each(calls, may_begin)
    return _BoundedCalls(calls, may_begin).run(min(carrier.at_once, len(texts)))


def call_bounded(call: Callable[[], str | None]) -> str | None:
    """The answer of one call to a carrier, within the same time. Raises what the call raises, CarrierError too late."""
    (answer,) = _BoundedCalls([lambda: call() or ""], lambda: True).run(1)
    if answer is None:
        raise CarrierError(NO_ANSWER, Fault.LATER)  # it was not even called, which says nothing
    if isinstance(answer, Exception):
        raise answer
    return answer or None


def _attempt_each(calls: Sequence[Callable[[], str]], may_begin: Callable[[], bool]) -> list[SendAnswer]:
    answers: list[SendAnswer] = []
    for call in calls:
        if not may_begin() or (answers and _stops_all(answers[-1])):
            break
        answers.append(_attempt(call))
    return answers + [None] * (len(calls) - len(answers))


def _stops_all(answer: SendAnswer) -> bool:
    """Whether the next text would get the same answer: the account is at fault, or too many come at once."""
    return isinstance(answer, CarrierError) and (answer.fault is Fault.ACCOUNT or answer.code == TOO_FAST_CODE)


def _attempt(call: Callable[[], str]) -> SendAnswer:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - one poisonous text must not stop the others
        return error


class _ThreadsAside:
    """Threads that wait for something to do: to begin one takes longer than to hand a text over.

    There are as many as were ever busy at the same time. Nobody waits for them when the process ends.
    """

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Know of no thread: in a copy of the process none goes on."""
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = threading.Semaphore(0)

    def run(self, job: Callable[[], None]) -> None:
        """Let a thread do it that has nothing to do, or a new one."""
        if not self._idle.acquire(blocking=False):
            threading.Thread(target=self._work, daemon=True).start()
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            self._jobs.get()()
            self._idle.release()


_ASIDE = _ThreadsAside()
os.register_at_fork(after_in_child=_ASIDE.begin_anew)


class _BoundedCalls:
    """Calls in threads of their own, and nobody waits for one that takes too long."""

    def __init__(self, calls: Sequence[Callable[[], str]], may_begin: Callable[[], bool]) -> None:
        self.calls, self.may_begin = calls, may_begin
        self.answers: list[SendAnswer] = [None] * len(calls)
        self.waiting = list(range(len(calls)))[::-1]
        # The calls that are on their way, each with the moment when it began, and those that a thread has got to.
        self.begun: dict[int, float] = {}
        self.made: set[int] = set()
        self.changed = threading.Condition()

    def run(self, threads: int) -> list[SendAnswer]:
        """The answers, once every call that was begun has ended or taken too long."""
        with self.changed:
            for _ in range(threads):
                if (place := self._begin()) is not None:
                    _ASIDE.run(partial(self._work, place))
            while self.begun:
                left = min(self.begun.values()) + DEADLINE_SECONDS - time.monotonic()
                if left <= 0:
                    self._give_up()
                else:
                    self.changed.wait(left)
        return self.answers

    def _begin(self) -> int | None:
        """The next call, now on its way, or None; the lock is held."""
        if not self.waiting or not self.may_begin():
            self.waiting.clear()
            return None
        place = self.waiting.pop()
        self.begun[place] = time.monotonic()
        return place

    def _work(self, place: int | None) -> None:
        while place is not None:
            with self.changed:
                if place not in self.begun:
                    return  # on a machine that is too busy, its time was over before a thread got to it
                self.made.add(place)
            answer = _attempt(self.calls[place])
            with self.changed:
                if self.begun.pop(place, None) is None:
                    return  # nobody waits for it any more
                self.answers[place] = answer
                if _stops_all(answer):
                    self.waiting.clear()
                place = self._begin()
                self.changed.notify()

    def _give_up(self) -> None:
        """Whoever was called and has not answered by now may have the text; no further call is begun."""
        late = time.monotonic() - DEADLINE_SECONDS
        for place in [place for place, since in self.begun.items() if since <= late]:
            del self.begun[place]
            self.answers[place] = CarrierError(NO_ANSWER, Fault.UNSURE) if place in self.made else None
        self.waiting.clear()

