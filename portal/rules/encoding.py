"""How a text travels: its alphabet, its segments, and the characters that make it costly.

GSM-7 packs 160 places into one segment, 153 into each of several; characters of the extension table take
two places. One character outside both turns the whole text to UCS-2: 70 places, or 67, counted in UTF-16
units, so that an emoji takes two. A character of two places never straddles two segments, which is why
dividing and rounding up counts too few. Source: 3GPP TS 23.038 and TS 23.040.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")

# What can stand in for a costly character without changing what is said. Offered, never done silently.
REPLACEMENTS: Mapping[str, str] = {
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
    "‹": "'", "›": "'", "′": "'", "″": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...",
    "\u2012": "-", "\u2015": "-", "ʼ": "'", "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\u202f": " ", "\u00a0": " ",
    **{chr(space): " " for space in range(0x2000, 0x200B)}, "\u205f": " ", "\u3000": " ",
    "\t": " ", "•": "-", "·": "-", "`": "'", "´": "'",
}
# Between letters of the GSM alphabet these show nothing, so taking them away changes nothing on a screen.
# Numbers copied from a telephone's contacts stand between marks of direction.
INVISIBLE = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad")
# Letters and symbols by name, blank to the eye: the fillers of Korean, the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Spaces, controls, and marks that show on other characters only. What this Python's tables do not know yet
# is left out on purpose: last year's emoji are seen all the same.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Me"})


class Alphabet(StrEnum):
    """In which alphabet a text travels."""

    GSM7 = "gsm-7"
    UCS2 = "ucs-2"


@dataclass(frozen=True, slots=True)
class PackedText:
    """A text as it travels: alphabet, places used, segments, and the characters that force UCS-2.

    `left` is how many places the last segment still has.
    """

    alphabet: Alphabet
    places: int
    segments: int
    left: int
    costly: tuple[str, ...] = ()


def width_of_character(char: str, alphabet: Alphabet) -> int:
    """How many places one character takes in an alphabet."""
    if alphabet is Alphabet.GSM7:
        return 2 if char in EXTENSION else 1
    return 2 if ord(char) > 0xFFFF else 1


def list_costly_characters(body: str) -> tuple[str, ...]:
    """The characters that neither table has, each once, in the order of the text.

    A letter and its accent typed as two characters stand together, as in "e\u0301".
    """
    pairs = zip(" " + body, body, strict=False)
    return tuple(dict.fromkeys(
        before + char if is_split_letter(before + char) else char
        for before, char in pairs if char not in BASIC and char not in EXTENSION))


def is_split_letter(pair: str) -> bool:
    """Whether two characters are one letter that was typed as a letter and an accent."""
    return len(pair) == 2 and unicodedata.combining(pair[1]) > 0 and len(unicodedata.normalize("NFC", pair)) == 1


def pack_text(body: str) -> PackedText:
    """Count the segments of a text by packing them, character by character. "" is one empty segment."""
    if BASIC.issuperset(body):  # as most are: each character takes one place
        return _pack_plain(len(body))
    strange = list_costly_characters(body)
    alphabet = Alphabet.UCS2 if strange else Alphabet.GSM7
    alone, joined = (160, 153) if alphabet is Alphabet.GSM7 else (70, 67)
    places = sum(width_of_character(char, alphabet) for char in body)
    if places <= alone:
        return PackedText(alphabet, places, 1, alone - places, strange)
    segments, used = 1, 0
    for char in body:
        wide = width_of_character(char, alphabet)
        if used + wide > joined:
            segments, used = segments + 1, 0
        used += wide
    return PackedText(alphabet, places, segments, joined - used, strange)


def _pack_plain(places: int) -> PackedText:
    segments, most = (1, 160) if places <= 160 else (-(-places // 153), 153)
    return PackedText(Alphabet.GSM7, places, segments, segments * most - places)


def replace_costly_characters(body: str) -> str:
    """The text in GSM-7, with replacements for what has one; the same text where that saves nothing.

    One character without a replacement keeps the whole text in UCS-2, so the others may stay as they are;
    and three dots for each ellipsis can take more segments than they save.
    """
    # Composed first: "é" typed as two characters is one that the alphabet has.
    composed = unicodedata.normalize("NFC", body)
    plain = unicodedata.normalize(
        "NFC", "".join(REPLACEMENTS.get(char, "" if char in INVISIBLE else char) for char in composed))
    return body if list_costly_characters(plain) or pack_text(plain).segments > pack_text(body).segments else plain


def is_visible_text(body: str) -> bool:
    """Whether a reader would see anything of this text."""
    return any(unicodedata.category(char) not in _UNSEEN and char not in _BLANK for char in body)
