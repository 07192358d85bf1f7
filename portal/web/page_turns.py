"""In each process one page is written at a time.

Python runs one thread at a time, and SQLite lets go of that right for every row that it reads. Threads that write pages
side by side hand it to each other some hundred times a page, and a hand-over between two cores takes longer than the
row: four threads wrote little more than half as many pages as they write in turns. Here a page that begins finds the
process to itself. Forms and what carriers tell do not take part: they wait for the disk and for their turn to write,
while others can work.
"""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Seconds. A page that takes longer, or that waits for something, holds nobody up for more than this.
LONGEST_WAIT = 0.05
TAKES_TURNS = frozenset({"GET", "HEAD"})
# What carriers tell is stored, also where they tell it in an address.
TOLD_BY_CARRIERS = "/hooks/"


class PageTurns:
    """Lets pages of a WSGI application begin one after the other."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application, self._turn = application, threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[Any]:
        """Answer when it is this page's turn, or when it has waited long enough. What is sent bit by bit takes none."""
        is_page = environ["REQUEST_METHOD"] in TAKES_TURNS and not environ["PATH_INFO"].startswith(TOLD_BY_CARRIERS)
        if not is_page or not self._turn.acquire(timeout=LONGEST_WAIT):
            return self.application(environ, start_response)
        try:
            return self.application(environ, start_response)
        finally:
            self._turn.release()
