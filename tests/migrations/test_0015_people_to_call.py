"""Revision 0015: conversations from before stay, and nobody is to be called about them."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, TALK, ask


@pytest.fixture
def database(tmp_path):
    """A database of revision 0014 with a conversation, in the open context of its application."""
    with database_before(tmp_path, "0014", BEFORE, TALK) as file:
        yield file


def test_conversations_stay_up_and_down(database):
    held = "SELECT id, ref, user_id, number_id, theirs, last_id, unread FROM conversations"
    before = ask(database, held)
    flask_migrate.upgrade(revision="0015")
    assert ask(database, held) == before
    assert ask(database, "SELECT call_reason, call_at FROM conversations") == [(None, None)]
    flask_migrate.downgrade(revision="0014")
    assert ask(database, held) == before
