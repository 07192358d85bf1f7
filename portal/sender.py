"""The sender: a thread of the background process that hands over what is due.

It sleeps until a datagram wakes it, the next text is due, or a second has passed: a lost nudge costs a
second and nothing else.
"""

import contextlib
import logging
import os
import socket
import sqlite3
import threading
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db
from portal.services import outbox

log = logging.getLogger("portal.sender")

LONGEST_SLEEP = 1.0


class Sender(threading.Thread):
    """Runs `outbox.Worker` until told to stop; a batch that has begun is finished first."""

    def __init__(self, app: Flask, listen: Path) -> None:
        super().__init__(name="sender", daemon=True)
        self.app, self.listen = app, listen
        self.worker = outbox.Worker(f"{socket.gethostname()}:{os.getpid()}")
        self.stopping = threading.Event()

    def run(self) -> None:
        """Work, sleep, work again."""
        with contextlib.closing(_open(self.listen)) as nudges:
            nudges.settimeout(LONGEST_SLEEP)
            while not self.stopping.is_set():
                if not self._work():
                    _sleep(nudges)

    def _work(self) -> int:
        """One step; a database that does not answer is tried again after a sleep."""
        with self.app.app_context():
            try:
                return self.worker.step() + self._pretend()
            except (SQLAlchemyError, sqlite3.Error):
                log.exception("sender_failed")
                db.session.rollback()
                return 0

    def _pretend(self) -> int:
        """The pretend carrier lives in this process: let it tell what is due, as a real one would by its hook."""
        carrier = self.app.extensions["carrier"]
        return carrier.deliver(self._hook) if hasattr(carrier, "deliver") else 0

    def _hook(self, headers: dict[str, str], body: bytes) -> int:
        """The same code as the hook's address: a status, 2xx only after the commit."""
        from portal.services import receiving

        return receiving.answer_to(headers, body)

    def stop(self) -> None:
        """Finish what was begun, then end."""
        self.stopping.set()
        self.join(timeout=20)


def _open(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(path))
    path.chmod(0o600)
    return listening


def _sleep(nudges: socket.socket) -> None:
    """Until a nudge or a second; nudges that came meanwhile are one."""
    with contextlib.suppress(TimeoutError):
        nudges.recv(1)
        nudges.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while nudges.recv(1):
                pass
    nudges.settimeout(LONGEST_SLEEP)
