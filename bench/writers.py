"""How long writers wait for each other, in the portal's queue and in that of SQLite alone.

One process with eight threads, two processes and four write one small row in each transaction, as fast as they can,
with the portal's settings (WAL, synchronous=FULL): once as `writing()` does, in turn, and once with nothing but the
lock of SQLite, which everybody who finds it taken tries again after ever longer pauses. Both take turns in one run.
"""

import multiprocessing
import sqlite3
import statistics
import tempfile
import threading
import time
from contextlib import closing, nullcontext
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

from portal.databases import DATABASE_PRAGMAS
from portal.stored_files import WRITE_TURN
from portal.write_turns import turn_to_write

from .figures import ROUNDS, Figure, at_share, figure_of, ratios, take_turns

FORKS = multiprocessing.get_context("fork")
SECONDS, LONGEST = 1.5, 60
QUEUED, ALONE = "in the queue", "with SQLite's lock alone"


class Crowd(NamedTuple):
    """So many processes with so many threads in each."""

    processes: int
    threads: int

    def __str__(self) -> str:
        return f"{self.processes} × {self.threads} writers"


CROWDS = (Crowd(1, 8), Crowd(2, 1), Crowd(4, 1), Crowd(2, 8))


def measure() -> list[Figure]:
    """For each crowd: the longest wait in the queue, beside SQLite's own, and the rate likewise.

    Not p99 of all writes: with SQLite's lock alone one writer comes again and again at once, and makes nearly all of
    them, while others wait for as long as it goes on.
    """
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "writers.db")
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE lines (id INTEGER PRIMARY KEY, words TEXT)")
        return [figure for crowd in CROWDS for figure in figures_of(crowd, file)]


def figures_of(crowd: Crowd, file: Path) -> list[Figure]:
    """The figures of one crowd."""
    times: dict[str, list[list[float]]] = {QUEUED: [], ALONE: []}

    def write(way: str) -> float:
        times[way].append(times_of(crowd, file, way))
        return max(times[way][-1])

    longest = take_turns({way: lambda way=way: write(way) for way in times}, ROUNDS)  # type: ignore[misc]
    said = "; ".join(f"{way} p50 {statistics.median(at_share(one, 0.5) for one in times[way]):.1f},"
                     f" p99 {statistics.median(at_share(one, 0.99) for one in times[way]):.1f},"
                     f" longest {statistics.median(longest[way]):.0f} ms" for way in times)
    rates = [[len(one) / SECONDS for one in times[way]] for way in (QUEUED, ALONE)]
    return [
        figure_of("", f"{crowd}: longest wait {QUEUED}, beside that {ALONE}", ratios(longest[QUEUED], longest[ALONE]),
                  "×", said=said),
        figure_of("", f"{crowd}: writes a second {QUEUED}, beside those {ALONE}", ratios(*rates), "×",
                  said=" and ".join(f"{statistics.median(one):.0f}" for one in rates)),
    ]


def times_of(crowd: Crowd, file: Path, way: str) -> list[float]:
    """Milliseconds of every write of a crowd, from the wish to the commit."""
    ready = FORKS.Barrier(crowd.processes)
    found = FORKS.SimpleQueue()
    children = [FORKS.Process(target=write_on, args=(file, crowd.threads, way, ready, found))
                for _ in range(crowd.processes)]
    for child in children:
        child.start()
    times = [one for _ in children for one in found.get()]
    for child in children:
        child.join()
    return times


def write_on(file: Path, threads: int, way: str, ready: Barrier, found: SimpleQueue[list[float]]) -> None:
    """In a process of its own: wait for the others, and write with so many threads."""
    times: list[float] = []
    ready.wait()
    ends = time.perf_counter() + SECONDS
    workers = [threading.Thread(target=write_lines, args=(file, way, ends, times)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found.put(times)


def write_lines(file: Path, way: str, ends: float, times: list[float]) -> None:
    """Write one row after the other until a moment, and note the milliseconds of each."""
    turn = WRITE_TURN.beside(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        for pragma in DATABASE_PRAGMAS:
            database.execute(pragma)
        database.execute(f"PRAGMA busy_timeout={1000 * LONGEST}")
        while (began := time.perf_counter()) < ends:
            with turn_to_write(turn, LONGEST) if way == QUEUED else nullcontext():
                database.execute("BEGIN IMMEDIATE")
                database.execute("INSERT INTO lines (words) VALUES (?)", ("x" * 200,))
                database.execute("COMMIT")
            times.append(1e3 * (time.perf_counter() - began))

