"""Revision 0002: the tables of texting come to a portal that is in use, and go without a trace."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before

BEFORE = """
INSERT INTO organizations (id, ref, name, name_key, reply_name, help_contact, customer_type, calling_plan, add_on,
    healthcare, campaign, brand_tier, created_at, version)
    VALUES (1, 'org', 'Maple Clinic', 'maple clinic', '', '', 'enterprise', 1, 1, 1, 'active', 2000, '2026-11-01', 1);
INSERT INTO locations (id, ref, organization_id, name, name_key, country, time_zone, pstn, version)
    VALUES (1, 'loc', 1, 'Toronto', 'toronto', 'CA', 'America/Toronto', 'provider', 1);
INSERT INTO users (id, ref, organization_id, location_id, name, name_key, email, email_key, account, admin, auditor,
    operator, language, time_zone, app_version, password_hash, created_at, version)
    VALUES (1, 'uli', 1, 1, 'Uli', 'uli', 'uli@example.com', 'uli@example.com', 'active', 0, 0, 0, '', '', '', '',
    '2026-11-01', 1);
INSERT INTO numbers (id, organization_id, e164, kind, user_id) VALUES (1, 1, '+14165550101', 'plain', 1);
INSERT INTO audit_events (id, ref, organization_id, at, actor_name, action, subject, subject_ref, subject_name, details)
    VALUES (1, 'evt', 1, '2026-11-01', 'Ada', 'user-added', 'user', 'uli', 'Uli', '{}');
"""
TALK = """
INSERT INTO conversations (id, ref, organization_id, user_id, number_id, theirs, name, name_key, last_id, last_at,
    unread, blocked) VALUES (1, 'talk', 1, 1, 1, '+16475550110', '', '', 1, '2026-11-02', 0, 0)
"""
TEXT = """
INSERT INTO messages (ref, organization_id, conversation_id, user_id, number_id, theirs, direction, state, body, at,
    automatic, region, segments, template, submission_key, payload, claimed_by, tries, crashes, carrier, carrier_id,
    code, why) VALUES (?, 1, 1, 1, 1, '+16475550110', 'out', ?, 'Hello', '2026-11-02', 0, 'CA', 1, '', ?, '', '', 0, 0,
    '', '', '', '[]')
"""
TABLES = {"arrivals", "brand_days", "conversations", "messages", "opt_outs", "receipts"}


@pytest.fixture
def database(tmp_path):
    """A database of revision 0001 with people in it, in the open context of its application."""
    with database_before(tmp_path, "0001", BEFORE) as file:
        yield file


def ask(database, question):
    with closing(sqlite3.connect(database)) as rows:
        return rows.execute(question).fetchall()


def everything(database):
    names = [name for (name,) in ask(database, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: ask(database, f"SELECT * FROM {name}") for name in names if name not in {*TABLES, "alembic_version"}}


def test_what_was_there_stays_there_and_back(database):
    before = everything(database)
    flask_migrate.upgrade(revision="0002")
    assert everything(database) == before
    assert {name for (name,) in ask(database, "SELECT name FROM sqlite_master WHERE type = 'table'")} >= TABLES
    flask_migrate.downgrade(revision="0001")
    assert everything(database) == before
    assert not TABLES & {name for (name,) in ask(database, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_log_still_only_grows(database):
    flask_migrate.upgrade(revision="0002")
    with closing(sqlite3.connect(database)) as rows, pytest.raises(sqlite3.IntegrityError, match="only be added to"):
        rows.execute("DELETE FROM audit_events")


def test_one_key_is_one_text_and_states_are_known(database):
    flask_migrate.upgrade(revision="0002")
    with closing(sqlite3.connect(database)) as rows:
        rows.execute(TALK)
        rows.execute(TEXT, ("first", "queued", "key"))
        for ref, state, key in (("second", "queued", "key"), ("first", "queued", "other"), ("third", "lost", "third")):
            with pytest.raises(sqlite3.IntegrityError):
                rows.execute(TEXT, (ref, state, key))
        for ref in ("answer", "another answer"):
            rows.execute(TEXT, (ref, "queued", None))
