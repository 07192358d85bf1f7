"""Revision 0026: a table for changes that can be undone; settings stay."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0025", "0026"
OFFER = """
INSERT INTO undo_offers (ref, organization_id, kind, level, unit_id, before, version, until, done_by)
    SELECT ?, id, ?, 'organization', id, '{}', 1, '2025-11-02', '' FROM organizations ORDER BY id LIMIT 1
"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_people_and_settings_stay_up_and_down(database):
    before = [ask(database, f"SELECT * FROM {table}") for table in ("users", "words", "organizations")]
    assert before[0]
    flask_migrate.upgrade(revision=REVISION)
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(OFFER, ("one", "texting"))
        for again in (("one", "texting"), ("two", "restriction")):
            with pytest.raises(sqlite3.IntegrityError):
                rows.execute(OFFER, again)
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'undo_offers'") == []
    assert [ask(database, f"SELECT * FROM {table}") for table in ("users", "words", "organizations")] == before
