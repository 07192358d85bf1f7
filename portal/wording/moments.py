"""Moments in the reader's language and zone. Pages and polls write the same ones again and again."""

from datetime import date, datetime, tzinfo
from functools import lru_cache

from babel import Locale, dates
from flask_babel import get_locale, get_timezone


def format_moment(at: datetime, pattern: str) -> str:
    """A moment in a pattern of Babel, such as "d MMM, HH:mm", in the reader's language and zone."""
    locale = get_locale() or Locale("en")
    return _write(at, pattern_of_locale(pattern, locale), locale, get_timezone())


def format_day(day: date, pattern: str) -> str:
    """A day in a pattern of Babel, such as "d MMM y", in the reader's language; of a moment its day in UTC."""
    locale = get_locale() or Locale("en")
    return str(dates.format_date(day, pattern_of_locale(pattern, locale), locale=locale))


def pattern_of_locale(pattern: str, locale: Locale) -> str:
    """A pattern as a language writes it: German puts a dot behind the day, "28. Nov.", and no other does."""
    return pattern.replace("d MMM", "d. MMM") if locale.language == "de" else pattern


@lru_cache(maxsize=4096)
def _write(at: datetime, pattern: str, locale: Locale, zone: tzinfo) -> str:
    return str(dates.format_datetime(at, pattern, tzinfo=zone, locale=locale))


def is_same_day(at: datetime, moment: datetime) -> bool:
    """Whether two moments are on one day of the reader's zone."""
    zone = get_timezone()
    return at.astimezone(zone).date() == moment.astimezone(zone).date()
