"""Revision 0031: tables for changes of many users in steps; users and settings stay."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0030", "0031"
CHANGE = """
INSERT INTO long_changes (ref, organization_id, user_id, filters, began_at, ended_at, stage, cursor, total, changed,
                          "left", left_before, undone, not_undone, forbidden)
    SELECT ?, organization_id, id, '{}', '2026-11-02', ?, ?, 0, 0, 0, 0, 0, 0, 0, '[]' FROM users
    WHERE organization_id IS NOT NULL ORDER BY id LIMIT 1
"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_users_and_settings_stay_and_one_change_is_open_at_a_time(database):
    before = [ask(database, f"SELECT * FROM {table}") for table in ("users", "words", "organizations")]
    assert before[0]
    flask_migrate.upgrade(revision=REVISION)
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(CHANGE, ("one", None, "changing"))
        rows.execute(CHANGE, ("two", "2026-11-02", "changed"))
        for wrong in (("three", None, "changing"), ("one", "2026-11-02", "changed"), ("four", "2026-11-02", "over")):
            with pytest.raises(sqlite3.IntegrityError):
                rows.execute(CHANGE, wrong)
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT name FROM sqlite_master WHERE name LIKE 'long_change%'") == []
    assert [ask(database, f"SELECT * FROM {table}") for table in ("users", "words", "organizations")] == before
