"""The contents of uploaded files: kept, read again, and found to be damaged."""

from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import ContentState, Upload, UploadContent

from ..refusals import Changed
from .reading import USER_SHEET, Sheet, SheetKind, read_sheet


def is_file_kept(upload: Upload) -> bool:
    """Whether the content of a file is still there, and could be read when the portal looked last."""
    return upload.content_state is ContentState.KEPT


def is_file_erased(upload: Upload) -> bool:
    """Whether the content of a file is gone."""
    return upload.content_state is ContentState.ERASED


def read_kept_sheet(upload: Upload, kind: SheetKind = USER_SHEET, *, whole: bool = True) -> Sheet:
    """Read a file as `read_sheet` does.

    Raises Changed if its content was erased, UnreadableFile if it could be read when it came and no longer can.
    """
    content = db.session.scalar(select(UploadContent.content).where(UploadContent.upload_id == upload.id))
    if content is None:
        raise Changed
    return read_sheet(content, kind, whole=whole)


def note_damaged_file(upload: Upload) -> None:
    """Note that a file cannot be read any more, so that its page says so and nobody tries to check it again."""
    with writing():
        if is_file_kept(upload):
            upload.content_state = ContentState.UNREADABLE
