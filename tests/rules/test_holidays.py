"""Holidays against a calendar: the federal ones of some years, and Easter."""

from datetime import date

import pytest

from portal.rules.holidays import easter_sunday, federal_holidays, pennsylvania_holidays


def days(year, *said):
    return {date(year, *map(int, day.split("-"))) for day in said}


@pytest.mark.parametrize(("year", "said"), [
    (2026, "1-1 1-19 2-16 5-25 6-19 7-3 7-4 9-7 10-12 11-11 11-26 12-25"),
    (2027, "1-1 1-18 2-15 5-31 6-18 6-19 7-4 7-5 9-6 10-11 11-11 11-25 12-24 12-25 12-31"),
    (2028, "1-1 1-17 2-21 5-29 6-19 7-4 9-4 10-9 11-10 11-11 11-23 12-25"),
    (2021, "1-1 1-18 2-15 5-31 6-18 6-19 7-4 7-5 9-6 10-11 11-11 11-25 12-24 12-25 12-31"),
    (2023, "1-1 1-2 1-16 2-20 5-29 6-19 7-4 9-4 10-9 11-10 11-11 11-23 12-25"),
])
def test_the_federal_holidays_of_a_year(year, said):
    """With the Friday or Monday on which one at the weekend is kept; New Year's Day of 2028 and 2022 a year before."""
    assert federal_holidays(year) == days(year, *said.split())


@pytest.mark.parametrize(("year", "month", "day"), [
    (2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2028, 4, 16), (2038, 4, 25), (2285, 3, 22),
])
def test_easter(year, month, day):
    assert easter_sunday(year) == date(year, month, day)


def test_what_pennsylvania_adds():
    """Election Day is the Tuesday after the first Monday, never the first of November."""
    assert pennsylvania_holidays(2026) - federal_holidays(2026) == days(2026, "4-3", "6-14", "11-3")
    assert date(2022, 11, 8) in pennsylvania_holidays(2022)
