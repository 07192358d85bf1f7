"""When a test gives up. How long things take is measured in bench/; a test only says that they end."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# Seconds of waiting for another process, on a machine that is busy with other things as well.
LONG = 120
# Set up after the portal's own: people wait five seconds for the database, many writers on a busy machine longer;
# and what is in it when the machine itself stops is of no concern to a test in this process.
PATIENT = (f"PRAGMA busy_timeout={1000 * LONG}", "PRAGMA synchronous=OFF")

PATIENT_SERVER = tuple(f"SET {name} = {1000 * LONG}" for name in (
    "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"))


@contextmanager
def ends(cpu_seconds: int = 120) -> Iterator[None]:
    """What is in the block has an end: it fails after so much work of this process, which takes moments at most.

    The time that other processes get does not count. Python's patterns look for signals while they match.
    """
    def give_up(_number: int, _frame: Any) -> None:
        raise AssertionError(f"it was not done after {cpu_seconds} seconds of work")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def wait_for(holds: Callable[[], Any], told: Callable[[], str] = str, seconds: float = LONG) -> Any:
    """Wait until something holds, and return what it is; `told` says more where it never does."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, told() or "it never came true"
        time.sleep(0.02)
    return found
