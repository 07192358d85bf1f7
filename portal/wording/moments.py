"""Moments in the reader's language and zone. Pages and polls write the same ones again and again."""

from datetime import datetime, tzinfo
from functools import lru_cache

from babel import Locale, dates
from flask_babel import get_locale, get_timezone


def format_moment(at: datetime, pattern: str) -> str:
    """A moment in a pattern of Babel, such as "d MMM, HH:mm", as `flask_babel.format_datetime` writes it."""
    return _write(at, pattern, get_locale() or Locale("en"), get_timezone())


@lru_cache(maxsize=4096)
def _write(at: datetime, pattern: str, locale: Locale, zone: tzinfo) -> str:
    return str(dates.format_datetime(at, pattern, tzinfo=zone, locale=locale))


def is_same_day(at: datetime, moment: datetime) -> bool:
    """Whether two moments are on one day of the reader's zone."""
    zone = get_timezone()
    return at.astimezone(zone).date() == moment.astimezone(zone).date()
