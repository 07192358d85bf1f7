"""Erasing texts that are older than 400 days, a million of them, while the portal serves pages (PERF-11).

In each round the inbox and a thread are asked for, first with nothing else to do and
then while another process erases, both for a few seconds; the erasing is then killed, and goes on where it was in the
next round. Beside them a thread writes one row every 20 ms, in the queue of the portal's writers, and notes how long it
waits until it may. For the erasing process it is 701 days later, so that every text is too old.
"""

import contextlib
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from portal.databases import DATABASE_PRAGMAS
from portal.stored_files import WRITE_TURN
from portal.write_turns import turn_to_write
from tests.browser.portal import ROOT

from . import big_data
from .figures import Figure, at_share, figure_of, ratios, take_turns
from .load import make_request, send_burst
from .page_rates import CONNECTIONS
from .served import ServedPortal, running
from .threads import work_beside

IDLE_SECONDS, ERASING_SECONDS, APART, LONGEST = 3, 6, 0.02, 60
ERASE = """
from datetime import timedelta
from portal.extensions import now
from portal.services.upkeep import retention
from wsgi import app
with app.app_context():
    print("begins", flush=True)
    retention.erase_old_texts(now() + timedelta(days=701))
"""
WRITE = "INSERT INTO buckets (key, tokens, at) VALUES (?, 1.0, '2026-01-01 00:00:00')"


def measure() -> list[Figure]:
    """How much slower pages are while texts are erased, and how long a write waits."""
    with tempfile.TemporaryDirectory() as place:
        with big_data.over_copy(big_data.LARGE, Path(place)):
            portal = ServedPortal(Path(place))
        with running(portal, alone=True):
            return rounds_of(portal)


def rounds_of(portal: ServedPortal) -> list[Figure]:
    """The figures of all rounds."""
    members = list(big_data.TALKERS)
    queues = [cycle([make_request("/messages/", visitor), make_request(f"/messages/t{member}0000000000", visitor)])
              for member, visitor in zip(members, portal.sign_in(members), strict=True)][:CONNECTIONS]
    waits: list[float] = []
    erased: list[float] = []

    def serve(seconds: float) -> float:
        return at_share(send_burst(portal.address, queues, seconds, 200).times, 0.99)

    def serve_while_erasing() -> float:
        before = count_texts(portal)
        with erasing(portal), writes(portal, waits):
            began = time.perf_counter()
            slowest = serve(ERASING_SECONDS)
            took = time.perf_counter() - began
        erased.append((before - count_texts(portal)) / took)
        return slowest

    serve(1)
    slowest = take_turns({"idle": lambda: serve(IDLE_SECONDS), "erasing": serve_while_erasing})
    return [
        figure_of("PERF-11", "pages' p99 while old texts are erased, beside idle",
                  ratios(slowest["erasing"], slowest["idle"]), "×", limit=2,
                  said=" and ".join(f"{statistics.median(slowest[name]):.0f}" for name in ("erasing", "idle")) + " ms"),
        Figure("PERF-11", "longest wait to write while old texts are erased", max(waits), "ms", limit=1000,
               said=f"p99 {at_share(waits, 0.99):.0f} ms of {len(waits)} writes"),
        figure_of("", "texts erased a second meanwhile", erased, "texts/s"),
    ]


def count_texts(portal: ServedPortal) -> int:
    """How many there are."""
    with contextlib.closing(sqlite3.connect(portal.database)) as database:
        return int(database.execute("SELECT count(*) FROM messages").fetchone()[0])


@contextlib.contextmanager
def erasing(portal: ServedPortal) -> Iterator[None]:
    """Erase in a process of its own, which is killed at the end of the block."""
    child = subprocess.Popen([sys.executable, "-c", ERASE], cwd=ROOT, env=portal.environ, stdout=subprocess.PIPE)
    try:
        if child.stdout is not None:
            child.stdout.readline()
        yield
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()


@contextlib.contextmanager
def writes(portal: ServedPortal, waits: list[float]) -> Iterator[None]:
    """Write one row again and again within the block, and note the milliseconds until each had the lock."""
    def work(stop: threading.Event) -> None:
        with contextlib.closing(sqlite3.connect(portal.database, isolation_level=None)) as database:
            for pragma in DATABASE_PRAGMAS:
                database.execute(pragma)
            while not stop.wait(APART):
                began = time.perf_counter()
                with turn_to_write(WRITE_TURN.beside(portal.database), LONGEST):
                    database.execute("BEGIN IMMEDIATE")
                    waits.append(1e3 * (time.perf_counter() - began))
                    database.execute(WRITE, (f"{time.time_ns():x}",))
                    database.execute("COMMIT")

    with work_beside(work):
        yield
