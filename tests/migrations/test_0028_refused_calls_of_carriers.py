"""Revision 0028: carriers count the calls that were refused; those that there are have had none."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask
from .test_0027_carriers import CARRIER

BEFOREHAND, REVISION = "0027", "0028"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def test_carriers_and_numbers_stay_up_and_down(database):
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(CARRIER, ("one", True))
        rows.execute("UPDATE numbers SET carrier_id = 1")
    before = [ask(database, f"SELECT * FROM {table}") for table in ("carriers", "numbers")]
    assert all(before)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT refused_calls, refused_since, refused_at FROM carriers") == [(0, None, None)]
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'ix_numbers_own_carrier'")
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert [ask(database, f"SELECT * FROM {table}") for table in ("carriers", "numbers")] == before
