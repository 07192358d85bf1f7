"""A line to a center: bound again whenever it was lost, soon at first, slowly where nobody but a person can help."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event

from ..base import CarrierError, Fault, LineStanding
from .pdu import Command, Pdu
from .session import CenterSession, open_session
from .settings import CenterSettings
from .statuses import judge_failure

log = logging.getLogger("portal.carriers.smpp")

FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0


class Line:
    """One bind of a kind, kept by the thread that calls `run`. `session` is None while there is none."""

    def __init__(self, ref: str, center: CenterSettings, kind: Command, hear: Callable[[CenterSession, Pdu], bool],
                 hear_late: Callable[[str, Pdu], object], clock: Callable[[], datetime]) -> None:
        self._ref, self._center, self._kind, self._clock = ref, center, kind, clock
        self._hear, self._hear_late = hear, hear_late
        self.session: CenterSession | None = None
        self.standing = LineStanding(up=False)

    def run(self, stopping: Event) -> None:
        """Bind, keep the session, bind again after a growing delay, until `stopping` is set and `wake` was called."""
        delay = FIRST_DELAY
        while not stopping.is_set():
            failure = self._keep_session(stopping)
            if failure is None:
                break
            was_up = self.standing.up
            self._note(LineStanding(up=False, since=self._clock(), code=failure.code,
                                    refused=failure.fault is Fault.ACCOUNT))
            delay = FIRST_DELAY if was_up else min(LONGEST_DELAY, delay * 2)
            stopping.wait(LONGEST_DELAY if self.standing.refused else delay)
        self._note(LineStanding(up=False, since=self._clock()))

    def wake(self) -> None:
        """Make the session look whether it should stop."""
        if session := self.session:
            session.wake()

    def _keep_session(self, stopping: Event) -> CarrierError | None:
        """Bind and stay until the session ends; why it ended, None if it was to."""
        try:
            session = open_session(self._center, self._kind, self._hear, self._hear_late)
            self.session = session
            self._note(LineStanding(up=True, since=self._clock()))
            session.run(stopping)
        except Exception as error:  # noqa: BLE001 - whatever the other side does, the line is tried again
            return judge_failure(error, self._center)
        finally:
            self.session = None
        return None

    def _note(self, standing: LineStanding) -> None:
        """Remember how the line is, and log when that is something else than before."""
        before, self.standing = self.standing, standing
        if (before.up, before.code) != (standing.up, standing.code):
            log.info("smpp_line", extra={"fields": {"carrier": self._ref, "bind": self._kind.name.lower(),
                                                    "up": standing.up, "code": standing.code}})
        elif not standing.up and before.since:
            self.standing = before


def combine_standings(lines: list[LineStanding]) -> LineStanding:
    """How lines are that belong together: up since the last one came up, and down for the reason of one that is."""
    down = sorted((one for one in lines if not one.up), key=lambda one: not one.refused)
    return down[0] if down else max(lines, key=lambda one: str(one.since))
