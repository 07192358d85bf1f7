"""Revision 0014: requests on the web from before go on warning, and none of them waits for a person."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0013", "0014"
ASKED = "INSERT INTO web_asks (id, organization_id, theirs, at) VALUES (1, 1, '+16475550110', '2026-11-03')"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with a request, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision=BEFOREHAND)
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
            rows.execute(ASKED)
        yield file
        db.engine.dispose()


def test_requests_stay_up_and_down(database):
    held = "SELECT id, organization_id, theirs, at FROM web_asks"
    before = ask(database, held)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, held) == before
    assert ask(database, "SELECT ref, waits FROM web_asks") == [(None, 0)]
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert ask(database, held) == before
