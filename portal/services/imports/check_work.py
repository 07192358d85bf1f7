"""Who carries a check out: a short file is checked within the request, a longer one by the background process.

While a file is checked, its seal is the name of the run, and `checked_at` the last sign of life; a file that waits has
none. After a silence, as when the process was killed, the check is begun anew.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import func, or_, select, text

from portal.extensions import db, now, writing
from portal.models import UNCHECKED_UPLOADS, Upload, UploadState

from ..refusals import Changed
from .checks import ROWS_PER_COMMIT, AlreadyDone, check_sheet, check_upload, note_orderer
from .decoding import UnreadableFile
from .kept_files import is_file_kept, note_damaged_file
from .planning import ImportTerms
from .reading import MOST_ROWS, Sheet

SILENCE = timedelta(seconds=30)


def order_first_check(upload: Upload, terms: ImportTerms, sheet: Sheet) -> None:
    """Have a file checked that was just read and kept."""
    if len(sheet.lines) <= ROWS_PER_COMMIT:
        # If this process stood still for too long, another one has taken the check over, and its result counts.
        with suppress(Changed, AlreadyDone):
            check_sheet(upload, terms, sheet)
    else:
        _put_in_line(upload, terms, len(sheet.lines))


def order_check(upload: Upload, terms: ImportTerms) -> None:
    """Have a file checked again, as things are now. Raises Changed if its content was erased or, for a short one, if
    another check began at the same moment; AlreadyDone if the file was imported, UnreadableFile if it is damaged.
    """
    many = int(upload.checked.get("rows", upload.total or MOST_ROWS))
    if many <= ROWS_PER_COMMIT:
        try:
            check_upload(upload, terms)
        except UnreadableFile:
            note_damaged_file(upload)
            raise
    else:
        _put_in_line(upload, terms, many)


def _put_in_line(upload: Upload, terms: ImportTerms, many: int) -> None:
    with writing():
        if upload.state not in (UploadState.CHECKING, UploadState.CHECKED):
            raise AlreadyDone
        if not is_file_kept(upload):
            raise Changed
        upload.state, upload.seal, upload.checked_at = UploadState.CHECKING, "", None
        upload.cursor, upload.total = 0, many
        note_orderer(upload, terms)


def find_waiting_upload(resting: Collection[int] = ()) -> int | None:
    """The id of a file that waits for its check, but for those that rest; None without one."""
    # A sign of life from later than now was given before the clock was set back.
    quiet = or_(Upload.checked_at.is_(None), Upload.checked_at < now() - SILENCE, Upload.checked_at > now() + SILENCE)
    found = select(Upload.id).where(text(UNCHECKED_UPLOADS), quiet, Upload.id.not_in(resting))
    return db.session.scalar(found.order_by(func.random()).limit(1))


def check_waiting_upload(upload_id: int, languages: Collection[str], zones: Collection[str]) -> bool:
    """Check a file, with the languages and time zones that the portal offers; False if it waits no longer."""
    upload = db.session.get(Upload, upload_id)
    if upload is None or upload.state is not UploadState.CHECKING or not is_file_kept(upload):
        return False
    terms = ImportTerms(upload.organization_id, administers=True, operator=upload.as_operator, languages=languages,
                        zones=zones, reader_id=upload.begun_by_id)
    _check_unless_taken(upload, terms)
    return True


def check_next_upload(languages: Collection[str], zones: Collection[str]) -> bool:
    """Check any file that waits for it; whether there was one."""
    found = find_waiting_upload()
    return found is not None and check_waiting_upload(found, languages, zones)


def _check_unless_taken(upload: Upload, terms: ImportTerms) -> None:
    try:
        check_upload(upload, terms)
    except (Changed, AlreadyDone):
        # Another process was quicker, or somebody has ordered another check: theirs counts.
        db.session.rollback()
    except UnreadableFile:
        # Its owner hears why when they upload it again.
        note_damaged_file(upload)
