"""Texts of which we do not know whether the center took them, as far as this process remembers.

An answer that comes late, and a receipt that repeats the 16 bits of our reference, settle such a text: alone these are
too few to name a text, but together with both numbers they are not. Nothing here is stored: after a restart the text
stays unclear, and a person decides.
"""

import threading
from collections import OrderedDict
from dataclasses import replace

from ..base import CarrierReceipt, OutgoingText, e164_of_number
from .outgoing import hash_reference
from .pdu import ShortMessage, Tag

_MOST = 10_000


class UnsettledTexts:
    """References of texts on their way and of unclear ones, by what a center may tell of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_bits: OrderedDict[tuple[bytes, str, str], str] = OrderedDict()
        self._by_id: OrderedDict[str, str] = OrderedDict()

    def add_text(self, text: OutgoingText) -> None:
        """A text begins its way."""
        with self._lock:
            self._by_bits[_key(hash_reference(text.reference), text.sender, text.recipient)] = text.reference
            if len(self._by_bits) > _MOST:
                self._by_bits.popitem(last=False)

    def settle_text(self, text: OutgoingText) -> None:
        """The center has answered, or never had it."""
        with self._lock:
            self._by_bits.pop(_key(hash_reference(text.reference), text.sender, text.recipient), None)

    def link_id(self, text_id: str, reference: str) -> None:
        """The id of a text came late: receipts with it are for this reference."""
        with self._lock:
            self._by_id[text_id] = reference
            if len(self._by_id) > _MOST:
                self._by_id.popitem(last=False)

    def add_reference(self, receipt: CarrierReceipt, message: ShortMessage) -> CarrierReceipt:
        """The receipt with our reference, where it settles an unclear text."""
        bits = message.parameters.get(Tag.USER_REFERENCE, b"")
        with self._lock:
            reference = self._by_id.get(receipt.id) or self._by_bits.get(_key(bits, message.dest, message.source))
            if reference and receipt.id:
                self._by_id[receipt.id] = reference
        return replace(receipt, reference=reference) if reference else receipt


def _key(bits: bytes, ours: str, theirs: str) -> tuple[bytes, str, str]:
    return bits, e164_of_number(ours), e164_of_number(theirs)
