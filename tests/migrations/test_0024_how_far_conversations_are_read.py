"""Revision 0024: conversations from before are read up to their first unread text."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, TALK, TEXT, ask

BEFOREHAND, REVISION = "0023", "0024"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, TALK) as file:
        yield file


def fill(file, directions, unread):
    """The conversation holds texts of these directions, with the ids 1, 2, 3 ..., and so many are unread."""
    with closing(sqlite3.connect(file)) as rows, rows:
        for index, direction in enumerate(directions):
            rows.execute(TEXT, (f"ref{index}", "received", f"key{index}"))
            rows.execute("UPDATE messages SET direction = ? WHERE ref = ?", (direction, f"ref{index}"))
        rows.execute("UPDATE conversations SET last_id = ?, unread = ?", (len(directions), unread))


@pytest.mark.parametrize(("directions", "unread", "expected"), [
    ((), 0, 0), (("in", "out"), 0, 2), (("in", "in", "out", "in"), 1, 2), (("in", "in", "out", "in"), 3, 0),
    (("in", "note"), 1, 0), (("in",), 9, 0),
])
def test_read_up_to_the_first_unread_text(database, directions, unread, expected):
    fill(database, directions, unread)
    held = "SELECT id, ref, user_id, number_id, theirs, last_id, unread FROM conversations"
    before = ask(database, held)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT read_up_to FROM conversations") == [(expected,)]
    assert ask(database, held) == before
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, held) == before
