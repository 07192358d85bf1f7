"""What a carrier is: it takes texts, and reports what became of them and which texts came in.

A carrier is one module with a `CarrierKind`, one line in `carriers/__init__.py` and one file of recorded payloads. It
knows nothing of the portal but how a text is packed and the names of files; the shared contract test runs over every
listed one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from threading import Event
from typing import Protocol, runtime_checkable

# The code of a text that a carrier refuses because the recipient texted STOP to this very number of ours, however the
# carrier calls it: Twilio 21610, Bandwidth 4775, Telnyx 40300.
OPTED_OUT_CODE = "opted-out"
# The code of a text that a carrier did not look at because too many came at once: the portal slows down by itself.
TOO_FAST_CODE = "too-fast"
# A hand-over takes so long at most, in seconds: whoever has not answered by then may have the text.
SEND_SECONDS = 10.0

Network = IPv4Network | IPv6Network


class Certainty(StrEnum):
    """What a carrier offers when we cannot tell whether it got a text.

    `KEY`: sending the same reference again is one text. `LOOK_UP`: it can be asked for a text.
    `NONE`: nobody can tell, and a person decides.
    """

    KEY = "key"
    LOOK_UP = "look-up"
    NONE = "none"


class CarrierStatus(StrEnum):
    """What a carrier says about a text it took."""

    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    EXPIRED = "expired"


class Fault(StrEnum):
    """Whose fault it is that a carrier did not take a text, and so what happens to the text.

    `TEXT`: this text is refused for good. `LATER`: the carrier has not looked at it; it is tried again. `UNSURE`: the
    carrier may have it; it is never sent again on a guess. `ACCOUNT`: the carrier does not accept us (password,
    balance, suspended); no text is at fault, all of this carrier wait, and the operator is told.
    """

    TEXT = "text"
    LATER = "later"
    UNSURE = "unsure"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text to hand over: numbers in E.164, the words, and our reference, which stays over all tries.

    `until`: the moment (UTC) after which nobody wants the text any more; a carrier's own queue must not outlive it.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    body: str = field(repr=False)
    reference: str
    until: datetime | None = None


_PUNCTUATION = re.compile(r"[\s().\-/\u00a0]+|^(?:tel|sms|sip):", re.IGNORECASE)


def e164_of_number(told: str) -> str:
    """A number as a carrier tells it, in E.164: "+14165550101" for "14165550101", "(416) 555-0101" or "tel:+1...".

    Ten digits are a number of the +1 plan. A short code or a name comes back unchanged.
    """
    plain = _PUNCTUATION.sub("", told.strip())
    digits = re.sub(r"^(?:\+|00|011)", "", plain, count=1)
    if not re.fullmatch(r"\d{8,15}", digits, re.ASCII):
        return told
    ten = len(digits) == 10 and digits[0] in "23456789" and digits == plain
    return f"+1{digits}" if ten else f"+{digits}"


@dataclass(frozen=True, slots=True)
class TextPart:
    """Which part of a long text this is, where the carrier does not join the parts: number 1 to `total`.

    `key` is what the parts of one text have in common, between the same two numbers.
    """

    key: str
    number: int
    total: int


# More segments than any text has: what a carrier counts beyond that, or below 0, is no count.
MOST_PARTS = 1000


def _leave_out_nul(news: object, *names: str) -> None:
    """Take NUL out of these fields. PostgreSQL refuses it for ever, and the carrier would tell the same for hours."""
    for name in names:
        told = getattr(news, name)
        if "\0" in told:
            object.__setattr__(news, name, told.replace("\0", ""))


@dataclass(frozen=True, slots=True)
class IncomingText:
    """A text that came in. `id` is the carrier's own, `at` its clock: a hint, never the order.

    `sender` and `recipient` are in E.164, however the carrier writes numbers: see `e164_of_number`. NUL is left out, so
    that a padded "STOP" is one. The body of a `part` may hold half a character at its ends (a lone surrogate): the
    portal joins the parts.
    """

    id: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    body: str = field(repr=False)
    attachments: int = 0
    at: datetime | None = None
    part: TextPart | None = None

    def __post_init__(self) -> None:
        _leave_out_nul(self, "id", "sender", "recipient", "body")
        object.__setattr__(self, "sender", e164_of_number(self.sender))
        object.__setattr__(self, "recipient", e164_of_number(self.recipient))


@dataclass(frozen=True, slots=True)
class CarrierReceipt:
    """What became of a text, by our reference, or by the carrier's id where it sends nothing else.

    `raw` is the status in the carrier's own words; `status` is None if we do not know that status. `code` is a word of
    `words`, or the carrier's own code where we have none. `parts`: how many segments the carrier counted, 0 if it
    does not say, or says what cannot be.
    """

    raw: str
    status: CarrierStatus | None = None
    reference: str = ""
    id: str = ""
    code: str = ""
    parts: int = 0

    def __post_init__(self) -> None:
        _leave_out_nul(self, "raw", "reference", "id", "code")
        if not 0 <= self.parts <= MOST_PARTS:
            object.__setattr__(self, "parts", 0)


CarrierNews = IncomingText | CarrierReceipt


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request of a carrier, as it came: header names in lower case, the body not yet parsed.

    `url` is the whole address as the carrier called it, with the raw path and query: signatures cover it.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime
    method: str = "POST"
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What a carrier hears once we have what it told: some count only one status, some want a body."""

    status: int = 204
    body: bytes = b""
    content_type: str = "text/plain"


