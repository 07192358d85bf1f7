"""Carry opt-outs over from another system: a dry run that says what each row would do, then one commit.

An import never weakens: an opt-out that is in force stays, and becomes a STOP if the file says STOP. Where they texted
START here, the newer of both counts. Nothing is asked row by row, so a file may hold 50,000.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from portal.dialects import Unindexed
from portal.extensions import db, make_ref, now, writing
from portal.marks import N_
from portal.models import Message, OptOut, OptOutSource, OptOutState, Organization, TextState, Upload, User

from .. import audit
from ..key_lists import is_among
from ..refusals import Changed
from ..texting import brand_days, erased_numbers, lines, optouts, outcomes
from .checks import AlreadyDone
from .decoding import UnreadableFile
from .kept_files import read_kept_sheet
from .optout_rows import OPTOUT_SHEET, OptOutRow, read_optout_rows, tidy_note
from .reading import Sheet, read_sheet
from .rows import RowProblem
from .uploads import keep_file

STARTED_SINCE = RowProblem(N_("They texted START here after that date, so they can be texted."), {},
                           N_("If they opted out again, add it by hand under Opt-outs."))
STARTED_UNDATED = RowProblem(N_("They texted START here, and the row has no date."), {},
                             N_("Write the date on which they opted out, and import the row again."))
UNDONE_HERE = RowProblem(N_("It was decided here that they can be texted, and the row has no later date."), {},
                         N_("If they opted out again, add it by hand under Opt-outs."))
OPTED_IN = RowProblem(N_("The file says that this number can be texted, so it is no opt-out."))
_CHUNK = 500


class OptOutOutcome(StrEnum):
    """What a row would do."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT = "left"
    WRONG = "wrong"


class KnownOptOut(NamedTuple):
    """What stands here about a number."""

    id: int
    state: OptOutState
    source: OptOutSource
    said_at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class OptOutStep:
    """One row and what it would do; a number that stands in the file several times does it in its first row."""

    row: OptOutRow
    outcome: OptOutOutcome
    problem: RowProblem | None = None
    known: KnownOptOut | None = None


@dataclass(frozen=True, slots=True)
class OptOutPlan:
    """What a file would do now."""

    sheet: Sheet
    steps: tuple[OptOutStep, ...]

    def of(self, *outcomes: OptOutOutcome) -> list[OptOutStep]:
        """The steps with these outcomes, in the order of the file."""
        return [step for step in self.steps if step.outcome in outcomes]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each outcome."""
        return {outcome.value: len(self.of(outcome)) for outcome in OptOutOutcome}


def store_optout_file(actor: User, organization: Organization, name: str, content: bytes) -> Upload:
    """Keep a file of opt-outs of an organization for its dry run.

    Raises UnreadableFile when no table with a column of numbers can be read from it.
    """
    read_optout_rows(read_sheet(content, OPTOUT_SHEET), now())
    return keep_file(actor, organization.id, name, content, opt_outs=True)


def find_optout_file(organization_id: int | None, ref: str) -> Upload:
    """A file of opt-outs of one organization; 404 for everybody else's."""
    found: Upload = db.one_or_404(select(Upload).where(
        Upload.organization_id == organization_id, Upload.ref == ref, Upload.opt_outs))
    return found


def plan_optout_file(upload: Upload) -> OptOutPlan | None:
    """What a file would do now; None once its content was erased or cannot be read any more. Nothing is written."""
    with suppress(Changed, UnreadableFile):
        return _plan(upload.organization_id, *_read(upload))
    return None


def _read(upload: Upload) -> tuple[Sheet, list[OptOutRow]]:
    """The rows of a file, as they were read when it was imported. Raises what `read_kept_sheet` raises."""
    sheet = read_kept_sheet(upload, OPTOUT_SHEET)
    return sheet, read_optout_rows(sheet, upload.imported_at or now())


def _plan(organization_id: int, sheet: Sheet, rows: Sequence[OptOutRow]) -> OptOutPlan:
    return OptOutPlan(sheet, tuple(_steps(rows, _known(organization_id, {row.theirs for row in rows}))))


def _known(organization_id: int, numbers: Iterable[str]) -> dict[str, KnownOptOut]:
    """What stands here about these numbers; the other opt-outs of the organization may be a thousand times as many."""
    forms = [form for one in numbers for form in erased_numbers.stored_forms_of_number(organization_id, one)]
    found = db.session.execute(select(
        OptOut.theirs, OptOut.id, OptOut.state, OptOut.source, OptOut.said_at, OptOut.said).where(
        OptOut.organization_id == organization_id, is_among(OptOut.theirs, forms)))
    known = {row[0]: KnownOptOut(*row[1:]) for row in found}
    erased = any(map(erased_numbers.is_erased_number, known))
    return _KnownWithErased(organization_id, known) if erased else known


class _KnownWithErased(dict[str, KnownOptOut]):
    """Opt-outs by number, some of which hold only a hash of it."""

    def __init__(self, organization_id: int, known: dict[str, KnownOptOut]) -> None:
        super().__init__(known)
        self.organization_id = organization_id

    def get(self, theirs: str, default: Any = None) -> Any:
        """The opt-out of a number, in whichever form it stands here."""
        hashed = erased_numbers.hash_erased_number(self.organization_id, theirs)
        return super().get(theirs) or super().get(hashed, default)


