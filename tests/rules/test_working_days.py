"""Working days: Monday to Friday where the location is, over weekends and changes of the clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.working_days import add_working_days

TORONTO = ZoneInfo("America/Toronto")
moments = st.integers(0, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


@pytest.mark.parametrize(("since", "days", "until"), [
    ((2026, 11, 30, 16, 0), 1, (2026, 12, 1, 16, 0)),       # Monday
    ((2026, 11, 27, 16, 0), 1, (2026, 11, 30, 16, 0)),      # Friday: Monday
    ((2026, 11, 26, 16, 0), 2, (2026, 11, 30, 16, 0)),
    ((2026, 11, 28, 10, 0), 1, (2026, 12, 1, 0, 0)),        # Saturday: all of Monday has passed
    ((2026, 11, 29, 23, 59), 2, (2026, 12, 2, 0, 0)),
    ((2026, 11, 27, 23, 30), 10, (2026, 12, 11, 23, 30)),
    ((2026, 3, 6, 9, 0), 1, (2026, 3, 9, 9, 0)),            # summer time begins on the Sunday between
    ((2026, 10, 30, 9, 0), 1, (2026, 11, 2, 9, 0)),         # and ends
    ((2028, 2, 28, 9, 0), 1, (2028, 2, 29, 9, 0)),
])
def test_the_same_time_of_day_so_many_working_days_on(since, days, until):
    assert add_working_days(datetime(*since, tzinfo=TORONTO), days, "America/Toronto") == datetime(
        *until, tzinfo=TORONTO).astimezone(UTC)


def test_the_weekend_is_that_of_the_location():
    """Friday evening in Vancouver is Saturday in London."""
    friday = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
    assert add_working_days(friday, 1, "America/Vancouver") == datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
    assert add_working_days(friday, 1, "Europe/London") == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


@settings(deadline=None)
@given(moments, st.integers(0, 20), st.sampled_from(["America/Adak", "America/Toronto", "Pacific/Guam", "UTC"]))
def test_every_end_is_on_a_working_day_and_none_comes_early(since, days, zone):
    until = add_working_days(since, days, zone)
    assert until.astimezone(ZoneInfo(zone)).weekday() < 5
    # A change to summer time takes an hour, and a date line that a place once crossed takes a day.
    assert until - since >= timedelta(days=days) - timedelta(hours=2)
    assert add_working_days(since, days + 1, zone) > until
