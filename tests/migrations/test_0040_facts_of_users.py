"""Revision 0040: users who are there get their facts, as they are counted, and from then on triggers write both."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest
from sqlalchemy import text

from portal.extensions import db, writing
from portal.services.upkeep.recounting import find_wrong_counts

from .before import database_before
from .test_0002_messages import BEFORE, ask

BEFOREHAND, REVISION = "0039", "0040"
COUNTED = "SELECT organization_id, location_id, facts, many FROM profile_counts ORDER BY 1, 2, 3"
LISTED = ("SELECT organization_id, location_id, facts, count(*) FROM users WHERE organization_id IS NOT NULL"
          " AND location_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
USERS = "SELECT id, ref, name_key, account, app_version, version FROM users ORDER BY id"
TRIGGERS = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') ORDER BY 1"
CHANGE = "UPDATE numbers SET until_on = '2026-01-01'; UPDATE users SET app_version = '43.1', account = 'invited';"


@pytest.fixture
def database(tmp_path):
    """A database of the revision before, in the open context of its application."""
    with database_before(tmp_path, BEFOREHAND, BEFORE) as file:
        yield file


def change(database):
    with closing(sqlite3.connect(database)) as rows:
        rows.executescript(CHANGE)


def test_users_say_what_is_counted_of_them(database):
    before, triggers = ask(database, USERS), ask(database, TRIGGERS)
    assert ask(database, COUNTED)
    change(database)
    flask_migrate.upgrade(revision=REVISION)
    assert ask(database, LISTED) == ask(database, COUNTED)
    assert [row[0] for row in ask(database, USERS)] == [row[0] for row in before]
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute("UPDATE numbers SET until_on = NULL")
        rows.execute("UPDATE users SET app_version = '42.1'")
    assert ask(database, LISTED) == ask(database, COUNTED)
    assert {facts.split("|")[0] for _organization, _place, facts, _many in ask(database, COUNTED)} == {"invited"}
    flask_migrate.downgrade(revision=BEFOREHAND)
    assert sorted(ask(database, TRIGGERS)) == sorted(triggers)
    counted = ask(database, COUNTED)
    change(database)
    assert ask(database, COUNTED) != counted


@pytest.mark.postgresql
def test_on_a_server_too_and_back(inside, people):
    """Its triggers are afterwards those with which a new database is made."""
    functions = text("SELECT proname, regexp_replace(prosrc, '\\s+', ' ', 'g') FROM pg_proc"
                     " WHERE proname LIKE 'user_facts%' OR proname LIKE 'profile_counts%' ORDER BY 1")
    with inside():
        made = db.session.execute(functions).all()
        db.session.remove()
        flask_migrate.downgrade(revision=BEFOREHAND)
        with writing() as session:
            session.execute(text("UPDATE numbers SET until_on = DATE '2026-01-01'"))
            session.execute(text("UPDATE users SET app_version = '43.1'"))
        flask_migrate.upgrade(revision=REVISION)
        assert db.session.execute(functions).all() == made
        assert find_wrong_counts() == 0
        with writing() as session:
            session.execute(text("UPDATE numbers SET until_on = NULL"))
            session.execute(text("UPDATE users SET account = 'invited'"))
        assert find_wrong_counts() == 0
