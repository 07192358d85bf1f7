"""What a form of Twilio says: a text that came in, or what became of one of ours."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl, urlsplit

from ..base import CarrierNews, CarrierReceipt, CarrierStatus, IncomingText
from ..words import TOO_LATE, find_word
from .signature import FormFields

REFERENCE = "ref"
# Twilio's words for what becomes of a text. None: it is still in Twilio's own hands. A text of which a part is missing
# has not arrived; one that was canceled at Twilio never will.
STATUSES: Mapping[str, CarrierStatus | None] = MappingProxyType({
    "accepted": None, "scheduled": None, "queued": None, "sending": None,
    "sent": CarrierStatus.SENT, "delivered": CarrierStatus.DELIVERED, "read": CarrierStatus.DELIVERED,
    "undelivered": CarrierStatus.UNDELIVERED, "partially_delivered": CarrierStatus.UNDELIVERED,
    "failed": CarrierStatus.FAILED, "canceled": CarrierStatus.FAILED,
})
_COMES_IN = {"", "receiving", "received"}
# As long as the portal makes them: another system of the same account may send by the same address.
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,16}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MEDIA = re.compile(r"[0-9]{1,3}", re.ASCII)


def read_form(fields: FormFields, url: str) -> list[CarrierNews]:
    """The one text or receipt in a form. Raises ValueError for one that it cannot read.

    Of a field that comes twice the first counts. `url` is the address as it was called: with a receipt it carries our
    reference, which the signature covers.
    """
    form: dict[str, str] = {}
    for name, value in fields:
        form.setdefault(name.decode(errors="replace"), value.decode(errors="replace"))
    text_id = form.get("MessageSid") or form.get("SmsSid") or ""
    if not _ID.fullmatch(text_id):
        raise ValueError("a form about no text")
    word = form.get("MessageStatus") or form.get("SmsStatus") or ""
    return [_text(text_id, form) if word in _COMES_IN else _receipt(text_id, word, form, url)]


def _text(text_id: str, form: Mapping[str, str]) -> IncomingText:
    if not form.get("From") or not form.get("To"):
        raise ValueError("a text without its numbers")
    media = form.get("NumMedia", "")
    return IncomingText(text_id, form["From"], form["To"], form.get("Body", ""),
                        attachments=int(media) if _MEDIA.fullmatch(media) else 0)


def _receipt(text_id: str, word: str, form: Mapping[str, str], url: str) -> CarrierReceipt:
    status, told = STATUSES.get(word), form.get("ErrorCode", "")
    code = "" if told == "0" else find_word("twilio", told)
    if code == TOO_LATE and status in {CarrierStatus.FAILED, CarrierStatus.UNDELIVERED}:
        status = CarrierStatus.EXPIRED
    return CarrierReceipt(word, status, _reference_in(url), text_id, code)


def _reference_in(url: str) -> str:
    """Our reference in the address of a receipt; empty where there is none, and the id says which text it is about."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="replace")
    told = next((value for name, value in query if name == REFERENCE), "")
    return told if _REFERENCE.fullmatch(told) else ""
