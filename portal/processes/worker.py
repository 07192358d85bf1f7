"""The sender: a thread of the background process that hands over what is due, and sees to one for each carrier.

It sleeps until a datagram wakes it, the next text is due, the pretend carrier has something to tell, or a
second has passed: a lost nudge costs a second and nothing else.
"""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from portal.carriers.base import OfflineCarrier
from portal.extensions import current_carrier, db, now
from portal.services.spam import batches
from portal.services.texting import carrier_news, claims, outbox

from . import lanes
from .memory import keep_loaded

log = logging.getLogger("portal.processes.worker")

LONGEST_SLEEP, SHORTEST_SLEEP = 1.0, 0.002
# A step hands texts over for ten seconds at most, or waits as long for the carrier; after so many it is stuck.
STUCK_AFTER = 120.0
# While this thread is busy itself, the lanes of the carriers need not step as often as it does.
NUDGES_APART = 0.02


class WorkerThread(threading.Thread):
    """Runs `outbox.OutboxWorker` until told to stop; it finishes a batch that it has begun."""

    def __init__(self, app: Flask, listen: Path | None) -> None:
        """`listen`: the socket at which it hears nudges; None: only by `nudge`."""
        super().__init__(name="sender", daemon=True)
        self.app, self.listen = app, listen
        self._nudging: socket.socket | None = None
        name = f"{socket.gethostname()}:{os.getpid()}"
        self.worker, self.lanes = outbox.OutboxWorker(name), lanes.CarrierLanes(app, name)
        self.batches = batches.ReportBatches()
        self.stopping = threading.Event()
        self.began_step = time.monotonic()

    def run(self) -> None:
        """Work, sleep, work again."""
        keep_loaded()
        nudged_at = 0.0
        with contextlib.ExitStack() as opened:
            nudges = opened.enter_context(_open(self.listen) if self.listen else self._open_pair(opened))
            while not self.stopping.is_set():
                self.began_step = time.monotonic()
                pause = self._work()
                if pause or time.monotonic() - nudged_at > NUDGES_APART:
                    self.lanes.nudge()
                    nudged_at = time.monotonic()
                if pause:
                    _sleep(nudges, pause)
                    self.lanes.nudge()
        self.lanes.stop()

    def _work(self) -> float:
        """One step of everything; the seconds to sleep. What breaks is tried again after a long sleep."""
        with self.app.app_context():
            moment = now()
            self._try(self.lanes.heed)
            moved = [self._try(each) for each in (self.batches.step, self.worker.step, self._pretend)]
            if None in moved:
                return LONGEST_SLEEP
            return 0.0 if any(moved) else self._try(self._pause, moment) or LONGEST_SLEEP

    def _try(self, step: Callable[..., float], *given: Any) -> float | None:
        """What a step gives, or None: a thread that ended would leave every text waiting, and nobody would know."""
        try:
            return step(*given)
        except Exception:
            log.exception("sender_failed")
            db.session.rollback()
            return None

    def _pause(self, moment: datetime) -> float:
        """Seconds until something is due that was not due at this moment."""
        carrier = current_carrier()
        webhook = carrier.next_due() if isinstance(carrier, OfflineCarrier) else None
        due = [one for one in (claims.find_next_due_time(moment), webhook) if one]
        soonest = min(((one - now()).total_seconds() for one in due), default=LONGEST_SLEEP)
        return min(max(soonest, SHORTEST_SLEEP), LONGEST_SLEEP)

    def _pretend(self) -> int:
        """The pretend carrier lives in this process: let it tell what is due, as a real one would by its hook."""
        carrier = current_carrier()
        return carrier.deliver(self._hook) if isinstance(carrier, OfflineCarrier) else 0

    def _hook(self, headers: dict[str, str], body: bytes) -> int:
        """The same code as the hook's address: a status, 2xx only after the commit."""
        return carrier_news.answer_webhook(current_carrier().ref, headers, body).status

    def _open_pair(self, opened: contextlib.ExitStack) -> socket.socket:
        heard, nudging = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        nudging.setblocking(False)
        self._nudging = opened.enter_context(nudging)
        return heard

    def nudge(self) -> None:
        """Something may be due: from any thread of this process, where it listens at no socket."""
        if self._nudging:
            with contextlib.suppress(OSError):
                self._nudging.send(b"!")

    def is_working(self) -> bool:
        """Whether the thread lives and is not stuck in a step."""
        is_working = self.is_alive() and time.monotonic() - self.began_step < STUCK_AFTER
        return is_working and self.lanes.are_working(timedelta(seconds=STUCK_AFTER))

    def stop(self) -> None:
        """Finish the step that has begun, then end."""
        self.stopping.set()
        self.join(timeout=20 + lanes.STOPS_WITHIN)


def _open(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(path))
    path.chmod(0o600)
    return listening


def _sleep(nudges: socket.socket, seconds: float) -> None:
    """Wait for a nudge, or so long at most; nudges that came before count as one."""
    nudges.settimeout(seconds)
    with contextlib.suppress(TimeoutError):
        nudges.recv(1)
        nudges.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while nudges.recv(1):
                pass
