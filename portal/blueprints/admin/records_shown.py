"""What the pages about records and holds show, as `shown.py` has it for other pages of administration."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.services.records.holds import HoldRow
from portal.services.records.requests import RequestRow
from portal.services.records.transcripts import TranscriptLine

from .records_forms import AskRecordsForm, DecideRecordsForm, RenewHoldForm, SetHoldForm


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """Requests, each with its state, around the form for a new one; `older` is the last id shown if more follow."""

    form: AskRecordsForm
    rows: Sequence[tuple[RequestRow, str]]
    newest: bool
    older: int | None

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)


@dataclass(frozen=True, slots=True)
class RecordsRequestPage:
    """One request: whether the reader decides it, whether they read its texts, and how many members it concerns."""

    row: RequestRow
    form: DecideRecordsForm
    state: str
    decides: bool
    reads: bool
    concerned: int

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)


@dataclass(frozen=True, slots=True)
class ReleasedText:
    """One text that was released; `state` is "" unless a member or the portal sent it."""

    line: TranscriptLine
    state: str
    said: str


@dataclass(frozen=True, slots=True)
class ReleasedTextsPage:
    """What was released, and `whole`, the SHA-256 of the same lines as CSV."""

    row: RequestRow
    lines: Sequence[ReleasedText]
    whole: str


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One hold in the list; `name` is that of a user, or the number."""

    row: HoldRow
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class HoldsPage:
    """The list of holds around the form for a new one; `older` is the last id shown if more follow."""

    form: SetHoldForm
    lines: Sequence[HoldLine]
    newest: bool
    older: int | None

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)


@dataclass(frozen=True, slots=True)
class HoldPage:
    """One hold, and the form to keep it."""

    row: HoldRow
    form: RenewHoldForm
    name: str
    state: str

    @property
    def errors(self) -> bool:
        """Whether the form was refused; the title says so."""
        return bool(self.form.errors)
