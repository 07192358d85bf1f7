"""When the portal checks reports: in batches, each at a random later moment.

Checking a report holds the write lock longer if the text was sent from here. Done right after the report, a visitor
could measure that and learn that the text was sent and whose number it is. Random batches hide it.
"""

import secrets
from datetime import datetime, timedelta

from portal.extensions import current_settings, now

from . import matching

# If a report has to wait, it waits so many seconds at least.
SOONEST = 5


def draw_seconds(least: float, most: float) -> float:
    """A random number of seconds between the two bounds, which nobody can predict."""
    return secrets.SystemRandom().uniform(least, most)


class ReportBatches:
    """`step()` checks some reports if their moment has come, and returns how many."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def step(self) -> int:
        """Choose the moment of the next batch if a report waits, or go on with the batch that is due."""
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
