"""Bandwidth: texts by its Messaging API, news by callbacks with a name and a password.

Source: dev.bandwidth.com, "Messaging", "Webhooks" and "Credential Management"; the shapes of its published Python
library. Bandwidth ends names and passwords for its API on 2 December 2026, so the portal signs in with an API
credential only: a client ID and a secret, which give a token for about an hour.

A callback is a list of events and is not signed. Its `tag` is our reference. Nothing makes two tries one text.
"""

import hmac
import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from portal.marks import N_

from .base import (
    SEND_SECONDS,
    TOO_FAST_CODE,
    CarrierCondition,
    CarrierError,
    CarrierNews,
    CarrierReceipt,
    CarrierStatus,
    Certainty,
    Fault,
    ForgedWebhook,
    IncomingText,
    OutgoingText,
    Webhook,
    WebhookAnswer,
)
from .http import HttpAnswer, HttpClient, basic_authorization
from .json_fields import JsonObject, list_field, moment_of_words, object_field, read_json_list, string_field
from .kinds import CarrierField, CarrierKind, CarrierSetup, FieldKind
from .words import ACCOUNT, NO_REPORT, TOO_LATE, find_word

ADDRESS = "https://messaging.bandwidth.com/api/v2"
SIGN_IN_ADDRESS = "https://api.bandwidth.com/api/v1/oauth2/token"
STATUSES: Mapping[str, CarrierStatus] = MappingProxyType({
    "message-sending": CarrierStatus.SENT, "message-sent": CarrierStatus.SENT,
    "message-delivered": CarrierStatus.DELIVERED, "message-read": CarrierStatus.DELIVERED,
    "message-failed": CarrierStatus.FAILED})
# Codes after which a text has not simply failed. Without a report it may have arrived.
_STATUS_OF_WORD = {TOO_LATE: CarrierStatus.EXPIRED, NO_REPORT: CarrierStatus.SENT}
_SETUP_STATUSES = frozenset({401, 402, 403, 404, 405})
# As long as the portal makes them: other systems of the same account have tags of their own.
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,16}")
_PART_OF_PATH = re.compile(r"[A-Za-z0-9-]{1,64}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")


class BandwidthCarrier:
    """An account at Bandwidth. Making one raises ValueError for settings that it cannot work with."""

    certainty = Certainty.NONE
    real = True
    takes_crisis_line = False
    tells = True
    settles_after = timedelta(minutes=2)
    thanks = WebhookAnswer()

    def __init__(self, setup: CarrierSetup) -> None:
        typed, secrets = setup.settings, setup.secrets
        needed = (typed.get("account"), typed.get("application"), typed.get("client"), typed.get("user"),
                  secrets.get("secret"), secrets.get("password"))
        if not all(needed) or not _PART_OF_PATH.fullmatch(typed["account"]):
            raise ValueError("Bandwidth needs an account, an application, a credential, and a name for callbacks.")
        self.ref, self.at_once, self._clock = setup.ref, setup.at_once or 1, setup.clock
        self.answers_keywords = typed.get("answers") == "1"
        self._application, self._messages = typed["application"], f"/users/{typed['account']}/messages"
        self._callers = basic_authorization(typed["user"], secrets["password"]).encode()
        self._http = HttpClient(typed.get("address") or ADDRESS, setup.networks, self.at_once)
        self._token = _Token(setup)

    def send(self, text: OutgoingText) -> str:
        """Hand a text over; Bandwidth's id of it. Raises CarrierError."""
        asked: dict[str, Any] = {"applicationId": self._application, "to": [text.recipient], "from": text.sender,
                                 "text": text.body, "tag": text.reference}
        if text.until is not None:
            # It has to lie ahead, or the text is refused.
            until = max(text.until, self._clock() + timedelta(seconds=5)).astimezone(UTC)
            asked["expiration"] = f"{until:%Y-%m-%dT%H:%M:%SZ}"
        answer = self._ask("POST", self._messages, json.dumps(asked).encode())
        text_id = answer.read_object().get("id")
        if not 200 <= answer.status < 300:
            raise _refusal(answer)
        if not isinstance(text_id, str) or not 0 < len(text_id) <= 64:
            raise CarrierError("unreadable-answer", Fault.UNSURE)
        return text_id

    def look_up(self, text: OutgoingText, since: datetime) -> str | None:
        """Nobody can tell: Bandwidth's list holds neither words nor tags. Raises CarrierError, `UNSURE`."""
        raise CarrierError("no-look-up", Fault.UNSURE)

    def read(self, webhook: Webhook) -> list[CarrierNews]:
        """What a callback says. Raises ForgedWebhook without name and password, ValueError for one it cannot read."""
        told = webhook.headers.get("authorization", "").encode(errors="replace")
        if not hmac.compare_digest(told, self._callers):
            raise ForgedWebhook("no valid name and password")
        return [news for event in read_json_list(webhook.body) if (news := _news(event))]

    def check(self) -> CarrierCondition:
        """Whether the account accepts us; Bandwidth tells no balance. Raises CarrierError."""
        answer = self._ask("GET", f"{self._messages}?limit=1", None)
        if answer.status != 200:
            raise _refusal(answer)
        return CarrierCondition()

    def _ask(self, method: str, path: str, body: bytes | None) -> HttpAnswer:
        token, kept = self._token.current()
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        answer = self._http.ask(method, path, headers=headers, body=body, seconds=SEND_SECONDS - _Token.seconds)
        if answer.status == 401:
            self._token.forget(token)
        if answer.status == 401 and kept:
            # A token can end before its time. Nothing was taken, and the next try fetches another one.
            raise CarrierError(ACCOUNT, Fault.LATER)
        return answer


