"""Who used the processors: this program's processes, the PostgreSQL server, and the whole machine."""

import os
from pathlib import Path
from typing import NamedTuple

from tests.database_server import SERVER_VARIABLE

_TICKS = os.sysconf("SC_CLK_TCK")


class Used(NamedTuple):
    """Seconds of processor that the server used, and that all processes of the machine used, since it began."""

    server: float
    machine: float

    def since(self, before: "Used") -> "Used":
        """What was used in between."""
        return Used(self.server - before.server, self.machine - before.machine)


def read_used() -> Used:
    """Until now. Only Linux tells it."""
    # user, nice, system, then idle and waiting for disks, then interrupts.
    told = [int(one) for one in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:8]]
    return Used(_seconds_of_server(), (sum(told) - told[3] - told[4]) / _TICKS)


def _seconds_of_server() -> float:
    """Of the first process, with those that ended, and of those that it has now."""
    first = int(Path(os.environ[SERVER_VARIABLE], "data", "postmaster.pid").read_text("ascii").split()[0])
    now = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
    return (_ticks(first, 4) + sum(_ticks(int(one), 2) for one in now)) / _TICKS


def _ticks(process: int, fields: int) -> int:
    """user and system; the next two are those of its children that ended."""
    file = Path(f"/proc/{process}/stat")
    words = file.read_text("ascii").rpartition(") ")[2].split() if file.exists() else []
    return sum(int(one) for one in words[11:11 + fields])
