"""States and their hours in words."""

from datetime import time

import pytest

from portal.rules.facts import Place
from portal.rules.quiet_hours import CANADIAN_HOURS, FEDERAL_HOURS, QUIET_HOURS_TABLE, HourSpan
from portal.wording import places, value_in_words


@pytest.fixture
def reading(app):
    """Somebody reads, so that sentences have a language."""
    with app.test_request_context():
        yield


def test_a_place_is_told_by_its_name(reading):
    assert [value_in_words(Place(code)) for code in ("US-TX", "CA-QC", "US", "XX-YY")] == [
        "Texas", "Quebec", "the US", "XX-YY"]


def test_hours_are_those_of_the_clock_there_whatever_the_readers_zone(app):
    with app.test_request_context():
        assert places.span_in_words(HourSpan(time(9), time(21, 30))) == "09:00–21:30"
        assert places.span_in_words(None) == "not at all"


def test_the_us_comes_first_canada_last_and_states_by_name_between(reading):
    rows = places.rows_of_quiet_hours()
    assert (rows[0], rows[-1], len(rows)) == (FEDERAL_HOURS, CANADIAN_HOURS, len(QUIET_HOURS_TABLE))
    names = [places.name_of_place(row.place) for row in rows[1:-1]]
    assert names == sorted(names)


def test_a_row_tells_all_that_it_holds(reading):
    told = places.hours_in_words(QUIET_HOURS_TABLE[1], "a source")
    assert dict(told) == {"place": "Alabama", "weekdays": "08:00–20:00", "saturday": "08:00–20:00",
                          "sunday": "not at all", "holidays": "not at all", "source": "a source",
                          "looked_at": "29 Nov 2026"}
