"""Texts that came in by a line: whose they are, their words, and which part of a long text they are."""

import re
from collections.abc import Callable

from ..base import IncomingText, TextPart
from .alphabets import decode_words
from .pdu import ShortMessage, Tag

_HAS_HEADER = 0x40
_INTERNATIONAL = 1
# Elements of a user data header that say which part this is: (tag, bytes of the reference). 3GPP TS 23.040 §9.2.3.24.
_JOINING = {0x00: 1, 0x08: 2}


def read_text(message: ShortMessage, text_id: str, usual: str, own: Callable[[str], bool]) -> IncomingText:
    """The text that a center told. Bytes that are no text, such as a picture, are one attachment and no words.

    `usual` is the alphabet of coding 0. `own` says whether a number (E.164) is the portal's.
    """
    words, part = _take_header(message)
    part = part or _sar_part(message)
    body = decode_words(words, message.data_coding, usual, is_part=part is not None)
    sender, recipient = _read_numbers(message, own)
    return IncomingText(text_id, sender, recipient, body or "", attachments=int(body is None), part=part)


def _read_numbers(message: ShortMessage, own: Callable[[str], bool]) -> tuple[str, str]:
    """Who texted whom. A center says which numbers are international, and some say it of national ones too.

    Ten digits can be either. Where our own number is known only as a national one, all of this center are.
    """
    is_careless = re.fullmatch("[2-9][0-9]{9}", message.dest) and own(f"+1{message.dest}")
    return (_read_number(message.source, message.source_type, bool(is_careless)),
            _read_number(message.dest, message.dest_type, bool(is_careless)))


def _read_number(told: str, kind: int, is_careless: bool) -> str:
    if kind == _INTERNATIONAL and re.fullmatch("[0-9]{8,15}", told) and not (is_careless and len(told) == 10):
        return f"+{told}"
    return told


def _take_header(message: ShortMessage) -> tuple[bytes, TextPart | None]:
    """The words without the user data header, and the part that it tells; what is no header belongs to the words."""
    words = message.words
    if not message.esm_class & _HAS_HEADER or not words or words[0] >= len(words):
        return words, None
    header, words = words[1:1 + words[0]], words[1 + words[0]:]
    part = None
    while len(header) >= 2:
        tag, value = header[0], header[2:2 + header[1]]
        size = _JOINING.get(tag)
        if size and len(value) == size + 2:
            part = _make_part(f"udh{size}-{value[:size].hex()}", value[size + 1], value[size])
        header = header[2 + header[1]:]
    return words, part


def _sar_part(message: ShortMessage) -> TextPart | None:
    reference, total, number = (message.parameters.get(tag, b"")
                                for tag in (Tag.SAR_REFERENCE, Tag.SAR_TOTAL, Tag.SAR_NUMBER))
    if len(reference) != 2 or len(total) != 1 or len(number) != 1:
        return None
    return _make_part(f"sar-{reference.hex()}", number[0], total[0])


def _make_part(key: str, number: int, total: int) -> TextPart | None:
    """The part, None for a text of one part and for numbers that make no sense."""
    return TextPart(key, number, total) if 1 <= number <= total and total > 1 else None
