"""How quickly texts that wait leave where one, two or four workers hand them over, from one PostgreSQL database.

Each worker is a process with a pretend carrier of its own, as on a machine of its own; all of them and the server share
the processors of this one, whose use stands beside the rates. In each round the same texts wait, of eight people in
four organizations.
"""

import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import NamedTuple

from portal.config import Settings
from tests.crash.victim import SETTINGS, working

from . import drain
from .databases import KEYS, new_database, onlooker
from .figures import Figure, figure_of, ratios, take_turns
from .processor import Used, read_used
from .several import FORKS, ORGANIZATIONS, address_of, found_organizations

MANY = (1, 2, 4)
# So many that it counts little how each new worker learns its statements.
TEXTS = 4 * drain.EACH_TURN
SENDERS = [address_of(n, place) for n in range(2) for place in range(ORGANIZATIONS)]


class Left(NamedTuple):
    """Texts a second that left, seconds, and the seconds of processor of the workers and of others."""

    rate: float
    seconds: float
    workers: float
    used: Used


def measure() -> list[Figure]:
    """The rate of one worker, and those of more beside it."""
    runs: dict[int, list[Left]] = {many: [] for many in MANY}
    with drain.portal_with_texts(TEXTS, found_organizations, SENDERS) as (app, _folder):
        name = app.config["SETTINGS"].database_url.partition("@/")[2].partition("?")[0]

        def drain_once(many: int) -> float:
            runs[many].append(drain_by_workers(many, name))
            return runs[many][-1].rate

        rates = take_turns({str(many): lambda many=many: drain_once(many) for many in MANY})  # type: ignore[misc]
    return [figure_of("", "drain, one worker", rates["1"], "texts/s", said=said_of(runs[1]))] + [
        figure_of("", f"drain, {many} workers, beside one", ratios(rates[str(many)], rates["1"]), "×",
                  said=said_of(runs[many])) for many in MANY[1:]]


def said_of(runs: list[Left]) -> str:
    """The middle of all rounds in numbers."""
    rate, *cores = (statistics.median(values) for values in zip(*(
        (one.rate, one.workers / one.seconds, one.used.server / one.seconds, one.used.machine / one.seconds)
        for one in runs), strict=True))
    return (f"{rate:,.0f}/s; processor {cores[0]:.2f} workers, {cores[1]:.2f} server, {cores[2]:.2f} whole machine of"
            f" {os.cpu_count()} cores")


def drain_by_workers(many: int, template: str) -> Left:
    """Let so many workers hand over what waits in a copy of a database."""
    with ExitStack() as stack:
        environ = {**SETTINGS, **KEYS, **stack.enter_context(new_database(template))}
        ready, done, told = FORKS.Barrier(many + 1), FORKS.Event(), FORKS.SimpleQueue()
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(many)]
        children = [FORKS.Process(target=hand_over, args=(environ, folder, ready, done, told)) for folder in folders]
        for child in children:
            child.start()
        counted = stack.enter_context(onlooker(Settings.from_environ(environ, folders[0])))
        ready.wait()
        began, before = time.perf_counter(), read_used()
        seconds = drain.seconds_until(counted, drain.LEFT.format(texts=TEXTS), TEXTS, began)
        used = read_used().since(before)
        done.set()
        worked = sum(told.get() for _ in children)
        for child in children:
            child.join()
    return Left(TEXTS / seconds, seconds, worked, used)


def hand_over(environ: dict[str, str], folder: Path, ready: Barrier, done: Event, told: "SimpleQueue[float]") -> None:
    """In a process of its own: a worker, from when all are ready until everything has left."""
    with drain.portal_beside_memory(environ, folder) as app, app.app_context():
        ready.wait()
        worked = time.process_time()
        with working(app):
            done.wait()
            told.put(time.process_time() - worked)
