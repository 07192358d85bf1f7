"""Work in threads: beside a block, or in parts of which every one has to go well."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Part = TypeVar("Part")


@contextmanager
def work_beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Within the block a thread works, until the event that it is given tells it to stop."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def work_in_parts(work: Callable[[Part], None], parts: Iterable[Part], failures: list[str]) -> None:
    """Work on all parts at once, a thread for each. Ends the program with the first failure that they have noted."""
    threads = [threading.Thread(target=work, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(failures[0])
