"""Revision 0011: organizations from before refuse texts that ask for an opt-out word."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask


@pytest.fixture
def database(tmp_path):
    """A database of revision 0010 with an organization, in the open context of its application."""
    with database_before(tmp_path, "0010", BEFORE) as file:
        yield file


def test_organizations_stay_up_and_down(database):
    held = "SELECT id, ref, name, same_text_most FROM organizations"
    before = ask(database, held)
    flask_migrate.upgrade(revision="0011")
    assert ask(database, held) == before
    assert ask(database, "SELECT keyword_blocks FROM organizations") == [(1,)]
    flask_migrate.downgrade(revision="0010")
    assert ask(database, held) == before
