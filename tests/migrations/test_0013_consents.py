"""Revision 0013: organizations from before have told nothing about themselves, and no consent is known."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from .before import database_before
from .test_0002_messages import BEFORE, ask

HELD = "SELECT id, ref, name, same_text_most FROM organizations"
CONSENT = """
INSERT INTO consent_records (ref, organization_id, theirs, kind, given_at, proof, at, reason)
    VALUES ('yes', 1, '+16475550110', 'express', '2026-11-02', 'by phone', '2026-11-03', '');
"""


@pytest.fixture
def database(tmp_path):
    """A database of revision 0012, in the open context of its application."""
    with database_before(tmp_path, "0012", BEFORE) as file:
        yield file


def test_organizations_stay_and_nothing_is_refused_that_was_not(database):
    before = ask(database, HELD)
    flask_migrate.upgrade(revision="0013")
    assert ask(database, HELD) == before
    told = "SELECT consent_required, mailing_address, telephone, privacy_contact FROM organizations"
    assert ask(database, told) == [(0, "", "", "")] * len(before)
    assert ask(database, "SELECT count(*) FROM consent_records") == [(0,)]


def test_a_consent_is_kept_in_the_new_table_only(database):
    flask_migrate.upgrade(revision="0013")
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.executescript(CONSENT)
    assert ask(database, "SELECT theirs, until FROM consent_records") == [("+16475550110", None)]
    flask_migrate.downgrade(revision="0012")
    assert ask(database, "SELECT name FROM sqlite_master WHERE name = 'consent_records'") == []
