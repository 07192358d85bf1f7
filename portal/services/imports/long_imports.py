"""Files in work: which there are, and the next step of one of them."""

from collections.abc import Callable, Mapping

from sqlalchemy import func, select, text

from portal.extensions import db
from portal.models import WORKING_UPLOADS, Upload, UploadState, User

from .import_work import ROWS_PER_STEP, begin_import, import_next_rows
from .undo_work import begin_undo, undo_next_rows

STEPS: Mapping[UploadState, Callable[[int], bool]] = {
    UploadState.IMPORTING: import_next_rows, UploadState.UNDOING: undo_next_rows}


def work_on_imports() -> bool:
    """Carry out the next step of a file that is imported or undone; whether there was one.

    Of several files one is chosen by chance, so that none that fails holds up the others.
    """
    found = select(Upload.id, Upload.state).where(text(WORKING_UPLOADS)).order_by(func.random()).limit(1)
    upload = db.session.execute(found).first()
    return upload is not None and STEPS[upload.state](upload.id)


def order_import(actor: User, upload: Upload, seen: str) -> None:
    """Begin to import a file. What fits into one step is done at once; the background process does the rest.

    Raises what `begin_import` raises.
    """
    begin_import(actor, upload, seen)
    _work_if_small(upload)


def order_undo(actor: User, upload: Upload) -> None:
    """Begin to undo an import, in the same way. Raises what `begin_undo` raises."""
    begin_undo(actor, upload)
    _work_if_small(upload)


def _work_if_small(upload: Upload) -> None:
    if upload.total <= ROWS_PER_STEP:
        STEPS[upload.state](upload.id)