class _Token:
    """What a client ID and its secret give for about an hour. Two threads may fetch one each: both are good."""

    seconds = 3.0

    def __init__(self, setup: CarrierSetup) -> None:
        self._http = HttpClient(setup.settings.get("token_address") or SIGN_IN_ADDRESS, setup.networks)
        self._headers = {"content-type": "application/x-www-form-urlencoded", "authorization": basic_authorization(
            setup.settings["client"], setup.secrets["secret"])}
        self._kept = ("", 0.0)

    def current(self) -> tuple[str, bool]:
        """A token that is good for a minute more, and whether it was kept from before.

        Raises CarrierError; no text has been handed over then.
        """
        token, until = self._kept
        if token and time.monotonic() < until:
            return token, True
        self._kept = self._fetch()
        return self._kept[0], False

    def forget(self, token: str) -> None:
        """Fetch another one next time."""
        if self._kept[0] == token:
            self._kept = ("", 0.0)

    def _fetch(self) -> tuple[str, float]:
        """A new token, and until when it is kept."""
        try:
            answer = self._http.ask("POST", "", headers=self._headers, body=b"grant_type=client_credentials",
                                    seconds=self.seconds)
        except CarrierError as error:
            raise CarrierError(error.code, Fault.LATER) from None
        told = answer.read_object()
        value, lasts = told.get("access_token"), told.get("expires_in")
        if answer.status != 200 or not isinstance(value, str) or not _TOKEN.fullmatch(value):
            refused = answer.status < 500 and answer.status != 429
            raise CarrierError(ACCOUNT, Fault.ACCOUNT if refused else Fault.LATER)
        return value, time.monotonic() + (lasts if isinstance(lasts, int) else 60) - 60


def _refusal(answer: HttpAnswer) -> CarrierError:
    """Bandwidth says that nothing refused is sent; after 5xx a text counts as unclear all the same."""
    code = find_word("bandwidth", str(answer.read_object().get("type", ""))) or str(answer.status)
    if answer.status == 429:
        return CarrierError(TOO_FAST_CODE, Fault.LATER)
    if answer.status >= 500 or answer.status == 408:
        return CarrierError(code, Fault.UNSURE)
    if answer.status < 400 or answer.status in _SETUP_STATUSES:
        return CarrierError(ACCOUNT, Fault.ACCOUNT)
    return CarrierError(code, Fault.TEXT)


def _news(event: JsonObject) -> CarrierNews | None:
    """A text that came in, or what became of one; None for an event about something else."""
    kind = string_field(event, "type")
    if kind == "message-received":
        message = object_field(event, "message")
        at = moment_of_words(message.get("time") or event.get("time"))
        return IncomingText(string_field(message, "id"), string_field(message, "from"), string_field(message, "owner"),
                            string_field(message, "text", ""), len(list_field(message, "media")), at)
    return _receipt(kind, event) if kind.startswith("message-") else None


def _receipt(kind: str, event: JsonObject) -> CarrierReceipt:
    message, told = object_field(event, "message"), event.get("errorCode")
    code = find_word("bandwidth", str(told)) if told is not None else ""
    status = STATUSES.get(kind)
    if status is CarrierStatus.FAILED:
        status = _STATUS_OF_WORD.get(code, status)
    parts, tag = message.get("segmentCount"), string_field(message, "tag", "")
    return CarrierReceipt(kind, status, tag if _REFERENCE.fullmatch(tag) else "", string_field(message, "id"), code,
                          parts if isinstance(parts, int) and parts > 0 else 0)


KIND = CarrierKind("bandwidth", "Bandwidth", BandwidthCarrier, (
    CarrierField("address", N_("Address"), FieldKind.ADDRESS, account=True, default=ADDRESS),
    CarrierField("token_address", N_("Address for tokens"), FieldKind.ADDRESS, account=True, default=SIGN_IN_ADDRESS),
    CarrierField("account", N_("Account ID"), account=True, hint=N_("The number beside the name of the account.")),
    CarrierField("application", N_("Application ID"), hint=N_("Of the messaging application of the portal's numbers.")),
    CarrierField("client", N_("Client ID"), account=True, hint=N_("Of an API credential with the role Messaging.")),
    CarrierField("secret", N_("Client secret"), secret=True),
    CarrierField("user", N_("Name for callbacks"), hint=N_("As you typed it for both callbacks of the application.")),
    CarrierField("password", N_("Password for callbacks"), secret=True, hint=N_("A long random one: nothing else"
                                                                                " proves that a callback is genuine.")),
    CarrierField("answers", N_("The carrier itself answers STOP and HELP"), FieldKind.SWITCH, required=False,
                 hint=N_("At Bandwidth only for toll-free numbers.")),
))
