"""A text for a center: its alphabet, its parts, and the body of each submit_sm."""

import hashlib
import itertools
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from portal.rules.encoding import Alphabet

from ..base import CarrierError, Fault, OutgoingText
from .alphabets import encode_ucs2, encode_words, split_text
from .pdu import ShortMessage, Tag, write_submit
from .settings import PAYLOAD, UDH, CenterSettings

_HAS_HEADER = 0x40
_SHORTEST_VALIDITY, _LONGEST_VALIDITY = timedelta(minutes=1), timedelta(days=28)
_MOST_PARTS = 255


def hash_reference(reference: str) -> bytes:
    """The 16 bits of our reference that a center may repeat in a receipt (user_message_reference)."""
    return hashlib.sha256(reference.encode()).digest()[:2]


def write_validity(until: datetime | None, moment: datetime) -> str:
    """How long a text is wanted, as a distance (§7.1.1.2), which no clock and no time zone can bend; "" for no end."""
    if until is None:
        return ""
    left = min(max(until - moment, _SHORTEST_VALIDITY), _LONGEST_VALIDITY)
    hours, seconds = divmod(left.seconds, 3600)
    return f"0000{left.days:02}{hours:02}{seconds // 60:02}{seconds % 60:02}000R"


class TextWriter:
    """Writes texts as one center likes them. Long texts of one writer have different reference numbers in turn."""

    def __init__(self, center: CenterSettings, clock: Callable[[], datetime]) -> None:
        self._center, self._clock = center, clock
        self._long_texts = itertools.count(secrets.randbelow(0x10000))

    def write_text(self, text: OutgoingText) -> list[bytes]:
        """The bodies of the submit_sm that bring a text, in their order. Only the last asks for a receipt.

        Raises CarrierError for a text of more than 255 parts.
        """
        alphabet, coding, words = encode_words(text.body, self._center.alphabet)
        segments = split_text(text.body, alphabet)
        if len(segments) == 1:
            return [self._body(text, coding, words)]
        if self._center.long_texts == PAYLOAD:
            return [self._body(text, coding, b"", parameters={Tag.PAYLOAD: words})]
        if len(segments) > _MOST_PARTS:
            raise CarrierError("too-long", Fault.TEXT)
        number, total = next(self._long_texts), len(segments)
        return [self._part(text, coding, self._encode(one, alphabet), (number, total, at))
                for at, one in enumerate(segments, 1)]

    def _encode(self, segment: str, alphabet: Alphabet) -> bytes:
        """A part in the alphabet of the whole text: alone it might do with a smaller one."""
        return encode_ucs2(segment) if alphabet is Alphabet.UCS2 else encode_words(segment, self._center.alphabet)[2]

    def _part(self, text: OutgoingText, coding: int, words: bytes, place: tuple[int, int, int]) -> bytes:
        number, total, at = place
        is_last = at == total
        if self._center.long_texts == UDH:
            header = bytes((5, 0, 3, number & 0xFF, total, at))
            return self._body(text, coding, header + words, esm_class=_HAS_HEADER, asks_receipt=is_last)
        return self._body(text, coding, words, asks_receipt=is_last, parameters={
            Tag.SAR_REFERENCE: (number & 0xFFFF).to_bytes(2, "big"), Tag.SAR_TOTAL: bytes((total,)),
            Tag.SAR_NUMBER: bytes((at,))})

    def _body(self, text: OutgoingText, coding: int, words: bytes, *, esm_class: int = 0, asks_receipt: bool = True,
              parameters: dict[int, bytes] | None = None) -> bytes:
        source_type, dest_type = self._center.number_types
        message = ShortMessage(
            text.sender.removeprefix("+"), text.recipient.removeprefix("+"), words, source_type, dest_type, esm_class,
            coding, {Tag.USER_REFERENCE: hash_reference(text.reference), **(parameters or {})})
        return write_submit(message, self._center.number_plans, validity=write_validity(text.until, self._clock()),
                            asks_receipt=asks_receipt)
