"""The dry run of a file: planned once, and kept row by row, so that pages show it and the import carries it out.

The portal keeps what it has shown: the import does no more than that, however much later. A thousand rows are planned
and kept in one commit; of the rows before them only those stay in memory that others have to do with.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any

from sqlalchemy import delete, select

from portal.extensions import draw_letters, now, writing
from portal.models import ImportRow, RowOutcome, Upload, UploadState, User

from ..key_lists import is_among
from ..many_rows import insert_rows
from ..people import addresses_elsewhere
from ..people.addresses_elsewhere import UNCOUNTED, AddressAnswers
from ..refusals import Changed
from . import rows
from .columns import ImportColumn
from .decoding import Encoding
from .kept_files import read_kept_sheet
from .planning import ImportPlan, ImportTerms, RowPlanner
from .reading import MOST_ROWS, Sheet
from .rows import FileRow
from .steps import RowPlan
from .stored_rows import keep_step
from .work_order import arrange_steps

ROWS_PER_COMMIT = 1000
MOST_NOTES, SAMPLES = 10, 3


class AlreadyDone(Exception):
    """The import or the download was done before, perhaps in another window. Nothing was written."""


def check_upload(upload: Upload, terms: ImportTerms) -> None:
    """Find out what a file would do now, and keep that with each row. Nothing of it is carried out.

    Addresses of people in other organizations that the plan reveals for the first time are recorded. A check that a
    kill interrupts leaves the file unchecked, for the background process to begin anew. Raises Changed if the content
    was erased or another check has begun since, AlreadyDone if the file was imported, UnreadableFile if it is damaged.
    """
    check_sheet(upload, terms, read_kept_sheet(upload, whole=False))


def check_sheet(upload: Upload, terms: ImportTerms, sheet: Sheet) -> None:
    """The same for a file that has been read."""
    before = upload.seal
    asked = rows.read_rows(sheet, terms.languages, terms.zones)
    run, answers = _begin_check(upload, terms, asked, before)
    check = _RunningCheck(upload, run, RowPlanner(terms, answers))
    for begin in range(0, len(asked), ROWS_PER_COMMIT):
        check.keep_next(asked[begin:begin + ROWS_PER_COMMIT])
    check.keep_open_steps()
    _end_check(upload, terms, run, check.planner.refused, {**_about_sheet(sheet), **check.summary(sheet.encoding)},
               check.seal())


class _RunningCheck:
    """A check while it runs: what it has found so far, and how many rows are kept that write, and that do not.

    `put_off` are steps that wait for the end of the file, `claims` the ids of those among them whose users have a
    number then that waits for an operator.
    """

    def __init__(self, upload: Upload, run: str, planner: RowPlanner) -> None:
        self.upload, self.run, self.planner = upload, run, planner
        self.writing = self.others = self.leavers = self.unconfirmed = 0
        self.counts: Counter[RowOutcome] = Counter()
        self.notes: Counter[tuple[str, str]] = Counter()
        self.accented: dict[str, None] = {}
        self.put_off: list[RowPlan] = []
        self.claims: set[int] = set()
        self.marks = blake2b(digest_size=16)

    def keep_next(self, asked: Sequence[FileRow]) -> None:
        """Plan the next rows, and keep those of them that no other row has to do with."""
        steps, holders = self.planner.plan_next(asked), self.planner.holders
        open_ids = set(map(id, holders.list_open_steps()))
        kept = [self._columns(step, claims=holders.leaves_claim(step)) for step in steps if id(step) not in open_ids]
        for step in steps:
            if id(step) in open_ids:
                self._wait_for_end(step)
        self._store(kept)

    def _wait_for_end(self, step: RowPlan) -> None:
        self.put_off.append(step)
        if self.planner.holders.leaves_claim(step):
            self.claims.add(id(step))

    def keep_open_steps(self) -> None:
        """Keep the rows that waited for the end of the file, those that write in the order in which they can."""
        holders = self.planner.holders
        holders.settle()
        arranged = chain(arrange_steps(ImportPlan(tuple(self.put_off), holders)),
                         ((step, False) for step in self.put_off if not step.writes))
        kept = [self._columns(step, claims=id(step) in self.claims, together=together) for step, together in arranged]
        for begin in range(0, len(kept), ROWS_PER_COMMIT):
            self._store(kept[begin:begin + ROWS_PER_COMMIT])

    def _store(self, kept: Sequence[Mapping[str, Any]]) -> None:
        with writing():
            _refuse_another_check(self.upload, self.run)
            insert_rows(ImportRow, kept)
            self.upload.cursor += len(kept)
            self.upload.checked_at = now()

    def _columns(self, step: RowPlan, *, claims: bool, together: bool = False) -> dict[str, Any]:
        """The columns of a row whose plan is final. Rows that write have the first places."""
        self._count(step, claims)
        if step.writes:
            place, self.writing = self.writing, self.writing + 1
        else:
            place, self.others = MOST_ROWS + self.others, self.others + 1
        return {"upload_id": self.upload.id, **keep_step(step, place, together=together)}

    def _count(self, step: RowPlan, claims: bool) -> None:
        self.marks.update(step.mark)
        self.counts[step.outcome] += 1
        if len(self.accented) < SAMPLES and not step.row.name.isascii():
            self.accented[step.row.name] = None
        if step.good:
            self.notes.update((note.values["column"], note.values["value"]) for note in step.row.notes)
            self.unconfirmed += claims
            self.leavers += step.is_leaver

    def seal(self) -> str:
        """A hash of what all rows would do."""
        return self.marks.hexdigest()

    def summary(self, encoding: Encoding) -> dict[str, Any]:
        """What was found, as JSON values; where the encoding was guessed, with names by which a reader sees it."""
        return {
            "names": list(self.accented) if encoding is Encoding.WINDOWS_1252 else [],
            "notes": [[column, value, many] for (column, value), many in self.notes.most_common(MOST_NOTES)],
            "counts": {str(outcome): self.counts[outcome] for outcome in RowOutcome},
            "unconfirmed": self.unconfirmed, "leavers": self.leavers,
        }


def _begin_check(upload: Upload, terms: ImportTerms, asked: list[FileRow], before: str) -> tuple[str, AddressAnswers]:
    """Forget an earlier check, and settle what the file may reveal; returns the name of this run, and the answers.

    Raises Changed if another check has begun since the seal was `before`.
    """
    run, keys = draw_letters(16), [row.key for row in asked]
    with writing() as session:
        if upload.state not in (UploadState.CHECKING, UploadState.CHECKED):
            raise AlreadyDone
        if upload.seal != before:
            raise Changed
        session.execute(delete(ImportRow).where(ImportRow.upload_id == upload.id))
        upload.state, upload.seal, upload.checked_at = UploadState.CHECKING, run, now()
        upload.cursor, upload.total = 0, len(asked)
        by_id = note_orderer(upload, terms)
        if terms.operator:
            return run, UNCOUNTED
        taken = set(session.scalars(select(User.email_key).where(
            is_among(User.email_key, keys), User.organization_id.is_distinct_from(upload.organization_id))))
        answers, fresh = AddressAnswers.to(upload.organization_id, upload.id).about(keys, taken)
        emails = {row.key: row.email for row in asked}
        addresses_elsewhere.record_refused_addresses(
            upload.organization_id, by_id, {key: emails[key] for key in fresh}, upload.id)
    return run, answers


def note_orderer(upload: Upload, terms: ImportTerms) -> int:
    """Note who ordered a check and with whose rights, for whoever begins it anew after a kill; the id of the person."""
    upload.begun_by_id, upload.as_operator = terms.reader_id or upload.user_id, terms.operator
    return upload.begun_by_id


def _refuse_another_check(upload: Upload, run: str) -> None:
    """Raise Changed unless this is the run that checks a file, in the open write transaction."""
    if upload.state is not UploadState.CHECKING or upload.seal != run:
        raise Changed


def _end_check(upload: Upload, terms: ImportTerms, run: str, refused: Mapping[str, str], summary: dict[str, Any],
               seal: str) -> None:
    counts = summary["counts"]
    with writing():
        _refuse_another_check(upload, run)
        if not terms.operator:
            addresses_elsewhere.record_refused_addresses(
                upload.organization_id, upload.begun_by_id or upload.user_id, dict(refused), upload.id)
        upload.state, upload.checked_at, upload.checked = UploadState.CHECKED, now(), summary
        # The moment is part of it, so that a page shown before this check orders nothing.
        upload.seal, upload.cursor = f"{seal}{run}", 0
        upload.total = counts[RowOutcome.CREATED] + counts[RowOutcome.CHANGED]


def _about_sheet(sheet: Sheet) -> dict[str, Any]:
    """What there is to say about the file as a whole, as JSON values."""
    return {
        "encoding": sheet.encoding, "separator": sheet.separator, "ours": sheet.ours, "rows": len(sheet.lines),
        "ignored": list(sheet.ignored), "sources": ImportColumn.SOURCE in sheet.columns,
    }
