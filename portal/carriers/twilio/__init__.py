"""Twilio, and the carriers that speak as it does: texts by its Messages resource, news by signed forms.

Source: Twilio's OpenAPI description of the Messages, Accounts and Balance resources, its error dictionary and its
security guide; SignalWire's compatibility API has the same paths below /api/laml.

A text carries our reference in the address of its receipts, which the signature covers. Twilio has no key that makes
two tries one text; it can be asked for texts between two numbers, and only what it finds is certain.
"""

import hmac
import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

from portal.marks import N_

from ..base import (
    CarrierCondition,
    CarrierError,
    CarrierNews,
    Certainty,
    Fault,
    ForgedWebhook,
    OutgoingText,
    Webhook,
    WebhookAnswer,
)
from ..http import HttpClient, basic_authorization
from ..kinds import CarrierField, CarrierKind, CarrierSetup, FieldKind
from .answers import Asking
from .signature import LONGEST_FORM, FormFields, parse_form, verify_form
from .webhooks import REFERENCE, read_form

SIGNATURE, SHARED_KEY, TOKEN = "signature", "shared-key", "token"
# Twilio keeps a text that it cannot send yet for so many seconds at most.
LONGEST_WAIT = 36_000
# A crash leaves so many texts at most whose fate Twilio has to be asked for; at a round trip of 0.2 s it is still
# 20 texts a second, and what Twilio itself sends by one number is 1 to 10.
AT_ONCE = 4
_PART_OF_PATH = re.compile(r"[A-Za-z0-9-]{1,64}")


class TwilioCarrier:
    """An account at Twilio, or at a carrier that speaks as Twilio does."""

    certainty = Certainty.LOOK_UP
    real = True
    takes_crisis_line = False
    tells = True
    settles_after = timedelta(minutes=2)
    thanks = WebhookAnswer(200, b"<Response/>", "text/xml")

    def __init__(self, setup: CarrierSetup) -> None:
        self.ref, self._hook, self._clock = setup.ref, setup.hook, setup.clock
        self.at_once = setup.at_once or AT_ONCE
        self.answers_keywords = setup.settings.get("answers_keywords") == "1"
        self._signing = setup.settings.get("signing") or SIGNATURE
        self._key = _signing_key(setup, self._signing)
        self._fixed = _fixed_fields(setup)
        self._asking = _asking(setup, self.at_once)

    def send(self, text: OutgoingText) -> str:
        """Hand a text over; Twilio's id of it. Raises CarrierError."""
        form = {"To": text.recipient, "From": text.sender, "Body": text.body, **self._fixed}
        if self._hook:
            form["StatusCallback"] = f"{self._hook}?{self._receipt_query(text.reference)}"
        if text.until is not None:
            left = int((text.until - self._clock()).total_seconds())
            form["ValidityPeriod"] = str(min(LONGEST_WAIT, max(1, left)))
        return self._asking.create_text(form)

    def look_up(self, text: OutgoingText, since: datetime) -> str | None:
        """Twilio's id of the only text with these numbers and these words since then; never None.

        Raises CarrierError: `UNSURE` when there is none or several, because Twilio lists a text late, and knows no
        reference of ours; `LATER` when it could not be asked.
        """
        if self._fixed.get("ContentRetention") == "discard":
            raise CarrierError("no-look-up", Fault.UNSURE)
        found = self._asking.list_texts(text, since)
        if len(found) != 1:
            raise CarrierError("not-found" if not found else "several-found", Fault.UNSURE)
        return found.pop()

    def read(self, webhook: Webhook) -> list[CarrierNews]:
        """What a form says. Raises ForgedWebhook before it parses anything, ValueError for one it cannot read."""
        return read_form(self._genuine_fields(webhook), webhook.url)

    def check(self) -> CarrierCondition:
        """Whether the account is active, and its balance. Raises CarrierError."""
        return CarrierCondition(balance=self._asking.check_account())

    def _genuine_fields(self, webhook: Webhook) -> FormFields:
        if self._signing != TOKEN:
            return verify_form(webhook, self._key, shared=self._signing == SHARED_KEY)
        told = parse_qs(urlsplit(webhook.url).query).get(TOKEN, [""])[0]
        if not hmac.compare_digest(told.encode(errors="replace"), self._key) or len(webhook.body) > LONGEST_FORM:
            raise ForgedWebhook("no valid token")
        return parse_form(webhook.body)

    def _receipt_query(self, reference: str) -> str:
        token = f"&{TOKEN}={quote(self._key, safe='')}" if self._signing == TOKEN else ""
        return f"{REFERENCE}={quote(reference, safe='')}{token}"


