"""The contents of uploaded files: read again, erased or damaged, and never written with the progress of the work."""

import pytest
from sqlalchemy import delete, update

from portal.extensions import writing
from portal.models import ContentState, UploadContent
from portal.services import imports
from portal.services.imports import UnreadableFile, kept_files
from portal.services.refusals import Changed
from tests.data.files import EMAIL, user_csv
from tests.data.imported import import_all, undo_all

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def file(ada):
    terms = imports.ImportTerms(ada.organization_id, True, False, ("en",), {"America/Toronto"})
    return imports.store_upload(ada, terms, "users.csv", user_csv({EMAIL: "uli@example.com", "App Version": "44.0"}))


def change(statement):
    with writing() as session:
        session.execute(statement)


def test_a_file_is_read_again_as_it_came(file):
    assert [line.number for line in kept_files.read_kept_sheet(file).lines] == [2]
    assert kept_files.is_file_kept(file)


def test_an_erased_file_and_a_damaged_one_are_told_apart(file):
    change(update(UploadContent).values(content=b"PK\x03\x04"))
    with pytest.raises(UnreadableFile):
        kept_files.read_kept_sheet(file)
    kept_files.note_damaged_file(file)
    assert (file.content_state, kept_files.is_file_kept(file)) == (ContentState.UNREADABLE, False)
    change(delete(UploadContent))
    with pytest.raises(Changed):
        kept_files.read_kept_sheet(file)


def test_what_was_erased_meanwhile_stays_erased(file):
    with writing():
        file.content_state = ContentState.ERASED
    kept_files.note_damaged_file(file)
    assert file.content_state is ContentState.ERASED


def test_the_work_on_a_file_does_not_touch_its_content(file, ada, statements):
    """With the content in the row of the file, each step would write all of it anew."""
    with statements() as seen:
        import_all(ada, file)
        undo_all(ada, file)
    assert [one for one in seen if one.startswith("UPDATE uploads")]
    assert not [one for one in seen if "upload_contents" in one]
