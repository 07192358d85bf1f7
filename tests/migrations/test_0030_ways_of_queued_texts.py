"""Revision 0030: queued texts say by which carrier they leave; those that wait are still to be looked at."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask
from .test_0027_carriers import CONVERSATION, TEXT

BEFOREHAND, REVISION = "0029", "0030"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_texts_stay_up_and_down(database):
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(CONVERSATION)
        for state in ("claimed", "queued", "delivered"):
            rows.execute(TEXT, (state, state))
    before = ask(database, "SELECT * FROM messages")
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT DISTINCT wanted FROM messages") == [(None,)]
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'ix_messages_wanted'")
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT * FROM messages") == before
