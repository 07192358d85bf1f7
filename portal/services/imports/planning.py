"""What a file would do to an organization: created, changed from what to what, unchanged, wrong.

Everything that the rows are about is read in a fixed number of statements; the rest is thinking.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from portal.models import Account, Location, Number, User
from portal.rules.decision import N_
from portal.rules.numbers import Kind, Reading
from portal.rules.numbers import read as read_number

from . import rows
from .claims import Claims
from .columns import Column
from .known import Known
from .reading import Sheet
from .rows import Problem, Row, Source, Texting
from .texting import Judge

MARK = 4  # bytes that stand for what a row was shown to do


class Outcome(StrEnum):
    """What becomes of a row. `CONFLICT`: somebody changed the record after the dry run was shown."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which a file is read: for whom, by whom, and what the portal offers.

    `administers` says whether whoever asks may switch texting there, `certifies` whether they may say
    where a number comes from, which only operators can.
    """

    organization_id: int
    administers: bool
    certifies: bool
    languages: Collection[str]
    zones: Collection[str]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that becomes another: both in the words of the file, and the new one as it is stored."""

    column: Column
    was: str
    now: str
    value: Any


@dataclass
class Step:
    """What one row does."""

    row: Row
    user: User | None
    location: Location | None
    held: Number | None
    wanted: Reading | None = None
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    conflict: bool = False

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
    def gives_up(self) -> bool:
        """Whether the user's present number becomes free."""
        return self.held is not None and any(change.column is Column.NUMBER for change in self.changes)

    @property
    def mark(self) -> bytes:
        """A few bytes that are others as soon as the row would do something else."""
        does = [self.outcome.value, *((change.column.value, change.was, change.now) for change in self.changes)]
        return blake2b(repr(does).encode(), digest_size=MARK).digest()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file does, row by row in the order of the file."""

    sheet: Sheet
    steps: tuple[Step, ...]
    claims: Claims

    def of(self, outcome: Outcome) -> list[Step]:
        """The steps with this outcome."""
        return [step for step in self.steps if step.outcome is outcome]

    @property
    def seal(self) -> str:
        """What the reader of this plan has seen, to be handed in with the order to carry it out."""
        return urlsafe_b64encode(b"".join(step.mark for step in self.steps)).decode()

    def hold_to(self, seal: str) -> bool:
        """Set steps that write something else than was seen aside as conflicts; False for no seal of this file."""
        try:
            seen = urlsafe_b64decode(seal)
        except ValueError:
            return False
        if len(seen) != MARK * len(self.steps):
            return False
        marks = (seen[at:at + MARK] for at in range(0, len(seen), MARK))
        unseen = [step for step, mark in zip(self.steps, marks, strict=True) if step.mark != mark]
        for step in unseen:
            step.conflict = step.outcome in (Outcome.CREATED, Outcome.CHANGED)
        self.claims.settle()
        return True


def plan(terms: Terms, sheet: Sheet) -> Plan:
    """What the rows of a file would do now: eight statements, however many rows there are."""
    asked = rows.read(sheet, terms.languages, terms.zones)
    known = Known.about(terms.organization_id, {row.key for row in asked})
    drafts = [_Draft(known, row).step() for row in asked]
    claims = Claims.of(terms.organization_id, drafts)
    judge = Judge(known.roll, terms.administers)
    for step in drafts:
        step.changes += _number(step, claims)
        step.changes += _source(step, claims) if terms.certifies else []
        step.changes += _texting(step, known, judge)
    claims.settle()
    return Plan(sheet, tuple(drafts), claims)
