"""Revision 0015: conversations from before stay, and nobody is to be called about them."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, TALK, ask


@pytest.fixture
def database(tmp_path):
    """A database of revision 0014 with a conversation, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0014")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
            rows.executescript(TALK)
        yield file
        db.engine.dispose()


def test_conversations_stay_up_and_down(database):
    held = "SELECT id, ref, user_id, number_id, theirs, last_id, unread FROM conversations"
    before = ask(database, held)
    flask_migrate.upgrade(revision="0015")
    assert ask(database, held) == before
    assert ask(database, "SELECT call_reason, call_at FROM conversations") == [(None, None)]
    flask_migrate.downgrade(revision="0014")
    assert ask(database, held) == before
