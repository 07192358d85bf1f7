"""Revision 0029: names with the signs of a word processor get the keys by which they are compared now."""

import flask_migrate
import pytest

from portal.services.names import key_of_name

from .before import database_before
from .test_0002_messages import BEFORE, ask

PLACE = """INSERT INTO locations (id, ref, organization_id, name, name_key, country, time_zone, pstn, answer_language,
    opening_hours, asks_language, version)
    VALUES ({0}, 'loc{0}', {1}, '{2}', '{3}', 'CA', 'America/Toronto', 'provider', 'keyword', '', 0, 1);"""
ORGANIZATION = """INSERT INTO organizations (id, ref, name, name_key, reply_name, help_contact, customer_type,
    calling_plan, add_on, healthcare, campaign, brand_tier, created_at, version)
    VALUES (2, 'other', 'Côte–Nord', 'cote–nord', '', '', 'enterprise', 1, 1, 1, 'active', 2000, '2026-11-01', 1);"""
USER = """INSERT INTO users (id, ref, organization_id, location_id, name, name_key, email, email_key, account, admin,
    auditor, operator, language, time_zone, app_version, password_hash, created_at, version)
    VALUES ({0}, 'ref{0}', 1, 1, '{1}', '{2}', 'x{0}', 'x{0}', 'active', 0, 0, 0, '', '', '', '', '2026-11-01', 1);"""
TALK = """INSERT INTO conversations (id, ref, organization_id, user_id, number_id, theirs, name, name_key, last_id,
    last_at, unread, blocked)
    VALUES (1, 'talk', 1, 1, 1, '+16475550110', 'Zoé d´Or', 'zoe d or', 1, '2026-11-02', 0, 0);"""
PLACES = (
    (10, 1, "L’Île-Perrot", "l’ile-perrot"), (11, 1, "Val‑d‘Or", "val‐d‘or"), (12, 1, "Łódź", "lodz"),
    # Both are there already: the one with the key keeps it, and so does the other.
    (13, 1, "L–1", "l–1"), (14, 1, "L-1", "l-1"), (15, 1, "L—1", "l—1"), (16, 2, "L–1", "l–1"),
)
# More than two batches.
MANY = 2100


def written(sentence, *values):
    return sentence.format(*(str(value).replace("'", "''") for value in values))


@pytest.fixture
def database(tmp_path):
    """A database of revision 0028 with names of every kind, in the open context of its application."""
    people = [written(USER, 100 + n, f"Ève d’Arc {n}", f"eve d’arc {n}") for n in range(MANY)]
    places = [written(PLACE, *place) for place in PLACES]
    with database_before(tmp_path, "0028", BEFORE, ORGANIZATION, TALK, *places, "".join(people)) as file:
        yield file


def test_every_key_is_the_one_that_the_portal_makes(database):
    flask_migrate.upgrade(revision="0029")
    for table in ("users", "organizations", "conversations"):
        rows = ask(database, f"SELECT name, name_key FROM {table}")
        assert [(name, key_of_name(name)) for name, _key in rows] == rows
    assert ask(database, "SELECT name_key FROM conversations") == [("zoe d'or",)]
    assert len(ask(database, "SELECT id FROM users WHERE name_key LIKE 'eve d''arc %'")) == MANY


def test_locations_whose_names_are_one_now_stay_apart(database):
    flask_migrate.upgrade(revision="0029")
    assert dict(ask(database, "SELECT id, name_key FROM locations WHERE id >= 10")) == {
        10: "l'ile-perrot", 11: "val-d'or", 12: "lodz", 13: "l–1", 14: "l-1", 15: "l—1", 16: "l-1"}


def test_names_stay_there_and_back(database):
    asked = "SELECT id, name, version FROM locations UNION ALL SELECT id, name, version FROM users"
    before = ask(database, asked)
    flask_migrate.upgrade(revision="0029")
    flask_migrate.downgrade(revision="0028")
    assert ask(database, asked) == before
