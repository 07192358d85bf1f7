"""Which carrier takes the texts of a number, and when a live one is made anew."""

import pytest

from portal.extensions import current_carrier, db, now, writing
from portal.models import CarrierRecord, Number, Organization
from portal.rules import facts
from portal.services.carriers import carrier_secrets, desk
from portal.services.texting import sender_facts


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
    assert first.setup.key == carrier_secrets.derive_hook_keys("one")[0]
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


def test_what_the_rules_want_to_know(add):
    record = add()
    live = desk.find_carrier("one")
    live.real, live.answers_keywords, live.takes_crisis_line = True, True, False
    assert desk.carrier_facts("one") == facts.CarrierFacts(real=True, answers_keywords=True, takes_crisis_line=False)
    assert desk.carrier_facts("") == desk.carrier_facts("pretend") != desk.carrier_facts("one")
    with writing() as session:
        session.get_one(CarrierRecord, record.id).secrets = None
        session.get_one(CarrierRecord, record.id).version += 1
    assert desk.carrier_facts("one") == desk.carrier_facts("gone") == facts.CarrierFacts(real=True)


def test_what_is_asked_about_a_sender_is_asked_of_their_own_organization(add, people):
    """Also where another organization has another carrier."""
    ours, theirs = add("ours"), add("theirs")
    assign(Organization, ours, name="Maple Clinic")
    with writing() as session:
        session.execute(db.update(Organization).where(Organization.name != "Maple Clinic").values(carrier_id=theirs.id))
    for name, route in (("Uli", "ours"), ("Otto", "theirs")):
        uid = people[name].id
        assert sender_facts.read_text_senders([uid])[uid].route == route
        assert sender_facts.read_text_sender(uid, now()).sender.route == route


def test_the_one_by_default_and_whether_one_is_on(add):
    assert desk.find_default_ref() == ""
    add("one", by_default=True)
    add("two", active=False)
    assert desk.find_default_ref() == "one"
    assert [desk.is_carrier_on(ref) for ref in ("one", "two", "three")] == [True, False, False]
    assert desk.hook_address("one").endswith("/hooks/one")


@pytest.mark.parametrize(("typed", "shown"), [("", ""), ("http://127.0.0.1:5001/", "http://127.0.0.1:5001")])
def test_the_address_to_copy_is_the_way_that_the_carrier_takes(kind, typed, shown):
    for name, way in (("kannel", shown), ("twilio", "")):
        record = CarrierRecord(ref="one", kind=name, settings={"portal_address": typed})
        assert desk.hook_to_copy(record) == (f"{way}/hooks/one" if way else desk.hook_address("one"))
