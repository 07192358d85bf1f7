"""The plan for one row of a file: its changes, its problems, its outcome."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from portal.models import AccountState, RowOutcome
from portal.rules.numbers import NumberReading

from ..toggles.known_units import KnownLocation
from .columns import ImportColumn
from .known_people import KnownClaim, KnownNumber, KnownUser, OwnSetting
from .rows import FileRow, RowProblem

MARK = 4  # bytes of the hash that stands for what a row would do

# Columns that are plain values of a user, with the name of the attribute.
PLAIN_COLUMNS = {
    ImportColumn.DISPLAY_NAME: "name", ImportColumn.LANGUAGE: "language", ImportColumn.TIME_ZONE: "time_zone",
    ImportColumn.APP_VERSION: "app_version",
}
# The words of Control Hub for the states of an account.
STATUS = {AccountState.ACTIVE: "Active", AccountState.INVITED: "Invited", AccountState.DEACTIVATED: "Inactive"}


@dataclass(frozen=True, slots=True)
class RowChange:
    """One value before and after, as the file writes them, and the new value as it is stored."""

    column: ImportColumn
    was: str
    now: str
    value: Any


@dataclass(eq=False)
class RowPlan:
    """What one row would do: to which user, at which location, with which number, or why it cannot.

    `current_number` is the number that the user has or claims now, `wanted_number` the number in the row, `own_setting`
    the texting setting of the user alone. Nothing here is stored; `writing` does that.
    """

    row: FileRow
    user: KnownUser | None = None
    location: KnownLocation | None = None
    current_number: KnownNumber | KnownClaim | None = None
    own_setting: OwnSetting | None = None
    wanted_number: NumberReading | None = None
    changes: list[RowChange] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    conflict: bool = False

    def to(self, column: ImportColumn, was: str, now: str, value: Any) -> None:
        """Add a change, if the two values differ."""
        if was != now:
            self.changes.append(RowChange(column, was, now, value))

    def change(self, column: ImportColumn) -> RowChange | None:
        """The change of this column, if there is one."""
        return next((one for one in self.changes if one.column is column), None)

    @property
    def good(self) -> bool:
        """Whether the row may be carried out."""
        return not self.problems and not self.conflict

    @property
    def outcome(self) -> RowOutcome:
        """What the import does with the row."""
        if not self.good:
            return RowOutcome.WRONG if self.problems else RowOutcome.CONFLICT
        if self.user is None:
            return RowOutcome.CREATED
        return RowOutcome.CHANGED if self.changes else RowOutcome.UNCHANGED

    @property
    def writes(self) -> bool:
        """Whether carrying the row out stores anything."""
        return self.outcome in (RowOutcome.CREATED, RowOutcome.CHANGED)

    @property
    def is_leaver(self) -> bool:
        """Whether the row is good and about a person who is inactive in the file and active here."""
        return self.good and self.row.closed and self.user is not None and self.user.active

    @property
    def mark(self) -> bytes:
        """A short hash of what the row would do; another plan for the row has another hash."""
        does = [str(self.outcome), *((str(change.column), change.was, change.now) for change in self.changes)]
        return blake2b(repr(does).encode(), digest_size=MARK).digest()
