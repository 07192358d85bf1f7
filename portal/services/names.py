"""How names are compared, and how what somebody typed is searched for."""

import unicodedata

from portal.rules import lengths
from portal.rules.characters import without_hidden


def escape_like(typed: str) -> str:
    """What somebody typed, so that LIKE takes it literally with a backslash as escape."""
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


ROWS_PER_PAGE = 50
# Letters that no accent makes, and what people type instead of them.
PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def key_of_name(typed: str) -> str:
    """How names are compared and sorted: without case, accents, hidden characters and outer spaces.

    Addresses are compared by `addresses.key`: accents make other people of them.
    """
    folded = lengths.decompose_text(lengths.decompose_text(without_hidden(typed)).casefold())
    return "".join(char for char in folded if not unicodedata.combining(char)).translate(PLAIN_LETTERS).strip()


def digits_of_search(search: str) -> str:
    """The digits of what somebody typed to find a number, in any script; "" when there are none."""
    return "".join(char for char in search if char.isdecimal())
