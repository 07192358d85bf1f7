"""Holidays on which some states allow no texts that advertise: the federal ones, and what Pennsylvania's law adds.

A federal holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after; both days count.
Source: 5 U.S.C. 6103; for Pennsylvania, the days that its act 73 of 2019 was reported to cover.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

HolidayCalendar = Callable[[int], frozenset[date]]

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def _nth(year: int, month: int, weekday: int, place: int) -> date:
    """The day on which a weekday falls in a month for the nth time."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7) + (place - 1) * _WEEK


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def _observed(day: date) -> date:
    return day + {SATURDAY: -_DAY, SUNDAY: _DAY}.get(day.weekday(), timedelta())


def _fixed(year: int) -> set[date]:
    """New Year's Day, Juneteenth, Independence Day, Veterans Day and Christmas Day, and when they are kept.

    New Year's Day of the next year may be kept in this one.
    """
    days = {date(year, month, day) for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))}
    kept = {_observed(day) for day in (*days, date(year + 1, 1, 1))}
    return days | {day for day in kept if day.year == year}


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The federal holidays of the US in a year, with the days on which they are kept."""
    return frozenset(_fixed(year) | {
        _nth(year, 1, MONDAY, 3), _nth(year, 2, MONDAY, 3), _last_monday_of_may(year), _nth(year, 9, MONDAY, 1),
        _nth(year, 10, MONDAY, 2), _nth(year, 11, THURSDAY, 4),
    })


def easter_sunday(year: int) -> date:
    """Easter in the Gregorian calendar, by the anonymous algorithm."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def pennsylvania_holidays(year: int) -> frozenset[date]:
    """The federal holidays, Good Friday, Flag Day and Election Day."""
    election = _nth(year, 11, MONDAY, 1) + _DAY
    return federal_holidays(year) | {easter_sunday(year) - 2 * _DAY, date(year, 6, 14), election}
