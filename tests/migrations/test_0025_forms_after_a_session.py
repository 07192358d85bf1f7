"""Revision 0025: a table for forms that come after a session; sessions stay."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0024", "0025"
SESSION = """
INSERT INTO sessions (id, ref, key_hash, user_id, began_at, browser)
    SELECT 1, 'session', 'hash', id, '2025-11-02', '' FROM users ORDER BY id LIMIT 1;
"""
KEEP = "INSERT INTO kept_forms (session_id, page, fields, at) VALUES (1, ?, '[]', '2025-11-02')"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with a session, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, SESSION) as file:
        yield file


def test_sessions_stay_up_and_down(database):
    before = ask(database, "SELECT * FROM sessions")
    assert len(before) == 1
    flask_migrate.upgrade(revision=REVISION)
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(KEEP, ("/messages/new",))
        rows.execute(KEEP, ("/account",))
        with pytest.raises(sqlite3.IntegrityError):
            rows.execute(KEEP, ("/account",))
    assert ask(database, "SELECT * FROM sessions") == before
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'kept_forms'") == []
    assert ask(database, "SELECT * FROM sessions") == before
