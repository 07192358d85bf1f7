"""Compare names, and prepare typed text for a search."""

import re
import unicodedata

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_

from portal.rules import accents
from portal.rules.characters import without_hidden

NameKeys = SQLColumnExpression[str]


def escape_like(typed: str) -> str:
    """Typed text for LIKE, which then takes it literally; the escape character is a backslash."""
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


ROWS_PER_PAGE = 50
# Ä, ö and ü, and how they are written where a keyboard lacks them; no name that ends in "oe" has an umlaut there: Joe.
_UMLAUT, _SPELLED = re.compile("([aou])\u0308", re.IGNORECASE), re.compile("([aou])e")
_VOWEL = re.compile("([aou])")
_SPELLED_WITHIN = re.compile(r"[aou]e(?=\w)")


def key_of_name(typed: str) -> str:
    """The key by which names are compared and sorted: without case, accents, hidden characters and outer spaces.

    Addresses have `addresses.key_of_address`, which keeps accents: they can be the difference between two people.
    """
    return accents.fold_letters(without_hidden(typed)).strip()


def name_condition(keys: NameKeys, typed: str, pattern: str = "%{}%") -> ColumnElement[bool]:
    """Whether a column with keys of names fits what was typed, wherever it stands or as `pattern` says.

    Whoever types "Mueller" finds Müller and the other way round, and "Lefèvre, Zoé" finds Zoé Lefèvre. Two names that
    differ so stay two names: their keys differ.
    """
    hits = [_is_like(keys, key, pattern) for key in _keys_of_search(typed)]
    if _UMLAUT.search(accents.decompose_text(typed)) or _SPELLED_WITHIN.search(key_of_name(typed)):
        short: NameKeys = keys
        for letter in "aou":
            short = func.replace(short, f"{letter}e", letter)
        hits += [_is_like_spelled(keys, short, _SPELLED.sub(r"\1", key), pattern) for key in _keys_of_search(typed)]
    return or_(*hits)


def key_with_umlauts(typed: str) -> str:
    """A key that spells an umlaut: Müller and Mueller have the same, Muller has another."""
    return key_of_name(_UMLAUT.sub(r"\1e", accents.decompose_text(typed)))


def is_name_meant(typed: str, name: str) -> bool:
    """Whether what was typed is the whole of a name, however `name_condition` lets it be typed.

    A search may find more than was meant, such as Gothe for Goethe; whoever acts on a name alone asks this, too.
    """
    return any(not _keys_of_whole(one).isdisjoint(_keys_of_whole(name)) for one in _orders(typed))


def _keys_of_whole(name: str) -> frozenset[str]:
    return frozenset((key_of_name(name), key_with_umlauts(name)))


def _orders(typed: str) -> list[str]:
    last, comma, first = typed.partition(",")
    return [typed, f"{first.strip()} {last.strip()}"] if comma and first.strip() else [typed]


def _keys_of_search(typed: str) -> list[str]:
    return [key_of_name(one) for one in _orders(typed)]


def _is_like(keys: NameKeys, key: str, pattern: str) -> ColumnElement[bool]:
    return keys.like(pattern.format(escape_like(key)), escape="\\")


def _is_like_spelled(keys: NameKeys, short: NameKeys, key: str, pattern: str) -> ColumnElement[bool]:
    """Shortened keys are like this one. To shorten each takes long, so a look at the whole ones, loosely, comes first.
    """
    loosely = _VOWEL.sub(r"\1%", pattern.format(escape_like(key)))
    return and_(keys.like(loosely, escape="\\"), _is_like(short, key, pattern))


def digits_of_search(search: str) -> str:
    """The digits of a typed search for a number, 0 to 9 whatever script they were typed in; "" when there are none."""
    return "".join(str(unicodedata.decimal(char)) for char in search if char.isdecimal())
