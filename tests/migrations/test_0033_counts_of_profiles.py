"""Revision 0033: users who are there are counted, and from then on triggers count."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0032", "0033"
COUNTED = "SELECT location_id, facts, many FROM profile_counts ORDER BY 1, 2"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_users_are_counted_from_the_first_moment(database):
    users = ask(database, "SELECT * FROM users")
    flask_migrate.upgrade(revision=REVISION)
    first = ask(database, COUNTED)
    assert sum(many for _place, _facts, many in first) == ask(
        database, "SELECT count(*) FROM users WHERE organization_id IS NOT NULL AND location_id IS NOT NULL")[0][0] > 0
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute("UPDATE users SET app_version = '44.1'")
    assert {facts.rpartition("|")[2] for _place, facts, _many in ask(database, COUNTED)} == {"44.1"}
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT name FROM sqlite_master WHERE name LIKE 'profile_counts%'") == []
    flask_migrate.upgrade(revision=REVISION)
    assert sum(many for _place, _facts, many in ask(database, COUNTED)) == sum(many for *_at, many in first)
    assert len(ask(database, "SELECT id FROM users")) == len(users)
