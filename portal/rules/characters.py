"""Characters that nobody sees, and what a line of text is without them."""

import re
import unicodedata

from . import accents

# What Unicode lets programs leave out (Default_Ignorable_Code_Point), and letters and signs that are drawn blank.
# Ranges for a set of a regular expression.
IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff")
_IGNORED = re.compile(f"[{IGNORED}]")
# Signs that Arabic writes before numbers and Syriac before words: they are formats by category and can be seen.
_SEEN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
_BREAK = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BLANKS = re.compile("[\\s\x00-\x1f\x7f-\x9f]+")
JOINERS = "\u200c\u200d"
# Categories of what would turn text round, hide in it or break its lines.
HIDING = ("Cc", "Cf", "Zl", "Zp", "Co", "Cs")
_VARIANTS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_ACCENTED = re.compile("[A-Za-z\u00aa-\u024f]")
# Letters, numbers, punctuation and symbols can be seen, and so can what Unicode will have added by next year.
_VISIBLE = ("L", "N", "P", "S", "Cn")


def is_hidden_character(char: str) -> bool:
    """Whether a character is drawn as nothing, wherever it stands; blanks and line breaks are not meant."""
    if _IGNORED.match(char):
        return True
    return unicodedata.category(char) in ("Cf", "Cs") and not _SEEN.match(char)


def without_hidden(text: str) -> str:
    """A text without any character that nobody sees."""
    return text if _has_no_hidden(text) else "".join(char for char in text if not is_hidden_character(char))


def _has_no_hidden(text: str) -> bool:
    """Whether it is plain at a glance that every character can be seen; looking at each of them takes far longer."""
    return text.isascii() or (text.isprintable() and not _IGNORED.search(text))


def trim_text(text: str) -> str:
    """A text without blanks and hidden characters at its ends."""
    if text.isascii():
        return text.strip()
    first, last = 0, len(text)
    while first < last and _empty(text[first]):
        first += 1
    while last > first and _empty(text[last - 1]):
        last -= 1
    return text[first:last]


def _empty(char: str) -> bool:
    return char.isspace() or is_hidden_character(char)


def tidy_line(typed: str) -> str:
    """A line as it is stored: one spelling of accents, no hidden characters, no breaks, no outer blanks.

    Joiners and variants stay where scripts and emoji need them. "" where nothing in it can be seen.
    """
    if typed.isascii() and typed.isprintable():
        return typed.strip()
    line = _BLANKS.sub(lambda blanks: " " if _BREAK.search(blanks[0]) else blanks[0], typed)
    if not line.isascii():
        line = accents.compose_text(line if _has_no_hidden(line) else _shaped(line))
    line = line.strip()
    return line if any(unicodedata.category(char).startswith(_VISIBLE) for char in line) else ""


def _shaped(line: str) -> str:
    """The line with those hidden characters only that shape the visible ones beside them."""
    kept = [char for char in line if not is_hidden_character(char) or char in JOINERS or _VARIANTS.match(char)]
    shaped: list[str] = []
    for char, following in zip(kept, [*kept, " "][1:], strict=True):
        if not is_hidden_character(char) or (shaped and _shapes(shaped[-1], char, following)):
            shaped.append(char)
    return "".join(shaped)


def _shapes(before: str, char: str, after: str) -> bool:
    if not _exotic(before) or before in JOINERS:
        return False
    return _exotic(after) and not is_hidden_character(after) if char in JOINERS else not is_hidden_character(before)


def _exotic(char: str) -> bool:
    """Whether a character belongs to scripts or emoji; no Latin letter changes by what is hidden beside it."""
    return not (char.isascii() or char.isspace() or _ACCENTED.match(char))
