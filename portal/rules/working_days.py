"""Working days: Monday to Friday in the time zone of a location. Holidays are not known."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def add_working_days(since: datetime, days: int, zone: str) -> datetime:
    """The moment (UTC) when so many working days have passed since a moment: the same time of day, so many days on.

    What begins on a weekend counts from the midnight before Monday. A time of day that the change to summer time leaves
    out is read as if the clocks had not been changed yet.
    """
    local = _on_working_day(since.astimezone(ZoneInfo(zone)))
    for _ in range(days):
        local = _past_weekend(local + timedelta(days=1))
    return local.astimezone(UTC)


def _on_working_day(local: datetime) -> datetime:
    """The moment itself, or the beginning of Monday if it is on a weekend."""
    if local.weekday() < SATURDAY:
        return local
    return datetime.combine(_past_weekend(local).date(), time(), local.tzinfo)


def _past_weekend(local: datetime) -> datetime:
    return local + timedelta(days=7 - local.weekday()) if local.weekday() >= SATURDAY else local
