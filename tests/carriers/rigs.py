"""The carriers under test, each with what only its other side knows."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal.carriers.base import Carrier, CarrierError, Certainty, OutgoingText, Webhook
from portal.carriers.pretend import PretendCarrier

from .wire import Server, Wire

PAYLOADS = Path(__file__).parent / "payloads"
OURS, THEIRS, COLLEAGUE = "+14165550101", "+12125550110", "+14165550102"
SECRET = b"an invented secret of the tests"


@dataclass(frozen=True)
class Rig:
    """A carrier, how many texts it holds with a reference, and texts that fail for good or for a while."""

    carrier: Carrier
    count: Callable[[str], int]
    refused: Callable[[], OutgoingText]
    put_off: Callable[[], OutgoingText]
    works_again: Callable[[], object]
    close: Callable[[], object]


class Clock:
    """A clock that stands still until told."""

    at = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)

    def __call__(self):
        return self.at

    def forward(self, **by):
        self.at += timedelta(**by)


class Portal:
    """Who is told: reads what comes, and answers with `status`."""

    def __init__(self, carrier, clock):
        self.carrier, self.clock, self.status = carrier, clock, 204
        self.ids, self.told = [], []

    def __call__(self, headers, body):
        self.ids.append(headers["webhook-id"])
        heard = self.carrier.read(Webhook(headers, body, self.clock()))
        if 200 <= self.status < 300:
            self.told += heard
        return self.status


def text(number="+14165550110", reference="ref-1", body="Your shoes are ready."):
    return OutgoingText(OURS, number, body, reference)


def pretend(folder, certainty=Certainty.KEY, own=lambda number: False, clock=lambda: datetime.now(UTC)):
    return PretendCarrier(folder, (SECRET,), own, clock, certainty)


def pretending(folder, certainty):
    carrier = pretend(folder, certainty)

    def count(reference):
        return sum(one.reference == reference for _, one in carrier.ledger.texts())

    def try_again():
        with suppress(CarrierError):
            carrier.send(text("+14165550155"))

    return Rig(carrier, count, lambda: text("+14165550151"), lambda: text("+14165550155"), try_again, lambda: None)


def wired(folder, certainty):
    server = Server(certainty)

    def answering(status):
        server.answer = status
        return text()

    return Rig(Wire(server.address, SECRET, certainty), server.count, lambda: answering(400),
               lambda: answering(503), lambda: answering(200), server.close)


RIGS = {"pretend": pretending, "wire": wired}


def recorded():
    """Every recorded webhook: whose it is and what was recorded."""
    return [(file.stem, one) for file in sorted(PAYLOADS.glob("*.json"))
            for one in json.loads(file.read_text(encoding="utf-8"))]
