"""The dry run as it is kept: bounded statements, one check at a time, and nothing half done that passes for whole."""

import pytest
from sqlalchemy import delete, func, select

from portal.extensions import db, writing
from portal.models import ImportRow, RowOutcome, UploadContent, UploadState
from portal.services import imports
from portal.services.imports import AlreadyDone, checks
from portal.services.refusals import Changed
from tests.data import control_hub
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def terms(ada):
    return imports.ImportTerms(ada.organization_id, True, False, ("en",), {"America/Toronto"})


@pytest.fixture
def upload(ada, terms):
    return lambda content: imports.store_upload(ada, terms, "users.csv", content)


def people(many):
    return user_csv(*({EMAIL: f"p{n}@example.com", "Display Name": f"P {n}", "Location": "Toronto"}
                      for n in range(many)))


def count_rows(upload):
    return db.session.scalar(select(func.count()).where(ImportRow.upload_id == upload.id))


def test_it_takes_the_same_statements_however_many_rows(upload, statements):
    asked = []
    for many in (5, 300):
        with statements() as seen:
            upload(people(many))
        asked.append(len(seen))
    assert asked[0] == asked[1] < 40


def test_all_rows_are_kept_those_that_write_first(upload):
    book = control_hub.book(60)
    file = upload(book.write())
    rows = db.session.scalars(select(ImportRow).order_by(ImportRow.position)).all()
    assert len(rows) == 60
    assert file.total == sum(row.outcome is RowOutcome.CREATED for row in rows) == len(book.of(""))
    assert {row.outcome for row in rows[:file.total]} == {RowOutcome.CREATED}
    assert all(row.asked is None for row in rows[file.total:])
    assert file.checked["counts"]["wrong"] == 60 - file.total


def test_a_check_that_was_cut_off_is_no_check(upload, terms, ada, monkeypatch):
    file = upload(people(5))
    seen = file.seal
    monkeypatch.setattr(checks, "ROWS_PER_COMMIT", 2)
    cut_off = iter(range(2))
    monkeypatch.setattr(checks, "_refuse_another_check", lambda *_given: next(cut_off))
    with pytest.raises((StopIteration, RuntimeError)):
        checks.check_upload(file, terms)
    assert (file.state, count_rows(file)) == (UploadState.CHECKING, 4)
    for order in (seen, file.seal):
        with pytest.raises(Changed):
            imports.order_import(ada, file, order)
    monkeypatch.undo()
    checks.check_upload(file, terms)
    assert (file.state, count_rows(file)) == (UploadState.CHECKED, 5)
    with pytest.raises(Changed):
        imports.order_import(ada, file, seen)
    assert import_all(ada, file)["created"] == 5
    with pytest.raises(AlreadyDone):
        checks.check_upload(file, terms)


def test_of_two_checks_at_once_the_later_one_counts(upload, terms, monkeypatch):
    file = upload(people(3))
    whole = checks._end_check

    def overtaken(*given):
        monkeypatch.setattr(checks, "_end_check", whole)
        checks.check_upload(file, terms)
        whole(*given)

    monkeypatch.setattr(checks, "_end_check", overtaken)
    with pytest.raises(Changed):
        checks.check_upload(file, terms)
    assert (file.state, count_rows(file)) == (UploadState.CHECKED, 3)


def test_a_file_whose_content_went_cannot_be_checked(upload, terms):
    file = upload(people(1))
    with writing() as session:
        session.execute(delete(UploadContent))
    with pytest.raises(Changed):
        checks.check_upload(file, terms)


def everything_kept(upload):
    columns = (ImportRow.line, ImportRow.outcome, ImportRow.leaver, ImportRow.name, ImportRow.email, ImportRow.user_id,
               ImportRow.asked, ImportRow.mark, ImportRow.said)
    rows = db.session.execute(select(*columns).where(ImportRow.upload_id == upload.id).order_by(ImportRow.line)).all()
    return [tuple(row) for row in rows], upload.checked, upload.total


OWN, BENS, FREE = "+14165550101", "+14165550102", "+14165550177"
PASSED_ON = (
    {EMAIL: "new@example.com", "Display Name": "Nia New", "Location": "Toronto", "Phone Number": OWN},
    {EMAIL: "uli@example.com", "Phone Number": BENS}, {EMAIL: "ben@example.com", "Phone Number": FREE},
    {EMAIL: "uli@example.com", "Phone Number": FREE}, {EMAIL: "ada@example.com", "Phone Number": BENS},
    {EMAIL: "ben@example.com", "App Version": "44.0"},
    {EMAIL: "two@example.com", "Display Name": "Tea Two", "Location": "Atlantis", "Phone Number": "+14165550179"},
    {EMAIL: "rita@example.com", "User Status": "Inactive", "Preferred Language": "tlh"})


@pytest.mark.parametrize("content", [user_csv(*PASSED_ON), user_csv(*reversed(PASSED_ON)),
                                     control_hub.book(60).write()])
def test_it_says_the_same_however_many_rows_are_planned_at_once(upload, terms, content, monkeypatch):
    """Rows that give and get numbers wait for the end of the file, whoever comes first."""
    file = upload(content)
    whole = everything_kept(file)
    for at_once in (1, 2, 3):
        monkeypatch.setattr(checks, "ROWS_PER_COMMIT", at_once)
        checks.check_upload(file, terms)
        assert everything_kept(file) == whole
        assert len(whole[0]) == file.checked["rows"]


def test_who_gives_a_number_up_is_imported_first_in_whichever_commit_they_were_planned(upload, ada, monkeypatch):
    monkeypatch.setattr(checks, "ROWS_PER_COMMIT", 1)
    file = upload(user_csv(*PASSED_ON[:3]))
    assert import_all(ada, file)["conflict"] == 0
    assert file.done["changed"] == 2
