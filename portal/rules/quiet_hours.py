"""Quiet hours: when a state or province lets nobody solicit by phone or text. One dated row for each that is stricter.

Hours are those of the recipient's clock. `law` names what was read; where no text of a law could be confirmed, the row
is this portal's own choice after a list of a vendor, and says so. All of them are about solicitations: texts that
advertise or sell. To renew the table: read the laws again, set `looked_at` in the rows, and renew the snapshot.
"""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.marks import N_

from .decision import Source
from .holidays import SATURDAY, HolidayCalendar, federal_holidays, pennsylvania_holidays

LOOKED_AT = date(2026, 11, 29)
# By then new laws of the states are in force, and the FCC's waiver of revoking everything at once is about to end.
LOOK_AGAIN = date(2027, 1, 15)
# No place is closed for so many days on end.
LONGEST_BREAK = 15
# So often the search for an allowed minute moves on; numbers in two zones and two states need four.
MOST_STEPS = 100


class HourSpan(NamedTuple):
    """From when until when texts may be sent on a day; the minute of `ends` is quiet again."""

    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class AllowedHours:
    """When one state or province (ISO 3166-2, or a country for all others) allows solicitations; None: not at all."""

    place: str
    weekdays: HourSpan
    saturday: HourSpan | None
    sunday: HourSpan | None
    source: Source
    holidays: HolidayCalendar | None = None
    looked_at: date = LOOKED_AT

    def span_on(self, day: date) -> HourSpan | None:
        """The hours of a day of the calendar there; None where the whole day is quiet."""
        if self.holidays is not None and day in self.holidays(day.year):
            return None
        weekday = day.weekday()
        if weekday < SATURDAY:
            return self.weekdays
        return self.saturday if weekday == SATURDAY else self.sunday


def _span(begins: int, ends: int, minute: int = 0) -> HourSpan:
    return HourSpan(time(begins), time(ends, minute))


def _daily(place: str, begins: int, ends: int, law: str = "") -> AllowedHours:
    """The same hours on every day."""
    span = _span(begins, ends)
    return AllowedHours(place, span, span, span, _source(law))


def _no_sundays(place: str, begins: int, ends: int, law: str = "", holidays: HolidayCalendar | None = None,
                *, chosen: bool = False) -> AllowedHours:
    """The same hours from Monday to Saturday. `chosen`: the law is about the holidays only."""
    span = _span(begins, ends)
    return AllowedHours(place, span, span, None, _source(law, chosen=chosen), holidays)


def _source(law: str, *, chosen: bool = False) -> Source:
    return Source(law=law, portal=chosen or not law)


FEDERAL_HOURS = _daily("US", 8, 21, N_("US law: 47 CFR 64.1200(c)(1)"))
# The Canadian commission's hours are about telemarketing calls; this portal applies them to texts.
CANADIAN_HOURS = AllowedHours("CA", _span(9, 21, 30), _span(10, 18), _span(10, 18),
                              Source(law=N_("CRTC, Unsolicited Telecommunications Rules, about calls"), portal=True))
