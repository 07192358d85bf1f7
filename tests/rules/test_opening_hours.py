"""Opening hours: open or closed, and when it opens next, in the location's own time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.opening_hours import OpeningHours, OpenSpan, read_opening_hours

TORONTO, ST_JOHNS = ZoneInfo("America/Toronto"), ZoneInfo("America/St_Johns")
EIGHT_TO_FIVE, MORNING = OpenSpan(time(8, 30), time(17)), OpenSpan(time(9), time(12))
CLINIC = OpeningHours(EIGHT_TO_FIVE, MORNING, closed=(date(2026, 12, 25),))


def at(said, zone=TORONTO):
    return datetime.fromisoformat(said).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(("moment", "opens"), [
    ("2026-11-27T08:29:59", "2026-11-27T08:30"),  # a Friday
    ("2026-11-27T08:30", None),
    ("2026-11-27T16:59:59", None),
    ("2026-11-27T17:00", "2026-11-28T09:00"),
    ("2026-11-28T12:00", "2026-11-30T08:30"),     # no hours on Sundays
    ("2026-12-24T17:30", "2026-12-26T09:00"),     # a closed day between
    ("2026-12-25T10:00", "2026-12-26T09:00"),
])
def test_when_a_clinic_opens(moment, opens):
    assert CLINIC.opens_after(at(moment), TORONTO) == (opens and at(opens))


@pytest.mark.parametrize(("moment", "hours", "opens"), [
    # The clock is set forward at 02:00 on 8 March 2026, and back at 02:00 on 1 November.
    ("2026-03-08T06:59:00+00:00", OpeningHours(sunday=OpenSpan(time(9), time(17))), "2026-03-08T13:00:00+00:00"),
    ("2026-03-08T06:59:00+00:00", OpeningHours(sunday=OpenSpan(time(2, 30), time(17))), "2026-03-08T07:30:00+00:00"),
    ("2026-11-01T05:30:00+00:00", OpeningHours(sunday=OpenSpan(time(9), time(17))), "2026-11-01T14:00:00+00:00"),
    ("2026-11-01T21:59:00+00:00", OpeningHours(sunday=OpenSpan(time(9), time(17))), None),
    ("2026-11-01T22:00:00+00:00", OpeningHours(sunday=OpenSpan(time(9), time(17))), "2026-11-08T14:00:00+00:00"),
])
def test_changes_of_the_clock(moment, hours, opens):
    found = hours.opens_after(datetime.fromisoformat(moment), TORONTO)
    assert found == (opens and datetime.fromisoformat(opens))


def test_the_zone_is_the_locations_own():
    moment = at("2026-11-27T08:30", ST_JOHNS)
    assert CLINIC.opens_after(moment, ST_JOHNS) is None
    assert CLINIC.opens_after(moment, TORONTO) == at("2026-11-27T08:30")


def test_open_until_midnight():
    late = OpeningHours(OpenSpan(time(18), time()))
    assert late.opens_after(at("2026-11-27T23:59:59"), TORONTO) is None
    assert late.opens_after(at("2026-11-28T00:00"), TORONTO) == at("2026-11-30T18:00")


def test_without_hours_only_closed_days_are_closed():
    assert OpeningHours().opens_after(at("2026-11-29T03:00"), TORONTO) is None
    new_year = OpeningHours(closed=(date(2026, 12, 31), date(2027, 1, 1)))
    assert new_year.opens_after(at("2026-12-31T12:00"), TORONTO) == at("2027-01-02T00:00")


spans = st.none() | st.builds(OpenSpan, st.times().map(lambda one: one.replace(second=0, microsecond=0)),
                              st.just(time()))
days = st.lists(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=60, unique=True).map(tuple)

moments = st.integers(0, 1_500_000).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@settings(deadline=None)
@given(st.builds(OpeningHours, spans, spans, spans, days), moments)
def test_closed_means_that_it_opens_later_and_is_open_then(hours, moment):
    assert read_opening_hours(hours.as_line()) == hours
    opens = hours.opens_after(moment, TORONTO)
    if opens is not None:
        assert opens > moment
        assert hours.opens_after(opens, TORONTO) is None
        assert hours.opens_after(opens - timedelta(seconds=1), TORONTO) == opens
