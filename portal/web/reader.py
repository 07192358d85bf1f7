"""The reader of a page: the signed-in person, their language and their time zone."""

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from flask import has_request_context, request
from flask_login import current_user

from portal.models import User

LANGUAGES = ("en",)


def signed_in_user() -> User:
    """The signed-in person themselves, for services."""
    actor: User = current_user._get_current_object()
    return actor


def language_of_reader() -> str:
    """The reader's language: their own choice, else the browser's; the first one for the command line."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = current_user.language if current_user.is_authenticated else ""
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


@lru_cache(maxsize=1)
def list_zone_names() -> tuple[str, ...]:
    """The names of all time zones with a place in them."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def zone_of_reader() -> ZoneInfo:
    """The reader's time zone: their own, else their location's, else UTC."""
    if not current_user.is_authenticated:
        return ZoneInfo("UTC")
    own = current_user.time_zone or (current_user.location.time_zone if current_user.location else "")
    return ZoneInfo(own if own in list_zone_names() else "UTC")
