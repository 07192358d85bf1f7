"""Receipts: words in the text, parameters beside it, or both; the words may lie in message_payload.

Source: SMPP 3.4 appendix B for the words, §5.3.2.35 for the states, §5.2.12 for what marks a receipt. The dates in a
receipt have no time zone and are left alone.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from ..base import CarrierReceipt, CarrierStatus
from ..words import find_word
from .pdu import ShortMessage, Tag
from .settings import CenterSettings

_KIND_BITS, _RECEIPT, _INTERMEDIATE = 0x3C, 0x04, 0x20
_STATES = ("", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD")
# The specification writes the words with seven letters; some centers write them in full.
_FULL_WORDS = {"DELIVERED": "DELIVRD", "UNDELIVERABLE": "UNDELIV", "ACCEPTED": "ACCEPTD", "REJECTED": "REJECTD"}
STATUS_OF_WORD: Mapping[str, CarrierStatus] = MappingProxyType({
    "ENROUTE": CarrierStatus.SENT, "ACCEPTD": CarrierStatus.SENT, "DELIVRD": CarrierStatus.DELIVERED,
    "UNDELIV": CarrierStatus.UNDELIVERED, "REJECTD": CarrierStatus.FAILED, "DELETED": CarrierStatus.FAILED,
    "EXPIRED": CarrierStatus.EXPIRED})
_ARRIVED = {"ENROUTE", "ACCEPTD", "DELIVRD"}
_LONGEST_WORDS = 60


def is_receipt(message: ShortMessage) -> bool:
    """Whether this tells what became of a text of ours, and is no text of a person."""
    return (message.esm_class & _KIND_BITS in {_RECEIPT, _INTERMEDIATE}) or Tag.RECEIPTED_ID in message.parameters


def read_receipt(message: ShortMessage, center: CenterSettings) -> CarrierReceipt:
    """What a receipt says. The words count before the state beside them; a word that nobody knows is only kept."""
    said = _read_words(message.words)
    state = message.parameters.get(Tag.MESSAGE_STATE, b"")[:1]
    by_state = _STATES[state[0]] if state and state[0] < len(_STATES) else ""
    told = said.get("stat", "").upper()
    word = _FULL_WORDS.get(told, told) or by_state
    known = word if word in STATUS_OF_WORD else by_state
    raw = f"{word} err:{said['err']}" if said.get("err", "").strip("0") else word
    return CarrierReceipt(
        raw=raw[:_LONGEST_WORDS], status=STATUS_OF_WORD.get(known), id=_read_id(message, said, center),
        code="" if known in _ARRIVED else find_word("smpp", known or word))


def _read_words(words: bytes) -> dict[str, str]:
    """The fields before the first words of the text itself, which may say anything."""
    said = re.split(r"\btext:", words.decode("latin-1"), maxsplit=1, flags=re.IGNORECASE)[0]
    found = re.findall(r"\b(id|stat|err):\s*(\S+)", said, re.IGNORECASE)
    return {name.lower(): value for name, value in reversed(found)}


def _read_id(message: ShortMessage, said: Mapping[str, str], center: CenterSettings) -> str:
    """The id of the text, as we store it. The parameter is made for it, and the words are only a custom."""
    parameter = message.parameters.get(Tag.RECEIPTED_ID, b"").partition(b"\0")[0].decode("latin-1")
    return center.same_id(parameter or said.get("id", ""), in_receipt=True)
