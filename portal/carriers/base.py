"""What a carrier is: it takes texts, and reports what became of them and which texts came in.

A carrier is one module and one line in `carriers/__init__.py`. It knows nothing of the portal but the names
of files; the shared contract test runs over every listed one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

# The code of a text that a carrier refuses because the recipient texted STOP to this very number of ours, however the
# carrier calls it: Twilio 21610, Bandwidth 4775 and 4482, Telnyx 40300.
OPTED_OUT_CODE = "opted-out"


class Certainty(StrEnum):
    """What a carrier offers when we cannot tell whether it got a text.

    `KEY`: sending the same reference again is one text. `LOOK_UP`: it can be asked for a reference.
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


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text to hand over: numbers in E.164, the words, and our reference, which stays over all tries."""

    sender: str
    recipient: str
    body: str
    reference: str


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
class IncomingText:
    """A text that came in. `id` is the carrier's own, `at` its clock: a hint, never the order.

    `sender` and `recipient` are in E.164, however the carrier writes numbers: see `e164_of_number`.
    """

    id: str
    sender: str
    recipient: str
    body: str
    attachments: int = 0
    at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sender", e164_of_number(self.sender))
        object.__setattr__(self, "recipient", e164_of_number(self.recipient))


@dataclass(frozen=True, slots=True)
class CarrierReceipt:
    """What became of a text, by our reference, or by the carrier's id where it sends nothing else.

    `raw` is the status in the carrier's own words; `status` is None if we do not know that status.
    """

    raw: str
    status: CarrierStatus | None = None
    reference: str = ""
    id: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request of a carrier, as it came: header names in lower case, the body not yet parsed."""

    headers: Mapping[str, str]
    body: bytes
    at: datetime


class CarrierError(Exception):
    """A text was not taken. `permanent`: trying again cannot help. `unsure`: it may have been taken."""

    def __init__(self, code: str, *, permanent: bool = False, unsure: bool = False) -> None:
        super().__init__(code)
        self.code, self.permanent, self.unsure = code, permanent, unsure


class ForgedWebhook(Exception):
    """A webhook without a valid signature, or older than five minutes."""


class Carrier(Protocol):
    """A carrier.

    `real`: texts leave this machine. `answers_keywords`: the carrier itself answers STOP and HELP.
    `takes_crisis_line`: it delivers texts to the crisis line, handed over with the recipient "988".
    """

    name: str
    certainty: Certainty
    real: bool
    answers_keywords: bool
    takes_crisis_line: bool

    def send(self, text: OutgoingText) -> str:
        """Hand a text over; returns the carrier's id. Raises CarrierError. Takes at most ten seconds."""

    def read(self, webhook: Webhook) -> list[IncomingText | CarrierReceipt]:
        """What a webhook says. Raises ForgedWebhook before it parses anything, ValueError for a body it cannot read."""

    def look_up(self, reference: str) -> str | None:
        """The carrier's id of the text with our reference, None when it never got it. CarrierError: it cannot say."""


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
