"""A process that keeps a line and stores texts as the portal does: `python -m tests.carriers.smpp_portal PORT FILE`.

With a third argument it is killed after it has stored its first text and before the center hears of it.
"""

import os
import signal
import sqlite3
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from portal.carriers.smpp import KIND
from tests.carriers.rigs.smpp import setup_at


class Store:
    """Texts that came in, each id once, on the disk before `take` returns."""

    def __init__(self, file):
        self.rows = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self.rows.execute("CREATE TABLE IF NOT EXISTS texts (id TEXT PRIMARY KEY, body TEXT, at REAL)")

    def take(self, news):
        for one in news:
            self.rows.execute("INSERT OR IGNORE INTO texts VALUES (?, ?, ?)",
                              (one.id, one.body, datetime.now(UTC).timestamp()))

    def find(self, beginning):
        row = self.rows.execute("SELECT id, at FROM texts WHERE id LIKE ? || '%' ORDER BY at DESC LIMIT 1",
                                (beginning,)).fetchone()
        return row and (row[0], datetime.fromtimestamp(row[1], UTC))


def main(port, file, dies=""):
    store = Store(Path(file))

    def tell(news):
        store.take(news)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)

    carrier = KIND.make(replace(setup_at(port), find_arrival=store.find, key=b"the key of the tests"))
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    carrier.keep(tell, stopping)


if __name__ == "__main__":
    main(*sys.argv[1:])
