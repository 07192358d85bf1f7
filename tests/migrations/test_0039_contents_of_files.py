"""Revision 0039: the contents of files lie in a table of their own; nothing is lost up or down."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0038", "0039"
FILES = """
INSERT INTO uploads (ref, organization_id, user_id, uploaded_at, file_name, content, size, opt_outs, done, links_given)
    SELECT column1, organization_id, id, '2025-11-02', 'users.csv', column2, 3, 0, '{}', 0
    FROM users, (VALUES ('kept', x'610062'), ('erased', NULL))
    WHERE id = (SELECT min(id) FROM users WHERE organization_id IS NOT NULL);
"""
KEPT = "SELECT id, ref, user_id, file_name, content, size, state FROM uploads ORDER BY id"
UNCHECKED = "SELECT id FROM uploads WHERE state = 'checking' AND NOT opt_outs AND content_state = 'kept'"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, FILES) as file:
        yield file


def test_files_stay_up_and_down(database):
    before = ask(database, KEPT)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT upload_id, content FROM upload_contents") == [(before[0][0], b"a\0b")]
    assert ask(database, "SELECT content_state, begun_by_id = user_id FROM uploads ORDER BY id"
               ) == [("kept", 1), ("erased", 1)]
    (plan,) = ask(database, f"EXPLAIN QUERY PLAN {UNCHECKED}")
    assert "ix_uploads_unchecked" in plan[-1]
    with closing(sqlite3.connect(database)) as rows, pytest.raises(sqlite3.IntegrityError):
        rows.execute("UPDATE uploads SET content_state = 'gone'")
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, KEPT) == before
