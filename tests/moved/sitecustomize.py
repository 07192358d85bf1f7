"""Read by every Python under a moved clock (see tests/clocks.py)."""

import select
import time


def sleep(seconds: float) -> None:
    """As time.sleep, which asks the system to wait until a moment: libfaketime 0.9.10 does not know how to."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
