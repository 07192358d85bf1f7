"""What the pretend carrier writes into the bodies of its webhooks, and how they are read."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..base import CarrierReceipt, CarrierStatus, IncomingText

WebhookFields = Mapping[str, Any]
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
    try:
        told = json.loads(body.decode(), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    except RecursionError:
        raise ValueError("a webhook nested too deeply") from None
    if not isinstance(told, dict):
        raise ValueError("a webhook that is no object")  # noqa: TRY004 - a wrong value, not a wrong type in our code
    reader = _READERS.get(str(told.get("kind")))
    return [reader(told)] if reader else []


def _text(told: WebhookFields) -> IncomingText:
    attachments = told.get("attachments", 0)
    if not isinstance(attachments, int) or attachments < 0:
        raise ValueError("a number of attachments that is none")
    return IncomingText(
        id=_words(told, "id"), sender=_words(told, "sender"), recipient=_words(told, "recipient"),
        body=_words(told, "body", ""), attachments=attachments, at=_moment(told.get("at")),
    )


def _receipt(told: WebhookFields) -> CarrierReceipt:
    word = _words(told, "status")
    code, text_id, reference = (_words(told, key, "") for key in ("code", "id", "reference"))
    if not text_id and not reference:
        raise ValueError("a receipt about no text")
    return CarrierReceipt(raw=word, status=_STATUSES.get(word), reference=reference, id=text_id, code=code)


def _words(told: WebhookFields, key: str, otherwise: str | None = None) -> str:
    """A string, without halves of characters: no database takes them, and a cut in an emoji makes them."""
    words = told.get(key, otherwise)
    if not isinstance(words, str) or (otherwise is None and not words):
        raise ValueError(f"a webhook without {key}")
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _moment(said: object) -> datetime | None:
    """The carrier's clock is a hint: what cannot be read or has no zone is none, and loses no text."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


_READERS: Mapping[str, Callable[[WebhookFields], IncomingText | CarrierReceipt]] = {"text": _text, "receipt": _receipt}
