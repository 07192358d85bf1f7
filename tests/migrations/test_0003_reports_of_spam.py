"""Revision 0003: reports and cases come to a portal in which people text, and go without a trace."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, TALK, TEXT, ask

RESTRICTION = """
INSERT INTO restrictions (id, ref, organization_id, subject, user_id, restraint, cause, note, per_minute, since)
    VALUES (1, 'slow', 1, 'user', 1, 'throttle', 'spam', 'Too many', 1, '2026-11-02')
"""
TABLES = {"appeals", "case_entries", "cases", "evidence", "reports"}
KEPT = ("SELECT id, ref, name, brand_tier FROM organizations", "SELECT id, ref, state, body, why FROM messages",
        "SELECT id, ref, subject, user_id, restraint, cause, note, per_minute, since, until FROM restrictions")


@pytest.fixture
def database(tmp_path):
    """A database of revision 0002 with a text and a restriction in it, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0002")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
            rows.execute(TALK)
            rows.execute(TEXT, ("first", "queued", "key"))
            rows.execute(RESTRICTION)
        yield file
        db.engine.dispose()


def tables(database):
    return {name for (name,) in ask(database, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_what_was_there_stays_there_and_back(database):
    before = [ask(database, question) for question in KEPT]
    assert all(before)
    flask_migrate.upgrade(revision="0003")
    assert [ask(database, question) for question in KEPT] == before
    assert tables(database) >= TABLES
    assert ask(database, "SELECT lifted_note, case_id FROM restrictions") == [("", None)]
    assert ask(database, "SELECT same_text_most FROM organizations") == [(25,)]
    assert ask(database, "SELECT left_at FROM messages") == [(None,)]
    flask_migrate.downgrade(revision="0002")
    assert [ask(database, question) for question in KEPT] == before
    assert not TABLES & tables(database)


def test_one_restriction_is_appealed_once(database):
    flask_migrate.upgrade(revision="0003")
    appeal = """INSERT INTO appeals (ref, restriction_id, by_id, at, words, kept, answer, alone)
                VALUES (?, 1, 1, '2026-11-03', 'It was not me', 0, '', 0)"""
    with closing(sqlite3.connect(database)) as rows:
        rows.execute(appeal, ("one",))
        with pytest.raises(sqlite3.IntegrityError):
            rows.execute(appeal, ("two",))
