"""Accents: Unicode's normal forms of a text without marks that pile up on one letter, and letters without accents."""

import unicodedata

# Real languages put a few marks on one letter; Unicode's stream-safe format allows thirty.
MARKS_PER_LETTER = 30
# Letters that do not decompose into a letter and an accent, and what people type instead; a word processor writes
# other apostrophes and hyphens than a keyboard has.
_PLAIN = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
    **dict.fromkeys("’‘ʼ′´", "'"), **dict.fromkeys("‐‑‒–—", "-")})


def decompose_text(text: str) -> str:
    """A text in Unicode's form NFKD, with at most thirty marks on one letter.

    The library sorts the marks on a letter in quadratic time (python/cpython gh-149079), so that 31,000 of them
    would keep the whole process busy for seconds. Takes any text and never raises.
    """
    return unicodedata.normalize("NFKD", _thinned(text))


def compose_text(text: str) -> str:
    """The same in Unicode's form NFC."""
    return unicodedata.normalize("NFC", _thinned(text))


def fold_letters(text: str) -> str:
    """A text as names are compared and sorted: in lower case, without accents, with the signs of a keyboard.

    One order for readers of all languages, because stored keys have one: Ł stands with L, É with E, ß with ss.
    """
    folded = decompose_text(decompose_text(text.translate(_PLAIN)).casefold())
    return "".join(char for char in folded if not unicodedata.combining(char)).translate(_PLAIN)


def _thinned(text: str) -> str:
    """A text without the marks that are too many; a few characters are marks only once they are taken apart."""
    if len(text) <= MARKS_PER_LETTER or text.isascii():
        return text
    kept, piled = [], 0
    for char in text:
        marks = 0 if char.isascii() else _marks(char)
        piled = piled + marks if marks else 0
        if piled <= MARKS_PER_LETTER:
            kept.append(char)
    return "".join(kept)


def _marks(char: str) -> int:
    """How many marks a character adds to the letter before it; 0 when it begins with a letter of its own."""
    parts = unicodedata.normalize("NFKD", char)
    return len(parts) if unicodedata.combining(parts[0]) else 0
