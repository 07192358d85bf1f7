"""Revision 0034: texts that are there are counted, and from then on triggers count."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, TALK, ask
from .test_0027_carriers import TEXT

BEFOREHAND, REVISION = "0033", "0034"
COUNTED = "SELECT at, sent, not_delivered, received FROM quarter_counts ORDER BY at"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, TALK) as file:
        yield file


def test_texts_are_counted_from_the_first_moment(database):
    with closing(sqlite3.connect(database)) as rows, rows:
        for state in ("queued", "delivered", "failed", "refused"):
            rows.execute(TEXT, (state, state))
        rows.execute("UPDATE messages SET at = '2025-11-02 10:46:12.123456'")
        rows.execute(TEXT, ("in", "received"))
        rows.execute("UPDATE messages SET direction = 'in', at = '2025-11-02 10:14:59.999999' WHERE ref = 'in'")
    flask_migrate.upgrade(revision=REVISION)
    first = [("2025-11-02 10:00:00.000000", 0, 0, 1), ("2025-11-02 10:45:00.000000", 2, 1, 0)]
    assert ask(database, COUNTED) == first
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute("DELETE FROM messages WHERE ref = 'failed'")
    assert ask(database, COUNTED) == [first[0], ("2025-11-02 10:45:00.000000", 1, 0, 0)]
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT name FROM sqlite_master WHERE name LIKE 'quarter_counts%'") == []
    assert len(ask(database, "SELECT id FROM messages")) == 4
