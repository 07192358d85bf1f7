"""Connections spread evenly over the processes of the web server.

All processes listen at one address, and whichever wakes first takes a connection, also one that has many: then it works
on requests one after the other while another core is idle. Here each process writes down, in memory that they share,
how many it has open, and leaves a new one to those that have fewer.
"""

import mmap
import time
from typing import Any

from .arrivals import GatheringWorker

MOST_PROCESSES = 64
# A process that has fewer may be stuck: it is waited for so often, for so many seconds each time.
MOST_TURNS, TURN = 5, 0.001

# Mapped before the fork, so that it is the same memory in all processes.
_open = memoryview(mmap.mmap(-1, 2 * MOST_PROCESSES)).cast("H")


class FairWorker(GatheringWorker):
    """The worker that takes no connection that another one should have. `place`: where its own number stands."""

    place: int | None = None
    left = 0

    def take_place(self, taken: set[int | None]) -> None:
        """Take the first place that nobody has; called before the fork."""
        self.place = next(one for one in range(MOST_PROCESSES) if one not in taken)
        self.nr_conns = 0

    @property
    def nr_conns(self) -> int:
        """How many connections this process has open."""
        return self._many

    @nr_conns.setter
    def nr_conns(self, many: int) -> None:
        self._many = many
        if self.place is not None:
            _open[self.place] = many

    def accept(self, listener: Any) -> None:
        """Take a new connection, unless another process takes it within a few milliseconds."""
        if self.nr_conns > min(_open[:self.cfg.workers]) and self.left < MOST_TURNS:
            self.left += 1
            time.sleep(TURN)
            return
        self.left = 0
        super().accept(listener)
