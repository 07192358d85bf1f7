"""Revision 0022: a table for drafts comes and goes, and conversations stay; there is one draft in each place."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0021", "0022"
TALK = """
INSERT INTO conversations (id, ref, organization_id, user_id, number_id, theirs, name, name_key, last_id, last_at,
                           unread, blocked)
    SELECT 1, 'talk', 1, users.id, numbers.id, '+16475550110', 'Jane', 'jane', 0, '2025-11-02', 0, 0
    FROM users, numbers ORDER BY users.id, numbers.id LIMIT 1;
"""
WRITE = """
INSERT INTO drafts (organization_id, user_id, conversation_id, typed, theirs, body, submission_key, at)
    SELECT 1, user_id, ?, '', '', 'Dear', 'key', '2025-11-02' FROM conversations
"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with a conversation, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, TALK) as file:
        yield file


def test_conversations_stay_up_and_down(database):
    before = ask(database, "SELECT * FROM conversations")
    assert len(before) == 1
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT * FROM drafts") == []
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(WRITE, (1,))
    assert ask(database, "SELECT * FROM conversations") == before
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'drafts'") == []
    assert ask(database, "SELECT * FROM conversations") == before


@pytest.mark.parametrize("conversation", [1, None])
def test_there_is_one_draft_in_each_place(database, conversation):
    flask_migrate.upgrade(revision=REVISION)
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(WRITE, (conversation,))
        with pytest.raises(sqlite3.IntegrityError):
            rows.execute(WRITE, (conversation,))
        rows.execute(WRITE, (None if conversation else 1,))
