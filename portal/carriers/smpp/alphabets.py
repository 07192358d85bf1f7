"""The alphabets of SMPP: which characters the bytes of a text are, and how a text is cut into its segments.

GSM-7 travels unpacked here, a character in each byte. Sources: 3GPP TS 23.038 for the tables and the classes of
`data_coding`, SMPP 3.4 §5.2.19 for its low values.
"""

import re

from portal.rules.encoding import Alphabet, pack_text, width_of_character

ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
_EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|",
              0x65: "€"}
_CODES = {char: bytes((code,)) for code, char in enumerate(_BASIC) if code != ESCAPE} | {
    char: bytes((ESCAPE, code)) for code, char in _EXTENSION.items()}
UNREADABLE = "\ufffd"

# What `data_coding` 0 may stand for at a center.
GSM, LATIN, ASCII = "gsm", "latin1", "ascii"
UCS2_CODING = 8
BINARY = "binary"
_UCS2 = "ucs-2"
_LOW_CODINGS = {1: ASCII, 2: BINARY, 3: LATIN, 4: BINARY, 6: "iso8859-5", 7: "iso8859-8", 8: _UCS2}
_CLASS_ALPHABETS = ("", BINARY, _UCS2, "")
_PRINTABLE = re.compile(rb"[\x20-\x7e\r\n\t]+")
_LONE = re.compile("[\ud800-\udfff]")

# So many places have a text alone and each of several segments; 3GPP TS 23.040.
_PLACES = {Alphabet.GSM7: (160, 153), Alphabet.UCS2: (70, 67)}


def encode_gsm(body: str) -> bytes:
    """A text in GSM-7, unpacked. Raises KeyError for a character that the alphabet lacks."""
    return b"".join(_CODES[char] for char in body)


def decode_gsm(words: bytes) -> str:
    """The characters of unpacked GSM-7; what is none of its codes is a replacement character."""
    found, codes = [], iter(words)
    for code in codes:
        if code == ESCAPE:
            second = next(codes, None)
            # A receiver that does not know the extension shows the character of the first table.
            found.append("" if second is None else _EXTENSION.get(second) or _basic(second))
        else:
            found.append(_basic(code))
    return "".join(found)


def _basic(code: int) -> str:
    if code == ESCAPE:
        return " "
    return _BASIC[code] if code < len(_BASIC) else UNREADABLE


def encode_words(body: str, usual: str) -> tuple[Alphabet, int, bytes]:
    """A text, or a part of one, as it goes to a center whose coding 0 is `usual`: how it is cut, its coding, its bytes.

    What the center's usual alphabet lacks travels in UCS-2, which every center has.
    """
    if pack_text(body).alphabet is Alphabet.GSM7:
        try:
            return Alphabet.GSM7, 0, encode_gsm(body) if usual == GSM else body.encode(usual)
        except UnicodeEncodeError:
            pass
    return Alphabet.UCS2, UCS2_CODING, encode_ucs2(body)


def encode_ucs2(body: str) -> bytes:
    """A text in UTF-16, the high byte first, as centers and telephones understand UCS-2."""
    return body.encode("utf-16-be", "surrogatepass")


def split_text(body: str, alphabet: Alphabet) -> list[str]:
    """The segments of a text in an alphabet, the very ones that `portal.rules.encoding.pack_text` counts."""
    alone, joined = _PLACES[alphabet]
    if sum(width_of_character(char, alphabet) for char in body) <= alone:
        return [body]
    segments, used = [""], 0
    for char in body:
        wide = width_of_character(char, alphabet)
        if used + wide > joined:
            segments.append("")
            used = 0
        segments[-1] += char
        used += wide
    return segments


def find_alphabet(coding: int, usual: str) -> str:
    """The alphabet that a `data_coding` stands for: one of the constants above or a codec of Python."""
    group = coding >> 4
    if group == 0:
        return _LOW_CODINGS.get(coding, usual if coding == 0 else BINARY)
    if group in {0x1, 0x4, 0x5}:
        return _CLASS_ALPHABETS[(coding >> 2) & 3] or usual
    if group == 0xF:
        return BINARY if coding & 4 else usual
    return {0xC: usual, 0xD: usual, 0xE: _UCS2}.get(group, BINARY)


def decode_words(words: bytes, coding: int, usual: str, *, is_part: bool = False) -> str | None:
    """The characters of a text that came in; None for bytes that are no text, such as a ringing tone.

    `is_part`: half a character may stand at either end, and is kept for whoever joins the parts.
    """
    alphabet = find_alphabet(coding, usual)
    if alphabet == GSM:
        found = decode_gsm(words)
    elif alphabet == _UCS2:
        found = _decode_ucs2(words, is_part)
    elif alphabet == BINARY:
        # Some centers call every text binary. One that asks for silence must be heard.
        if not _PRINTABLE.fullmatch(words):
            return None
        found = words.decode("ascii")
    else:
        found = words.decode(alphabet, "replace")
    # No writing has this character, and PostgreSQL stores no text with it.
    return found.replace("\0", "")


def _decode_ucs2(words: bytes, is_part: bool) -> str:
    turned = words.startswith(b"\xff\xfe")
    units = words[:len(words) // 2 * 2].decode("utf-16-le" if turned else "utf-16-be", "surrogatepass")
    found = units.removeprefix("\ufeff")
    if not is_part:
        return _LONE.sub(UNREADABLE, found)
    return found[:1] + _LONE.sub(UNREADABLE, found[1:-1]) + found[1:][-1:]
