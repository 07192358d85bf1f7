"""Telnyx: the carrier with a real key. After a lost answer the same text is handed over again, and it is one text.

Sources: developers.telnyx.com, "Idempotency" (24 hours; the same key with other bytes is refused), "Receiving
webhooks", "Messaging error codes"; the shapes of its published Python library.

- The key is our reference. The address for receipts is part of the body, so the body changes when PORTAL_URL, the
  messaging profile or the ref of the carrier changes. A text that was under way then gets 422, which leaves it unclear
  until its receipt comes: never two texts.
- That address holds nothing but the reference, and no signature of ours: with another key of ours the bytes would be
  others as well. `webhooks` says why the reference can be believed all the same.
"""

import base64
import binascii
import json
import re
from datetime import datetime, timedelta
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portal.marks import N_
from portal.rules.encoding import Alphabet, pack_text

from ..base import (
    CarrierCondition,
    CarrierError,
    CarrierNews,
    Certainty,
    Fault,
    OutgoingText,
    Webhook,
    WebhookAnswer,
)
from ..http import HttpClient
from ..kinds import CarrierField, CarrierKind, CarrierSetup, FieldKind
from .refusals import KIND_NAME, read_telnyx_refusal
from .webhooks import read_telnyx_body, verify_telnyx_webhook

ADDRESS = "https://api.telnyx.com"
_ENCODINGS = {Alphabet.GSM7: "gsm7", Alphabet.UCS2: "ucs2"}


class TelnyxCarrier:
    """A Telnyx account. Making one raises ValueError for keys and addresses that are none."""

    certainty = Certainty.KEY
    real = True
    takes_crisis_line = False
    tells = True
    settles_after = timedelta()
    thanks = WebhookAnswer()

    def __init__(self, setup: CarrierSetup) -> None:
        self.ref, self.at_once = setup.ref, setup.at_once or 8
        self.answers_keywords = setup.settings.get("answers_keywords") == "1"
        self._hook, self._own = setup.hook, setup.own
        self._profile = setup.settings.get("profile", "").strip()
        self._key = _read_public_key(setup.settings.get("public_key", ""))
        self._headers = {"authorization": f"Bearer {_read_api_key(setup.secrets.get('api_key', ''))}",
                         "accept": "application/json"}
        self._http = HttpClient(setup.settings.get("address") or ADDRESS, setup.networks, self.at_once)

    def send(self, text: OutgoingText) -> str:
        """Hand a text over; its id, the earlier one for a known reference. Raises CarrierError."""
        answer = self._http.ask("POST", "/v2/messages", body=self._body(text), headers={
            **self._headers, "content-type": "application/json", "idempotency-key": text.reference})
        data = answer.read_object().get("data")
        text_id = data.get("id") if isinstance(data, dict) else None
        if 200 <= answer.status < 300 and isinstance(text_id, str) and text_id:
            return text_id
        raise read_telnyx_refusal(answer)

    def _body(self, text: OutgoingText) -> bytes:
        """The request, the same bytes at every try: its fields in order, ASCII, no spaces, nothing of the moment."""
        asked = {
            "encoding": _ENCODINGS[pack_text(text.body).alphabet], "from": text.sender, "text": text.body,
            "to": text.recipient, "use_profile_webhooks": False,
            "webhook_url": f"{self._hook}?ref={quote(text.reference, safe='')}",
            **({"messaging_profile_id": self._profile} if self._profile else {}),
        }
        return json.dumps(asked, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()

    def look_up(self, text: OutgoingText, since: datetime) -> str | None:
        """Nobody has to ask: the same text again is one text. Raises CarrierError, `UNSURE`."""
        raise CarrierError("no-look-up", Fault.UNSURE)

    def check(self) -> CarrierCondition:
        """What can still be spent, credit included. Raises CarrierError: `ACCOUNT`, or that it could not be asked."""
        answer = self._http.ask("GET", "/v2/balance", headers=self._headers)
        if answer.status != 200:
            error = read_telnyx_refusal(answer)
            raise error if error.fault is Fault.ACCOUNT else CarrierError(error.code, Fault.LATER)
        data = answer.read_object().get("data")
        told = data if isinstance(data, dict) else {}
        amount, currency = str(told.get("available_credit") or told.get("balance")), str(told.get("currency"))
        known = re.fullmatch(r"-?\d{1,12}(?:\.\d{1,6})?", amount, re.ASCII) and re.fullmatch("[A-Z]{3}", currency)
        return CarrierCondition(balance=f"{amount} {currency}" if known else "")

    def read(self, webhook: Webhook) -> list[CarrierNews]:
        """What a webhook says; nothing for an event that is not about a text.

        Raises ForgedWebhook before it parses anything, ValueError for a signed body that it cannot read.
        """
        verify_telnyx_webhook(webhook, self._key)
        return read_telnyx_body(webhook.body, self._hook, self._own)


def _read_public_key(typed: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(typed.strip(), validate=True))
    except (ValueError, binascii.Error):
        raise ValueError("a public key is 32 bytes in base64") from None


def _read_api_key(typed: str) -> str:
    key = typed.strip()
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise ValueError("an API key has no spaces and only plain characters")
    return key


KIND = CarrierKind(KIND_NAME, "Telnyx", TelnyxCarrier, (
    CarrierField("address", N_("Address"), FieldKind.ADDRESS, account=True, default=ADDRESS),
    CarrierField("api_key", N_("API key"), secret=True,
                 hint=N_("In Telnyx's portal under “API Keys”. It begins with KEY.")),
    CarrierField("public_key", N_("Public key"), account=True, longest=100,
                 hint=N_("In Telnyx's portal under “API Keys”, “Public Key”. With it the portal checks that what it"
                         " hears comes from Telnyx.")),
    CarrierField("profile", N_("Messaging profile"), required=False, longest=100,
                 hint=N_("Its id. Leave it empty if every number has its messaging profile in Telnyx's portal.")),
    CarrierField("answers_keywords", N_("The carrier itself answers STOP and HELP"), FieldKind.SWITCH, default="1",
                 required=False, hint=N_("The portal then stays silent, so that nobody gets two answers. Telnyx does"
                                         " unless its support turned it off for the messaging profile.")),
))
