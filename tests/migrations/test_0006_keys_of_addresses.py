"""Revision 0006: addresses and names get the keys by which they are compared now; nobody loses an account."""

import sqlite3
from contextlib import closing

import flask_migrate
import pytest

from portal.app import create_app
from portal.extensions import db
from portal.rules import addresses
from portal.services.names import key_of_name

from .test_0002_messages import BEFORE, ask

# Id, name, address, its old key, whether there is a password.
PEOPLE = (
    (2, "Uli Twin", "uli@example.com\u200b", "uli@example.com\u200b", ""),
    (3, "André\u200b", "andré@example.com", "andre@example.com", "hash"),
    (4, "Luc", "luc@hôpital.example", "luc@hopital.example", "hash"),
    (5, "Luc again", "luc@xn--hpital-ixa.example", "luc@xn--hpital-ixa.example", ""),
    (6, "Cyd", "cyd@example.com\u00ad", "cyd@example.com\u00ad", ""),
    # The clean spelling of this one was never used, the hidden one signs in.
    (7, "Dee", "dee@example.com", "dee@example.com", ""),
    (8, "Dee", "\u202adee@example.com\u202c", "\u202adee@example.com\u202c", "hash"),
    # This key is what another one gives up.
    (9, "Eve", "eve@example.com\u200b", "eve@example.com\u200b", ""),
    (10, "Ève", "ève@example.com", "eve@example.com", "hash"),
)
USER = """
INSERT INTO users (id, ref, organization_id, location_id, name, name_key, email, email_key, account, admin, auditor,
    operator, language, time_zone, app_version, password_hash, created_at, version)
    VALUES (?, ?, 1, 1, ?, ?, ?, ?, 'active', 0, 0, 0, '', '', '', ?, '2026-11-01', 1)
"""
LOCATIONS = """
INSERT INTO locations (id, ref, organization_id, name, name_key, country, time_zone, pstn, version)
    VALUES (2, 'loc2', 1, ?, ?, 'CA', 'America/Toronto', 'provider', 1),
           (3, 'loc3', 1, ?, ?, 'CA', 'America/Toronto', 'provider', 1)
"""


@pytest.fixture
def database(tmp_path):
    """A database of revision 0005 with addresses of every kind, in the open context of its application."""
    app = create_app({}, tmp_path)
    with app.app_context():
        flask_migrate.upgrade(revision="0005")
        file = app.config["SETTINGS"].database
        with closing(sqlite3.connect(file)) as rows, rows:
            rows.executescript(BEFORE)
            rows.executemany(USER, [(n, f"ref{n}", name, name.lower(), email, key, word)
                                    for n, name, email, key, word in PEOPLE])
            rows.execute(LOCATIONS, ("Toronto\u200b", "toronto\u200b", "Halifax\u200b", "halifax\u200b"))
            rows.execute("INSERT INTO uploads (ref, organization_id, user_id, uploaded_at, file_name, content, done,"
                         " links_given) VALUES ('up', 1, 1, '2026-11-02', 'a.csv', ?, '{}', 0)", (b"12345",))
        yield file
        db.engine.dispose()


def keys(database):
    return dict(ask(database, "SELECT id, email_key FROM users"))


def test_every_address_has_its_key_and_who_signs_in_keeps_a_shared_one(database):
    before = ask(database, "SELECT id, ref, name, email, password_hash FROM users")
    flask_migrate.upgrade(revision="0006")
    assert ask(database, "SELECT id, ref, name, email, password_hash FROM users") == before
    assert keys(database) == {
        1: "uli@example.com", 2: "uli@example.com ref2", 3: "andré@example.com", 4: "luc@hôpital.example",
        5: "luc@hôpital.example ref5", 6: "cyd@example.com", 7: "dee@example.com ref7", 8: "dee@example.com",
        9: "eve@example.com", 10: "ève@example.com"}
    told = ask(database, "SELECT subject_ref, organization_id FROM audit_events WHERE action = 'address-shared'")
    assert sorted(told) == [("ref2", 1), ("ref5", 1), ("ref7", 1)]
    assert ask(database, "SELECT size FROM uploads") == [(5,)]


def test_the_keys_are_those_that_the_portal_makes(database):
    flask_migrate.upgrade(revision="0006")
    for email, key, name, name_key in ask(database, "SELECT email, email_key, name, name_key FROM users"):
        assert key.partition(" ")[0] == addresses.key_of_address(email)
        assert name_key == key_of_name(name)


def test_locations_keep_apart_what_looks_the_same(database):
    flask_migrate.upgrade(revision="0006")
    assert ask(database, "SELECT name_key FROM locations ORDER BY id") == [
        ("toronto",), ("toronto\u200b",), ("halifax",)]


def test_the_way_back_gives_the_old_keys_where_they_are_free(database):
    flask_migrate.upgrade(revision="0006")
    flask_migrate.downgrade(revision="0005")
    assert keys(database)[3] == "andre@example.com"
    assert len(set(keys(database).values())) == len(PEOPLE) + 1
