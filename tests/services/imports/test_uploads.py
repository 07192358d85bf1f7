"""Carrying an import out: as if by hand, once, and nothing that was not seen."""

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.extensions import db, writing
from portal.models import AccountState, AuditEvent, SignInLink, Upload, User
from portal.services.accounts.links import link_holder
from portal.services.imports import (
    AlreadyDone,
    ImportTerms,
    RowOutcome,
    UnreadableFile,
    checks,
    results,
    uploads,
)
from portal.services.refusals import Changed
from portal.services.upkeep import housekeeping
from tests.data import control_hub
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all

ULI, BEN, NEW = ({EMAIL: f"{name}@example.com"} for name in ("uli", "ben", "new"))
NEWCOMER = {**NEW, "Display Name": "Nia New", "Location": "Toronto"}


class Desk:
    """Ada's desk: files in, imports out; inside the application."""

    def __init__(self, ada_id):
        self.ada_id = ada_id

    @property
    def ada(self):
        return db.session.get_one(User, self.ada_id)

    def terms(self):
        return ImportTerms(self.ada.organization_id, True, False, ("en",), {"America/Toronto"})

    def upload(self, *rows, content=None):
        return uploads.store_upload(self.ada, self.terms(), "users.csv", content or user_csv(*rows))

    def run(self, upload, seal=None):
        return import_all(self.ada, upload, seal)

    def do(self, *rows, content=None):
        return self.run(self.upload(*rows, content=content))

    def user(self, email):
        return db.session.scalars(select(User).where(User.email_key == email)).one()


@pytest.fixture
def desk(app, people):
    with app.app_context():
        yield Desk(people["Ada"].id)


def counts(done):
    return [done[outcome]
            for outcome in (RowOutcome.CREATED, RowOutcome.CHANGED, RowOutcome.UNCHANGED, RowOutcome.WRONG)]


def events():
    return db.session.scalar(select(func.count()).select_from(AuditEvent))


def test_the_generated_export_twice_the_second_time_changes_nothing(desk):
    book = control_hub.book()
    good = len(book.of(""))
    first = desk.do(content=book.write())
    assert counts(first) == [good, 0, 0, len(book.lines) - good]
    before = events()
    second = desk.do(content=book.write())
    assert counts(second) == [0, 0, good, len(book.lines) - good]
    assert events() == before


def test_an_import_is_one_event_of_the_organization(desk):
    done = desk.do(content=control_hub.book().write())
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "imported")).one()
    assert event.details == {"created": done["created"], "changed": 0}
    assert event.subject_name == "Maple Clinic"


def test_wrong_rows_are_skipped_and_their_lines_kept(desk):
    upload = desk.upload({**NEWCOMER}, {**ULI, "Location": "Atlantis"}, {**BEN, "Phone Number": "123-456-7890"})
    assert counts(desk.run(upload)) == [1, 0, 0, 2]
    assert [one.row.line for one in results.iterate_left_out(upload)] == [3, 4]
    assert desk.user("uli@example.com").location.name == "Toronto"


def test_what_somebody_else_changed_after_the_check_is_not_written_over(desk):
    upload = desk.upload({**ULI, "App Version": "44.0"}, {**BEN, "Display Name": "Benjamin Okafor"})
    seal = upload.seal
    with writing():
        desk.user("ben@example.com").name = "Ben O."
    done = desk.run(upload, seal)
    assert (done["changed"], done["conflict"]) == (1, 1)
    assert [(one.row.line, one.row.outcome) for one in results.iterate_left_out(upload)] == [(3, RowOutcome.CONFLICT)]
    assert desk.user("ben@example.com").name == "Ben O."
    assert desk.user("uli@example.com").app_version == "44.0"


def test_who_was_added_meanwhile_is_not_written_over_either(desk):
    upload = desk.upload({**NEWCOMER})
    seal = upload.seal
    desk.do({**NEW, "Display Name": "Somebody Else", "Location": "Halifax"})
    assert desk.run(upload, seal)["conflict"] == 1
    assert desk.user("new@example.com").name == "Somebody Else"


def test_a_file_is_imported_once(desk):
    upload = desk.upload({**NEWCOMER})
    seal = upload.seal
    desk.run(upload, seal)
    before = events()
    with pytest.raises(AlreadyDone):
        desk.run(upload, seal)
    assert events() == before


def test_nothing_is_imported_without_the_seal_of_the_file(desk):
    upload = desk.upload({**NEWCOMER})
    with pytest.raises(Changed):
        desk.run(upload, "")
    assert upload.imported_at is None
    assert db.session.scalars(select(User).where(User.email == "new@example.com")).first() is None


def test_sign_in_links_are_handed_out_once_to_those_who_need_them(desk):
    upload = desk.upload({**NEWCOMER}, {**NEWCOMER, EMAIL: "b@example.com"}, {**NEWCOMER, EMAIL: "c@example.com"},
                         {**ULI, "App Version": "44"})
    desk.run(upload)
    with writing():
        desk.user("b@example.com").password_hash = "chosen meanwhile"
        desk.user("c@example.com").account = AccountState.DEACTIVATED
    links = uploads.give_links(desk.ada, upload)
    assert [user.email for user, _token in links] == ["new@example.com"]
    assert link_holder(links[0][1]).email == "new@example.com"
    with pytest.raises(AlreadyDone):
        uploads.give_links(desk.ada, upload)
    assert db.session.scalar(select(func.count()).select_from(SignInLink)) == 1
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "links-downloaded")).one()
    assert event.details == {"links": 1}


def test_without_new_users_there_are_no_links(desk):
    upload = desk.upload({**ULI, "App Version": "44"})
    desk.run(upload)
    with pytest.raises(AlreadyDone):
        uploads.give_links(desk.ada, upload)


def test_unreadable_files_are_not_kept(desk):
    with pytest.raises(UnreadableFile):
        desk.upload(content=b"PK\x03\x04")
    assert uploads.list_recent_uploads(desk.ada) == ([], False)


def test_uploads_belong_to_their_organization(desk, people):
    upload = desk.upload({**NEWCOMER})
    otto = db.session.get_one(User, people["Otto"].id)
    assert uploads.find_upload(desk.ada, upload.ref) is upload
    assert [(one.upload.ref, one.by) for one in uploads.list_recent_uploads(desk.ada)[0]] == [
        (upload.ref, "Ada Keller")]
    assert uploads.list_recent_uploads(otto) == ([], False)
    with pytest.raises(NotFound):
        uploads.find_upload(otto, upload.ref)


def test_a_file_that_was_erased_can_neither_be_checked_nor_imported(desk, clock):
    upload = desk.upload({**NEWCOMER})
    seal = upload.seal
    clock.forward(days=8)
    housekeeping.erase_outdated_records()
    upload = db.session.get_one(Upload, upload.id)
    assert results.list_import_rows(upload, RowOutcome.CREATED, most=10) == []
    with pytest.raises(Changed):
        checks.check_upload(upload, desk.terms())
    with pytest.raises(Changed):
        desk.run(upload, seal)


@pytest.mark.parametrize(("given", "kept"), [
    ("C:\\fakepath\\users.csv", "users.csv"), ("../../etc/users.csv", "users.csv"), ("", "users.csv"),
    ("a\x00\nb.csv", "ab.csv"), ("x" * 200 + ".csv", "x" * 116 + ".csv")])
def test_file_names_are_only_names(desk, given, kept):
    assert uploads.store_upload(desk.ada, desk.terms(), given, user_csv(NEWCOMER)).file_name == kept
