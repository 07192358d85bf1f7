"""What the pretend carrier writes into the bodies of its webhooks, and how they are read."""

import json
from collections.abc import Callable, Mapping

from ..base import CarrierReceipt, CarrierStatus, IncomingText
from ..json_fields import JsonObject, moment_of_words, read_json_object, string_field

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


def read_webhook_body(body: bytes) -> list[IncomingText | CarrierReceipt]:
    """What a body says: one text or receipt, or nothing when it is of a kind that is not known here.

    Of a key that stands there twice the first counts. Raises ValueError when it cannot be read.
    """
    told = read_json_object(body)
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
