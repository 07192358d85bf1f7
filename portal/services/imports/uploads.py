"""Uploaded files: stored, checked in a dry run, imported, and erased in the end."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from portal import lengths
from portal.extensions import db, now, writing
from portal.models import AccountState, Organization, Upload, User

from .. import audit
from ..accounts.links import add_links
from ..people import addresses_elsewhere
from ..refusals import Changed
from . import planning, reading
from .planning import ImportPlan, ImportTerms
from .steps import RowOutcome
from .writing import carry_out_plan

RECENT = 10
# The most bytes of files that one organization keeps; the newest file is always kept.
BYTES_KEPT = 20 * 1024 * 1024


class AlreadyDone(Exception):
    """The import or the download was done before, perhaps in another window. Nothing was written."""


@dataclass(frozen=True, slots=True)
class CheckedUpload:
    """An upload with what it would do now; `plan` is None once the content is erased."""

    upload: Upload
    plan: ImportPlan | None


def store_upload(actor: User, name: str, content: bytes) -> Upload:
    """Keep a file of users for its dry run, and erase the oldest files if there are too many.

    Raises UnreadableFile when no table can be read from it.
    """
    reading.read_sheet(content)
    return keep_file(actor, actor.organization_id or 0, name, content)


def keep_file(actor: User, organization_id: int, name: str, content: bytes, *, opt_outs: bool = False) -> Upload:
    """Keep a file that can be read, of users or of opt-outs, and erase the oldest files if there are too many."""
    with writing() as session:
        upload = Upload(organization_id=organization_id, user_id=actor.id, file_name=tidy_file_name(name),
                        content=content, size=len(content), opt_outs=opt_outs)
        session.add(upload)
        session.flush()
        _make_room(upload)
    return upload


def _make_room(newest: Upload) -> None:
    """Erase the contents of an organization's oldest files beyond BYTES_KEPT: one statement."""
    later = aliased(Upload)
    taken = select(func.sum(later.size)).where(
        later.organization_id == newest.organization_id, later.id >= Upload.id, later.content.is_not(None))
    db.session.execute(update(Upload).where(
        Upload.organization_id == newest.organization_id, Upload.id != newest.id, Upload.content.is_not(None),
        taken.scalar_subquery() > BYTES_KEPT).values(content=None))


def tidy_file_name(given: str) -> str:
    """The name of the file without its folder, which some browsers send, and without control characters."""
    plain = "".join(char for char in given.replace("\\", "/").rpartition("/")[2] if char.isprintable())
    return plain.strip()[-lengths.FILE_NAME:] or "users.csv"


def find_upload(reader: User, ref: str) -> Upload:
    """An upload of the reader's own organization; 404 for an upload of another one."""
    found: Upload = db.one_or_404(select(Upload).where(
        Upload.ref == ref, Upload.organization_id == reader.organization_id, ~Upload.opt_outs))
    return found


def list_recent_uploads(reader: User) -> list[tuple[Upload, str]]:
    """The newest uploads of the reader's organization, each with the name of who uploaded it."""
    found = select(Upload, User.name).join(User, User.id == Upload.user_id)
    mine = found.where(Upload.organization_id == reader.organization_id, ~Upload.opt_outs)
    return [(upload, name) for upload, name in db.session.execute(mine.order_by(Upload.id.desc()).limit(RECENT))]


def check_upload(upload: Upload, terms: ImportTerms) -> CheckedUpload:
    """What a file would do now. Nothing of it is carried out.

    Addresses of people in other organizations that the plan reveals for the first time are recorded.
    """
    if upload.content is None:
        return CheckedUpload(upload, None)
    sheet = reading.read_sheet(upload.content)
    plan = _planned(upload, terms, sheet)
    if plan.refused_addresses:
        with writing():
            # Planned again under the write lock: another file or form may have used up answers since.
            _record_refused_addresses(_planned(upload, terms, sheet), upload, upload.user_id)
        # And once more: the commit expires the records that the plan holds.
        plan = _planned(upload, terms, sheet)
    return CheckedUpload(upload, plan)


def _record_refused_addresses(plan: ImportPlan, upload: Upload, by_id: int) -> None:
    addresses_elsewhere.record_refused_addresses(upload.organization_id, by_id, dict(plan.refused_addresses),
                                                 upload.id)


def _planned(upload: Upload, terms: ImportTerms, sheet: reading.Sheet) -> ImportPlan:
    answers = addresses_elsewhere.UNCOUNTED
    if not terms.operator:
        answers = addresses_elsewhere.AddressAnswers.to(upload.organization_id, upload.id)
    plan = planning.plan_import(terms, sheet, answers)
    return replace(plan, refused_addresses={}) if terms.operator else plan


def import_upload(actor: User, upload: Upload, terms: ImportTerms, seal: str) -> dict[str, Any]:
    """Import the good rows of a file that still do what was shown, in one commit; returns the counts.

    `seal` comes from the plan that was shown. The plan is made again under the write lock; a row that would do
    something else now is a conflict and is left out. Raises AlreadyDone if the file was imported before, Changed if
    the seal is of another file or the content was erased.
    """
    if upload.content is None:
        raise Changed
    sheet = reading.read_sheet(upload.content)
    with writing():
        if upload.imported_at is not None:
            raise AlreadyDone
        plan = _planned(upload, terms, sheet)
        if not plan.hold_to(seal):
            raise Changed
        _record_refused_addresses(plan, upload, actor.id)
        upload.imported_at, upload.done = now(), _counts(plan)
        created = carry_out_plan(actor, plan)
        upload.done = {**upload.done, "users": [user.id for user in created if user.active]}
        if upload.done["created"] or upload.done["changed"]:
            audit.record_event(actor, "imported", db.session.get_one(Organization, upload.organization_id),
                               created=upload.done["created"], changed=upload.done["changed"])
    return upload.done


def _counts(plan: ImportPlan) -> dict[str, Any]:
    """How many rows of each outcome, and the lines of those that were left out."""
    counts = {outcome.value: len(plan.of(outcome)) for outcome in RowOutcome}
    return {**counts, "lines": {outcome.value: [step.row.line for step in plan.of(outcome)]
                                for outcome in (RowOutcome.WRONG, RowOutcome.CONFLICT)}}


def give_links(actor: User, upload: Upload) -> list[tuple[User, str]]:
    """Make sign-in links for the users whom an import created and who have no password yet: (user, token).

    Raises AlreadyDone if the links were handed out before.
    """
    with writing() as session:
        if upload.links_given or not upload.done.get("users"):
            raise AlreadyDone
        upload.links_given = True
        new = select(User).where(User.id.in_(upload.done["users"]), User.password_hash == "", ~User.operator,
                                 User.organization_id == upload.organization_id,
                                 User.account != AccountState.DEACTIVATED)
        users = session.scalars(new.order_by(User.name_key)).all()
        links = list(zip(users, add_links(actor, users), strict=True))
        organization = session.get_one(Organization, upload.organization_id)
        audit.record_event(actor, "links-downloaded", organization, links=len(links))
    return links
