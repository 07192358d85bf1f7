"""The export that the bench imports: believable, the same at every run, and wrong only where it is meant to be."""

import pytest

from bench.control_hub_file import ROWS, count_good_rows, fault_of_row, write_export
from portal.extensions import db
from portal.models import RowOutcome, User
from portal.services import imports
from portal.services.imports import results
from tests.data.imported import import_all, undo_all

SOME = 600


@pytest.fixture
def ada(app, people):
    with app.app_context():
        yield db.session.get_one(User, people["Ada"].id)


def test_it_is_the_same_at_every_run_and_a_file_that_may_be_uploaded():
    assert write_export(SOME) == write_export(SOME)
    assert write_export(SOME + 1).startswith(write_export(SOME))
    assert len(write_export()) < 10 * 1024 * 1024
    assert ROWS == imports.MOST_ROWS


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8-sig", ","), ("utf-16", "\t")])
def test_what_is_wrong_on_purpose_is_left_out_and_nothing_else(ada, encoding, separator):
    terms = imports.ImportTerms(ada.organization_id, True, False, ("en", "de", "fr", "pl"), {"America/Toronto"})
    content = write_export(SOME, encoding, separator)
    file = imports.store_upload(ada, terms, "users.csv", content)
    done = import_all(ada, file)
    assert (done["created"], done["wrong"]) == (count_good_rows(SOME), SOME - count_good_rows(SOME))
    assert done["wrong"] == sum(bool(fault_of_row(line)) for line in range(1, SOME + 1)) == len(
        list(results.iterate_left_out(file)))
    again = imports.store_upload(ada, terms, "users.csv", content)
    assert again.checked["counts"] == {**dict.fromkeys(RowOutcome, 0), "unchanged": done["created"],
                                       "wrong": done["wrong"]}
    assert undo_all(ada, file)["closed"] == done["created"]
