"""The rows of a file by what became of them: some at a time, behind a line."""

import pytest

from portal.services import imports
from portal.services.imports import RowOutcome, results
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all, undo_all

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def upload(ada):
    terms = imports.ImportTerms(ada.organization_id, True, False, ("en",), {"America/Toronto"})
    rows = [{EMAIL: f"p{n}@example.com", "Display Name": f"P {n}", "Location": "Toronto" if n % 3 else "Atlantis",
             "Phone Number": f"+1647555{n:04}"} for n in range(9)]
    return imports.store_upload(ada, terms, "users.csv", user_csv(
        *rows, {EMAIL: "uli@example.com", "User Status": "Inactive"}))


def lines(found):
    return [one.row.line for one in found]


def test_pages_follow_each_other(upload):
    assert lines(results.list_import_rows(upload, RowOutcome.CREATED, most=4)) == [3, 4, 6, 7]
    assert lines(results.list_import_rows(upload, RowOutcome.CREATED, after=7, most=4)) == [9, 10]
    assert lines(results.list_import_rows(upload, *results.LEFT_OUT, most=9)) == [2, 5, 8]
    assert lines(results.iterate_left_out(upload)) == [2, 5, 8]
    assert [one.user.name for one in results.list_leavers(upload, 5)] == ["Uli Brandt"]


def test_numbers_that_wait_are_counted_as_they_are_now(upload, ada):
    assert (upload.checked["unconfirmed"], results.count_unconfirmed(upload)) == (6, 0)
    import_all(ada, upload)
    assert results.count_unconfirmed(upload) == 6
    undo_all(ada, upload)
    assert results.count_unconfirmed(upload) == 0
    assert results.list_kept_rows(upload, most=5) == []
