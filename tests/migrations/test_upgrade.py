"""A portal that has been in use since revision 0003 goes on after every later one.

`demo_303f3e9.sql.xz` is the demo of commit 303f3e9, the last one of that revision, as SQL (demo password: the cast's;
number key: forty z), and the .json beside it holds the addresses of its users by the state that this commit told for
them. Ten thousand users in one more organization are added to it in SQL. A fixture of another revision belongs beside
it when that revision was in use.
"""

import json
import lzma
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import select

from portal.app import create_app
from portal.extensions import db
from portal.models import User
from portal.rules import UserState
from portal.services.accounts import passwords
from portal.services.toggles import eligibility
from portal.services.upkeep import schemas
from tests import cast
from tests.kept_databases import KeptFile
from tests.main_tasks import MAIN_TASKS, house_of
from tests.services.carrier import Scripted

HERE = Path(__file__).parent
KEYS = {"SECRET_KEY": "x" * 40, "CSRF_KEY": "y" * 40, "NUMBER_KEY": "z" * 40,
        "CARRIER_KEY": "w" * 40}
MANY = 10_000
PRAIRIE = """
INSERT INTO organizations (id, ref, name, name_key, reply_name, help_contact, customer_type, calling_plan, add_on,
    healthcare, campaign, brand_tier, created_at, version, same_text_most) VALUES (100, 'prairie', 'Prairie Health',
    'prairie health', 'Prairie', '+1 306 555 0100', 'enterprise', 1, 1, 0, 'active', 10000, '2026-11-01', 1, 25);
INSERT INTO audit_events (id, ref, organization_id, at, actor_name, action, subject, subject_ref, subject_name, details)
    VALUES (100000, 'prairie-on', 100, '2026-11-01', 'The command line', 'texting', 'organization', 'prairie',
    'Prairie Health', '{"was": "inherit", "now": "on"}');
INSERT INTO words (level, unit_id, organization_id, "on", locked, reason, version, said_by, said_at, event_id)
    VALUES ('organization', 100, 100, 1, 0, '', 1, 'The command line', '2026-11-01', 100000);
INSERT INTO locations (id, ref, organization_id, name, name_key, country, time_zone, pstn, version)
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19)
    SELECT 1000 + i, 'site-' || i, 100, 'Site ' || i, 'site ' || i, 'CA', 'America/Regina',
    CASE WHEN i < 18 THEN 'provider' ELSE 'local-gateway' END, 1 FROM n;
"""
USER = """
INSERT INTO users (id, ref, organization_id, location_id, name, name_key, email, email_key, account, admin, auditor,
    operator, language, time_zone, app_version, password_hash, created_at, version)
    VALUES (:id, :ref, 100, :place, :name, :name_key, :email, :email_key, :account, :admin, 0, 0, '', '', :app, :hash,
    '2026-11-01', 1)
"""
NUMBER = "INSERT INTO numbers (organization_id, e164, kind, source, user_id) VALUES (100, ?, 'plain', ?, ?)"
WORD = """INSERT INTO words (level, unit_id, organization_id, "on", locked, reason, version, said_by, said_at, event_id)
    VALUES ('user', ?, 100, 0, 0, '', 1, 'Somebody', '2026-11-01', 100000)"""
# People write their addresses in many ways; these keys are what that commit made of them.
SPELLINGS = ("user{}@example.com", "User{}@Example.COM", "jos\u00e9{}@example.com", "m\u00fcller.{}@example.com",
             "o'brien{}@example.com", "nu\u00f1ez{}@example.com")


def people():
    """The ten thousand; every 50th is deactivated, every 40th has no number, every 25th is switched off.

    Sites 18 and 19 do not reach the telephone network through the provider: a tenth is not available for that.
    """
    hashed = passwords.HASHER.hash(cast.PASSWORD)
    for n in range(MANY):
        email = SPELLINGS[n % len(SPELLINGS)].format(n)
        yield {"id": 100_000 + n, "ref": f"prairie{n}", "place": 1000 + n % 20, "name": f"Person {n:05}",
               "name_key": f"person {n:05}", "email": email, "email_key": key_as_it_was(email),
               "account": "deactivated" if n % 50 == 49 else "active", "admin": n == 0, "app": "43.2",
               "hash": hashed if n < 5 else ""}


