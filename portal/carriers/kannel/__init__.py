"""Kannel: a gateway of one's own, in front of an operator's message center or a modem.

Sources: Kannel 1.4.5's user guide, and what a running one answered; tests/carriers/test_kannel_real.py asks it again.

- Texts go by POST: numbers, password and words stand in headers and body. By GET, as most examples do it, all of them
  stand in an address, and addresses are logged. Only the password of the status page goes into one: Kannel reads it
  nowhere else, so it is better to have none and to keep that port on this machine.
- Kannel gives a text no id. The id is ours then, new at each try; receipts carry our reference, signed by us.
- It accepts a text and tries by itself for as long as the text is wanted. What became of it comes in receipts only.
"""

import re
import secrets
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from portal.marks import N_
from portal.rules.encoding import Alphabet, pack_text

from .. import words
from ..base import (
    TOO_FAST_CODE,
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
from ..signing import sign_reference
from .told import read_kannel_receipt, read_kannel_text

SENDSMS, STATUS = "/cgi-bin/sendsms", "/status.xml"
# Delivered, not delivered, buffered, taken and refused by the center, expired.
EVERY_RECEIPT = 1 + 2 + 4 + 8 + 16 + 32
SHORTEST_TOKEN = 24
_CODINGS = {Alphabet.GSM7: "0", Alphabet.UCS2: "2"}
_PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_LINE = re.compile(r"<smsc>.*?<status>([a-z-]*)", re.DOTALL)


class KannelCarrier:
    """A Kannel. Making one raises ValueError for addresses, names and secrets that are none."""

    certainty = Certainty.NONE
    real = True
    takes_crisis_line = False
    tells = True
    settles_after = timedelta(minutes=2)
    # It hears nothing but 200 and 202, and tells everything else again.
    thanks = WebhookAnswer(200)

    def __init__(self, setup: CarrierSetup) -> None:
        self.ref, self.at_once = setup.ref, setup.at_once or 1
        self.answers_keywords = setup.settings.get("answers_keywords") == "1"
        self._hook, self._key, self._clock = _find_hook(setup), setup.key, setup.clock
        self._keys = (setup.key, *setup.old_keys)
        self._token = setup.secrets.get("token", "").strip()
        if len(self._token) < SHORTEST_TOKEN:
            raise ValueError(f"a token has {SHORTEST_TOKEN} characters or more, or it could be tried out")
        self._login = {"x-kannel-username": _read_plain(setup.settings.get("user", "")),
                       "x-kannel-password": _read_plain(setup.secrets.get("password", ""))}
        self._http = HttpClient(setup.settings.get("address", ""), setup.networks, self.at_once)
        status = setup.settings.get("status_address", "").strip()
        self._status = HttpClient(status, setup.networks) if status else None
        self._status_password = setup.secrets.get("status_password", "")

    def send(self, text: OutgoingText) -> str:
        """Hand a text over; an id of our own, because Kannel gives none. Raises CarrierError."""
        headers = {
            **self._login, "x-kannel-from": text.sender, "x-kannel-to": text.recipient,
            "x-kannel-coding": _CODINGS[pack_text(text.body).alphabet], "content-type": "text/plain; charset=UTF-8",
            "x-kannel-dlr-mask": str(EVERY_RECEIPT), "x-kannel-dlr-url": self._receipt_address(text.reference),
            **({"x-kannel-validity": self._minutes_left(text.until)} if text.until else {}),
        }
        answer = self._http.ask("POST", SENDSMS, headers=headers, body=text.body.encode())
        if answer.status == 202 and answer.body[:2] in {b"0:", b"3:"}:
            return f"kannel_{secrets.token_urlsafe(12)}"
        raise _refusal(answer.status)

    def _receipt_address(self, reference: str) -> str:
        """Where Kannel tells what became of a text. It fills in the type, the center's id and the first word said.

        All that was said holds the beginning of the text, so it is not asked for. "%" begins what Kannel fills in.
        """
        ours = f"{self._hook}?ref={quote(reference, safe='')}&sig={sign_reference(self._key, reference)}"
        return ours.replace("%", "%%") + "&type=%d&id=%F&said=%k"

    def _minutes_left(self, until: datetime) -> str:
        return str(max(1, int((until - self._clock()).total_seconds() // 60)))

    def look_up(self, text: OutgoingText, since: datetime) -> str | None:
        """Kannel cannot be asked for a text. Raises CarrierError, `UNSURE`."""
        raise CarrierError("no-look-up", Fault.UNSURE)

    def check(self) -> CarrierCondition:
        """Try the password with a text to nobody; count the lines to message centers where the status page is known.

        Raises CarrierError: `ACCOUNT` for a wrong password or address, `LATER` where Kannel could not be asked.
        """
        answer = self._http.ask("POST", SENDSMS, headers={**self._login, "content-type": "text/plain"}, body=b"")
        if answer.status != 400:
            error = _refusal(answer.status)
            raise error if error.fault is Fault.ACCOUNT else CarrierError(error.code, Fault.LATER)
        return CarrierCondition(lines=self._count_lines(self._status) if self._status else None)

    def _count_lines(self, http: HttpClient) -> tuple[int, int]:
        password = f"?password={quote(self._status_password, safe='')}" if self._status_password else ""
        answer = http.ask("GET", STATUS + password, headers={})
        page = answer.body.decode(errors="replace")
        if answer.status != 200 or "<smscs>" not in page:
            raise CarrierError(words.ACCOUNT, Fault.ACCOUNT)
        states = _LINE.findall(page.partition("<smscs>")[2])
        return states.count("online"), len(states)

    def read(self, webhook: Webhook) -> list[CarrierNews]:
        """What a webhook says: receipts come by GET, texts by POST.

        Raises ForgedWebhook before it parses anything, ValueError for what it cannot read.
        """
        if webhook.method == "POST":
            return read_kannel_text(webhook, self._token)
        return [read_kannel_receipt(webhook, self._keys)]


def _find_hook(setup: CarrierSetup) -> str:
    """Where Kannel tells: at the portal's own address, or at a shorter way to it, with the same path."""
    way = setup.settings.get("portal_address", "").strip().rstrip("/")
    return way + urlsplit(setup.hook).path if way else setup.hook


def _refusal(status: int) -> CarrierError:
    """What an answer means that is not "accepted". 503: Kannel's own queue is full or not there."""
    if status in {401, 403, 404, 405} or 300 <= status < 400:
        return CarrierError(words.ACCOUNT, Fault.ACCOUNT)
    if status == 429:
        return CarrierError(TOO_FAST_CODE, Fault.LATER)
    if status == 503:
        return CarrierError(words.NETWORK_TROUBLE, Fault.LATER)
    return CarrierError(str(status), Fault.TEXT if 400 <= status < 500 else Fault.UNSURE)


def _read_plain(typed: str) -> str:
    plain = typed.strip()
    if not _PLAIN.fullmatch(plain):
        raise ValueError("a user name and a password have plain characters only")
    return plain


KIND = CarrierKind("kannel", "Kannel", KannelCarrier, (
    CarrierField("address", N_("Address"), FieldKind.ADDRESS, account=True, default="http://127.0.0.1:13013",
                 hint=N_("Of Kannel's smsbox: the “sendsms-port” of its configuration.")),
    CarrierField("user", N_("User name"), account=True, longest=100,
                 hint=N_("“username” in the group “sendsms-user”.")),
    CarrierField("password", N_("Password"), secret=True, hint=N_("“password” in the group “sendsms-user”.")),
    CarrierField("token", N_("Token"), secret=True, shortest=SHORTEST_TOKEN,
                 hint=N_("What Kannel proves itself with when a text comes in: the password in its “post-url”. At least"
                         " 24 letters and digits that nobody can guess.")),
    CarrierField("portal_address", N_("Where Kannel reaches the portal"), FieldKind.ADDRESS, required=False, ours=True,
                 hint=N_("For example http://127.0.0.1:5000 if Kannel is on the same machine. Empty: at the address at"
                         " which people open the portal; but Kannel checks no certificate.")),
    CarrierField("status_address", N_("Status page"), FieldKind.ADDRESS, account=True, required=False,
                 hint=N_("The “admin-port” of Kannel, for example http://127.0.0.1:13000. With it, Test connection"
                         " says how many lines to the operator are up.")),
    CarrierField("status_password", N_("Password of the status page"), secret=True, required=False,
                 hint=N_("“status-password”, if there is one. Kannel takes it in the address only.")),
    CarrierField("answers_keywords", N_("The carrier itself answers STOP and HELP"), FieldKind.SWITCH, required=False,
                 hint=N_("Turn it on if your operator does, so that nobody gets two answers.")),
), find_hook=_find_hook)
