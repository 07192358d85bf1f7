"""What the pretend carrier writes into the bodies of its webhooks, and how they are read."""

import json
from collections.abc import Callable, Iterable, Mapping

from ..base import CarrierReceipt, CarrierStatus, IncomingText
from ..json_fields import JsonObject, list_field, moment_of_words, read_json_object, string_field
from .ledger import LedgerEvent

_STATUSES = {status.value: status for status in CarrierStatus}


def write_webhook_body(one: IncomingText | CarrierReceipt) -> bytes:
    """A text that came in, or a receipt, as the body of a webhook: JSON in ASCII."""
    if isinstance(one, CarrierReceipt):
        told = {"kind": "receipt", "id": one.id, "reference": one.reference, "status": one.raw, "code": one.code}
        return json.dumps(told).encode()
    return json.dumps({
        "kind": "text", "id": one.id, "sender": one.sender, "recipient": one.recipient, "body": one.body,
        "attachments": one.attachments, "at": one.at.isoformat() if one.at else None,
    }).encode()


_RECEIPT = b'{"kind": "receipt"'


def bundle_receipts(events: Iterable[LedgerEvent]) -> list[list[LedgerEvent]]:
    """What is to be told, in its order, in bundles: receipts together, a text that came in alone.

    The same receipt a second time begins another bundle, as carriers repeat themselves in two webhooks.
    """
    bundles: list[list[LedgerEvent]] = []
    bodies: set[bytes] = set()
    for event in events:
        if not event.body.startswith(_RECEIPT):
            bundles.append([event])
            bodies = set()
        elif bodies and event.body not in bodies:
            bundles[-1].append(event)
            bodies.add(event.body)
        else:
            bundles.append([event])
            bodies = {event.body}
    return bundles


def join_receipts(events: Iterable[LedgerEvent]) -> bytes:
    """The body of one webhook with these receipts."""
    return b'{"kind": "receipts", "receipts": [' + b", ".join(event.body for event in events) + b"]}"


def read_webhook_body(body: bytes) -> list[IncomingText | CarrierReceipt]:
    """What a body says: one text or receipts, or nothing when it is of a kind that is not known here.

    Of a key that stands there twice the first counts. Raises ValueError when it cannot be read.
    """
    told = read_json_object(body)
    if told.get("kind") == "receipts":
        return [_receipt(one) for one in list_field(told, "receipts")]
    reader = _READERS.get(str(told.get("kind")))
    return [reader(told)] if reader else []


def _text(told: JsonObject) -> IncomingText:
    attachments = told.get("attachments", 0)
    if not isinstance(attachments, int) or attachments < 0:
        raise ValueError("a number of attachments that is none")
    return IncomingText(
        id=string_field(told, "id"), sender=string_field(told, "sender"), recipient=string_field(told, "recipient"),
        body=string_field(told, "body", ""), attachments=attachments, at=moment_of_words(told.get("at")),
    )


def _receipt(told: JsonObject) -> CarrierReceipt:
    word = string_field(told, "status")
    code, text_id, reference = (string_field(told, key, "") for key in ("code", "id", "reference"))
    if not text_id and not reference:
        raise ValueError("a receipt about no text")
    return CarrierReceipt(raw=word, status=_STATUSES.get(word), reference=reference, id=text_id, code=code)


_READERS: Mapping[str, Callable[[JsonObject], IncomingText | CarrierReceipt]] = {"text": _text, "receipt": _receipt}
