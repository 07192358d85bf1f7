"""Who signed a webhook of Twilio: an HMAC over the address as it was called and the fields of the form.

Source: Twilio's security guide for webhooks. The address is followed by each field's name and value, sorted by name,
then by value; a pair that comes twice counts once. The classic signature is HMAC-SHA1 with the auth token; one by a
shared key names its algorithm in a second header. SignalWire signs forms in the classic way, with its signing key.

All of it works on bytes: a form with broken UTF-8 is signed as it came, and no form can make the check fail.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from ..base import ForgedWebhook, Webhook

FormFields = list[tuple[bytes, bytes]]

SHA1, SHA256 = "HMAC_SHA1", "HMAC_SHA256"
_HASHES = {SHA1: hashlib.sha1, SHA256: hashlib.sha256}
# Twilio's own header, and SignalWire's for the same signature.
SIGNATURES = ("x-twilio-signature", "x-signalwire-signature")
SETTINGS = "x-twilio-webhooks-signature-settings"
# A text of ten segments with every field that Twilio knows has less than a twentieth of it.
LONGEST_FORM = 256 * 1024

_ADDRESS = re.compile(r"(https?)://([^/?#]*?)(:[0-9]+)?([/?#].*)?", re.IGNORECASE | re.DOTALL)


def parse_form(body: bytes) -> FormFields:
    """The fields of a form in their order; never fails, whatever the body is."""
    pairs = (pair.partition(b"=") for pair in body.replace(b"+", b" ").split(b"&") if pair)
    return [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _equals, value in pairs]


def sign_form(key: bytes, url: str, fields: Iterable[tuple[bytes, bytes]], algorithm: str = SHA1) -> bytes:
    """The signature of a form that is posted to this address, in base64; `algorithm` is SHA1 or SHA256 of here."""
    signed = url.encode(errors="replace") + b"".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(key, signed, _HASHES[algorithm]))


def verify_form(webhook: Webhook, key: bytes, *, shared: bool) -> FormFields:
    """The fields of a form that was signed with this key. Raises ForgedWebhook, and for strangers parses nothing.

    `shared`: the key is a shared key, so that a second header must name the algorithm; otherwise that header is not
    read, and nobody can choose an algorithm for us.
    """
    given = next((webhook.headers[name] for name in SIGNATURES if name in webhook.headers), "")
    algorithm = _named_algorithm(webhook.headers.get(SETTINGS, "")) if shared else SHA1
    if not given or algorithm not in _HASHES or len(webhook.body) > LONGEST_FORM:
        raise ForgedWebhook("no signature that could be right")
    fields = parse_form(webhook.body)
    right = [sign_form(key, url, fields, algorithm) for url in _with_and_without_port(webhook.url)]
    told = given.encode(errors="replace")
    if not any([hmac.compare_digest(told, one) for one in right]):  # noqa: C419 - compare all
        raise ForgedWebhook("no valid signature")
    return fields


def _named_algorithm(settings: str) -> str:
    """The algorithm in a header such as "key=...,algorithm=HMAC_SHA256"; empty where it names none."""
    named = [value.strip() for name, _equals, value in (one.partition("=") for one in settings.split(","))
             if name.strip() == "algorithm"]
    return named[0].upper() if named else ""


def _with_and_without_port(url: str) -> list[str]:
    """The address without its port, and with it: which of the two Twilio signs has changed before."""
    found = _ADDRESS.fullmatch(url)
    if not found:
        return [url]
    scheme, host, port, rest = found[1], found[2], found[3], found[4] or ""
    usual = ":443" if scheme.lower() == "https" else ":80"
    return [f"{scheme}://{host}{rest}", f"{scheme}://{host}{port or usual}{rest}"]
