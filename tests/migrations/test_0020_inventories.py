"""Revision 0020: a table for inventories comes and goes, and nothing else changes."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0019", "0020"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with a number, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_numbers_stay_up_and_down(database):
    before = ask(database, "SELECT * FROM numbers")
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT * FROM inventories") == []
    assert ask(database, "SELECT * FROM numbers") == before
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'inventories'") == []
    assert ask(database, "SELECT * FROM numbers") == before
