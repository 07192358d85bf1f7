"""What pages about reports show: one object for each page, and its template sees nothing else of its own."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StopThanksPage:
    """What a person reads who only asked a business to stop."""

    reference: str


@dataclass(frozen=True, slots=True)
class ReportStatusPage:
    """Where a report stands: its state in a word and a sentence (not translated yet), and its steps with their days."""

    reference: str
    progress: str
    label: str
    explained: str
    steps: Sequence[tuple[str, str]]
