"""Uploaded files: stored and found again, with the sign-in links of whom they brought."""

from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased

from portal import lengths
from portal.extensions import db, now, writing
from portal.models import (
    AccountState,
    ContentState,
    ImportRow,
    Organization,
    Upload,
    UploadContent,
    UploadState,
    User,
)

from .. import audit
from ..accounts.links import add_links
from ..key_lists import is_among
from . import reading
from .check_work import order_first_check
from .checks import AlreadyDone
from .planning import ImportTerms

UPLOADS_PER_PAGE = 20
# The most bytes of files that one organization keeps; the newest file is always kept.
BYTES_KEPT = 20 * 1024 * 1024


def store_upload(actor: User, terms: ImportTerms, name: str, content: bytes) -> Upload:
    """Keep a file of users and have it checked, a short one at once; erase the oldest files if there are too many.

    Raises UnreadableFile when no table can be read from it.
    """
    sheet = reading.read_sheet(content, whole=False)
    upload = keep_file(actor, terms.organization_id, name, content, as_operator=terms.operator)
    order_first_check(upload, terms, sheet)
    return upload


def keep_file(actor: User, organization_id: int, name: str, content: bytes, *, opt_outs: bool = False,
              as_operator: bool = False) -> Upload:
    """Keep a file that can be read, of users or of opt-outs, and erase the oldest files if there are too many.

    `as_operator`: it is to be checked with an operator's rights.
    """
    with writing() as session:
        upload = Upload(organization_id=organization_id, user_id=actor.id, file_name=tidy_file_name(name),
                        size=len(content), opt_outs=opt_outs, checked_at=now(), begun_by_id=actor.id,
                        as_operator=as_operator)
        session.add(upload)
        session.flush()
        session.add(UploadContent(upload_id=upload.id, content=content))
        _make_room(upload)
    return upload


def _make_room(newest: Upload) -> None:
    """Erase the contents of an organization's oldest files beyond BYTES_KEPT, and what their checks found."""
    later, ours = aliased(Upload), Upload.organization_id == newest.organization_id
    taken = select(func.sum(later.size)).where(
        later.organization_id == newest.organization_id, later.id >= Upload.id,
        later.content_state != ContentState.ERASED)
    db.session.execute(update(Upload).where(
        ours, Upload.id != newest.id, Upload.content_state != ContentState.ERASED,
        taken.scalar_subquery() > BYTES_KEPT).values(content_state=ContentState.ERASED))
    gone = select(Upload.id).where(ours, Upload.content_state == ContentState.ERASED)
    db.session.execute(delete(UploadContent).where(UploadContent.upload_id.in_(gone)))
    db.session.execute(delete(ImportRow).where(ImportRow.upload_id.in_(
        gone.where(Upload.state.in_((UploadState.CHECKING, UploadState.CHECKED))))))


def tidy_file_name(given: str) -> str:
    """The name of the file without its folder, which some browsers send, and without control characters."""
    plain = "".join(char for char in given.replace("\\", "/").rpartition("/")[2] if char.isprintable())
    return plain.strip()[-lengths.FILE_NAME:] or "users.csv"


def find_upload(reader: User, ref: str) -> Upload:
    """An upload of the reader's own organization; 404 for an upload of another one."""
    found: Upload = db.one_or_404(select(Upload).where(
        Upload.ref == ref, Upload.organization_id == reader.organization_id, ~Upload.opt_outs))
    return found


class RecentUpload(NamedTuple):
    """An upload with the name of who uploaded it; `undoable`: it was imported and can be undone."""

    upload: Upload
    by: str
    undoable: bool


def list_recent_uploads(reader: User, before: str = "", most: int = UPLOADS_PER_PAGE) -> tuple[
        list[RecentUpload], bool]:
    """Uploads of the reader's organization, newest first.

    At most `most` that are older than the one with the ref `before`; True when there are more.
    """
    rows = select(ImportRow.position).where(ImportRow.upload_id == Upload.id).exists()
    found = select(Upload, User.name, (Upload.state == UploadState.IMPORTED) & (Upload.total > 0) & rows).join(
        User, User.id == Upload.user_id).where(Upload.organization_id == reader.organization_id, ~Upload.opt_outs)
    if before:
        found = found.where(Upload.id < find_upload(reader, before).id)
    listed = [RecentUpload(*row) for row in db.session.execute(found.order_by(Upload.id.desc()).limit(most + 1))]
    return listed[:most], len(listed) > most


def give_links(actor: User, upload: Upload) -> list[tuple[User, str]]:
    """Make sign-in links for the users whom an import created and who have no password yet: (user, token).

    Raises AlreadyDone if the links were handed out before.
    """
    with writing() as session:
        if upload.links_given or not upload.done.get("users"):
            raise AlreadyDone
        upload.links_given = True
        new = select(User).where(is_among(User.id, upload.done["users"]), User.password_hash == "", ~User.operator,
                                 User.organization_id == upload.organization_id,
                                 User.account != AccountState.DEACTIVATED)
        users = session.scalars(new.order_by(User.name_key)).all()
        links = list(zip(users, add_links(actor, users), strict=True))
        organization = session.get_one(Organization, upload.organization_id)
        audit.record_event(actor, "links-downloaded", organization, links=len(links))
    return links
