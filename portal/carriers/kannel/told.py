"""What Kannel tells: receipts by GET, at the address that we wrote for each text, and texts by POST to its `post-url`.

Nothing that Kannel sends is signed. A receipt is believed for our own signature of the reference in its address, a text
for a token in its Authorization header. Whoever knows the address of one receipt, from the log of a proxy, can tell
something else about that one text, and about no other.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from .. import words
from ..base import CarrierNews, CarrierReceipt, CarrierStatus, ForgedWebhook, IncomingText, Webhook
from ..signing import verify_reference

# `type` is a sum of these.
DELIVERED, NOT_DELIVERED, BUFFERED, TAKEN, REFUSED, EXPIRED = 1, 2, 4, 8, 16, 32
# The first that a type holds decides. What expired at the center comes as 34, where the center says so in a parameter.
_STATUSES = ((DELIVERED, CarrierStatus.DELIVERED), (EXPIRED, CarrierStatus.EXPIRED),
             (NOT_DELIVERED, CarrierStatus.UNDELIVERED), (REFUSED, CarrierStatus.FAILED),
             (BUFFERED, CarrierStatus.SENT), (TAKEN, CarrierStatus.SENT))
# The first words of two reasons. "Retries Exceeded": the center said "queue full" or "system error" as often as Kannel
# was told to try. "validity expired": the line to the center was down for as long as the text was wanted.
GIVEN_UP, EXPIRED_HERE = "NACK/Retries", "NACK/validity"
_REFUSED_WITH = re.compile(r"NACK/0x([0-9A-Fa-f]{1,8})")
_CHARSET = re.compile(r"charset=\"?([\w-]{1,20})", re.ASCII)
# With `mo-recode` texts are UTF-8. Without it they come as the center sent them.
_CHARSETS = {"utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf-16be"}


def read_kannel_receipt(webhook: Webhook, keys: Sequence[bytes]) -> CarrierReceipt:
    """A receipt, out of the address that was called.

    Raises ForgedWebhook unless we signed its reference with one of the keys, ValueError for a type that is no number.
    """
    told = _read_query(webhook.url)
    reference = told.get("ref", "")
    verify_reference(keys, reference, told.get("sig", ""))
    raw, said = told.get("type", ""), told.get("said", "")
    if not re.fullmatch(r"\d{1,4}", raw, re.ASCII):
        raise ValueError("a receipt without a type")
    status = next((means for bit, means in _STATUSES if int(raw) & bit), None)
    if status is CarrierStatus.FAILED and said == EXPIRED_HERE:
        status = CarrierStatus.EXPIRED
    return CarrierReceipt(raw, status, reference, told.get("id", "")[:64], _find_code(status, said))


def _find_code(status: CarrierStatus | None, said: str) -> str:
    """The word for what went wrong. The center's code is told only where the center refused at once."""
    if status is CarrierStatus.EXPIRED:
        return words.TOO_LATE
    if status is not CarrierStatus.FAILED:
        return ""
    refused = _REFUSED_WITH.match(said)
    if refused:
        return words.find_word("smpp", f"0x{int(refused[1], 16):02X}")
    return words.NETWORK_TROUBLE if said == GIVEN_UP else words.REFUSED


def read_kannel_text(webhook: Webhook, token: str) -> list[CarrierNews]:
    """A text that came in; nothing for one that holds no words, such as settings for a phone.

    Raises ForgedWebhook without the token, ValueError where a setting in Kannel's configuration is missing.
    """
    _verify_token(webhook.headers.get("authorization", ""), token)
    kind = webhook.headers.get("content-type", "")
    if not kind.startswith("text/plain"):
        return []
    text_id, sender = _read_query(webhook.url).get("id", ""), webhook.headers.get("x-kannel-from", "")
    if not text_id or not sender:
        raise ValueError("a text without id or sender: post-url needs id=%I, its service send-sender")
    return [IncomingText(text_id, sender, webhook.headers.get("x-kannel-to", ""), _decode(webhook.body, kind),
                         at=_read_time(webhook.headers.get("x-kannel-time", "")))]


def _read_query(url: str) -> dict[str, str]:
    told = parse_qs(urlsplit(url).query, keep_blank_values=True, max_num_fields=20, errors="replace")
    return {name: values[0] for name, values in told.items()}


def _verify_token(header: str, token: str) -> None:
    scheme, _, given = header.partition(" ")
    try:
        password = base64.b64decode(given.strip(), validate=True).partition(b":")[2]
    except (ValueError, binascii.Error):
        password = b""
    if not hmac.compare_digest(password, token.encode()) or scheme.lower() != "basic":
        raise ForgedWebhook("no valid token")


def _decode(body: bytes, kind: str) -> str:
    found = _CHARSET.search(kind)
    charset = found[1].lower() if found else "utf-8"
    if charset not in _CHARSETS:
        raise ValueError("a text in characters that are not known here: mo-recode is missing")
    return body.decode(charset, errors="replace")


def _read_time(told: str) -> datetime | None:
    try:
        return datetime.strptime(told, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
