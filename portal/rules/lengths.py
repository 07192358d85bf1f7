"""How long what people type may be, in characters, before anything else is done with it.

Much of what is done costs more than the length says: sorting accents, looking for links, remembering readings. So
each place asks here first, and what is longer is refused and not looked at.
"""

import unicodedata

# RFC 5321: as long as an email address that mail can be sent to.
ADDRESS = 254
SEARCH = 200
# More than the ten segments that a text may have can hold.
TEXT = 1600
# What is not even packed into segments any more.
FAR_TOO_LONG = 4 * TEXT
# Longer than any number is spelled.
NUMBER = 60
PASSWORD = 200
# Real languages put a few marks on one letter; Unicode's stream-safe format allows thirty.
MARKS = 30


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
    if len(text) <= MARKS or text.isascii():
        return text
    kept, piled = [], 0
    for char in text:
        marks = 0 if char.isascii() else _marks(char)
        piled = piled + marks if marks else 0
        if piled <= MARKS:
            kept.append(char)
    return "".join(kept)


def _marks(char: str) -> int:
    """How many marks a character adds to the letter before it; 0 when it begins with a letter of its own."""
    parts = unicodedata.normalize("NFKD", char)
    return len(parts) if unicodedata.combining(parts[0]) else 0
