"""The dry run as it is kept: bounded statements, one check at a time, and nothing half done that passes for whole."""

import pytest
from sqlalchemy import func, select

from portal.extensions import db, writing
from portal.models import ImportRow, RowOutcome, UploadState
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
    with writing():
        file.content = None
    with pytest.raises(Changed):
        checks.check_upload(file, terms)
