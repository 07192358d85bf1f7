"""A kind of carrier for tests, and records of it."""

import pytest

from portal import carriers
from portal.carriers.kinds import CarrierField, CarrierKind
from portal.extensions import writing
from portal.models import CarrierRecord
from portal.services.carriers import carrier_secrets, desk
from tests.services.carrier import Scripted


class Recorded(Scripted):
    """A carrier of the tests that is made of a record."""

    def __init__(self, setup):
        super().__init__()
        if setup.settings.get("host") == "broken":
            raise ValueError("no host")
        self.setup, self.ref = setup, setup.ref


@pytest.fixture
def kind(app, monkeypatch):
    """A kind of carrier with one setting and one secret; the application context is open."""
    fields = (CarrierField("host", "Host"), CarrierField("password", "Password", secret=True))
    monkeypatch.setitem(app.extensions, "carrier_desk", desk.CarrierDesk())
    monkeypatch.setattr(carriers, "KINDS", {**carriers.KINDS, "recorded": CarrierKind(
        "recorded", "Recorded", Recorded, fields)})
    with app.app_context():
        yield "recorded"


@pytest.fixture
def add(kind):
    """`add(ref, secrets, ...)` adds a carrier of that kind."""
    def add(ref="one", secrets=None, **more):
        secrets = {"password": "a secret"} if secrets is None else secrets
        with writing() as session:
            record = CarrierRecord(ref=ref, kind=kind, name=ref, settings={"host": ref},
                                   secrets=secrets and carrier_secrets.encrypt_secrets(secrets), **more)
            session.add(record)
        return record

    return add
