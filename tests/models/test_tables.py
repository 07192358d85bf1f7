"""The tables hold what they should by themselves, whatever the code above them does."""

import string
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Boolean, DateTime, Enum, text
from sqlalchemy.exc import IntegrityError, StatementError

from portal.extensions import db, make_ref, writing
from portal.models import Location, Moment, PortalMark, User
from portal.rules.numbers import NumberKind

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TABLES = db.metadata.sorted_tables
WORD = ("INSERT INTO words (level, unit_id, organization_id, \"on\", locked, reason, version, said_by, said_at,"
        " event_id) SELECT {level!r}, 99, organization_id, {on}, {locked}, '', 1, '', '2026-11-22', id"
        " FROM audit_events LIMIT 1")


@pytest.fixture(autouse=True)
def _opened(inside):
    with inside():
        yield


def write(statement, **values):
    with writing() as session:
        return session.execute(text(statement), values).rowcount


def columns(kind):
    return [column for table in TABLES for column in table.columns if isinstance(column.type, kind)]


# --- moments -------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [NOON, NOON.astimezone(timezone(timedelta(hours=-5)))], ids=["UTC", "Toronto"])
def test_a_moment_comes_back_as_the_same_moment_in_utc(people, given):
    with writing() as session:
        session.get_one(User, people["Uli"].id).created_at = given
    db.session.rollback()
    found = db.session.get_one(User, people["Uli"].id).created_at
    assert (found, found.tzinfo) == (NOON, UTC)
    assert db.session.scalar(db.select(User.id).where(User.created_at == given)) == people["Uli"].id


def test_a_moment_without_a_zone_is_not_guessed(people):
    with pytest.raises(StatementError, match="needs a time zone"), writing() as session:
        session.get_one(User, people["Uli"].id).created_at = NOON.replace(tzinfo=None)


def test_every_moment_of_the_portal_is_kept_that_way():
    assert [str(column) for column in columns(DateTime)] == []
    assert len(columns(Moment)) > 10


# --- what the database refuses -------------------------------------------------------------------


@pytest.mark.sqlite
@pytest.mark.parametrize("column", columns(Enum), ids=str)
def test_only_words_that_the_portal_knows_are_kept(column):
    found = db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": column.table.name})
    words = ", ".join(f"'{word}'" for word in column.type.enums)
    assert f"CHECK ({column.name} IN ({words}))" in found


def test_an_unknown_word_is_refused(people):
    with pytest.raises(IntegrityError, match="ck_users_account"):
        write("UPDATE users SET account = 'asleep'")


@pytest.mark.parametrize(("level", "on", "locked", "fits"), [
    ("organization", True, True, True), ("location", False, True, True), ("user", True, False, True),
    ("user", "NULL", False, True), ("organization", "NULL", True, False), ("user", True, True, False),
])
def test_silence_is_not_locked_and_nobody_locks_a_user(level, on, locked, fits):
    statement = WORD.format(level=level, on=on, locked=locked)
    if fits:
        assert write(statement) == 1
    else:
        with pytest.raises(IntegrityError, match="ck_words_lock"):
            write(statement)


@pytest.mark.parametrize("statement", [
    "UPDATE users SET email_key = 'same'",
    "UPDATE users SET ref = 'same'",
    "UPDATE numbers SET e164 = '+14165550101'",
    "UPDATE numbers SET user_id = (SELECT min(user_id) FROM numbers)",
    "UPDATE locations SET name_key = 'same'",
])
def test_what_is_somebodys_is_nobody_elses(statement):
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        write(statement)


@pytest.mark.parametrize("table", ["organizations", "locations", "users"])
def test_nothing_goes_that_others_refer_to(table):
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        write(f"DELETE FROM {table}")


def test_two_organizations_may_have_a_location_of_the_same_name(organizations, locations):
    with writing() as session:
        session.add(Location(organization_id=organizations["Harbor"].id, name="Toronto", name_key="toronto",
                             country="US", time_zone="America/New_York"))
    assert len(list(db.session.scalars(db.select(Location).where(Location.name == "Toronto")))) == 2


# --- what a record is found by -------------------------------------------------------------------


def test_a_ref_says_nothing_and_is_hard_to_guess():
    refs = {make_ref() for _ in range(2000)}
    assert len(refs) == 2000
    assert {len(ref) for ref in refs} == {12}


def test_an_id_is_letters_and_digits():
    """A `-` or `_` at the end of an address is left out of the link by mail programs."""
    seen = set().union(*(make_ref() for _ in range(2000)))
    assert seen == set(string.ascii_letters + string.digits)


def test_every_ref_is_unique():
    for table in TABLES:
        if "ref" in table.columns:
            assert table.columns["ref"].unique or any(
                index.unique and index.columns.keys() == ["ref"] for index in table.indexes), table


def test_nothing_is_left_open(people):
    """A yes or no is never NULL, but for a setting or a request, where silence is a third answer."""
    assert sorted(str(column) for column in columns(Boolean) if column.nullable) == [
        "long_change_users.had", "long_changes.on", "organizations.answers_unread", "records_requests.released",
        "words.on"]


def test_a_person_knows_their_number_place_and_organization(people):
    uli = db.session.get_one(User, people["Uli"].id)
    assert (uli.number.e164, uli.number.kind) == ("+14165550101", NumberKind.PLAIN)
    assert (uli.location.name, uli.organization.name) == ("Toronto", "Maple Clinic")
    assert db.session.get_one(User, people["Olga"].id).organization is None


@pytest.mark.parametrize(("name", "role", "active"), [
    ("Ada", True, True), ("Rita", True, True), ("Olga", True, True), ("Uli", False, True),
])
def test_admins_auditors_and_operators_have_a_role(people, name, role, active):
    user = db.session.get_one(User, people[name].id)
    assert (user.has_role, user.active, user.is_active) == (role, active, active)


@pytest.mark.sqlite
def test_erased_values_do_not_stay_in_the_file(app):
    """secure_delete: what was deleted is overwritten, in the log as well once that is folded in."""
    secret = "a value that has had its time"
    with writing() as session:
        session.add(PortalMark(name="secret", value=secret))
    write("DELETE FROM marks")
    db.session.remove()
    db.engine.dispose()
    file = app.config["SETTINGS"].database
    assert not any(secret.encode() in part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
