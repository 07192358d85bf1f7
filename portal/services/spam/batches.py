"""When reports are looked into: in batches, each at a random later moment.

Looking into a report takes the write lock for longer where its text was sent from here. Right after the report that
could be told from outside, and with it whose number it is and that the text was sent; by chance and together with
others it cannot.
"""

import secrets
from datetime import datetime, timedelta

from portal.extensions import current_settings, now

from . import matching

# Seconds that a report waits at least, where it waits at all.
SOONEST = 5


def draw_seconds(least: float, most: float) -> float:
    """A number of seconds between two, that nobody can foretell."""
    return secrets.SystemRandom().uniform(least, most)


class ReportBatches:
    """`step()` looks into some reports if their moment has come, and says how many they were."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def step(self) -> int:
        """Set the moment of the next batch when something waits, or go on with the batch whose moment has come."""
        moment, longest = now(), current_settings().report_delay
        soonest = min(SOONEST, longest)
        if self.at is None or self.at > moment + timedelta(seconds=longest):
            # The latter after a clock was set back.
            self.at = moment + timedelta(seconds=draw_seconds(soonest,
                                                              longest)) if matching.is_report_waiting() else None
        if self.at is None or moment < self.at:
            return 0
        looked = matching.match_waiting_reports(before=self.at - timedelta(seconds=soonest))
        if not looked:
            self.at = None
        return looked
