"""The queue of everybody who writes to the database: the threads and processes of this machine take turns.

SQLite lets one write at a time. Who waits for its lock tries again after ever longer pauses, and who comes late may be
lucky: with several processes the unlucky ones wait for seconds. Here they stand in line instead.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

# So long a writer waits for its turn, in seconds, before the portal says that it is busy.
PATIENCE = 5.0
# Between two looks at a lock that another process holds, in seconds; a durable commit takes several times as long.
_PAUSE = 0.0005
# Two places in the file. Who holds the first is next, and holds it until it has the second and may write: a process
# that has just written does not get in again before one that waits.
_NEXT, _WRITING = 0, 1

# Of the threads of a process one looks at the file, the others wait for it without looking.
_own_turn = threading.Lock()
# A process that forks while one of its threads has the turn has it still; its child never had it.
os.register_at_fork(after_in_child=_own_turn._at_fork_reinit)  # type: ignore[attr-defined]  # noqa: SLF001


class NoTurnError(TimeoutError):
    """Others wrote for as long as one waits. Nothing was begun."""


@contextmanager
def turn_to_write(file: Path, patience: float) -> Iterator[None]:
    """Wait until everybody who came before has written, at most `patience` seconds; hold the turn inside.

    `file` is made where it is missing and never holds anything. Raises NoTurnError. The turn of a process that dies is
    over.
    """
    end = time.monotonic() + patience
    if not _own_turn.acquire(timeout=patience):
        raise NoTurnError
    with ExitStack() as held:
        held.callback(_own_turn.release)
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held.callback(os.close, opened)
        if os.geteuid() == 0:
            # As SQLite does with its files: after a command of root the portal's own account has to open it, too.
            owner = file.parent.stat()
            os.fchown(opened, owner.st_uid, owner.st_gid)
        _wait_for(opened, _NEXT, end)
        _wait_for(opened, _WRITING, end)
        fcntl.lockf(opened, fcntl.LOCK_UN, 1, _NEXT)
        yield


def _wait_for(opened: int, place: int, end: float) -> None:
    while True:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except BlockingIOError:
            if time.monotonic() > end:
                raise NoTurnError from None
            time.sleep(_PAUSE)
        else:
            return
