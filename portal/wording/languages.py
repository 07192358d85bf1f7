"""The languages and time zones that people choose from, the locales in which languages are written, and words in the
language of a reader who is elsewhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import available_timezones

from flask_babel import force_locale

from portal.marks import WRITTEN_LANGUAGES, known_language

# By their codes in settings; each is called what its speakers call it.
LANGUAGES = {"en": "English", "de": "Deutsch", "pl": "Polski", "fr": "Français"}
# French is that of Canada, also where dates and numbers are written.
LOCALES = {code: "fr_CA" if code == "fr" else code for code in WRITTEN_LANGUAGES}


class LetterText(NamedTuple):
    """Subject and words of a letter, and the tag of their language, such as "fr-CA"."""

    subject: str
    words: str
    language: str


@lru_cache(maxsize=1)
def list_zone_names() -> tuple[str, ...]:
    """The names of all time zones with a place in them."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def locale_of_language(code: str) -> str:
    """The locale in which a language is written here, whatever its country: "fr_CA" for "fr", "en" for "" or "es"."""
    return LOCALES[known_language(code) or "en"]


@contextmanager
def write_in_language(code: str) -> Iterator[str]:
    """Words inside are in the language of their own reader, not of the page; gives the tag of that language."""
    locale = locale_of_language(code)
    with force_locale(locale):
        yield locale.replace("_", "-")
