"""Long work: a thread of the background process that carries out what takes longer than a page may take.

A service keeps the work in a row of the database and offers a step: a function that does the next part of it in
one commit and returns whether there was any. So a step that a kill interrupts is done again, and none is done twice.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from flask import Flask

from portal.extensions import db
from portal.services import imports
from portal.services.toggles.long_steps import step_long_change

log = logging.getLogger("portal.processes.long_work")

LongStep = Callable[[], bool]

# One step of each kind of long work. A kind that has nothing to do looks with one statement.
STEPS: tuple[LongStep, ...] = (imports.work_on_imports, step_long_change)

LONGEST_SLEEP = 1.0
# Between two steps, so that pages and the sender come to write first.
BETWEEN_STEPS = 0.01
STOPS_WITHIN = 20.0


class LongWorkThread(threading.Thread):
    """Runs the steps in turn until told to stop; it finishes a step that it has begun."""

    def __init__(self, app: Flask, steps: Sequence[LongStep] = STEPS) -> None:
        super().__init__(name="long work", daemon=True)
        self.app, self.steps = app, steps
        self.stopping = threading.Event()

    def run(self) -> None:
        """Work, sleep, work again; new work is found within a second."""
        while not self.stopping.is_set():
            self.stopping.wait(BETWEEN_STEPS if self.take_turns() else LONGEST_SLEEP)

    def take_turns(self) -> bool:
        """One step of every kind, so that none waits for the end of another; whether there is more to do at once."""
        moved = [self._try(step) for step in self.steps]
        return any(moved)

    def _try(self, step: LongStep) -> bool:
        """Whether a step did something. One that breaks is tried again after a sleep, and holds up no other."""
        with self.app.app_context():
            try:
                return step()
            except Exception:
                log.exception("long_work_failed")
                db.session.rollback()
                return False

    def stop(self) -> None:
        """Finish the step that has begun, then end."""
        self.stopping.set()
        self.join(timeout=STOPS_WITHIN)
