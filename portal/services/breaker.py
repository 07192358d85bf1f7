"""Leaving a carrier alone that keeps failing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

BATCH = 100


@dataclass
class Breaker:
    """Stops asking a carrier that keeps failing; after a pause one text tries whether it is back."""

    failures: int = 0
    open_until: datetime | None = None
    most: int = 5
    pause: timedelta = timedelta(seconds=15)

    def allows(self, moment: datetime) -> int:
        """How many texts may be handed over now: all, one as a trial, or none."""
        if self.failures < self.most:
            return BATCH
        return 1 if self.open_until is None or moment >= self.open_until else 0

    def note(self, failed: bool, moment: datetime) -> None:
        """Count what happened to one text."""
        self.failures = self.failures + 1 if failed else 0
        self.open_until = moment + self.pause if self.failures >= self.most else None
