"""Addresses of people elsewhere: each answer is counted and written down, and after twenty a day new ones wait."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.extensions import db, now, writing
from portal.models import AuditEvent, ImportRow, RefusedAddress, User
from portal.rules import addresses
from portal.services import imports
from portal.services.imports import ImportTerms, RowOutcome
from portal.services.imports.stored_rows import read_problems
from portal.services.people import addresses_elsewhere, organizations, users
from portal.services.people.addresses_elsewhere import ADDRESS_TAKEN, ANSWERS_PER_DAY, WAIT
from portal.services.refusals import Clash
from portal.services.upkeep import retention
from tests import cast
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all

NEWCOMER = {"Display Name": "Nia New", "Location": "Toronto"}


@pytest.fixture
def row():
    """`row("Uli")` is the user as they stand now."""
    return cast.as_they_stand


@pytest.fixture(autouse=True)
def strangers(open_app, row):
    """Thirty people at Harbor Health."""
    place = row("Otto").location
    emails = [f"stranger{n:02}@example.com" for n in range(30)]
    with writing() as session:
        session.add_all(users.build_user(f"Stranger {n}", email, place) for n, email in enumerate(emails))
    return emails


@pytest.fixture
def enter(row):
    """`enter("a@example.com")`: Ada adds a user with this address; what she is told, "" when it worked."""

    def add(email, who="Ada"):
        actor = row(who)
        try:
            users.create_user(actor, "Nia", email, actor.location)
        except Clash as clash:
            assert clash.field == "email"
            return clash.sentence
        return ""

    return add


@pytest.fixture
def file(row):
    """`file("a@example.com", ...)` is the upload of a file with these new users, and its terms."""

    def keep(*emails, operator=False, who="Ada"):
        ada = row(who)
        content = user_csv(*({EMAIL: email, **NEWCOMER} for email in emails))
        terms = ImportTerms(ada.organization_id, True, operator, ("en",), {"America/Toronto"})
        return imports.store_upload(ada, terms, "users.csv", content), terms

    return keep


def told(upload, terms):
    """What the dry run says about each row."""
    imports.check_upload(upload, terms)
    rows = db.session.scalars(select(ImportRow).where(ImportRow.upload_id == upload.id).order_by(ImportRow.line))
    return [" ".join(problem.sentence for problem in read_problems(row.said)) if row.outcome is RowOutcome.WRONG else ""
            for row in rows]


def log():
    db.session.rollback()
    return list(db.session.scalars(select(RefusedAddress.email).order_by(RefusedAddress.id)))


# --- forms ---------------------------------------------------------------------------------------


def test_twenty_answers_a_day_and_then_all_new_addresses_wait(enter, strangers):
    """M7: beyond it nothing tells an address that somebody has from one that nobody has."""
    assert [enter(email) for email in strangers[:ANSWERS_PER_DAY]] == [ADDRESS_TAKEN] * ANSWERS_PER_DAY
    assert log() == strangers[:ANSWERS_PER_DAY]
    assert enter(strangers[ANSWERS_PER_DAY]) == enter("nobody@example.com") == WAIT
    assert log() == strangers[:ANSWERS_PER_DAY]
    assert db.session.scalar(select(func.count()).where(User.email == "nobody@example.com")) == 0


def test_the_same_address_again_is_one_answer(enter, strangers):
    assert [enter(spelled) for spelled in (strangers[0], strangers[0].upper(), strangers[0])] == [ADDRESS_TAKEN] * 3
    assert log() == strangers[:1]


def test_what_was_answered_stays_answered_when_the_rest_waits(enter, strangers):
    for email in strangers[:ANSWERS_PER_DAY]:
        enter(email)
    assert enter(strangers[3]) == ADDRESS_TAKEN


def test_a_changed_address_counts_like_a_new_one(row, strangers):
    for n, email in enumerate(strangers[:ANSWERS_PER_DAY + 1]):
        uli = row("Uli")
        with pytest.raises(Clash) as clash:
            users.save_user_details(row("Ada"), uli, uli.version, "Ulrike", email, uli.location)
        assert clash.value.sentence == (ADDRESS_TAKEN if n < ANSWERS_PER_DAY else WAIT)
    uli = row("Uli")
    assert (uli.name, uli.email, uli.version) == ("Uli Brandt", "uli@example.com", 1)
    users.save_user_details(row("Ada"), uli, 1, "Ulrike", "ULI@example.com", uli.location)
    assert row("Ulrike").email == "ULI@example.com", "their own address is no new one"
    assert len(log()) == ANSWERS_PER_DAY


def test_a_colleagues_address_is_no_secret_and_not_counted(enter):
    assert enter("ben@example.com") == ADDRESS_TAKEN
    assert log() == []


def test_each_organization_has_its_own_count_and_a_day_later_it_begins_anew(enter, strangers, monkeypatch):
    for email in strangers[:ANSWERS_PER_DAY]:
        enter(email)
    assert enter("uli@example.com", "Otto") == ADDRESS_TAKEN
    assert enter("new@example.com", "Otto") == ""
    later = now() + timedelta(hours=24, seconds=1)
    monkeypatch.setattr(addresses_elsewhere, "now", lambda: later)
    assert enter(strangers[ANSWERS_PER_DAY]) == ADDRESS_TAKEN
    assert enter("nobody@example.com") == ""


def test_operators_are_not_counted(row, strangers):
    ada = row("Ada")
    with writing():
        ada.operator = True
    for email in strangers[:ANSWERS_PER_DAY + 2]:
        with pytest.raises(Clash) as clash:
            users.create_user(row("Ada"), "Nia", email, row("Ada").location)
        assert clash.value.sentence == ADDRESS_TAKEN
    assert log() == []


def test_a_refused_newcomer_leaves_nothing_but_the_count(enter, row, strangers):
    before = db.session.scalar(select(func.count()).select_from(AuditEvent))
    enter(strangers[0])
    (one,) = db.session.scalars(select(RefusedAddress)).all()
    assert (one.organization_id, one.by_id, one.upload_id, one.email_key) == (
        row("Ada").organization_id, row("Ada").id, None, addresses.key_of_address(strangers[0]))
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == before


# --- files ---------------------------------------------------------------------------------------


def test_a_dry_run_counts_once_however_often_it_is_looked_at(file, strangers):
    upload, terms = file(*strangers[:5], "nobody@example.com")
    for _ in range(3):
        assert told(upload, terms) == [ADDRESS_TAKEN] * 5 + [""]
    assert log() == strangers[:5]
    assert {one.upload_id for one in db.session.scalars(select(RefusedAddress))} == {upload.id}


def test_a_file_with_as_many_as_are_allowed_is_answered_and_imported(file, row, strangers):
    upload, terms = file(*strangers[:ANSWERS_PER_DAY], "nobody@example.com")
    assert told(upload, terms) == told(upload, terms) == [ADDRESS_TAKEN] * ANSWERS_PER_DAY + [""]
    done = import_all(row("Ada"), upload)
    assert (done[RowOutcome.CREATED], done[RowOutcome.WRONG]) == (1, ANSWERS_PER_DAY)
    assert len(log()) == ANSWERS_PER_DAY


def test_a_file_with_more_tells_twenty_and_not_who_else_is_there(file, row, strangers):
    """M7: 2,000 at a time, without a trace, was how it was."""
    upload, terms = file("free0@example.com", *strangers, "free1@example.com")
    for _ in range(2):
        assert told(upload, terms) == [WAIT] + [ADDRESS_TAKEN] * ANSWERS_PER_DAY + [WAIT] * (
            len(strangers) - ANSWERS_PER_DAY) + [WAIT]
    assert log() == strangers[:ANSWERS_PER_DAY]
    assert import_all(row("Ada"), upload)[RowOutcome.CREATED] == 0
    assert len(log()) == ANSWERS_PER_DAY


def test_the_next_file_waits_whatever_stands_in_it(file, enter, strangers):
    first, terms = file(*strangers[:ANSWERS_PER_DAY])
    told(first, terms)
    second, terms = file(strangers[ANSWERS_PER_DAY], "free@example.com")
    assert told(second, terms) == [WAIT, WAIT]
    assert enter("free@example.com") == WAIT
    assert told(first, terms) == [ADDRESS_TAKEN] * ANSWERS_PER_DAY


def test_rows_about_ones_own_people_are_imported_all_the_same(file, row, strangers):
    ada = row("Ada")
    told(*file(*strangers))
    _file, terms = file("ignored@example.com")
    upload = imports.store_upload(ada, terms, "users.csv", user_csv({EMAIL: "uli@example.com", "App Version": "44.0"}))
    assert import_all(ada, upload)[RowOutcome.CHANGED] == 1


def test_an_operators_file_is_not_counted(file, strangers):
    upload, terms = file(*strangers, operator=True)
    assert told(upload, terms) == [ADDRESS_TAKEN] * len(strangers)
    assert log() == []


def test_somebody_who_came_after_the_dry_run_is_counted_by_the_import(file, row):
    upload, terms = file("later@example.com")
    assert told(upload, terms) == [""]
    with writing() as session:
        session.add(users.build_user("Late", "later@example.com", row("Otto").location))
    assert import_all(row("Ada"), upload)[RowOutcome.WRONG] == 1
    assert log() == ["later@example.com"]


@pytest.mark.parametrize("many", [1, 19, 30])
def test_a_dry_run_asks_as_often_for_many(file, strangers, statements, many):
    upload, terms = file(*strangers[:many])
    with statements() as seen:
        told(upload, terms)
    with statements() as again:
        told(upload, terms)
    assert (len(seen), len(again)) == (20, 19)


# --- operators -----------------------------------------------------------------------------------


def test_operators_see_each_and_let_new_ones_in(enter, row, strangers):
    for email in strangers[:ANSWERS_PER_DAY]:
        enter(email)
    rows, more = addresses_elsewhere.list_refused_address_rows(most=5)
    assert ([one.refused.email for one in rows], more) == (strangers[ANSWERS_PER_DAY - 1:ANSWERS_PER_DAY - 6:-1], True)
    assert {(one.organization.name, one.by) for one in rows} == {("Maple Clinic", "Ada Keller")}
    assert [one.refused.email for one in addresses_elsewhere.list_refused_address_rows(rows[-1].refused.ref)[
        0]] == strangers[ANSWERS_PER_DAY - 6::-1]
    (waiting,) = addresses_elsewhere.organizations_with_waiting_addresses()
    addresses_elsewhere.allow_new_addresses(row("Olga"), waiting)
    assert list(addresses_elsewhere.organizations_with_waiting_addresses()) == []
    assert enter(strangers[ANSWERS_PER_DAY]) == ADDRESS_TAKEN
    assert enter("nobody@example.com") == ""
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "addresses-let-in")).one().actor_name == (
        "Olga Weiss")
    assert addresses_elsewhere.list_refused_address_rows("unknown",
                                                         most=1)[0][0].refused.email == strangers[ANSWERS_PER_DAY]


def test_an_operator_who_adds_an_organization_hears_it_uncounted(row, strangers):
    place = {"name": "Main", "country": "CA", "time_zone": "America/Toronto"}
    with pytest.raises(Clash):
        organizations.create_organization(row("Olga"), {"name": "New"}, place, ("Nia", strangers[0]))
    assert log() == []


def test_after_the_retention_period_nothing_is_left(enter, strangers):
    enter(strangers[0])
    retention.erase_old_texts(now() + timedelta(days=401))
    assert log() == []
