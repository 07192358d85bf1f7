"""The pretend carrier, at a clock that stands still and with a portal that hears what it tells."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from portal.carriers.base import CarrierError, Certainty, Webhook
from portal.carriers.kinds import CarrierSetup
from portal.carriers.pretend import PretendCarrier

from . import KEY, Promise, Rig, text

PROMISE = Promise()
SETUP = CarrierSetup("a-carrier")


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


def pretend(folder, certainty=Certainty.KEY, own=frozenset(), clock=lambda: datetime.now(UTC)):
    return PretendCarrier(folder, (KEY,), lambda numbers: numbers & own, clock, certainty)


def make_rig(folder, certainty=Certainty.KEY):
    carrier = pretend(folder, certainty)

    def count(reference):
        return sum(one.reference == reference for _, one in carrier.ledger.texts())

    def try_again():
        with suppress(CarrierError):
            carrier.send(text("+14165550155"))

    return Rig(carrier, count, lambda: text("+14165550151"), lambda: text("+14165550155"), try_again)


def of_another_account(setup):
    return replace(setup, key=b"somebody else's key, long enough")