class CarrierError(Exception):
    """A carrier did not take a text, or did not answer a question; `fault` says what that means.

    `code` is a word of `words`, or the carrier's own code: letters, digits and hyphens, never the words of its answer.
    """

    def __init__(self, code: str, fault: Fault) -> None:
        super().__init__(code)
        self.code, self.fault = code, fault


class ForgedWebhook(Exception):
    """A webhook without a valid signature, or older than five minutes."""


@dataclass(frozen=True, slots=True)
class CarrierCondition:
    """What a carrier says of itself: its balance as in "12.50 USD", and how many of its lines are up, of how many."""

    balance: str = ""
    lines: tuple[int, int] | None = None


class Carrier(Protocol):
    """A carrier. `ref` names it in texts, receipts and arrivals, and in the address of its webhooks.

    `real`: texts leave this machine. `answers_keywords`: the carrier itself answers STOP and HELP.
    `takes_crisis_line`: it delivers texts to the crisis line, handed over with the recipient "988". `tells`: its
    receipts carry our reference, so that an unclear text clears itself up by the next receipt; `settles_after` is how
    long such a text is left alone before anybody is asked about it. `at_once`: how many texts may be on their way to
    it at the same time. `thanks`: what it hears once a webhook is stored.
    """

    ref: str
    certainty: Certainty
    real: bool
    answers_keywords: bool
    takes_crisis_line: bool
    tells: bool
    settles_after: timedelta
    at_once: int
    thanks: WebhookAnswer

    def send(self, text: OutgoingText) -> str:
        """Hand a text over; returns the carrier's id. Raises CarrierError. Takes at most ten seconds."""

    def look_up(self, text: OutgoingText, since: datetime) -> str | None:
        """The carrier's id of a text that was handed over after this moment; None when it certainly never got it.

        CarrierError: `LATER` when it could not be asked now, `UNSURE` when nobody can tell.
        """

    def read(self, webhook: Webhook) -> list[CarrierNews]:
        """What a webhook says. Raises ForgedWebhook before it parses anything, ValueError for a body it cannot read."""

    def check(self) -> CarrierCondition:
        """Ask the carrier how it is, without sending anything; takes at most ten seconds. Raises CarrierError."""


# What a webhook is handed to: headers (names in lower case) and raw body in, the status of the answer out.
Hook = Callable[[dict[str, str], bytes], int]


@runtime_checkable
class OfflineCarrier(Protocol):
    """A carrier on this machine, which cannot call an address: the worker asks it, and retention erases its texts."""

    def next_due(self) -> datetime | None:
        """When there will be something to tell (UTC), None while there is nothing."""

    def deliver(self, hook: Hook) -> int:
        """Hand over every webhook that is due; returns how many were answered with 2xx."""

    def forget(self, before: datetime) -> int:
        """Erase texts and events from before this moment; returns how many."""


@runtime_checkable
class BulkCarrier(Protocol):
    """A carrier on this machine that takes many texts with one commit of its own."""

    def send_many(self, texts: Sequence[OutgoingText]) -> list[str | CarrierError]:
        """Hand texts over; for each the carrier's id, or why it was not taken. What it raises says: it took none."""


@dataclass(frozen=True, slots=True)
class LineStanding:
    """Whether a line is up: since when (UTC) it has been so, and why it is not (the code of a CarrierError, or "").

    `refused`: the other side answered and does not accept us, so that nothing but a person can mend it.
    """

    up: bool
    since: datetime | None = None
    code: str = ""
    refused: bool = False


@runtime_checkable
class LineCarrier(Protocol):
    """A carrier with a line that stays open, by which it also tells. Only the background process opens the line."""

    def keep(self, tell: Callable[[list[CarrierNews]], None], stopping: Event) -> None:
        """Keep the line open until `stopping` is set, then close it in peace; runs in a thread of its own.

        `tell` stores what came and returns after the commit; only then does the other side hear that we have it. When
        it raises, the other side is asked to tell it again.
        """

    def standing(self) -> LineStanding:
        """How the line is now."""
