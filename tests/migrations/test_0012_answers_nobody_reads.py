"""Revision 0012: locations stay what they are, answer by the keyword and are always open."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask


@pytest.fixture
def database(tmp_path):
    """A database of revision 0011, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0011")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
        yield file
        db.engine.dispose()


def test_locations_stay_up_and_down(database):
    held = "SELECT id, ref, organization_id, name, country, time_zone FROM locations"
    people = "SELECT id, location_id FROM users"
    before = ask(database, held), ask(database, people)
    assert before[0]
    flask_migrate.upgrade(revision="0012")
    assert (ask(database, held), ask(database, people)) == before
    assert set(ask(database, "SELECT answer_language, opening_hours FROM locations")) == {("keyword", "")}
    assert set(ask(database, "SELECT answers_unread FROM organizations")) == {(None,)}
    assert ask(database, "PRAGMA foreign_key_check") == []
    flask_migrate.downgrade(revision="0011")
    assert (ask(database, held), ask(database, people)) == before
