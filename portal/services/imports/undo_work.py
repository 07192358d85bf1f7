"""Undo an import, in steps like the import: everybody gets back what nobody has changed since, and the rest is listed.

A user whom the import created and whom nobody has touched is closed, as accounts are never erased; importing the file
again opens such an account. Undo is a plan like an import, with the values the other way round.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from portal.extensions import db, now, writing
from portal.models import (
    Conversation,
    ImportRow,
    Organization,
    RowOutcome,
    RowUndone,
    Upload,
    UploadState,
    User,
)

from .. import audit
from ..accounts import sessions
from ..key_lists import is_among
from ..refusals import Changed
from ..toggles.eligibility import OrganizationSnapshot
from .checks import AlreadyDone
from .import_work import ROWS_PER_STEP, add_outcomes, refuse_other_work, update_rows
from .known_people import KnownPerson, read_people, store_number_sources
from .number_holders import NumberHolders
from .planning import ImportPlan
from .reversed_rows import DoneRow, ReversedRow, reverse_row
from .steps import RowPlan
from .texting_changes import TextingJudge
from .writing import carry_out_plan


def begin_undo(actor: User, upload: Upload) -> None:
    """Order that an import is undone; steps carry it out.

    Raises AlreadyDone unless the file was imported and not undone yet, Changed once its rows were erased, OtherWork
    while another file of the organization is in work.
    """
    with writing():
        if upload.state is not UploadState.IMPORTED:
            raise AlreadyDone
        if not can_be_undone(upload):
            raise Changed
        refuse_other_work(upload)
        upload.done = {**upload.done, **{undone.value: 0 for undone in RowUndone}}
        upload.state, upload.cursor, upload.begun_by_id = UploadState.UNDOING, 0, actor.id
        upload.as_operator = actor.operator


def can_be_undone(upload: Upload) -> bool:
    """Whether a file was imported, changed something, and its rows are still there."""
    rows = select(ImportRow.position).where(ImportRow.upload_id == upload.id, ImportRow.before.is_not(None)).limit(1)
    return upload.state is UploadState.IMPORTED and upload.total > 0 and db.session.scalar(rows) is not None


def undo_next_rows(upload_id: int) -> bool:
    """Undo the next rows of an import, the last of them first; whether there is such work."""
    with writing() as session:
        upload = session.get_one(Upload, upload_id)
        if upload.state is not UploadState.UNDOING:
            return False
        begins, kept = _next_rows(upload)
        if kept:
            _undo_rows(upload, kept)
        upload.cursor = upload.total - begins
        if begins == 0:
            _end_undo(upload)
    return True


def _next_rows(upload: Upload) -> tuple[int, Sequence[DoneRow]]:
    """The place at which the rows of the next step begin, and those of them that did something."""
    mine, ends = ImportRow.upload_id == upload.id, upload.total - upload.cursor
    place = select(func.max(ImportRow.position)).where(
        mine, ImportRow.position <= max(ends - ROWS_PER_STEP, 0), ~ImportRow.together)
    begins = db.session.scalar(place) or 0
    # Without what the rows had asked for: no row is read from the file again.
    rows = select(*(getattr(ImportRow, name) for name in DoneRow._fields)).where(
        mine, ImportRow.position >= begins, ImportRow.position < ends,
        ImportRow.outcome.in_((RowOutcome.CREATED, RowOutcome.CHANGED)))
    return begins, [DoneRow(*row) for row in db.session.execute(rows.order_by(ImportRow.position))]


def _undo_rows(upload: Upload, kept: Sequence[DoneRow]) -> None:
    undone = list(_reversed_rows(upload, kept))
    holders = _settled_holders(upload, [one.step for one in undone])
    for one in undone:
        one.leave_taken_number()
    sessions.end_links_of_users(_closed_users(undone))
    actor = db.session.get_one(User, upload.begun_by_id)
    carry_out_plan(actor, ImportPlan(tuple(one.step for one in undone), holders))
    audit.record_events(actor, [event for one in undone for event in one.restore_source()])
    store_number_sources(list(filter(None, (one.step.current_number for one in undone if one.source))))
    _keep_results(upload, undone)
    upload.done = add_outcomes(upload.done, Counter(one.result.value for one in undone))


def _keep_results(upload: Upload, undone: Sequence[ReversedRow]) -> None:
    update_rows("undone", "before", results=[{**_key(upload, one), **_result(one)} for one in undone])
    update_rows("said", results=[{**_key(upload, one), "said": one.said} for one in undone if one.left])


def _closed_users(undone: Sequence[ReversedRow]) -> list[int]:
    return [one.step.user.id for one in undone if one.closes and one.step.user]


def _settled_holders(upload: Upload, steps: Sequence[RowPlan]) -> NumberHolders:
    """Who has the numbers that users had before; a step whose number is taken has a problem now."""
    holders = NumberHolders.of(upload.organization_id, steps)
    for step in steps:
        holders.consider_back(step)
    holders.settle()
    return holders


def _reversed_rows(upload: Upload, kept: Sequence[DoneRow]) -> Iterator[ReversedRow]:
    ids = [row.user_id or 0 for row in kept]
    users, talked = _read_users(ids), _read_talkers(ids)
    judge = TextingJudge(OrganizationSnapshot.read(upload.organization_id), administers=True)
    for row in kept:
        now_there = users[row.user_id or 0]
        new_with_texts = row.outcome is RowOutcome.CREATED and row.user_id in talked
        yield reverse_row(row, now_there, judge, is_out_of_reach=new_with_texts or (
            now_there[0].operator and not upload.as_operator))


def _read_users(ids: Sequence[int]) -> dict[int, KnownPerson]:
    return {one[0].id: one for one in read_people(is_among(User.id, ids))}


def _read_talkers(ids: Sequence[int]) -> set[int]:
    """Those of these users who have written or got texts."""
    return set(db.session.scalars(select(Conversation.user_id).where(is_among(Conversation.user_id, ids))))


def _result(one: ReversedRow) -> dict[str, Any]:
    """What is kept of a row that was undone: by the version of the user it is seen whether others change it again."""
    version = one.step.user.version if one.step.user else 0
    return {"undone": one.result, "before": {**(one.row.before or {}), "user": version}}


def _key(upload: Upload, one: ReversedRow) -> dict[str, int]:
    return {"at_upload": upload.id, "at_position": one.row.position}


def _end_undo(upload: Upload) -> None:
    """Close the books of an import that was undone, in the transaction of its last step."""
    upload.state, upload.undone_at = UploadState.UNDONE, now()
    audit.record_event(db.session.get_one(User, upload.begun_by_id), "import-undone",
                       db.session.get_one(Organization, upload.organization_id),
                       restored=upload.done["restored"] + upload.done["closed"], left=upload.done["left"])
