"""Which carrier takes the texts of a number, and when a live one is made anew."""

import pytest

from portal import carriers
from portal.carriers.kinds import CarrierField, CarrierKind
from portal.extensions import current_carrier, db, writing
from portal.models import CarrierRecord, Number, Organization
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
    monkeypatch.setattr(carriers, "KINDS", {**carriers.KINDS, "recorded": CarrierKind(
        "recorded", "Recorded", Recorded, fields)})
    with app.app_context():
        yield "recorded"


@pytest.fixture
def add(kind):
    def add(ref="one", secrets=None, **more):
        secrets = {"password": "a secret"} if secrets is None else secrets
        with writing() as session:
            record = CarrierRecord(ref=ref, kind=kind, name=ref, settings={"host": ref},
                                   secrets=secrets and carrier_secrets.encrypt_secrets(secrets), **more)
            session.add(record)
        return record

    return add


def route_of(e164="+14165550101"):
    number = db.session.scalars(db.select(Number).where(Number.e164 == e164)).one()
    return desk.carriers_of_numbers([number.id])[number.id]


def assign(model, record, **where):
    with writing() as session:
        session.execute(db.update(model).filter_by(**where).values(carrier_id=record and record.id))


def test_without_carriers_the_pretend_one_takes_everything(kind):
    assert route_of() == ""
    assert not desk.has_other_routes()
    assert desk.find_carrier("") is desk.find_carrier("pretend") is current_carrier()


def test_the_narrowest_choice_counts(add):
    default, organizations, numbers = add("default", by_default=True), add("organization"), add("number")
    assert desk.has_other_routes()
    assert route_of() == "default"
    assign(Organization, organizations, name="Maple Clinic")
    assert route_of() == "organization"
    assign(Number, numbers, e164="+14165550101")
    assert route_of() == "number"
    assert route_of("+14165550102") == "organization"
    assign(Number, None, e164="+14165550101")
    assign(Organization, None, name="Maple Clinic")
    assert route_of() == "default"
    assert default.by_default


def test_a_live_carrier_is_made_of_its_record_and_stays_until_that_changes(add):
    record = add(at_once=5)
    first = desk.find_carrier("one")
    assert first is desk.find_carrier("one")
    assert (first.setup.ref, first.setup.settings, first.setup.secrets, first.setup.at_once) == (
        "one", {"host": "one"}, {"password": "a secret"}, 5)
    assert first.setup.hook.endswith("/hooks/one")
    assert first.setup.key == carrier_secrets.derive_hook_key("one")
    with writing():
        db.session.get_one(CarrierRecord, record.id).version += 1
    assert desk.find_carrier("one") is not first


def test_a_carrier_that_there_is_not(kind):
    with pytest.raises(LookupError):
        desk.find_carrier("nobody")


def test_one_whose_secrets_nobody_can_read_waits_for_them(add):
    """After a restore on another machine: the portal starts, and this carrier needs its secrets again."""
    record = add()
    with writing() as session:
        session.get_one(CarrierRecord, record.id).secrets = b"of another key"
    with pytest.raises(desk.UnusableCarrier, match="secrets again"):
        desk.find_carrier("one")


@pytest.mark.parametrize(("changed", "why"), [
    ({"secrets": b""}, "secrets again"), ({"secrets": None}, "secrets again"), ({"kind": "pigeon"}, "secrets again"),
    ({"settings": {"host": "broken"}}, "settings"),
])
def test_what_makes_a_carrier_unusable(add, changed, why):
    record = add()
    with writing() as session:
        for name, value in changed.items():
            setattr(session.get_one(CarrierRecord, record.id), name, value)
    with pytest.raises(desk.UnusableCarrier, match=why):
        desk.find_carrier("one")
