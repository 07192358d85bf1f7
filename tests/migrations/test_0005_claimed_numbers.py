"""Revision 0005: numbers stay what they are; those that an administrator brought are listed for operators."""

import json
import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db

from .test_0002_messages import BEFORE, ask

PEOPLE = """
INSERT INTO users (id, ref, organization_id, location_id, name, name_key, email, email_key, account, admin, auditor,
    operator, language, time_zone, app_version, password_hash, created_at, version)
    VALUES (2, 'ada', 1, 1, 'Ada', 'ada', 'ada@example.com', 'ada@example.com', 'active', 1, 0, 0, '', '', '', '',
    '2026-11-01', 1), (3, 'olga', 1, 1, 'Olga', 'olga', 'olga@example.com', 'olga@example.com', 'active', 1, 0, 1, '',
    '', '', '', '2026-11-01', 1);
INSERT INTO organizations (id, ref, name, name_key, reply_name, help_contact, customer_type, calling_plan, add_on,
    healthcare, campaign, brand_tier, created_at, version)
    VALUES (2, 'harbor', 'Harbor', 'harbor', '', '', 'enterprise', 1, 1, 1, 'active', 2000, '2026-11-01', 1);
"""
OURS = ("+14165550101", "+14165550102", "+14165550103", "+14165550104", "+14165550105")
# Organization, who, what, which number.
TOLD = (
    (1, 2, "number-assigned", "+14165550101"),  # an administrator brought it
    (1, 3, "number-added", "+14165550102"), (1, 2, "number-assigned", "+14165550102"),  # an operator had added it
    (1, 3, "number-assigned", "+14165550103"),  # an operator assigned it
    (1, None, "number-assigned", "+14165550104"),  # the command line did
    (2, 2, "number-assigned", "+14165550105"),  # told about another organization
)


@pytest.fixture
def database(tmp_path):
    """A database of revision 0004 with numbers of every origin, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0004")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE + PEOPLE)
            rows.executemany("INSERT INTO numbers (organization_id, e164, kind) VALUES (1, ?, 'plain')",
                             [(number,) for number in OURS[1:]])
            rows.executemany(
                "INSERT INTO audit_events (ref, organization_id, at, actor_id, actor_name, action, subject,"
                " subject_ref, subject_name, details)"
                " VALUES (?, ?, '2026-11-02', ?, 'Somebody', ?, 'user', 'uli', 'Uli', ?)",
                [(f"told-{n}", mine, who, what, json.dumps({"number": number}))
                 for n, (mine, who, what, number) in enumerate(TOLD)])
        yield file
        db.engine.dispose()


def test_numbers_stay_and_those_of_administrators_are_marked(database):
    kept = "SELECT id, organization_id, e164, kind, source, user_id FROM numbers"
    before, events = ask(database, kept), ask(database, "SELECT * FROM audit_events")
    flask_migrate.upgrade(revision="0005")
    assert ask(database, kept) == before
    assert len(before) == len(OURS)
    assert ask(database, "SELECT e164 FROM numbers WHERE review") == [("+14165550101",)]
    assert ask(database, "SELECT * FROM claims") == []
    flask_migrate.downgrade(revision="0004")
    assert ask(database, kept) == before
    assert ask(database, "SELECT * FROM audit_events") == events


def test_one_user_claims_one_number_and_two_organizations_may_claim_the_same(database):
    flask_migrate.upgrade(revision="0005")
    claim = ("INSERT INTO claims (ref, organization_id, user_id, e164, kind, at)"
             " VALUES (?, ?, ?, ?, 'plain', '2026-11-03')")
    with closing(sqlite3.connect(database)) as rows:
        rows.execute(claim, ("a", 1, 1, "+14165550199"))
        rows.execute(claim, ("b", 2, 2, "+14165550199"))
        for again in (("c", 1, 3, "+14165550199"), ("d", 1, 1, "+14165550198")):
            with pytest.raises(sqlite3.IntegrityError):
                rows.execute(claim, again)
