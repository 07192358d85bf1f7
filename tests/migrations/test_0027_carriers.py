"""Revision 0027: carriers as records; texts, numbers and organizations stay, and claimed texts know their carrier."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0026", "0027"
TABLES = ("users", "organizations", "numbers", "locations")
CONVERSATION = """
INSERT INTO conversations (ref, organization_id, user_id, number_id, theirs, name, name_key, last_id, last_at, unread,
                           blocked)
    SELECT 'talk', organization_id, user_id, id, '+16475550110', '', '', 0, '2025-11-02', 0, 0
    FROM numbers WHERE user_id IS NOT NULL LIMIT 1
"""
TEXT = """
INSERT INTO messages (ref, organization_id, conversation_id, user_id, number_id, theirs, direction, state, body, at,
                      automatic, region, segments, template, payload, claimed_by, tries, crashes, carrier, carrier_id,
                      code, why)
    SELECT ?, organization_id, id, user_id, number_id, theirs, 'out', ?, 'Hello', '2025-11-02', 0, '', 1, '', '', '', 0,
           0, '', '', '', '[]' FROM conversations LIMIT 1
"""
CARRIER = """
INSERT INTO carriers (ref, kind, name, settings, created_at, version, by_default)
    VALUES (?, 'kannel', 'Kannel', '{}', '2025-11-02', 1, ?)
"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_what_there_was_stays_up_and_down(database):
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(CONVERSATION)
        for state in ("claimed", "queued", "delivered"):
            rows.execute(TEXT, (state, state))
    before = [ask(database, f"SELECT * FROM {table}") for table in (*TABLES, "messages")]
    assert all(before)
    flask_migrate.upgrade(revision=REVISION)
    assert dict(ask(database, "SELECT state, route FROM messages")) == {
        "claimed": "pretend", "queued": "", "delivered": ""}
    assert set(ask(database, "SELECT carrier_id FROM numbers UNION SELECT carrier_id FROM organizations")) == {(None,)}
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(CARRIER, ("one", True))
        rows.execute(CARRIER, ("two", False))
        rows.execute(CARRIER, ("three", False))
        with pytest.raises(sqlite3.IntegrityError):
            rows.execute(CARRIER, ("four", True))
        rows.execute("UPDATE organizations SET carrier_id = 1")
        rows.execute("UPDATE numbers SET carrier_id = 2")
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert [ask(database, f"SELECT * FROM {table}") for table in (*TABLES, "messages")] == before
