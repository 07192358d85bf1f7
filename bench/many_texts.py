"""How long the pages of texting take among a thousand texts and among a hundred thousand.

Repeat with `.venv/bin/python -m bench.many_texts`. It makes a database of its own in a temporary folder: two hundred
conversations, half of all texts in one of them. Each page is asked for twelve times; the quickest counts, since
nothing else was in its way then. tests/delivery/test_many_texts.py holds the work that the database has.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_migrate

from portal.app import create_app
from portal.extensions import db
from tests import cast
from tests.delivery.long_talks import begin, fill, pages

FEW, MANY = 1_000, 100_000
TRIES = 12


def quickest(ask: Callable[[], Any]) -> float:
    """Milliseconds for one answer."""
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - began))
    return min(times)


def main(folder: Path) -> None:
    """Measure and print."""
    app = create_app({}, folder)
    app.test_client_class = cast.Browser
    with app.app_context():
        flask_migrate.upgrade()
        cast.settle()
        people = cast.people()
        ref = begin(people["Uli"].id, people["Ben"].id)
    uli, found = app.test_client().sign_in(people["Uli"].id), []
    for many in (FEW, MANY):
        with app.app_context():
            fill(ref, many)
            db.engine.dispose()
        found.append({name: quickest(ask) for name, ask in pages(uli, ref).items()})
    few, many = found
    for name in few:
        print(f"{name:15} ms {few[name]:6.1f} {many[name]:6.1f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(place))
