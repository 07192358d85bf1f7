"""Which files are in work: found at once, one step at a time, small ones within the request."""

import pytest

from portal.extensions import db
from portal.models import Upload, UploadState
from portal.services import imports
from portal.services.imports import import_work, long_imports
from tests.data.files import EMAIL, user_csv

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def upload(ada):
    """`upload(3)` is a file with so many new users, checked."""
    terms = imports.ImportTerms(ada.organization_id, True, False, ("en",), {"America/Toronto"})
    return lambda many: imports.store_upload(ada, terms, "users.csv", user_csv(*(
        {EMAIL: f"p{n}@example.com", "Display Name": f"P {n}", "Location": "Toronto"} for n in range(many))))


def test_work_is_found_only_where_somebody_has_ordered_it(upload, ada, monkeypatch, statements):
    for module in (import_work, long_imports):
        monkeypatch.setattr(module, "ROWS_PER_STEP", 2)
    file = upload(3)
    with statements() as seen:
        assert not imports.work_on_imports()
    assert len(seen) == 1
    imports.order_import(ada, file, file.seal)
    assert (file.state, file.cursor) == (UploadState.IMPORTING, 0)
    assert [imports.work_on_imports() for _ in range(3)] == [True, True, False]
    assert db.session.get_one(Upload, file.id).state is UploadState.IMPORTED


def test_what_fits_into_one_step_is_done_at_once(upload, ada):
    file = upload(3)
    imports.order_import(ada, file, file.seal)
    assert file.state is UploadState.IMPORTED
    imports.order_undo(ada, file)
    assert file.state is UploadState.UNDONE
    assert not imports.work_on_imports()