def key_as_it_was(email):
    """How that commit compared addresses: without case and accents."""
    plain = unicodedata.normalize("NFKD", email.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def fill(file):
    """A database of revision 0003 with the demo and the ten thousand."""
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.executescript(lzma.decompress((HERE / "demo_303f3e9.sql.xz").read_bytes()).decode())
        rows.executescript(PRAIRIE)
        rows.executemany(USER, people())
        numbered = [n for n in range(MANY) if n % 40 != 39]
        rows.executemany(NUMBER, [(f"+1306{2000000 + n}", None if n % 3 else "calling-plan", 100_000 + n)
                                  for n in numbered])
        rows.executemany(WORD, [(100_000 + n,) for n in range(MANY) if n % 25 == 24])


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """The application and its database after every revision, which no test touches."""
    folder = tmp_path_factory.mktemp("upgraded")
    app = create_app(KEYS, folder)
    app.test_client_class = cast.Browser
    fill(app.config["SETTINGS"].database)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    return app, KeptFile(app)


@pytest.fixture
def portal(upgraded):
    with cast.over_a_copy(*upgraded) as app:
        yield app


def states(addresses):
    """How the users with these addresses stand now."""
    users = db.session.scalars(select(User).where(User.email.in_(addresses))).all()
    return {user.email: eligibility.standing_of_user(user).state for user in users}


def test_nobody_of_the_demo_who_could_text_is_not_available(portal):
    before = json.loads((HERE / "demo_303f3e9.json").read_text())
    with portal.app_context():
        could = states(before["can-text"])
        others = states(before["receive-only"] + before["off"])
    assert could == dict.fromkeys(before["can-text"], UserState.CAN_TEXT)
    assert len(others) == len(before["receive-only"] + before["off"])
    assert UserState.NOT_AVAILABLE not in others.values()


def test_nobody_of_ten_thousand_who_could_text_is_not_available(portal):
    """Counted as the overview counts, and one by one for some."""
    available = [n for n in range(MANY) if n % 50 != 49 and n % 40 != 39 and n % 20 < 18]
    off = {n for n in available if n % 25 == 24}
    with portal.app_context():
        counts = eligibility.OrganizationSnapshot.read(100).counts()
        some = [n for n in available if n not in off][::199]
        snapshot = eligibility.OrganizationSnapshot.read(100)
        each = [eligibility.standing_of_user(db.session.get_one(User, 100_000 + n), snapshot).state for n in some]
    assert counts[UserState.CAN_TEXT] == len(available) - len(off)
    assert counts[UserState.OFF] == len(off)
    assert counts[UserState.NOT_AVAILABLE] == MANY - len(available)
    assert set(each) == {UserState.CAN_TEXT}


def test_a_backup_of_that_time_can_be_restored(tmp_path):
    """What that commit made is what the migrations make today, object by object."""
    fill(tmp_path / "then.db")
    with closing(sqlite3.connect(tmp_path / "then.db")) as rows:
        assert schemas.find_schema_difference(schemas.read_schema(rows), schemas.expected_schema("0003")) == ""


def test_everybody_still_signs_in_with_the_address_that_they_have(portal):
    for n in range(5):
        browser = portal.test_client()
        email = SPELLINGS[n].format(n)
        for typed in (email, email.upper() if email.isascii() else email):
            answer = browser.post("/sign-in", data={"email": typed, "password": cast.PASSWORD})
            assert answer.status_code == 303, (typed, answer.text)
        assert f"Person {n:05}" in browser.get("/account").text


@pytest.fixture(params=["demo", "ten thousand"])
def house(request, portal, monkeypatch):
    carrier = Scripted()
    monkeypatch.setitem(portal.extensions, "carrier", carrier)
    admin, member = {
        "demo": ("ada@example.com", "uli@example.com"),
        "ten thousand": ("user0@example.com", "jos\u00e92@example.com"),
    }[request.param]
    return house_of(portal, carrier, admin, member, "olga@example.com", cast.PASSWORD)


@pytest.mark.parametrize("task", MAIN_TASKS, ids=lambda task: task.__name__)
def test_the_main_tasks_go_on(house, task):
    task(house)
