"""A day in minutes: the same mixed traffic for longer, and what the portal holds meanwhile (REL-24).

Each second the memory of all processes, their open files and the write-ahead log are looked at. Memory and files of the
last third are compared with those of the middle one: in the first everything is loaded once. In the end everything that
was accepted has to be there, and to have left once. `python -m bench.soak SECONDS` takes as long as wanted.
"""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from portal.stored_files import WRITE_AHEAD_LOG

from . import big_data, mixed_traffic
from .figures import Figure, at_share, plain_table, rows_of
from .memory import megabytes
from .served import ServedPortal, running

SECONDS, MOST_GROWTH, MOST_LOG_MB = 240, 1.02, 64


@dataclass(slots=True)
class Held:
    """What the portal held at each look: megabytes of memory, open files, megabytes of the write-ahead log."""

    memory: list[float] = field(default_factory=list)
    files: list[float] = field(default_factory=list)
    log: list[float] = field(default_factory=list)

    def look(self, portal: ServedPortal) -> None:
        """Look once more."""
        self.memory.append(megabytes(portal))
        self.files.append(sum(count_files(one) for one in portal.process_ids()))
        with suppress(FileNotFoundError):
            self.log.append(WRITE_AHEAD_LOG.beside(portal.database).stat().st_size / 1e6)


def measure(seconds: int = SECONDS) -> list[Figure]:
    """Growth of what is held, and what went wrong or was lost."""
    with tempfile.TemporaryDirectory() as place:
        with big_data.over_copy(big_data.LARGE, Path(place)):
            portal = ServedPortal(Path(place))
        with running(portal, alone=False):
            held, parts = Held(), mixed_traffic.parts_of(portal)
            answers = mixed_traffic.ask_for_all(portal.address, parts, seconds, lambda: held.look(portal))
            broken = mixed_traffic.broken_promises(portal, answers)
    many = f"{len(answers['accepted'].times)} accepted, {len(answers['webhooks'].times)} told"
    return [*figures_of(held), mixed_traffic.figure_of_wrong_answers("REL-24", answers),
            Figure("REL-24", "promises broken: lost, twice, or never left", len(broken), "", limit=0,
                   said="; ".join(broken) or many)]


def figures_of(held: Held) -> list[Figure]:
    """How much more there is in the last third than in the middle one, and the largest log."""
    minutes = len(held.memory) / 60
    return [
        Figure("REL-24", "memory, last third beside the middle one", growth(held.memory), "×", limit=MOST_GROWTH,
               said=f"{held.memory[-1]:.0f} MB after {minutes:.1f} minutes, at most {max(held.memory):.0f} MB"),
        Figure("REL-24", "open files, last third beside the middle one", growth(held.files), "×", limit=MOST_GROWTH,
               said=f"{held.files[-1]:.0f} at the end"),
        Figure("REL-24", "largest write-ahead log", max(held.log), "MB", limit=MOST_LOG_MB,
               said=f"p50 {at_share(held.log, 0.5):.1f} MB"),
    ]


def growth(values: Sequence[float]) -> float:
    """The middle of the last third, beside that of the middle third."""
    third = len(values) // 3
    return statistics.median(values[-third:]) / statistics.median(values[third:-third])


def count_files(process_id: int) -> int:
    """How many files a process has open."""
    with suppress(FileNotFoundError):
        return len(list(Path(f"/proc/{process_id}/fd").iterdir()))
    return 0


if __name__ == "__main__":
    print(plain_table(rows_of(measure(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS), {})))