def _steps(rows: Sequence[OptOutRow], known: dict[str, KnownOptOut]) -> Iterable[OptOutStep]:
    best = _best_rows(rows)
    for row in rows:
        if row.problem:
            yield OptOutStep(row, OptOutOutcome.WRONG, row.problem)
        elif row.opted_in:
            yield OptOutStep(row, OptOutOutcome.LEFT, OPTED_IN)
        elif best[row.theirs].line != row.line:
            yield OptOutStep(row, OptOutOutcome.LEFT, RowProblem(
                N_("Line %(line)s has the same number already."), {"line": str(best[row.theirs].line)}))
        else:
            yield _step(best[row.theirs], known.get(row.theirs))


def _best_rows(rows: Iterable[OptOutRow]) -> dict[str, OptOutRow]:
    """By number, its first row with the latest date and the strongest source of all its rows."""
    best: dict[str, OptOutRow] = {}
    for row in rows:
        if row.problem or row.opted_in:
            continue
        held = best.get(row.theirs)
        if held is None:
            best[row.theirs] = row
            continue
        at = max((one for one in (held.at, row.at) if one), default=None)
        best[row.theirs] = replace(held, at=at, source=held.source if _is_final(held.source) else row.source)
    return best


def _is_final(source: OptOutSource) -> bool:
    """Whether only the person can undo it."""
    return source not in optouts.WITHDRAWABLE


def _step(row: OptOutRow, known: KnownOptOut | None) -> OptOutStep:
    if known is None:
        return OptOutStep(row, OptOutOutcome.CREATED)
    if known.state is OptOutState.OUT and (_is_final(known.source) or not _is_final(row.source)):
        return OptOutStep(row, OptOutOutcome.UNCHANGED, known=known)
    if _was_decided(known) and (row.at is None or row.at <= known.said_at):
        return OptOutStep(row, OptOutOutcome.LEFT, _why_left(row, known), known)
    return OptOutStep(row, OptOutOutcome.CHANGED, known=known)


def _why_left(row: OptOutRow, known: KnownOptOut) -> RowProblem:
    if known.state is OptOutState.NOT_MEANT or known.source is not OptOutSource.STOP:
        return UNDONE_HERE
    return STARTED_SINCE if row.at else STARTED_UNDATED


def _was_decided(known: KnownOptOut) -> bool:
    """Whether the number can be texted because somebody said so; a row that only HELP made says nothing."""
    if known.state is OptOutState.IN_AGAIN:
        return bool(known.said) or known.source is not OptOutSource.STOP
    return known.state is OptOutState.NOT_MEANT


def import_optout_file(actor: User, organization: Organization, upload: Upload) -> dict[str, int]:
    """Write the good rows of a file in one commit; returns the counts.

    Texts that wait for these numbers are refused, their consents end, and their conversations say so. Raises
    AlreadyDone if the file was imported before, Changed if its content was erased, UnreadableFile if it is damaged.
    """
    if upload.imported_at is not None:
        raise AlreadyDone
    sheet, read = _read(upload)
    rows = [tidy_note(row) for row in read]
    with writing():
        if upload.imported_at is not None:
            raise AlreadyDone
        plan, moment = _plan(organization.id, sheet, rows), now()
        _write(organization.id, plan, moment)
        stopped = {step.row.theirs for step in plan.of(OptOutOutcome.CREATED, OptOutOutcome.CHANGED)}
        _refuse_waiting_texts(organization.id, stopped, moment)
        optouts.end_by_optout(organization.id, stopped, moment)
        lines.store_notes(organization.id, stopped, optouts.IMPORTED, moment)
        upload.imported_at, upload.done = moment, plan.counts
        audit.record_event(actor, "opt-outs-imported", organization, **{
            name: plan.counts[name] for name in ("created", "changed", "unchanged")})
    return plan.counts


def _write(organization_id: int, plan: OptOutPlan, moment: datetime) -> None:
    rows = [{"ref": make_ref(), "organization_id": organization_id, "theirs": step.row.theirs,
             "state": OptOutState.OUT, "source": step.row.source, "note": step.row.note, "said": "", "language": "en",
             "said_at": step.row.at or moment} for step in plan.of(OptOutOutcome.CREATED)]
    if rows:
        db.session.execute(insert(OptOut), rows)
    changes = [{"of": step.known.id, "new_source": step.row.source, "new_note": step.row.note,
                "new_at": step.row.at or moment} for step in plan.of(OptOutOutcome.CHANGED) if step.known]
    if changes:
        table = OptOut.metadata.tables["opt_outs"]
        db.session.connection().execute(update(table).where(table.c.id == bindparam("of")).values(
            consent=OptOutState.OUT, source=bindparam("new_source"), note=bindparam("new_note"),
            said_at=bindparam("new_at"), said=""), changes)
        db.session.expire_all()


def _refuse_waiting_texts(organization_id: int, stopped: set[str], moment: datetime) -> None:
    """Refuse the texts that wait for any of these numbers: a fixed number of statements for each 500 texts."""
    waiting = db.session.execute(select(Message.id, Message.theirs).where(
        Unindexed(Message.organization_id) == organization_id, outcomes.IS_WAITING,
        Message.state == TextState.QUEUED, Message.automatic.is_(False)))
    ids = [row.id for row in waiting if row.theirs in stopped]
    for begin in range(0, len(ids), _CHUNK):
        some = ids[begin:begin + _CHUNK]
        brand_days.give_back_segments(some)
        db.session.execute(update(Message).where(Message.id.in_(some)).values(
            state=TextState.REFUSED, why=["opted-out"], changed_at=moment).execution_options(
            synchronize_session=False))
