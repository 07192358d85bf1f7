"""Two at once: work beside the test, in a thread of its own, and whether somebody waits for a lock of the server."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import text

from portal.extensions import db
from tests import database_server
from tests.patience import LONG

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


class Beside:
    """What work gave, or the error that ended it."""

    answer: Any = None


@contextmanager
def beside(app: Flask, work: Callable[[], Any]) -> Iterator[Beside]:
    """Do work in a thread with the application open, beginning now; at the end of the block it has ended."""
    done = Beside()

    def run() -> None:
        with app.app_context():
            try:
                done.answer = work()
            except BaseException as error:  # noqa: BLE001 - an error is an answer too
                done.answer = error
            db.session.remove()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield done
    finally:
        thread.join(LONG)
        assert not thread.is_alive(), "it waits for ever"


def is_waiting(many: int = 1) -> bool:
    """Whether so many connections to the database of this test wait for a lock of another one."""
    with database_server.connect() as server:
        found = server.execute(_WAITING, (db.engine.url.database,)).fetchone()
    return bool(found and found[0] >= many)


def count_deadlocks() -> int:
    """How many deadlocks the server has found in the database of this test so far."""
    with db.engine.connect() as connection:
        return int(connection.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")))
