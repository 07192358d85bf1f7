"""Compare names, and prepare typed text for a search."""

import unicodedata

from portal.rules import accents
from portal.rules.characters import without_hidden


def escape_like(typed: str) -> str:
    """Typed text for LIKE, which then takes it literally; the escape character is a backslash."""
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


ROWS_PER_PAGE = 50
# Letters that do not decompose into a letter and an accent, and what people type instead.
PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def key_of_name(typed: str) -> str:
    """The key by which names are compared and sorted: without case, accents, hidden characters and outer spaces.

    Addresses have `addresses.key_of_address`, which keeps accents: they can be the difference between two people.
    """
    folded = accents.decompose_text(accents.decompose_text(without_hidden(typed)).casefold())
    return "".join(char for char in folded if not unicodedata.combining(char)).translate(PLAIN_LETTERS).strip()


def digits_of_search(search: str) -> str:
    """The digits of a typed search for a number, 0 to 9 whatever script they were typed in; "" when there are none."""
    return "".join(str(unicodedata.decimal(char)) for char in search if char.isdecimal())
