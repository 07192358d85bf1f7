"""Revision 0021: administrators are asked about the language of locations from before that may be in Quebec."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0020", "0021"
PLACE = """INSERT INTO locations (id, ref, organization_id, name, name_key, country, time_zone, pstn, answer_language,
    opening_hours, version) VALUES (?, ?, 1, ?, ?, ?, ?, 'provider', ?, '', 1)"""
PLACES = {
    "Laval": ("CA", "America/Montreal", "keyword", 1), "Ottawa": ("CA", "America/Toronto", "keyword", 1),
    "Gaspe": ("CA", "America/New_York", "keyword", 1), "Iles": ("CA", "America/Halifax", "keyword", 1),
    "Chosen": ("CA", "America/Toronto", "both", 0), "Banff": ("CA", "America/Edmonton", "keyword", 0),
    "Boston": ("US", "America/New_York", "keyword", 0),
}


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with locations, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision=BEFOREHAND)
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
            for number, (name, (country, zone, language, _asks)) in enumerate(PLACES.items(), 100):
                rows.execute(PLACE, (number, name, name, name, country, zone, language))
        yield file
        db.engine.dispose()


def test_locations_stay_up_and_down(database):
    held = "SELECT id, name, country, time_zone, answer_language, version FROM locations"
    before = ask(database, held)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, held) == before
    asks = dict(ask(database, "SELECT name, asks_language FROM locations WHERE id >= 100"))
    assert asks == {name: place[3] for name, place in PLACES.items()}
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, held) == before
