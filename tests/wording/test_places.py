"""States and their hours in words."""

from datetime import time

import pytest

from portal.rules.facts import Place
from portal.rules.quiet_hours import (
    CANADIAN_HOURS,
    FEDERAL_HOURS,
    QUIET_HOURS_TABLE,
    HourSpan,
    hours_of_place,
)
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


def told_days(row):
    """Each line of a place's days as one string."""
    return [f"{line['days']}: {line['hours']}" for line in places.days_in_words(row)]


def test_a_row_tells_all_that_it_holds(reading):
    row = hours_of_place("US-AL")
    assert dict(places.hours_in_words(row, "a source")) == {
        "place": "Alabama", "days": places.days_in_words(row), "source": "a source", "looked_at": "29 Nov 2026"}


@pytest.mark.parametrize(("place", "days"), [
    ("US", ["Every day: 08:00–21:00"]),
    ("CA", ["Mon to Fri: 09:00–21:30", "Sat and Sun: 10:00–18:00"]),
    ("US-TX", ["Mon to Sat: 09:00–21:00", "Sun: 12:00–21:00"]),
    ("US-RI", ["Mon to Fri: 09:00–18:00", "Sat: 10:00–17:00", "Sun: not at all", "Holidays: not at all"]),
    ("US-MS", ["Mon to Sat: 08:00–20:00", "Sun: not at all"]),
])
def test_days_with_the_same_hours_are_told_together(reading, place, days):
    assert told_days(hours_of_place(place)) == days


@pytest.mark.parametrize(("zone", "name"), [
    ("America/Toronto", "Eastern (Toronto)"), ("America/New_York", "Eastern (New York)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"), ("America/St_Johns", "Newfoundland (St. John’s)"),
    ("America/Indiana/Knox", "Central (Knox, Indiana)"), ("America/Whitehorse", "Whitehorse"),
    ("Pacific/Honolulu", "Hawaii-Aleutian (Honolulu)"),
])
def test_a_zone_has_the_name_that_people_use(app, zone, name):
    with app.test_request_context():
        assert places.name_of_zone(zone) == name


@pytest.mark.parametrize(("language", "zone", "name"), [
    ("de", "Europe/Warsaw", "Mitteleuropäische Zeit (Warschau)"), ("de", "Asia/Kolkata", "Kalkutta"),
    ("pl", "America/New_York", "czas wschodnioamerykański (Nowy Jork)"), ("pl", "Asia/Calcutta", "Kalkuta"),
    ("fr", "Europe/London", "Londres"), ("fr", "America/Toronto", "heure de l’Est (Toronto)"),
    ("fr", "US/Eastern", "heure de l’Est (New York)"), ("pl", "Europe/Kyiv", "Kijów"),
])
def test_zones_and_their_cities_are_named_in_the_readers_language(app, language, zone, name):
    """By the locale data, also where it knows the city by an old name of the zone."""
    with app.test_request_context(headers={"Accept-Language": language}):
        assert places.name_of_zone(zone) == name
