"""What the worker erases on a schedule, and what machines may ask about the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.extensions import db, now, writing
from portal.models import ContentState, PortalMark, SignInLink, SignInSession, TokenBucket, Upload, UploadContent
from portal.services.upkeep import housekeeping
from portal.services.upkeep.housekeeping import (
    erase_outdated_records,
    is_database_readable,
    is_database_writable,
    is_demo_database,
)
from tests.stores import WRITES

pytestmark = pytest.mark.usefixtures("open_app")


def broken(*_given, **_named):
    raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))


# --- the database --------------------------------------------------------------------------------


def test_a_database_that_answers_is_readable_and_writable(statements):
    db.session.rollback()
    with statements() as seen:
        assert is_database_readable() is True
        assert is_database_writable() is True
    assert seen == ["SELECT 1", "SELECT 1"]


def test_only_the_question_about_writing_takes_the_write_lock(begun):
    db.session.rollback()
    begun.clear()
    is_database_readable()
    assert WRITES not in begun
    is_database_writable()
    assert WRITES in begun


def test_another_process_that_writes_does_not_make_it_unreadable(database_store):
    with database_store.locked():
        assert is_database_readable() is True


def test_the_lock_is_given_back(database_store):
    is_database_writable()
    with database_store.locked():
        pass


def test_a_database_that_fails_is_neither_readable_nor_writable(monkeypatch):
    monkeypatch.setattr(housekeeping, "writing", broken)
    monkeypatch.setattr(db.session, "execute", broken)
    assert is_database_readable() is False
    assert is_database_writable() is False


def test_another_mistake_is_no_answer(monkeypatch):
    """A mistake of the portal's own must not pass for a full disk."""
    monkeypatch.setattr(housekeeping, "writing", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        is_database_writable()


@pytest.mark.parametrize("demo", [True, False])
def test_a_demo_says_so(demo):
    with writing() as session:
        session.add(PortalMark(name="demo" if demo else "worker", value=now().isoformat()))
    assert is_demo_database() is demo


# --- what is too old -----------------------------------------------------------------------------


def add(record):
    with writing() as session:
        session.add(record)
    return record


def ago(**by):
    return now() - timedelta(**by)


@pytest.mark.parametrize(("short", "stays"), [({"minutes": 1}, True), ({"minutes": -1}, False)])
@pytest.mark.parametrize(("days", "record"), [
    (30, lambda user, organization, at: SignInSession(user_id=user, key_hash="x", began_at=at)),
    (30, lambda user, organization, at: SignInLink(user_id=user, token_hash="x", expires_at=at)),
    (365, lambda user, organization, at: SignInLink(user_id=user, token_hash="x", expires_at=at, used_at=at)),
    (2, lambda user, organization, at: TokenBucket(key="x", tokens=0, at=at)),
], ids=["session", "unused link", "used link", "bucket"])
def test_records_stay_for_so_many_days(people, organizations, days, record, short, stays):
    """To the minute; sign-in links that were used stay longest."""
    kept = record(people["Uli"].id, organizations["Maple"].id, ago(days=days) + timedelta(**short))
    kind = type(add(kept))
    erase_outdated_records()
    assert bool(db.session.scalars(select(kind)).all()) is stays


@pytest.mark.parametrize(("days", "contents", "state"), [
    (6, [b"users"], ContentState.KEPT), (8, [], ContentState.ERASED)])
def test_of_a_file_only_the_content_goes_after_seven_days(people, organizations, days, contents, state):
    """The list of imports goes on naming it, with its size."""
    kept = add(Upload(organization_id=organizations["Maple"].id, user_id=people["Ada"].id, file_name="users.csv",
                      size=5, uploaded_at=ago(days=days)))
    add(UploadContent(upload_id=kept.id, content=b"users"))
    erase_outdated_records()
    upload = db.session.scalars(select(Upload)).one()
    assert db.session.scalars(select(UploadContent.content)).all() == contents
    assert (upload.content_state, upload.file_name, upload.size) == (state, "users.csv", 5)


def test_an_open_link_stays_however_old_its_account_is(people):
    add(SignInLink(user_id=people["Uli"].id, token_hash="x", expires_at=ago(days=-3)))
    erase_outdated_records()
    assert db.session.scalars(select(SignInLink)).all()


def test_erasing_takes_the_same_statements_however_much_there_is(people, statements):
    asked = []
    for many in (1, 40):
        with writing() as session:
            session.add_all(SignInSession(user_id=people["Uli"].id, key_hash=f"{many}-{n}", began_at=ago(days=31))
                            for n in range(many))
        with statements() as seen:
            erase_outdated_records()
        asked.append(len(seen))
    assert db.session.scalars(select(SignInSession)).all() == []
    assert asked[0] == asked[1]