def _signing_key(setup: CarrierSetup, signing: str) -> bytes:
    """What signs webhooks. The auth token does where nothing else was typed and it is what we sign in with."""
    by_token = signing == SIGNATURE and not setup.settings.get("key")
    key = setup.secrets.get("signing_key") or (setup.secrets.get("secret", "") if by_token else "")
    if not key:
        raise ValueError("Twilio needs a signing key for what was chosen.")
    return key.encode()


def _asking(setup: CarrierSetup, at_once: int) -> Asking:
    account, key_sid = setup.settings.get("account", ""), setup.settings.get("key", "")
    secret = setup.secrets.get("secret", "")
    if not _PART_OF_PATH.fullmatch(account) or not secret:
        raise ValueError("Twilio needs an account SID and a secret.")
    http = HttpClient(setup.settings.get("address") or ADDRESS, setup.networks, at_once)
    return Asking(http, account, basic_authorization(key_sid or account, secret), by_key=bool(key_sid))


def _fixed_fields(setup: CarrierSetup) -> dict[str, str]:
    """The fields that every text has. The portal has counted the segments, so Twilio must not change characters."""
    typed = setup.settings
    fields = {"SmartEncoded": "false"}
    if typed.get("service"):
        fields["MessagingServiceSid"] = typed["service"]
    if typed.get("discard"):
        fields["ContentRetention"] = "discard"
    if typed.get("obfuscate"):
        fields["AddressRetention"] = "obfuscate"
    return fields


ADDRESS = "https://api.twilio.com"
KIND = CarrierKind("twilio", N_("Twilio, or one that speaks as Twilio does"), TwilioCarrier, (
    CarrierField("address", N_("Address"), FieldKind.ADDRESS, account=True, default=ADDRESS,
                 hint=N_("Of another carrier with Twilio's interface: everything before /2010-04-01.")),
    CarrierField("account", N_("Account SID"), account=True, hint=N_("At SignalWire: the project ID.")),
    CarrierField("key", N_("SID of the API key"), account=True, required=False,
                 hint=N_("Only if the portal signs in with an API key instead of the account's auth token.")),
    CarrierField("secret", N_("Auth token"), secret=True,
                 hint=N_("With an API key it is the secret of the key, at SignalWire the API token.")),
    CarrierField("signing", N_("How webhooks are signed"), FieldKind.CHOICE, default=SIGNATURE, choices=(
        (SIGNATURE, N_("With the auth token or the signing key")), (SHARED_KEY, N_("With a shared key")),
        (TOKEN, N_("Not at all: by a token in the address"))),
        hint=N_("For a carrier that does not sign, type a long random signing key below and add ?token= and this key"
                " to the address of the hook. A person who sees that address can pretend to be the carrier.")),
    CarrierField("signing_key", N_("Signing key"), secret=True, required=False,
                 hint=N_("Needed with an API key (the account's auth token then), with a shared key, at SignalWire (its"
                         " own signing key), and for a token in the address. Otherwise the auth token signs.")),
    CarrierField("service", N_("Messaging service SID"), required=False,
                 hint=N_("For registered campaigns in the US: the service whose senders hold the portal's numbers.")),
    CarrierField("answers_keywords", N_("The carrier itself answers STOP and HELP"), FieldKind.SWITCH, default="1",
                 required=False, hint=N_("The portal then stays silent. Twilio does, unless its support has turned it"
                                         " off.")),
    CarrierField("discard", N_("The carrier keeps no words of texts"), FieldKind.SWITCH, required=False,
                 hint=N_("If an answer of the carrier gets lost, it can then not be asked for the text.")),
    CarrierField("obfuscate", N_("The carrier hides the last digits of numbers"), FieldKind.SWITCH, required=False,
                 hint=N_("Twilio has to allow both of these for your account.")),
))
