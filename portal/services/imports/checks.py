"""The dry run of a file: planned once, and kept row by row, so that pages show it and the import carries it out.

The portal keeps what it has shown: the import does no more than that, however much later.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import chain, islice
from typing import Any

from sqlalchemy import delete, select

from portal.extensions import draw_letters, now, writing
from portal.models import ImportRow, RowOutcome, Upload, UploadState, User

from ..key_lists import is_among
from ..many_rows import insert_rows
from ..people import addresses_elsewhere
from ..people.addresses_elsewhere import UNCOUNTED, AddressAnswers
from ..refusals import Changed
from . import planning, reading, rows
from .columns import ImportColumn
from .decoding import Encoding
from .planning import ImportPlan, ImportTerms
from .reading import Sheet
from .rows import FileRow
from .stored_rows import keep_step
from .work_order import arrange_steps

ROWS_PER_COMMIT = 1000
MOST_NOTES, SAMPLES = 10, 3


class AlreadyDone(Exception):
    """The import or the download was done before, perhaps in another window. Nothing was written."""


def check_upload(upload: Upload, terms: ImportTerms) -> None:
    """Find out what a file would do now, and keep that with each row. Nothing of it is carried out.

    Addresses of people in other organizations that the plan reveals for the first time are recorded. A check that a
    kill interrupts leaves the file unchecked. Raises Changed if the content was erased or another check has begun
    since, AlreadyDone if the file was imported.
    """
    if upload.content is None:
        raise Changed
    check_sheet(upload, terms, reading.read_sheet(upload.content, whole=False))


def check_sheet(upload: Upload, terms: ImportTerms, sheet: Sheet) -> None:
    """The same for a file that has been read."""
    asked = rows.read_rows(sheet, terms.languages, terms.zones)
    run, answers = _begin_check(upload, terms, asked)
    plan = planning.plan_rows(terms, asked, answers)
    # Before the first commit, after which all records that the plan holds would be read again, one by one.
    kept, summary, seal = _keep_plan(plan), _summary(sheet, plan), _seal(plan)
    for begin in range(0, len(kept), ROWS_PER_COMMIT):
        with writing():
            _refuse_another_check(upload, run)
            insert_rows(ImportRow, [{"upload_id": upload.id, **row} for row in kept[begin:begin + ROWS_PER_COMMIT]])
    _end_check(upload, terms, run, plan.refused_addresses, summary, seal)


def _keep_plan(plan: ImportPlan) -> list[dict[str, Any]]:
    """The columns of every row in the order of the work."""
    others = ((step, False) for step in plan.steps if not step.writes)
    return [keep_step(step, place, together=together)
            for place, (step, together) in enumerate(chain(arrange_steps(plan), others))]


def _seal(plan: ImportPlan) -> str:
    return blake2b(b"".join(step.mark for step in plan.steps), digest_size=16).hexdigest()


def _begin_check(upload: Upload, terms: ImportTerms, asked: list[FileRow]) -> tuple[str, AddressAnswers]:
    """Forget an earlier check, and settle what the file may reveal; returns the name of this run, and the answers."""
    run, keys = draw_letters(16), [row.key for row in asked]
    with writing() as session:
        if upload.state not in (UploadState.CHECKING, UploadState.CHECKED):
            raise AlreadyDone
        session.execute(delete(ImportRow).where(ImportRow.upload_id == upload.id))
        upload.state, upload.seal = UploadState.CHECKING, run
        if terms.operator:
            return run, UNCOUNTED
        taken = set(session.scalars(select(User.email_key).where(
            is_among(User.email_key, keys), User.organization_id.is_distinct_from(upload.organization_id))))
        answers, fresh = AddressAnswers.to(upload.organization_id, upload.id).about(keys, taken)
        emails = {row.key: row.email for row in asked}
        addresses_elsewhere.record_refused_addresses(
            upload.organization_id, upload.user_id, {key: emails[key] for key in fresh}, upload.id)
    return run, answers


def _refuse_another_check(upload: Upload, run: str) -> None:
    if upload.state is not UploadState.CHECKING or upload.seal != run:
        raise Changed


def _end_check(upload: Upload, terms: ImportTerms, run: str, refused: Mapping[str, str], summary: dict[str, Any],
               seal: str) -> None:
    counts = summary["counts"]
    with writing():
        _refuse_another_check(upload, run)
        if not terms.operator:
            addresses_elsewhere.record_refused_addresses(
                upload.organization_id, upload.user_id, dict(refused), upload.id)
        upload.state, upload.checked_at, upload.checked = UploadState.CHECKED, now(), summary
        # The moment is part of it, so that a page shown before this check orders nothing.
        upload.seal, upload.cursor = f"{seal}{run}", 0
        upload.total = counts[RowOutcome.CREATED] + counts[RowOutcome.CHANGED]
        upload.as_operator = terms.operator


def _summary(sheet: Sheet, plan: ImportPlan) -> dict[str, Any]:
    """What there is to say about the file as a whole, as JSON values."""
    counts = Counter(step.outcome for step in plan.steps)
    notes = Counter((note.values["column"], note.values["value"]) for step in plan.steps if step.good
                    for note in step.row.notes)
    return {
        "encoding": sheet.encoding, "separator": sheet.separator, "ours": sheet.ours, "rows": len(sheet.lines),
        "ignored": list(sheet.ignored), "sources": ImportColumn.SOURCE in sheet.columns,
        "names": list(_accented_names(sheet, plan)),
        "notes": [[column, value, many] for (column, value), many in notes.most_common(MOST_NOTES)],
        "counts": {outcome.value: counts[outcome] for outcome in RowOutcome},
        "unconfirmed": plan.unconfirmed, "leavers": len(plan.leavers),
    }


def _accented_names(sheet: Sheet, plan: ImportPlan) -> Iterator[str]:
    """The first names with letters beyond ASCII where the encoding was guessed: a reader sees whether it is right."""
    if sheet.encoding is Encoding.WINDOWS_1252:
        names = dict.fromkeys(step.row.name for step in plan.steps if not step.row.name.isascii())
        yield from islice(names, SAMPLES)
