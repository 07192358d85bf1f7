"""What Telnyx tells: who signed it, which texts came in, and what became of ours.

Telnyx signs the time and the body, not the address that it calls. So nothing in that address is believed. But the
body of a receipt repeats the address that we asked for (`webhook_url`) and the one that was called (`delivered_to`),
and from these our reference is taken: what stands there, Telnyx itself has signed.
"""

import base64
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ..base import CarrierNews, CarrierReceipt, CarrierStatus, ForgedWebhook, IncomingText, Webhook
from ..json_fields import JsonObject, list_field, moment_of_words, object_field, read_json_object, string_field
from ..signing import WINDOW
from ..words import WORD_OF_CODE
from .refusals import KIND_NAME, word_of_telnyx_error

SIGNED_BY, SIGNED_AT = "telnyx-signature-ed25519", "telnyx-timestamp"
# Queued and sending as well: Telnyx has the text, and that is what an unclear one waits to hear.
_STATUSES: Mapping[str, CarrierStatus] = {
    "queued": CarrierStatus.SENT, "sending": CarrierStatus.SENT, "sent": CarrierStatus.SENT,
    "delivery_unconfirmed": CarrierStatus.SENT, "delivered": CarrierStatus.DELIVERED, "read": CarrierStatus.DELIVERED,
    "expired": CarrierStatus.EXPIRED, "sending_failed": CarrierStatus.FAILED,
    "delivery_failed": CarrierStatus.UNDELIVERED,
}


def verify_telnyx_webhook(webhook: Webhook, key: Ed25519PublicKey) -> None:
    """Refuse what Telnyx did not sign, or not within five minutes: Ed25519 in base64 over `{seconds}|{raw body}`.

    Raises ForgedWebhook; parses nothing of the body.
    """
    seconds, signature = webhook.headers.get(SIGNED_AT, ""), webhook.headers.get(SIGNED_BY, "")
    if not re.fullmatch(r"\d{1,12}", seconds, re.ASCII):
        raise ForgedWebhook("no time that could be signed")
    try:
        key.verify(base64.b64decode(signature, validate=True), seconds.encode() + b"|" + webhook.body)
    except (InvalidSignature, ValueError):
        raise ForgedWebhook("no valid signature") from None
    if abs(webhook.at.timestamp() - int(seconds)) > WINDOW.total_seconds():
        raise ForgedWebhook("older than five minutes, or ahead of time")


def read_telnyx_body(body: bytes, hook: str, own: Callable[[str], bool]) -> list[CarrierNews]:
    """What a signed body says; nothing for an event that is not about a text.

    `hook` is our address, `own` says whether a number is ours. Raises ValueError for what it cannot read.
    """
    told = read_json_object(body)
    event = object_field(told, "data")
    kind = string_field(event, "event_type", "")
    if not kind.startswith("message."):
        return []
    payload = object_field(event, "payload")
    if kind == "message.received" or payload.get("direction") == "inbound":
        return [_text(payload, event, own)]
    meta = told.get("meta")
    addresses = (payload.get("webhook_url"), meta.get("delivered_to") if isinstance(meta, dict) else None)
    return [_receipt(payload, next(filter(None, (_reference(one, hook) for one in addresses)), ""))]


def _text(payload: JsonObject, event: JsonObject, own: Callable[[str], bool]) -> IncomingText:
    ours = [string_field(one, "phone_number") for one in list_field(payload, "to") if isinstance(one, dict)]
    if not ours:
        raise ValueError("a text to nobody")
    return IncomingText(
        id=string_field(payload, "id"), sender=string_field(object_field(payload, "from"), "phone_number"),
        # In a text to a group the numbers of others stand here as well.
        recipient=next(filter(own, ours), ours[0]),
        body=string_field(payload, "text", ""), attachments=len(list_field(payload, "media")),
        at=moment_of_words(payload.get("received_at")) or moment_of_words(event.get("occurred_at")),
    )


def _receipt(payload: JsonObject, reference: str) -> CarrierReceipt:
    to = next((one for one in list_field(payload, "to") if isinstance(one, dict)), {})
    raw, parts = string_field(to, "status"), payload.get("parts")
    errors = [one for one in list_field(payload, "errors") if isinstance(one, dict)]
    # "delivery_unconfirmed" stands among the codes.
    code = word_of_telnyx_error(errors[0]) if errors else WORD_OF_CODE.get((KIND_NAME, raw), "")
    return CarrierReceipt(raw=raw, status=_STATUSES.get(raw), reference=reference, id=string_field(payload, "id"),
                          code=code, parts=parts if type(parts) is int and parts > 0 else 0)


def _reference(address: object, hook: str) -> str:
    """Our reference in an address that stands in a signed body; "" when the address is none of ours."""
    if not isinstance(address, str) or not address.startswith(f"{hook}?"):
        return ""
    return parse_qs(urlsplit(address).query).get("ref", [""])[0]
