"""Uploaded files between their dry run and their end."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

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
# Bytes of the files that an organization keeps here at a time; the newest is kept in any case.
BYTES_KEPT = 20 * 1024 * 1024
FILE_NAME_LENGTH = 120  # what the column holds


class AlreadyDone(Exception):
    """It was done before, perhaps in another window. Nothing was written."""


@dataclass(frozen=True, slots=True)
class CheckedUpload:
    """An upload with what it would do now; no plan once its content was erased."""

    upload: Upload
    plan: ImportPlan | None


def store_upload(actor: User, name: str, content: bytes) -> Upload:
    """Keep a file for its dry run, and let older ones go where there are too many.

    Raises reading.Unreadable when it cannot be read at all.
    """
    reading.read_sheet(content)
    with writing() as session:
        upload = Upload(organization_id=actor.organization_id or 0, user_id=actor.id, file_name=_name(name),
                        content=content, size=len(content))
        session.add(upload)
        session.flush()
        _make_room(upload)
    return upload


def _make_room(newest: Upload) -> None:
    """Erase the oldest contents of an organization beyond what it may keep: one statement."""
    later = aliased(Upload)
    taken = select(func.sum(later.size)).where(
        later.organization_id == newest.organization_id, later.id >= Upload.id, later.content.is_not(None))
    db.session.execute(update(Upload).where(
        Upload.organization_id == newest.organization_id, Upload.id != newest.id, Upload.content.is_not(None),
        taken.scalar_subquery() > BYTES_KEPT).values(content=None))


def _name(given: str) -> str:
    """The file's own name: browsers may send a folder with it, and people anything."""
    plain = "".join(char for char in given.replace("\\", "/").rpartition("/")[2] if char.isprintable())
    return plain.strip()[-FILE_NAME_LENGTH:] or "users.csv"


def find_upload(reader: User, ref: str) -> Upload:
    """An upload of the reader's own organization; 404 for everybody else's."""
    found: Upload = db.one_or_404(select(Upload).where(
        Upload.ref == ref, Upload.organization_id == reader.organization_id))
    return found


def list_recent_uploads(reader: User) -> list[tuple[Upload, str]]:
    """The newest uploads of the reader's organization, each with the name of who uploaded it."""
    found = select(Upload, User.name).join(User, User.id == Upload.user_id)
    mine = found.where(Upload.organization_id == reader.organization_id)
    return [(upload, name) for upload, name in db.session.execute(mine.order_by(Upload.id.desc()).limit(RECENT))]


def check_upload(upload: Upload, terms: ImportTerms) -> CheckedUpload:
    """What a file would do now; changes nothing of it.

    Which addresses of people elsewhere it tells about for the first time is written down.
    """
    if upload.content is None:
        return CheckedUpload(upload, None)
    sheet = reading.read_sheet(upload.content)
    plan = _planned(upload, terms, sheet)
    if plan.told:
        with writing():
            # Made again under the lock: another file or form may have been answered meanwhile.
            told = _planned(upload, terms, sheet).told
            addresses_elsewhere.record_refused_addresses(upload.organization_id, upload.user_id, dict(told), upload.id)
        # And once more, because the commit forgets what was read.
        plan = _planned(upload, terms, sheet)
    return CheckedUpload(upload, plan)


def _planned(upload: Upload, terms: ImportTerms, sheet: reading.Sheet) -> ImportPlan:
    answers = addresses_elsewhere.UNCOUNTED
    if not terms.operator:
        answers = addresses_elsewhere.AddressAnswers.to(upload.organization_id, upload.id)
    plan = planning.plan_import(terms, sheet, answers)
    return replace(plan, told={}) if terms.operator else plan


def import_upload(actor: User, upload: Upload, terms: ImportTerms, seal: str) -> dict[str, Any]:
    """Import the good rows of a file in one commit, and those only that do what was seen; returns the counts.

    `seal` is that of the plan that was shown. The plan is made again, under the lock, and what would do
    something else by now is left out as a conflict. Raises Again when the file was imported before,
    Changed when the seal is not of this file or its content was erased.
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
        addresses_elsewhere.record_refused_addresses(upload.organization_id, actor.id, dict(plan.told), upload.id)
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

    Raises Again when they were handed out before.
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
