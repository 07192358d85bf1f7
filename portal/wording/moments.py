"""Moments in the reader's language and zone. Pages and polls write the same ones again and again."""

from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, dates
from flask_babel import get_locale

from portal.extensions import present_locale, present_zone

# With seconds and the zone's name.
IN_FULL = "EEEE, d MMMM y, HH:mm:ss zzzz"


class LineMoment(NamedTuple):
    """When a line of a conversation was: as browsers read it, its day as 2026-11-29, the time of day, and in full."""

    stamp: str
    day: str
    clock: str
    full: str


def write_line_moment(at: datetime) -> LineMoment:
    """The moment of a line, in the reader's language and zone: a page has fifty of them, so it is one look-up each."""
    return _write_line_moment(at, present_locale() or Locale("en"), present_zone())


def format_moment(at: datetime, pattern: str) -> str:
    """A moment in a pattern of Babel, such as "d MMM, HH:mm", in the reader's language and zone."""
    return _write(at, pattern, present_locale() or Locale("en"), present_zone())


def format_day(day: date, pattern: str) -> str:
    """A day in a pattern of Babel, such as "d MMM y", in the reader's language; of a moment its day in UTC."""
    locale = get_locale() or Locale("en")
    return str(dates.format_date(day, pattern_of_locale(pattern, locale), locale=locale))


def begin_large(words: str) -> str:
    """A day as it stands alone, above what happened on it: French and Polish write days small within a sentence."""
    return words[:1].upper() + words[1:]


def format_clock(clock: time) -> str:
    """A time of day as it stands, in no zone, in the reader's language: 14:30; in French 14 h 30."""
    locale = get_locale() or Locale("en")
    return str(dates.format_time(clock, pattern_of_locale("HH:mm", locale), locale=locale))


def pattern_of_locale(pattern: str, locale: Locale) -> str:
    """A pattern as a language writes it: "28. Nov., 14:30" in German, "28 nov., 14 h 30" in French,
    "28.11.2026" in Polish.

    English keeps the 24 hours that this portal writes everywhere.
    """
    if locale.language == "de":
        return pattern.replace("d MMM", "d. MMM")
    if locale.language == "pl":
        # The shortened name of a month stands in no case: with a year and in a sentence, days are written in digits.
        return pattern.replace("d MMM y", "d.MM.y")
    if locale.language == "fr":
        # No line ends within "14 h 30".
        whole, short = (locale.time_formats[name].pattern.replace(" ", "\u00a0") for name in ("medium", "short"))
        pattern = pattern.replace("HH:mm:ss", whole).replace("HH:mm", short)
        return pattern.replace("EEEE, d", "EEEE d")
    return pattern


def format_wait(left: timedelta) -> str:
    """How long it is from now, with its preposition, since other languages bend what follows it: in 2 hours."""
    return str(dates.format_timedelta(left, threshold=1, add_direction=True, locale=get_locale() or Locale("en")))


@lru_cache(maxsize=4096)
def _write(at: datetime, pattern: str, locale: Locale, zone: tzinfo) -> str:
    return str(dates.format_datetime(at, pattern_of_locale(pattern, locale), tzinfo=zone, locale=locale))


@lru_cache(maxsize=4096)
def _write_line_moment(at: datetime, locale: Locale, zone: tzinfo) -> LineMoment:
    return LineMoment(moment_for_browsers(at), at.astimezone(zone).date().isoformat(),
                      _write(at, "HH:mm", locale, zone), _write(at, IN_FULL, locale, zone))


def moment_for_browsers(at: datetime) -> str:
    """A moment as HTML writes it in <time datetime>, to the second."""
    return at.isoformat(timespec="seconds")


def is_same_day(at: datetime, moment: datetime) -> bool:
    """Whether two moments are on one day of the reader's zone."""
    zone = present_zone()
    return at.astimezone(zone).date() == moment.astimezone(zone).date()
