"""Long work: a thread of the background process that carries out what takes longer than a page may take.

A service keeps the work in a row of the database and offers a step: a function that does the next part of it in
one commit and returns whether there was any. So a step that a kill interrupts is done again, and none is done twice.
The check of a file is one step of many commits, and begins anew.
Work whose step breaks rests, longer after every try, and holds up no other; operators see what stands still.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from flask import Flask

from portal.extensions import db, now
from portal.services import imports
from portal.services.toggles import long_steps
from portal.services.upkeep import stuck_work
from portal.services.upkeep.stuck_work import WorkKind
from portal.wording.languages import LANGUAGES, list_zone_names

log = logging.getLogger("portal.processes.long_work")


class LongWork(NamedTuple):
    """A kind of long work: its next piece (id) but for those that rest, and a step of a piece, False if it is over."""

    kind: WorkKind
    find: Callable[[Collection[int]], int | None]
    step: Callable[[int], bool]


def check_file(upload_id: int) -> bool:
    """Check a file of users in one step, because its rows depend on one another: seconds for the longest."""
    return imports.check_waiting_upload(upload_id, LANGUAGES, frozenset(list_zone_names()))


# A kind that has nothing to do looks with one statement.
WORKS = (LongWork(WorkKind.CHECK, imports.find_waiting_upload, check_file),
         LongWork(WorkKind.IMPORT, imports.find_file_in_work, imports.step_file),
         LongWork(WorkKind.CHANGE, long_steps.find_change_in_work, long_steps.step_change))

LONGEST_SLEEP = 1.0
# Between two steps, so that pages and the sender come to write first.
BETWEEN_STEPS = 0.01
STOPS_WITHIN = 20.0
# Seconds that work rests after it broke: twice as long after each try, up to the longest. After so many tries in a row
# it counts as standing still; what happens once, such as a database that is busy, is nobody's concern.
FIRST_REST, LONGEST_REST = 1.0, 300.0
STUCK_AFTER_TRIES = 3
# What stands for finding a piece, where that breaks.
FINDING = 0


@dataclass(slots=True)
class Rest:
    """A piece of work that breaks: since when, how often in a row, and until when (monotonic seconds) it rests."""

    since: datetime
    tries: int = 0
    until: float = 0.0


def _forget_stuck_work() -> bool:
    stuck_work.forget_all_stuck_work()
    return True


class LongWorkThread(threading.Thread):
    """Takes steps of all kinds in turn until told to stop; it finishes a step that it has begun."""

    def __init__(self, app: Flask, works: Sequence[LongWork] = WORKS,
                 clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(name="long work", daemon=True)
        self.app, self.works, self.clock = app, works, clock
        self.rests: dict[tuple[WorkKind, int], Rest] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        """Work, sleep, work again; new work is found within a second."""
        forgot = False
        while not self.stopping.is_set():
            # Until it succeeds: what a mark says of work that has ended meanwhile, nobody would take back.
            forgot = forgot or self._try(_forget_stuck_work)
            self.stopping.wait(BETWEEN_STEPS if self.take_turns() else LONGEST_SLEEP)

    def take_turns(self) -> bool:
        """One step of every kind, so that none waits for the end of another; whether there is more to do at once."""
        moved = [self._try(partial(self._take_turn, work)) for work in self.works]
        return any(moved)

    def _try(self, act: Callable[[], bool | None]) -> bool:
        """Whether it did something. A thread that ended would leave all work lying, and nobody would know."""
        with self.app.app_context():
            try:
                return bool(act())
            except Exception:
                log.exception("long_work_failed")
                db.session.rollback()
                return False

    def _take_turn(self, work: LongWork) -> bool:
        piece: int | None = FINDING
        try:
            piece = self._next_piece(work)
            moved = piece is not None and work.step(piece)
        except Exception:
            log.exception("long_work_failed", extra={"fields": self._put_to_rest(work.kind, piece or FINDING)})
            self._note_if_stuck(work.kind, piece or FINDING)
            return False
        if piece is not None:
            self._go_on(work.kind, piece)
        return moved

    def _next_piece(self, work: LongWork) -> int | None:
        """A piece whose rest is over, else one that has not broken; None where there is none."""
        is_over = {piece: rest.until <= self.clock() for (kind, piece), rest in self.rests.items() if kind is work.kind}
        over = next((piece for piece in is_over if is_over[piece] and piece != FINDING), None)
        if over is not None or not is_over.get(FINDING, True):
            return over
        found = work.find(is_over.keys() - {FINDING})
        self._go_on(work.kind, FINDING)
        return found

    def _put_to_rest(self, kind: WorkKind, piece: int) -> dict[str, str | int]:
        """Let a piece rest whose step has just broken; what the log says of it."""
        rest = self.rests.setdefault((kind, piece), Rest(now()))
        seconds = min(FIRST_REST * 2 ** rest.tries, LONGEST_REST)
        rest.tries, rest.until = rest.tries + 1, self.clock() + seconds
        return {"kind": kind.value, "piece": piece, "tries": rest.tries, "again_in_seconds": round(seconds)}

    def _note_if_stuck(self, kind: WorkKind, piece: int) -> None:
        db.session.rollback()
        rest = self.rests[kind, piece]
        if rest.tries >= STUCK_AFTER_TRIES:
            stuck_work.note_stuck_work(kind, piece, rest.since)

    def _go_on(self, kind: WorkKind, piece: int) -> None:
        """Forget that a piece broke: its step was taken, or it is over."""
        rest = self.rests.get((kind, piece))
        if rest is not None and rest.tries >= STUCK_AFTER_TRIES:
            stuck_work.forget_stuck_work(kind, piece)
        self.rests.pop((kind, piece), None)

    def stop(self) -> None:
        """Finish the step that has begun, then end."""
        self.stopping.set()
        self.join(timeout=STOPS_WITHIN)
