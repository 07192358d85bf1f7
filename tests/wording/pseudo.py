"""The pseudo-locale: every sentence in ⟦ ⟧ and about 40 % longer. What stands outside is not translated.

It stands in for Polish, whose three plural forms and number formats it keeps. What the locale data say (months,
countries, names of time zones) stands in brackets as well. It lives in memory, of the sentences in the code:

    with pseudo.spoken(): ...      # Accept-Language: pl
"""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

from babel import localedata
from babel.localedata import Alias
from babel.messages.catalog import Catalog
from babel.support import Translations

from portal import extensions
from portal.extensions import PortalDomain, babel
from portal.web import place_fields, public_pages, reader
from portal.wording import moments, texts

from . import catalogs

LANGUAGE = "pl"
OPEN, CLOSE, STRETCH = "⟦", "⟧", "~"
MORE = 0.4
# Tags, placeholders and characters that stand for others; what is left is words.
KEPT = re.compile(r"(</?\w+[^>]*>|%\(\w+\)[sd]|%%|&\w+;)")
WORD = re.compile(r"[^\W\d_]+")
MARKS = re.compile(f"[{OPEN}{CLOSE}{STRETCH}]")
# The parts of the locale data that hold words and not patterns.
LOCALE_WORDS = ("territories", "months", "days", "day_periods", "time_zones", "meta_zones", "zone_formats",
                "unit_patterns", "date_fields", "list_patterns")


def stretched(words: str) -> str:
    """Each word 40 % longer, so that lines break where they did."""
    return WORD.sub(lambda found: found.group() + STRETCH * math.ceil(len(found.group()) * MORE), words)


def pseudo(sentence: str) -> str:
    """A sentence in the pseudo-locale, with its placeholders, tags and spaces at the ends.

    Values stand outside the brackets: those that are words have brackets of their own.
    """
    parts = [part if place % 2 else stretched(part) for place, part in enumerate(KEPT.split(sentence))]
    whole = "".join(f"{CLOSE}{part}{OPEN}" if part.startswith("%(") else part for part in parts)
    bare = whole.strip()
    return whole.replace(bare, f"{OPEN}{bare}{CLOSE}", 1).replace(OPEN + CLOSE, "") if bare else whole


def english(shown: str) -> str:
    """What a page in the pseudo-locale says in English."""
    return MARKS.sub("", shown)


@cache
def translations() -> Translations:
    """The catalog, as the portal reads one."""
    catalog = Catalog(locale=LANGUAGE, charset="utf-8")
    for one in catalogs.known_sentences():
        if one.id:
            forms = (one.id[0], *[one.id[1]] * (catalog.num_plurals - 1)) if isinstance(one.id, tuple) else one.id
            said = tuple(map(pseudo, forms)) if isinstance(forms, tuple) else pseudo(forms)
            catalog.add(one.id, said, context=one.context)
    return Translations(BytesIO(catalogs.compile_catalog(catalog)))


def in_brackets(data: Any) -> Any:
    """The locale data with every word of theirs in brackets."""
    if isinstance(data, Mapping):
        return {key: in_brackets(value) for key, value in data.items()}
    if isinstance(data, tuple):
        return tuple(in_brackets(value) for value in data)
    wordy = isinstance(data, str) and WORD.search(re.sub(r"{\d}|%\(?\w\)?s?", "", data))
    return data if isinstance(data, Alias) or not wordy else f"{OPEN}{data}{CLOSE}"


@cache
def locale_data() -> dict[str, Any]:
    """Those of the language, with names in brackets."""
    real = localedata.load(LANGUAGE)
    return {key: in_brackets(value) if key in LOCALE_WORDS else value for key, value in real.items()}


# What is kept for a locale, besides pages and their parts.
KEPT_WORDS = (
    extensions._number_in_locale, moments._write, moments._write_line_moment, texts._label_state,
    place_fields._countries_in_words, place_fields._zones_in_words, reader._read_locale,
)


def forget_words() -> None:
    """Write anew what the portal keeps of words that it wrote before."""
    for kept in KEPT_WORDS:
        kept.cache_clear()
    public_pages.forget_pages()


def speak() -> None:
    """From now on the language is the pseudo-locale, in this process."""
    babel.domain_instance = PortalDomain()
    babel.domain_instance.cache[LANGUAGE, "messages"] = translations()
    localedata._cache[LANGUAGE] = locale_data()
    forget_words()


@contextmanager
def spoken() -> Iterator[None]:
    """Within the block the language is the pseudo-locale."""
    real = localedata.load(LANGUAGE)
    own = babel.__dict__.pop("domain_instance", None)
    try:
        speak()
        yield
    finally:
        babel.__dict__.pop("domain_instance", None)
        if own is not None:
            babel.domain_instance = own
        localedata._cache[LANGUAGE] = real
        forget_words()
