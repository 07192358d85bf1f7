"""Revision 0011: organizations from before refuse texts that ask for an opt-out word."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask


@pytest.fixture
def database(tmp_path):
    """A database of revision 0010 with an organization, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0010")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
        yield file
        db.engine.dispose()


def test_organizations_stay_up_and_down(database):
    held = "SELECT id, ref, name, same_text_most FROM organizations"
    before = ask(database, held)
    flask_migrate.upgrade(revision="0011")
    assert ask(database, held) == before
    assert ask(database, "SELECT keyword_blocks FROM organizations") == [(1,)]
    flask_migrate.downgrade(revision="0010")
    assert ask(database, held) == before