STRICTER_HOURS: tuple[AllowedHours, ...] = (
    _no_sundays("US-AL", 8, 20, N_("Ala. Admin. Code r. 770-X-5-.17, about automated calls"), federal_holidays),
    _daily("US-CT", 9, 20, N_("Connecticut Public Act 23-98")),
    _daily("US-FL", 8, 20, N_("Fla. Stat. 501.616(6)(a)")),
    _daily("US-KY", 10, 21),
    _no_sundays("US-LA", 8, 20, holidays=federal_holidays),
    _daily("US-MD", 8, 20, N_("Maryland Stop the Spam Calls Act of 2023")),
    _daily("US-MA", 8, 20, N_("201 CMR 12.02(2)")),
    _daily("US-MI", 9, 21),
    _daily("US-MN", 9, 21),
    _no_sundays("US-MS", 8, 20, N_("Miss. Code Ann. 77-3-723")),
    _daily("US-NV", 9, 20),
    _daily("US-NM", 9, 21, N_("N.M. Stat. 57-12-22(B)(5)")),
    _daily("US-OK", 8, 20, N_("Oklahoma Telephone Solicitation Act of 2022")),
    _daily("US-OR", 8, 20, N_("Oregon House Bill 3865 of 2025")),
    _no_sundays("US-PA", 9, 19, N_("73 P.S. 2245.2, about holidays"), pennsylvania_holidays, chosen=True),
    AllowedHours("US-RI", _span(9, 18), _span(10, 17), None, _source(N_("R.I. Gen. Laws 5-61-2, 5-61-3.6")),
                 federal_holidays),
    AllowedHours("US-TX", _span(9, 21), _span(9, 21), _span(12, 21), _source(N_("Tex. Bus. & Com. Code, chapter 301"))),
    _no_sundays("US-UT", 8, 21, N_("Utah Code 13-25a-103(3)"), federal_holidays),
    _daily("US-WA", 8, 20, N_("RCW 19.158.040(2)")),
    _daily("US-WY", 8, 20),
)
QUIET_HOURS_TABLE = (FEDERAL_HOURS, *STRICTER_HOURS, CANADIAN_HOURS)
_BY_PLACE: Mapping[str, AllowedHours] = MappingProxyType({row.place: row for row in QUIET_HOURS_TABLE})


@lru_cache(maxsize=256)
def hours_of_place(place: str) -> AllowedHours:
    """The hours of a state or province; the country's where it has no row, the federal ones for any other place."""
    return _BY_PLACE.get(place) or _BY_PLACE.get(place[:2]) or FEDERAL_HOURS


class QuietMoment(NamedTuple):
    """Where it is quiet, and the local time there."""

    place: str
    local: datetime


def find_quiet(places: Iterable[str], zones: Iterable[str], moment: datetime) -> QuietMoment | None:
    """The first place and zone of a number in which a moment lies in quiet hours; None when it does in none.

    A number that may be in several states or zones may be texted only when all of them allow it. Without places the
    federal hours count, without zones nothing is quiet.
    """
    where = tuple(places) or ("US",)
    for zone in zones:
        local = moment.astimezone(ZoneInfo(zone))
        day, clock = local.date(), local.time()
        for place in where:
            span = hours_of_place(place).span_on(day)
            if span is None or not span.begins <= clock < span.ends:
                return QuietMoment(place, local)
    return None


def next_allowed_minute(places: Iterable[str], zones: Iterable[str], moment: datetime) -> datetime | None:
    """The first minute from a moment on that is quiet in no place and zone of a number (UTC); None if there is none."""
    where, at = (tuple(places), tuple(zones)), moment
    for _ in range(MOST_STEPS):
        quiet = find_quiet(*where, at)
        if quiet is None:
            return at
        at = _opening_after(quiet)
    return None


def _opening_after(quiet: QuietMoment) -> datetime:
    """When the hours of a place begin next after a local time (UTC)."""
    hours, since = hours_of_place(quiet.place), quiet.local.astimezone(UTC)
    for ahead in range(LONGEST_BREAK):
        day = quiet.local.date() + timedelta(days=ahead)
        if (span := hours.span_on(day)) is not None:
            begins = datetime.combine(day, span.begins, quiet.local.tzinfo).astimezone(UTC)
            if begins > since:
                return begins
    return since + timedelta(days=LONGEST_BREAK)


def remind_to_read_laws(today: date | None = None) -> None:
    """Print from LOOK_AGAIN on that the laws have to be read again. `make check` ends with it."""
    if (today or datetime.now(UTC).date()) >= LOOK_AGAIN:
        sys.stdout.write(f"Read the laws again, as was planned for {LOOK_AGAIN}: the hours of the states in"
                         " portal/rules/quiet_hours.py, and whether the FCC's rule about revoking all is in force"
                         " (DECISIONS.md, 180 and 233). Then set LOOK_AGAIN. Nothing fails until then.\n")
