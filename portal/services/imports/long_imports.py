"""Files in work: which there are, and the next step of one of them."""

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import func, select, text

from portal.extensions import db
from portal.models import WORKING_UPLOADS, Upload, UploadState, User

from .import_work import ROWS_PER_STEP, begin_import, import_next_rows
from .undo_work import begin_undo, undo_next_rows

STEPS: Mapping[UploadState, Callable[[int], bool]] = {
    UploadState.IMPORTING: import_next_rows, UploadState.UNDOING: undo_next_rows}


def find_file_in_work(resting: Collection[int] = ()) -> int | None:
    """The id of a file that is imported or undone, but for those that rest; None without one.

    Of several files one is chosen by chance.
    """
    found = select(Upload.id).where(text(WORKING_UPLOADS), Upload.id.not_in(resting))
    return db.session.scalar(found.order_by(func.random()).limit(1))


def step_file(upload_id: int) -> bool:
    """Carry out the next step of a file; False if it is not in work any more."""
    state = db.session.scalar(select(Upload.state).where(Upload.id == upload_id))
    step = STEPS.get(state) if state else None
    return step is not None and step(upload_id)


def work_on_imports() -> bool:
    """Carry out the next step of any file; whether there was one."""
    found = find_file_in_work()
    return found is not None and step_file(found)


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
