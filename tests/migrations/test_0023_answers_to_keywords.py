"""Revision 0023: answers from before are answers to texts that nobody reads, and none to a keyword."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0022", "0023"
ANSWERED = """INSERT INTO unread_answers (id, ref, organization_id, number_id, theirs, at, body)
    VALUES (1, 'one', 1, 1, '+16475550110', '2025-11-03', 'Nobody has read this.')"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with an answer, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE, ANSWERED) as file:
        yield file


def test_answers_stay_up_and_down(database):
    held = "SELECT id, ref, organization_id, number_id, theirs, at, body FROM unread_answers"
    before = ask(database, held)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, held) == before
    assert ask(database, "SELECT keyword FROM unread_answers") == [(0,)]
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, held) == before
