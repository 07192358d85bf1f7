"""How workers hear on other machines that something is due: NOTIFY and LISTEN of the PostgreSQL server they share.

A nudge carries nothing. One that is lost costs a second: workers also look by themselves.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from portal.databases import SERVER_ANSWERS_WITHIN

log = logging.getLogger("portal.nudges")

_CHANNEL = "portal_due"
# Seconds: between two tries to reach a server that is away, and between two looks whether a quiet one is still there.
RETRY_AFTER, LOOK_AGAIN_AFTER = 0.5, 20.0
# How quickly the thread ends when it is told to.
_HEARS_STOP_WITHIN = 1.0


def notify_workers(engine: Engine) -> None:
    """Nudge the workers of all machines, in a statement of its own; inside of a transaction all commits would wait."""
    with contextlib.suppress(SQLAlchemyError), engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(f"NOTIFY {_CHANNEL}")


class NudgeListener(threading.Thread):
    """Passes on the nudges of a server until told to stop; it comes back by itself when the server was away."""

    def __init__(self, engine: Engine, pass_on: Callable[[], object]) -> None:
        super().__init__(name="nudges", daemon=True)
        self.engine, self.pass_on = engine, pass_on
        self.stopping, self.hearing = threading.Event(), threading.Event()

    def run(self) -> None:
        """Listen, and listen again."""
        # The first failure of several is told.
        was_told = False
        while not self.stopping.is_set():
            try:
                with contextlib.closing(self._connect()) as connection:
                    self._listen(connection)
            # What the driver raises is known only where it is installed.
            except Exception as error:  # noqa: BLE001 - a thread that ended would make every text wait for a second
                if self.hearing.is_set() or not was_told:
                    was_told = True
                    log.warning("nudges_lost", extra={"fields": {"cause": type(error).__name__}})
            finally:
                self.hearing.clear()
            self.stopping.wait(RETRY_AFTER)

    def _connect(self) -> Any:
        """A connection of its own, not one of the pool: it stays open, and is never in a transaction."""
        given, named = self.engine.dialect.create_connect_args(self.engine.url)
        named.update(SERVER_ANSWERS_WITHIN, autocommit=True)
        return self.engine.dialect.connect(*given, **named)

    def _listen(self, connection: Any) -> None:
        connection.execute(f"LISTEN {_CHANNEL}")
        self.hearing.set()
        # Nobody knows what was said in the meantime.
        self.pass_on()
        looked_at = time.monotonic()
        while not self.stopping.is_set():
            for _nudge in connection.notifies(timeout=_HEARS_STOP_WITHIN, stop_after=1):
                self.pass_on()
            if time.monotonic() - looked_at > LOOK_AGAIN_AFTER:
                connection.execute("SELECT 1")
                looked_at = time.monotonic()

    def stop(self) -> None:
        """End within a second or two."""
        self.stopping.set()
        self.join(timeout=2 * _HEARS_STOP_WITHIN + RETRY_AFTER)
