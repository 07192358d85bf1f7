"""One imported row the other way round: what its user gets back, and what others have changed since."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from portal.models import AccountState, RowOutcome, RowUndone
from portal.rules.facts import NumberSource
from portal.rules.numbers import read_number

from .. import audit
from ..toggles.known_units import KnownLocation
from .columns import ImportColumn
from .known_people import KnownPerson
from .replaced_values import present_value
from .rows import FileRow
from .steps import PLAIN_COLUMNS, STATUS, RowPlan
from .texting_changes import WORD_BY_SETTING, TextingJudge


class DoneRow(NamedTuple):
    """A row that was imported, under the names that it has in `ImportRow`."""

    position: int
    line: int
    outcome: RowOutcome
    user_id: int | None
    said: list[Any]
    before: dict[str, Any] | None


@dataclass(eq=False)
class ReversedRow:
    """A row with the step that undoes it. `left` are the columns that stay as they are, `source` is (before, after) of
    the source of the number.
    """

    row: DoneRow
    step: RowPlan
    left: set[str] = field(default_factory=set)
    source: tuple[str | None, str | None] | None = None

    @property
    def closes(self) -> bool:
        """Whether the account of the user, whom an import created, is closed."""
        account = self.step.change(ImportColumn.STATUS)
        return account is not None and account.value is AccountState.DEACTIVATED

    @property
    def result(self) -> RowUndone:
        """What became of the row."""
        if self.left:
            return RowUndone.LEFT
        return RowUndone.CLOSED if self.closes or self.row.outcome is RowOutcome.CREATED else RowUndone.RESTORED

    @property
    def said(self) -> list[Any]:
        """Of a row that was left, the changes that stay; of any other all that it had done."""
        return [change for change in self.row.said if change[0] in self.left] if self.left else self.row.said

    def leave_taken_number(self) -> None:
        """Leave the number as it is where another person has got the one from before since."""
        if self.step.problems:
            self.step.problems.clear()
            self.step.changes = [one for one in self.step.changes if one.column is not ImportColumn.NUMBER]
            self.left.add(ImportColumn.NUMBER.value)

    def restore_source(self) -> Iterator[audit.EventToRecord]:
        """Give the number the source that it had; yields the event of that."""
        number, user = self.step.current_number, self.step.user
        if self.source is None or number is None or user is None:
            return
        was, now = self.source
        number.source = NumberSource(was) if was else None
        yield "number-marked", user.subject, {"number": number.e164, "changes": [["source", now or "", was or ""]]}


def reverse_row(row: DoneRow, now: KnownPerson, judge: TextingJudge, *, is_out_of_reach: bool) -> ReversedRow:
    """What undoes a row. `is_out_of_reach`: nobody but an operator may change the user, or a new user has texts."""
    user, number, setting = now
    step = RowPlan(FileRow(row.line, user.email), user, judge.snapshot.locations.get(user.location_id or 0), number,
                   setting)
    made, before = ReversedRow(row, step), row.before or {}
    if is_out_of_reach:
        made.left = set(before["values"])
    elif row.outcome is RowOutcome.CREATED:
        _close(made, before)
    else:
        for column, (was, imported) in before["values"].items():
            _restore(made, ImportColumn(column), was, imported, judge)
    return made


def _close(made: ReversedRow, before: dict[str, Any]) -> None:
    """Close the account of a new user and free the number, if nobody has touched either since."""
    step, user = made.step, made.step.user
    if user is None:
        return
    # Without a number in the file the user had none.
    imported = {ImportColumn.NUMBER: [None, ""], **before["values"]}
    same = all(present_value(step, ImportColumn(column)) == now for column, (_was, now) in imported.items()
               if column != ImportColumn.EMAIL)
    setting = step.own_setting.version if step.own_setting else 0
    if user.password_hash or not same or (user.version, setting) != (before["user"], before["setting"]):
        made.left = set(before["values"])
        return
    if step.current_number:
        step.to(ImportColumn.NUMBER, step.current_number.e164, "", None)
    step.to(ImportColumn.STATUS, STATUS[user.account], STATUS[AccountState.DEACTIVATED], AccountState.DEACTIVATED)


def _restore(made: ReversedRow, column: ImportColumn, was: Any, imported: Any, judge: TextingJudge) -> None:
    """Add the change that gives back one value, or leave it if it is another one by now."""
    if present_value(made.step, column) != imported or not _may_restore(made, column, was, judge):
        made.left.add(column.value)
    elif column is ImportColumn.SOURCE:
        made.source = was, imported


def _may_restore(made: ReversedRow, column: ImportColumn, was: Any, judge: TextingJudge) -> bool:
    """Add the change, if there is nothing against it."""
    if column is ImportColumn.LOCATION:
        return _restore_location(made.step, judge.snapshot.locations.get(was))
    if column is ImportColumn.STATUS:
        return _restore_account(made.step, AccountState(was))
    if column is ImportColumn.TEXTING:
        return _restore_setting(made, was, judge)
    if column is ImportColumn.NUMBER:
        _restore_number(made.step, was)
    elif column in PLAIN_COLUMNS:
        made.step.to(column, str(present_value(made.step, column)), was, was)
    return True


def _restore_location(step: RowPlan, there: KnownLocation | None) -> bool:
    if there is None:
        return False
    step.to(ImportColumn.LOCATION, step.location.name if step.location else "", there.name, there)
    step.location = there
    return True


def _restore_account(step: RowPlan, account: AccountState) -> bool:
    """Whoever has chosen a password since has used the account."""
    if step.user is None or step.user.password_hash:
        return False
    step.to(ImportColumn.STATUS, STATUS[step.user.account], STATUS[account], account)
    return True


def _restore_number(step: RowPlan, was: str) -> None:
    step.wanted_number = read_number(was, step.location.country if step.location else "US") if was else None
    step.to(ImportColumn.NUMBER, step.current_number.e164 if step.current_number else "", was, step.wanted_number)


def _restore_setting(made: ReversedRow, was: bool | None, judge: TextingJudge) -> bool:
    """Under the rules of today: a lock that was set since stays in force."""
    step, version = made.step, made.step.own_setting.version if made.step.own_setting else 0
    if version != (made.row.before or {})["setting"]:
        return False
    step.row = replace(step.row, texting=WORD_BY_SETTING[was])
    judge.consider(step)
    if step.problems:
        step.problems.clear()
        step.changes = [one for one in step.changes if one.column is not ImportColumn.TEXTING]
        return False
    return True
