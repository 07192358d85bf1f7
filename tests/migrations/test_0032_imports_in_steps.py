"""Revision 0032: how far files are, and a table for their rows; files and what they did stay."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0031", "0032"
FILE = """
INSERT INTO uploads (ref, organization_id, user_id, uploaded_at, file_name, content, size, imported_at, opt_outs, done,
                     links_given)
    SELECT ?, organization_id, id, '2025-11-02', 'users.csv', 'a', 1, ?, 0, '{"created": 1}', 0
    FROM users WHERE organization_id IS NOT NULL ORDER BY id LIMIT 1
"""
ROW = """
INSERT INTO import_rows (upload_id, position, line, outcome, together, leaver, name, email, mark, said, undone)
    VALUES (1, 0, 2, 'created', 0, 0, 'Nia', 'nia@example.com', '', '[]', ?)
"""
KEPT = "SELECT id, ref, file_name, content, imported_at, done FROM uploads"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_files_stay_up_and_down_and_those_that_were_imported_are_so(database):
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(FILE, ("one", "2025-11-03"))
        rows.execute(FILE, ("two", None))
    before = ask(database, KEPT)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT state FROM uploads ORDER BY id") == [("imported",), ("checking",)]
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(ROW, ("closed",))
        with pytest.raises(sqlite3.IntegrityError):
            rows.execute(ROW, ("erased",))
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, KEPT) == before
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'import_rows'") == []
