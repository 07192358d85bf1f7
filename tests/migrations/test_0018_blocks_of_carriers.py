"""Revision 0018: opt-outs from before stay; it is known who texted START, and carriers can tell opt-outs."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask

ADD = """
INSERT INTO opt_outs (id, ref, organization_id, theirs, consent, source, language, said, said_at, note)
    VALUES (?, ?, 1, ?, ?, ?, 'en', ?, '2026-11-02', '');
"""
ROWS = ((1, "out", "+16475550110", "out", "stop", "STOP"), (2, "again", "+16475550111", "in-again", "stop", "START"),
        (3, "help", "+16475550112", "in-again", "stop", ""), (4, "back", "+16475550113", "in-again", "manual", ""))


def write(database, *rows):
    with closing(sqlite3.connect(database)) as open_file, open_file:
        open_file.executemany(ADD, rows)


@pytest.fixture
def database(tmp_path):
    """A database of revision 0017 with opt-outs, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0017")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
        write(file, *ROWS)
        yield file
        db.engine.dispose()


def test_opt_outs_stay_up_and_down(database):
    held = "SELECT ref, theirs, consent, source, said FROM opt_outs ORDER BY id"
    before = ask(database, held)
    flask_migrate.upgrade(revision="0018")
    assert ask(database, held) == before
    assert ask(database, "SELECT ref FROM opt_outs WHERE started_at IS NOT NULL") == [("again",)]
    write(database, (5, "told", "+16475550114", "out", "carrier", ""))
    flask_migrate.downgrade(revision="0017")
    assert ask(database, held) == [*before, ("told", "+16475550114", "out", "stop", "")]


def test_a_source_that_nobody_knows_is_refused(database):
    flask_migrate.upgrade(revision="0018")
    with pytest.raises(sqlite3.IntegrityError):
        write(database, (5, "told", "+16475550114", "out", "guess", ""))
