"""Revision 0035: conversations of people who have left are marked, and from then on triggers mark them."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, TALK, ask

BEFOREHAND, REVISION = "0034", "0035"
MARKED = "SELECT owner_left FROM conversations"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, TALK) as file:
        yield file


@pytest.mark.parametrize("account", ["active", "deactivated"])
def test_a_conversation_knows_whether_its_owner_has_left(database, account):
    def set_account(to):
        with closing(sqlite3.connect(database)) as rows, rows:
            rows.execute("UPDATE users SET account = ?", (to,))

    set_account(account)
    before = ask(database, "SELECT * FROM conversations")
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, MARKED) == [(account == "deactivated",)]
    for to in ("active", "deactivated", "invited"):
        set_account(to)
        assert ask(database, MARKED) == [(to == "deactivated",)]
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT * FROM conversations") == before
