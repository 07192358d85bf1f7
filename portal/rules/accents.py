"""Accents and other marks that pile up on one letter, and Unicode's normal forms of a text without the surplus."""

import unicodedata

# Real languages put a few marks on one letter; Unicode's stream-safe format allows thirty.
MARKS_PER_LETTER = 30


def decompose_text(text: str) -> str:
    """A text in Unicode's form NFKD, with at most thirty marks on one letter.

    The library sorts the marks on a letter in quadratic time (python/cpython gh-149079), so that 31,000 of them
    would keep the whole process busy for seconds. Takes any text and never raises.
    """
    return unicodedata.normalize("NFKD", _thinned(text))


def compose_text(text: str) -> str:
    """The same in Unicode's form NFC."""
    return unicodedata.normalize("NFC", _thinned(text))


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
