"""Revision 0017: numbers stay whose they are, come and leave on no day, and may get a second owner afterwards."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, TALK, TEXT, ask

BEFOREHAND, REVISION = "0016", "0017"
SECOND = """
INSERT INTO organizations (id, ref, name, name_key, reply_name, help_contact, customer_type, calling_plan, add_on,
    healthcare, campaign, brand_tier, created_at, version)
    VALUES (2, 'harbor', 'Harbor', 'harbor', '', '', 'enterprise', 1, 1, 1, 'active', 2000, '2026-11-01', 1);
INSERT INTO numbers (organization_id, e164, kind) VALUES (2, '+14165550101', 'plain');
"""


@pytest.fixture
def database(tmp_path):
    """A database of the revision before with a number and a text, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision=BEFOREHAND)
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
            rows.execute(TALK)
            rows.execute(TEXT, ("text", "sent", "key"))
        yield file
        db.engine.dispose()


def test_numbers_stay_up_and_down(database):
    held = "SELECT id, organization_id, e164, kind, user_id, review FROM numbers"
    before, texts = ask(database, held), ask(database, "SELECT * FROM messages")
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, held) == before
    assert ask(database, "SELECT from_on, until_on FROM numbers") == [(None, None)]
    assert ask(database, "PRAGMA foreign_key_check") == []
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert (ask(database, held), ask(database, "SELECT * FROM messages")) == (before, texts)


def test_a_number_may_get_a_second_owner_and_none_twice(database):
    flask_migrate.upgrade(revision=REVISION)
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.executescript(SECOND)
        with pytest.raises(sqlite3.IntegrityError):
            rows.execute("INSERT INTO numbers (organization_id, e164, kind) VALUES (2, '+14165550101', 'plain')")
