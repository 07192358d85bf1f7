"""The table of quiet hours, and the first minute that is quiet nowhere."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import quiet_hours
from portal.rules.area_states import AREA_PLACES, PLACE_NAMES, places_of_number
from portal.rules.number_zones import zones_of_number
from portal.rules.quiet_hours import (
    CANADIAN_HOURS,
    FEDERAL_HOURS,
    QUIET_HOURS_TABLE,
    STRICTER_HOURS,
    find_quiet,
    hours_of_place,
    next_allowed_minute,
)

row = pytest.mark.parametrize("row", QUIET_HOURS_TABLE, ids=lambda row: row.place)
MINUTE = timedelta(minutes=1)


def at(zone, said):
    return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# --- the table -----------------------------------------------------------------------------------


@row
def test_every_row_has_a_place_a_source_and_the_day_on_which_it_was_read(row):
    assert row.place in PLACE_NAMES
    assert row.source.law or row.source.portal
    assert row.looked_at >= QUIET_HOURS_TABLE[0].looked_at


def test_a_place_stands_in_the_table_once():
    places = [row.place for row in QUIET_HOURS_TABLE]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("row", STRICTER_HOURS, ids=lambda row: row.place)
def test_a_state_is_in_the_table_because_it_is_stricter(row):
    """On no day may a text leave that the federal hours would not allow, and on some day fewer may."""
    spans = [(span, FEDERAL_HOURS.weekdays) for span in (row.weekdays, row.saturday, row.sunday)]
    assert all(span is None or (span.begins >= usual.begins and span.ends <= usual.ends) for span, usual in spans)
    assert any(span != usual for span, usual in spans)


@row
def test_hours_are_hours_of_a_day(row):
    assert all(span is None or span.begins < span.ends for span in (row.weekdays, row.saturday, row.sunday))
    assert row.weekdays


@pytest.mark.parametrize(("place", "expected"), [
    ("US-NY", FEDERAL_HOURS), ("US-PR", FEDERAL_HOURS), ("CA-QC", CANADIAN_HOURS), ("US", FEDERAL_HOURS),
    ("CA", CANADIAN_HOURS), ("", FEDERAL_HOURS), ("MX-ROO", FEDERAL_HOURS),
])
def test_a_place_without_a_row_follows_its_country(place, expected):
    assert hours_of_place(place) is expected


# --- quiet or not --------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "zone", "allowed", "quiet"), [
    ("US-NY", "America/New_York", "2026-11-22 20:59", "2026-11-22 21:00"),
    ("US-TX", "America/Chicago", "2026-11-22 12:00", "2026-11-22 11:59"),
    ("US-TX", "America/Chicago", "2026-11-23 09:00", "2026-11-23 08:59"),
    ("US-RI", "America/New_York", "2026-11-27 17:59", "2026-11-27 18:00"),
    ("US-RI", "America/New_York", "2026-11-28 16:59", "2026-11-28 17:00"),
    ("US-RI", "America/New_York", "2026-11-25 12:00", "2026-11-26 12:00"),
    ("US-MS", "America/Chicago", "2026-11-28 19:59", "2026-11-29 12:00"),
    ("US-UT", "America/Denver", "2026-07-02 20:59", "2026-07-03 12:00"),
    ("US-PA", "America/New_York", "2026-04-02 12:00", "2026-04-03 12:00"),
    ("CA-ON", "America/Toronto", "2026-11-23 21:29", "2026-11-23 21:30"),
    ("CA-ON", "America/Toronto", "2026-11-28 17:59", "2026-11-28 18:00"),
], ids=str)
def test_both_sides_of_an_edge(place, zone, allowed, quiet):
    """Evenings, mornings, Saturdays, Sundays and holidays: Thanksgiving, Independence Day kept early, Good Friday."""
    assert find_quiet([place], [zone], at(zone, allowed)) is None
    found = find_quiet([place], [zone], at(zone, quiet))
    assert (found.place, f"{found.local:%Y-%m-%d %H:%M}") == (place, quiet)


def test_of_several_places_the_strictest_counts():
    noon = at("America/New_York", "2026-11-22 12:00")
    assert find_quiet(["US-NY"], ["America/New_York"], noon) is None
    assert find_quiet(["US-NY", "US-RI"], ["America/New_York"], noon).place == "US-RI"


def test_without_a_place_the_federal_hours_count_and_without_a_zone_nothing_is_quiet():
    night = at("America/New_York", "2026-11-22 22:00")
    assert find_quiet([], ["America/New_York"], night).place == "US"
    assert find_quiet(["US-RI"], [], night) is None


# --- the first minute allowed --------------------------------------------------------------------


@pytest.mark.parametrize(("place", "zone", "asked", "opens"), [
    ("US-NY", "America/New_York", "2026-11-22 12:34", "2026-11-22 12:34"),
    ("US-NY", "America/New_York", "2026-11-22 21:00", "2026-11-23 08:00"),
    ("US-NY", "America/New_York", "2026-11-22 03:00", "2026-11-22 08:00"),
    ("US-RI", "America/New_York", "2026-11-28 17:00", "2026-11-30 09:00"),
    ("US-RI", "America/New_York", "2026-12-24 18:00", "2026-12-26 10:00"),
    ("US-TX", "America/Chicago", "2026-11-28 21:00", "2026-11-29 12:00"),
    ("US-MS", "America/Chicago", "2026-11-28 20:00", "2026-11-30 08:00"),
    ("CA-NL", "America/St_Johns", "2026-11-27 21:30", "2026-11-28 10:00"),
    # The nights on which clocks change: an hour is left out in March, another comes twice in November.
    ("US-NY", "America/New_York", "2026-03-07 22:00", "2026-03-08 08:00"),
    ("US-NY", "America/New_York", "2026-10-31 22:00", "2026-11-01 08:00"),
    ("US-WA", "America/Los_Angeles", "2026-03-08 01:59", "2026-03-08 08:00"),
    ("US-WA", "America/Los_Angeles", "2026-11-01 01:30", "2026-11-01 08:00"),
    ("CA-SK", "America/Regina", "2026-11-01 01:30", "2026-11-01 10:00"),
], ids=str)
def test_when_quiet_hours_end(place, zone, asked, opens):
    assert next_allowed_minute([place], [zone], at(zone, asked)) == at(zone, opens)


def test_a_number_in_two_zones_waits_for_the_later_one():
    """The Aleutians are an hour behind the rest of Alaska."""
    zones = ["America/Anchorage", "America/Adak"]
    assert next_allowed_minute(["US-AK"], zones, at("America/Anchorage", "2026-11-23 07:00")) == at(
        "America/Anchorage", "2026-11-23 09:00")
    assert next_allowed_minute(["US-AK"], zones, at("America/Anchorage", "2026-11-23 20:30")) == at(
        "America/Anchorage", "2026-11-23 20:30")


def test_a_number_that_may_be_anywhere_waits_until_all_are_awake():
    """Newfoundland to Hawaii: late in the east when the west has begun."""
    zones = ["America/St_Johns", "Pacific/Honolulu"]
    opens = next_allowed_minute([], zones, at("Pacific/Honolulu", "2026-11-23 03:00"))
    assert opens == at("Pacific/Honolulu", "2026-11-23 08:00")


@given(st.sampled_from(sorted(AREA_PLACES)), st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1),  # noqa: DTZ001
                                                          timezones=st.just(UTC)))
def test_the_minute_found_is_the_first(code, moment):
    """It is quiet nowhere then, and somewhere a minute before; no wait is longer than a long weekend."""
    number = f"+1{code}5550123"
    where = places_of_number(number), zones_of_number(number)
    opens = next_allowed_minute(*where, moment)
    assert moment <= opens <= moment + timedelta(days=5)
    assert find_quiet(*where, opens) is None
    if opens > moment:
        assert find_quiet(*where, max(moment, opens - MINUTE))
        assert opens.time().replace(minute=0) == time(opens.hour)


def test_where_no_minute_suits_all_there_is_none():
    """No place has such hours; the search ends all the same."""
    assert next_allowed_minute(["US-RI"], ["America/New_York", "Asia/Tokyo"],
                               at("America/New_York", "2026-11-23 12:00")) is None


def test_from_a_day_on_make_check_reminds_of_the_laws(capsys):
    quiet_hours.remind_to_read_laws(quiet_hours.LOOK_AGAIN)
    assert "Read the laws again" in capsys.readouterr().out
    quiet_hours.remind_to_read_laws(quiet_hours.LOOK_AGAIN - timedelta(days=1))
    assert capsys.readouterr().out == ""
    assert max(row.looked_at for row in QUIET_HOURS_TABLE) < quiet_hours.LOOK_AGAIN
