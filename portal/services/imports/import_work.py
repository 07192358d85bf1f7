"""The import itself, in steps: each stores some rows and how far it is in one commit, so that a kill takes nothing back
and makes nothing happen twice.

Rights are checked when it begins. From then on it goes to its end, also when who began it is deactivated meanwhile: a
whole import can be undone, half of one would have to be understood first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from portal.extensions import db, now, writing
from portal.models import (
    WORKING_STATES,
    AccountState,
    ImportRow,
    Organization,
    RowOutcome,
    Upload,
    UploadState,
    User,
)

from .. import audit
from ..people.addresses_elsewhere import UNCOUNTED, AddressAnswers, record_refused_addresses
from ..refusals import Changed
from . import planning
from .checks import AlreadyDone
from .kept_files import is_file_kept
from .planning import ImportPlan, ImportTerms
from .replaced_values import keep_replaced, keep_versions
from .steps import RowPlan
from .stored_rows import keep_said, read_asked
from .writing import Person, carry_out_plan

ROWS_PER_STEP = 1000


class OtherWork(Exception):
    """Another file of the organization is being imported or undone. Nothing was written."""


def begin_import(actor: User, upload: Upload, seen: str) -> None:
    """Order the import of the good rows of a file; steps carry it out.

    `seen` is the seal of what was shown. Raises AlreadyDone if it was ordered before, Changed if something else was
    shown, OtherWork while another file of the organization is in work.
    """
    with writing():
        if upload.state not in (UploadState.CHECKING, UploadState.CHECKED):
            raise AlreadyDone
        if upload.state is UploadState.CHECKING or not is_file_kept(upload) or seen != upload.seal:
            raise Changed
        refuse_other_work(upload)
        left = {outcome.value: upload.checked["counts"][outcome]
                for outcome in (RowOutcome.UNCHANGED, RowOutcome.WRONG)}
        upload.done = {**{outcome.value: 0 for outcome in RowOutcome}, **left}
        upload.state, upload.cursor, upload.begun_by_id = UploadState.IMPORTING, 0, actor.id
        upload.as_operator = actor.operator


def refuse_other_work(upload: Upload) -> None:
    """Raise OtherWork while a file of this organization is imported or undone, in the open write transaction."""
    if db.session.scalar(select(Upload.id).where(Upload.organization_id == upload.organization_id,
                                                 Upload.state.in_(WORKING_STATES)).limit(1)):
        raise OtherWork


def import_next_rows(upload_id: int) -> bool:
    """Import the next rows of a file; whether it is in work."""
    with writing() as session:
        upload = session.get_one(Upload, upload_id)
        if upload.state is not UploadState.IMPORTING:
            return False
        kept = _next_rows(upload)
        if kept:
            _import_rows(upload, kept)
            upload.cursor = kept[-1].position + 1
        if upload.cursor >= upload.total:
            _end_import(upload)
    return True


def _next_rows(upload: Upload) -> Sequence[Row[Any]]:
    """The rows of the next step: a thousand, and those that belong to the last of them; what they ask for, and mark."""
    mine = ImportRow.upload_id == upload.id
    ends = select(func.min(ImportRow.position)).where(
        mine, ImportRow.position >= upload.cursor + ROWS_PER_STEP, ~ImportRow.together)
    end = min(db.session.scalar(ends) or upload.total, upload.total)
    return db.session.execute(select(ImportRow.position, ImportRow.asked, ImportRow.mark).where(
        mine, ImportRow.position >= upload.cursor, ImportRow.position < end).order_by(ImportRow.position)).all()


def _import_rows(upload: Upload, kept: Sequence[Row[Any]]) -> None:
    """Carry out the rows that still do what was shown, and keep with each row what it has replaced."""
    plan = _plan_again(upload, kept)
    replaced = [keep_replaced(step) if step.writes else None for step in plan.steps]
    created = carry_out_plan(db.session.get_one(User, upload.begun_by_id), plan)
    keys = [{"at_upload": upload.id, "at_position": row.position} for row in kept]
    results = map(_result, plan.steps, _people(plan, created), replaced)
    update_rows("outcome", "user_id", "before",
                results=[{**key, **result} for key, result in zip(keys, results, strict=True)])
    update_rows("said", results=[{**key, "said": keep_said(step)}
                                 for key, step in zip(keys, plan.steps, strict=True) if not step.good])
    upload.done = add_outcomes(upload.done, Counter(str(step.outcome) for step in plan.steps))


def _people(plan: ImportPlan, created: Sequence[Person]) -> Iterator[Person | None]:
    """Whom each step is about, once the plan was carried out."""
    new = iter(created)
    return (step.user or (next(new) if step.writes else None) for step in plan.steps)


def add_outcomes(done: dict[str, Any], counts: Counter[str]) -> dict[str, Any]:
    """What was done, with the rows of one more step."""
    return {**done, **{name: done[name] + many for name, many in counts.items()}}


def _plan_again(upload: Upload, kept: Sequence[Row[Any]]) -> ImportPlan:
    """The plan for rows as things are now; where it is not what was shown, others have changed something in between."""
    terms = ImportTerms(upload.organization_id, administers=True, operator=upload.as_operator, languages=(), zones=())
    answers = UNCOUNTED if terms.operator else AddressAnswers.to(upload.organization_id, upload.id)
    plan = planning.plan_rows(terms, [read_asked(row.asked) for row in kept], answers)
    plan.hold_to([row.mark for row in kept])
    if not terms.operator:
        record_refused_addresses(upload.organization_id, upload.begun_by_id or 0, dict(plan.refused_addresses),
                                 upload.id)
    return plan


def _result(step: RowPlan, person: Person | None, replaced: dict[str, list[Any]] | None) -> dict[str, Any]:
    """What is kept of a row that was imported or left out."""
    before = {"values": replaced, **keep_versions(step, person)} if person and replaced is not None else None
    return {"outcome": step.outcome, "user_id": person.id if person else None, "before": before}


def update_rows(*columns: str, results: Sequence[Mapping[str, Any]]) -> None:
    """Store these columns of rows with one statement; each result names its row by `at_upload` and `at_position`."""
    table: Any = ImportRow.__table__
    if results:
        db.session.execute(update(table).where(
            table.c.upload_id == bindparam("at_upload"), table.c.position == bindparam("at_position"),
        ).values({name: bindparam(name) for name in columns}), list(results))


def _end_import(upload: Upload) -> None:
    """Close the books of an import in the transaction of its last step."""
    created = select(User.id).join(ImportRow, ImportRow.user_id == User.id).where(
        ImportRow.upload_id == upload.id, ImportRow.outcome == RowOutcome.CREATED,
        User.account != AccountState.DEACTIVATED).order_by(ImportRow.position)
    upload.done = {**upload.done, "users": list(db.session.scalars(created))}
    upload.state, upload.imported_at = UploadState.IMPORTED, now()
    if upload.done["created"] or upload.done["changed"]:
        audit.record_event(db.session.get_one(User, upload.begun_by_id), "imported",
                           db.session.get_one(Organization, upload.organization_id),
                           created=upload.done["created"], changed=upload.done["changed"])
