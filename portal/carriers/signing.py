"""Signatures of webhooks: HMAC-SHA256 over the id, the time and the raw body.

Source: Standard Webhooks 1.0. The body is verified as it came over the wire: a parsed and rebuilt body could
have lost spaces, plus signs and repeated keys.

A webhook that is replayed within five minutes passes here, on purpose: a carrier whose answer got lost sends
the very same one again. What it says is taken once further up, by the carrier's id of the text, and a receipt
says the same however often it comes.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from .base import ForgedWebhook, Webhook

WINDOW = timedelta(minutes=5)
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

# No dot: "a.1" at 2 and "a" at 1 could otherwise be the same signed bytes.
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SECONDS = re.compile(r"[0-9]{1,12}")


def _signature(secret: bytes, webhook_id: str, seconds: str, body: bytes) -> bytes:
    digest = hmac.digest(secret, f"{webhook_id}.{seconds}.".encode() + body, hashlib.sha256)
    return b"v1," + base64.b64encode(digest)


def sign_webhook(secret: bytes, webhook_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a webhook that is sent at this moment (aware), for `verify_webhook` to verify.

    `webhook_id` is the same over all tries; ValueError when it holds more than letters, digits, "_" and "-".
    """
    if not _ID.fullmatch(webhook_id):
        raise ValueError(f"no id of a webhook: {webhook_id!r}")
    seconds = str(int(at.timestamp()))
    return {ID: webhook_id, TIMESTAMP: seconds, SIGNATURE: _signature(secret, webhook_id, seconds, body).decode()}


def verify_webhook(webhook: Webhook, secrets: Sequence[bytes]) -> str:
    """The id of a webhook that was signed with one of the live secrets at most five minutes ago, or ahead.

    Raises ForgedWebhook for everything else, before it parses the body. The header may hold several signatures
    separated by spaces. All pairs are compared, each in constant time, so that the time taken says nothing.
    """
    webhook_id, seconds = webhook.headers.get(ID, ""), webhook.headers.get(TIMESTAMP, "")
    if not _ID.fullmatch(webhook_id) or not _SECONDS.fullmatch(seconds):
        raise ForgedWebhook("no id or time that could be signed")
    right = [_signature(secret, webhook_id, seconds, webhook.body) for secret in secrets]
    if not _any_equal(webhook.headers.get(SIGNATURE, ""), right):
        raise ForgedWebhook("no valid signature")
    if abs(webhook.at.timestamp() - int(seconds)) > WINDOW.total_seconds():
        raise ForgedWebhook("older than five minutes, or ahead of time")
    return webhook_id


def _any_equal(header: str, right: Sequence[bytes]) -> bool:
    """Whether one of the header's signatures is right; it compares every pair, so that the time taken says nothing."""
    # Headers can hold any characters, and strings are compared only when they are plain ASCII.
    given = [one.encode(errors="replace") for one in header.split(" ")]
    return any([hmac.compare_digest(one, other) for one in given for other in right])  # noqa: C419 - compare all


def sign_reference(key: bytes, reference: str) -> str:
    """What proves that we wrote this reference into the address of a receipt: letters, digits, "-" and "_".

    It says nothing of the rest of the address, which whoever calls it fills in.
    """
    digest = hmac.digest(key, b"reference:" + reference.encode(errors="replace"), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def verify_reference(keys: Sequence[bytes], reference: str, signature: str) -> None:
    """Raises ForgedWebhook unless `sign_reference` made this signature with one of the keys."""
    right = [sign_reference(key, reference).encode() for key in keys]
    if not reference or not _any_equal(signature, right):
        raise ForgedWebhook("no valid signature of a reference")
