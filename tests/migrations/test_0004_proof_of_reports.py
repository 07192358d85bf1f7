"""Revision 0004: places of reports and deciders of restrictions come to a portal that has both, and go again."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask
from .test_0003_reports_of_spam import RESTRICTION, tables

REPORT = """
INSERT INTO reports (id, ref, token, at, lane, suspect, sender, body, stop, theirs, theirs_key, email, language, source,
    matched, repeated) VALUES (1, 'BBBB-CCCC', 'token', '2026-11-02', 'normal', '', '+14165550101', 'Buy', 0, '', '',
    '', 'en', 'somewhere', 'waiting', 0)
"""
MADE = RESTRICTION.replace("since)", "since, made_by_id)").replace("'2026-11-02')", "'2026-11-02', 1)")
BY_REPORTS = RESTRICTION.replace("(1, 'slow'", "(2, 'slower'")
KEPT = ("SELECT id, ref, source, matched FROM reports",
        "SELECT id, ref, made_by_id, note FROM restrictions ORDER BY id")


@pytest.fixture
def database(tmp_path):
    """A database of revision 0003 with a report and two restrictions, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0003")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
            for row in (REPORT, MADE, BY_REPORTS):
                rows.execute(row)
        yield file
        db.engine.dispose()


def test_what_was_there_stays_there_and_back(database):
    before = [ask(database, question) for question in KEPT]
    assert all(before)
    flask_migrate.upgrade(revision="0004")
    assert [ask(database, question) for question in KEPT] == before
    assert ask(database, "SELECT place FROM reports") == [("somewhere",)]
    assert ask(database, "SELECT deciders FROM restrictions ORDER BY id") == [("[1]",), ("[]",)]
    assert "web_asks" in tables(database)
    flask_migrate.downgrade(revision="0003")
    assert [ask(database, question) for question in KEPT] == before
    assert "web_asks" not in tables(database)


def test_one_number_asks_an_organization_once(database):
    flask_migrate.upgrade(revision="0004")
    asked = "INSERT INTO web_asks (organization_id, theirs, at) VALUES (1, '+16475550110', '2026-11-03')"
    with closing(sqlite3.connect(database)) as rows:
        rows.execute(asked)
        with pytest.raises(sqlite3.IntegrityError):
            rows.execute(asked)
