"""What pages about reports show: one object for each page, and its template sees nothing else of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StopThanksPage:
    """What a person reads who only asked a business to stop."""

    reference: str
