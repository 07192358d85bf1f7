"""What becomes of one row."""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from portal.models import Account, Claim, Location, Number, User, Word
from portal.rules.numbers import Reading

from .columns import Column
from .rows import Problem, Row

MARK = 4  # bytes that stand for what a row was shown to do

# Columns that are plain values of a user, by the names that the table has for them.
PLAIN = {
    Column.DISPLAY_NAME: "name", Column.LANGUAGE: "language", Column.TIME_ZONE: "time_zone",
    Column.APP_VERSION: "app_version",
}
# The words of Control Hub for the states of an account.
STATUS = {Account.ACTIVE: "Active", Account.INVITED: "Invited", Account.DEACTIVATED: "Inactive"}


class Outcome(StrEnum):
    """What becomes of a row. `CONFLICT`: somebody changed the record after the dry run was shown."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that becomes another: both in the words of the file, and the new one as it is stored."""

    column: Column
    was: str
    now: str
    value: Any


@dataclass(eq=False)
class Step:
    """What one row does: to whom, at which location, with which number, and why not.

    `held` is the user's number now, or the one that they claim, `wanted` the one that the row speaks of, `word` the
    user's own word about texting. Nothing here is stored; `writing` does that.
    """

    row: Row
    user: User | None = None
    location: Location | None = None
    held: Number | Claim | None = None
    word: Word | None = None
    wanted: Reading | None = None
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    conflict: bool = False

    def to(self, column: Column, was: str, now: str, value: Any) -> None:
        """Add a change, should there be one."""
        if was != now:
            self.changes.append(Change(column, was, now, value))

    def change(self, column: Column) -> Change | None:
        """The change of this column, if there is one."""
        return next((one for one in self.changes if one.column is column), None)

    @property
    def good(self) -> bool:
        """Whether the row may be carried out."""
        return not self.problems and not self.conflict

    @property
    def outcome(self) -> Outcome:
        """What becomes of the row."""
        if not self.good:
            return Outcome.WRONG if self.problems else Outcome.CONFLICT
        if self.user is None:
            return Outcome.CREATED
        return Outcome.CHANGED if self.changes else Outcome.UNCHANGED

    @property
    def writes(self) -> bool:
        """Whether carrying the row out stores anything."""
        return self.outcome in (Outcome.CREATED, Outcome.CHANGED)

    @property
    def mark(self) -> bytes:
        """A few bytes that are others as soon as the row would do something else."""
        does = [self.outcome.value, *((change.column.value, change.was, change.now) for change in self.changes)]
        return blake2b(repr(does).encode(), digest_size=MARK).digest()
