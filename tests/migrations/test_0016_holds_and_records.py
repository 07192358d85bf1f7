"""Revision 0016: holds, records requests and stand-ins come, and everything else stays."""


import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

TABLES = ("retention_holds", "records_requests", "records_concerns", "stand_ins")


@pytest.fixture
def database(tmp_path):
    """A database of revision 0015 with an organization, in the open context of its application."""
    with database_before(tmp_path, "0015", BEFORE) as file:
        yield file


def test_nothing_is_held_after_the_upgrade_and_nothing_lost_by_the_way_back(database):
    held = "SELECT id, ref, name FROM organizations"
    before = ask(database, held)
    flask_migrate.upgrade(revision="0016")
    assert ask(database, held) == before
    assert [ask(database, f"SELECT count(*) FROM {table}") for table in TABLES] == [[(0,)]] * 4
    flask_migrate.downgrade(revision="0015")
    assert ask(database, held) == before
    assert ask(database, f"SELECT name FROM sqlite_master WHERE name IN {TABLES}") == []
