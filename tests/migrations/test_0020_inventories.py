"""Revision 0020: a table for inventories comes and goes, and nothing else changes."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0019", "0020"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with a number, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision=BEFOREHAND)
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
        yield file
        db.engine.dispose()


def test_numbers_stay_up_and_down(database):
    before = ask(database, "SELECT * FROM numbers")
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, "SELECT * FROM inventories") == []
    assert ask(database, "SELECT * FROM numbers") == before
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'inventories'") == []
    assert ask(database, "SELECT * FROM numbers") == before
