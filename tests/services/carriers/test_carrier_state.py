"""How carriers are: the verdict, what waits, what became of the texts of the last day, reports that fit nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import CarrierRecord, Message, Organization, Receipt, TextState
from portal.services.carriers import assignments, carrier_records, carrier_state
from portal.services.carriers.carrier_state import CarrierReports, CarrierVerdict, WaitingTexts
from tests.talks import hold, text_in, text_out
from tests.test_query_plans import read_through


@pytest.fixture
def south(north, olga, recorded, typed):
    """A second carrier; Maple Clinic is assigned to it, and the first carries by default."""
    made = carrier_records.add_carrier(olga, recorded, typed("South"))
    carrier_records.set_default_carrier(olga, north, default=True)
    maple = db.session.scalars(select(Organization).where(Organization.name == "Maple Clinic")).one()
    assignments.choose_organization_carrier(olga, maple, made.ref)
    return made


def change(record, **values):
    with writing() as session:
        for name, value in values.items():
            setattr(session.get_one(CarrierRecord, record.id), name, value)


def verdict(record):
    return carrier_state.read_carrier_state(record).verdict


def waits(people, *rows):
    hold(people["Uli"].id, *rows)


def left(people, record, left_at=None):
    """A text of Uli's left by a carrier."""
    waits(people, text_out("left", TextState.DELIVERED, carrier=record.ref, carrier_id="id-1", route=record.ref,
                           left_at=left_at or now()))


# --- the verdict ---------------------------------------------------------------------------------


def test_nothing_leaves_by_a_new_carrier(north):
    assert verdict(north) is CarrierVerdict.UNUSED
    change(north, by_default=True)
    assert verdict(north) is CarrierVerdict.UNTRIED


def test_it_works_once_a_text_has_left(south, people):
    assert verdict(south) is CarrierVerdict.UNTRIED
    left(people, south)
    assert verdict(south) is CarrierVerdict.WORKING


def test_an_assigned_one_is_used(south, north):
    assert {state.record.name: state.verdict for state in carrier_state.list_carrier_states()} == {
        "North": CarrierVerdict.UNTRIED, "South": CarrierVerdict.UNTRIED}


@pytest.mark.parametrize(("changed", "expected"), [
    ({"kind": "pigeon"}, CarrierVerdict.UNKNOWN_KIND),
    ({"secrets": None}, CarrierVerdict.NEEDS_SECRETS),
    ({"secrets": b"of another key"}, CarrierVerdict.NEEDS_SECRETS),
    ({"fault_code": "account"}, CarrierVerdict.FAULT),
    ({"active": False}, CarrierVerdict.OFF),
    ({"secrets": None, "fault_code": "account", "active": False}, CarrierVerdict.NEEDS_SECRETS),
])
def test_the_gravest_counts(south, changed, expected):
    change(south, **changed)
    assert verdict(south) is expected
    alarms = [(one.name, found) for one, found in carrier_state.list_alarming_carriers()]
    alarming = expected in carrier_state.ALARMING and changed.get("active", True)
    assert alarms == ([("South", expected)] if alarming else [])


def test_a_carrier_that_refuses_one_text_after_the_other(south, people):
    failed = {"code": "no-connection", "tries": 1, "due_at": now() + timedelta(minutes=1), "changed_at": now()}
    waits(people, *[text_out(f"{n}", TextState.QUEUED, **failed) for n in range(4)])
    assert verdict(south) is CarrierVerdict.UNTRIED
    assert carrier_state.list_alarming_carriers() == []
    waits(people, text_out("5", TextState.QUEUED, **failed))
    assert verdict(south) is CarrierVerdict.FAILING
    assert [(one.name, found) for one, found in carrier_state.list_alarming_carriers()] == [
        ("South", CarrierVerdict.FAILING)]


@pytest.mark.parametrize(("code", "waited", "fails"), [
    ("no-connection", 70, True), ("no-connection", 40, False), ("too-fast", 600, False)])
def test_one_text_that_waits_for_long_is_enough(south, people, clock, code, waited, fails):
    clock.stop()
    left(people, south, left_at=now() - timedelta(minutes=20))
    waits(people, text_out("1", TextState.QUEUED, code=code, tries=1, due_at=now() + timedelta(seconds=9),
                           changed_at=now() - timedelta(seconds=5), at=now() - timedelta(seconds=waited)))
    assert verdict(south) is (CarrierVerdict.FAILING if fails else CarrierVerdict.WORKING)


def test_where_other_texts_leave_it_is_not_the_carrier(south, people):
    waits(people, text_out("1", TextState.QUEUED, code="no-connection", tries=1, due_at=now() + timedelta(minutes=1),
                           changed_at=now() - timedelta(seconds=5), at=now() - timedelta(minutes=3)))
    assert verdict(south) is CarrierVerdict.FAILING
    left(people, south)
    assert verdict(south) is CarrierVerdict.WORKING


# --- what waits ----------------------------------------------------------------------------------


def test_texts_wait_for_the_carrier_of_their_number(south, north, olga, people):
    first = now() - timedelta(minutes=20)
    waits(people, text_out("one", TextState.QUEUED, at=first), text_out("two", TextState.QUEUED),
          text_out("gone", TextState.DELIVERED), text_out("held", TextState.QUEUED, due_at=now() + timedelta(hours=9)),
          text_out("tried", TextState.QUEUED, due_at=now() + timedelta(minutes=1), tries=1, code="busy"), text_in())
    waiting = carrier_state.read_waiting_texts()
    assert waiting == {south.ref: WaitingTexts(3, first, 0)}


def test_a_claimed_text_stays_with_the_carrier_that_it_was_claimed_for(south, north, people):
    waits(people, text_out("claimed", TextState.CLAIMED, route=north.ref))
    assert carrier_state.read_waiting_texts().keys() == {north.ref}


def test_without_any_carrier_texts_wait_for_the_pretend_one(open_app, people):
    waits(people, text_out("one", TextState.QUEUED))
    assert carrier_state.read_waiting_texts()[""].many == 1


# --- the last day --------------------------------------------------------------------------------


def test_the_last_day(south, north, people):
    old = now() - timedelta(hours=25)
    by = {"route": south.ref, "carrier": south.ref, "left_at": now()}
    refused = {"route": south.ref}
    waits(people, text_out("a", TextState.DELIVERED, **by), text_out("b", TextState.SENT, **by),
          text_out("c", TextState.UNDELIVERED, code="phone-off", **by),
          text_out("d", TextState.FAILED, code="filtered", **refused),
          text_out("e", TextState.FAILED, code="filtered", **refused),
          text_out("f", TextState.UNKNOWN, code="no-answer", **refused),
          text_out("g", TextState.REFUSED), text_out("h", TextState.DELIVERED, **{**by, "at": old}),
          text_out("i", TextState.DELIVERED, route=north.ref, left_at=now()), text_in())
    day = carrier_state.read_carrier_state(south).day
    assert (day.handed_over, day.delivered, day.unclear, day.not_arrived) == (3, 1, 1, 3)
    assert day.failed == [(TextState.FAILED, "filtered", 2), (TextState.UNDELIVERED, "phone-off", 1)]


def test_reports_that_fit_nothing(south, north, people):
    waits(people, text_out("a"))
    with writing() as session:
        text = session.scalars(select(Message)).one()
        session.add_all([
            Receipt(carrier=south.ref, raw="x", message_id=text.id), Receipt(carrier=south.ref, raw="x"),
            Receipt(carrier=south.ref, raw="x", at=now() - timedelta(hours=25)), Receipt(carrier=north.ref, raw="x")])
    assert carrier_state.count_reports(south) == CarrierReports(2, 1)


# --- members, polls, statements ------------------------------------------------------------------


@pytest.mark.parametrize(("changed", "stopped"), [
    ({}, False), ({"fault_code": "account"}, True), ({"secrets": None}, True), ({"active": False}, True)])
def test_whether_texts_of_a_user_are_stopped(south, north, people, changed, stopped):
    change(south, **changed)
    found = carrier_state.find_carrier_of_user(people["Uli"].id)
    assert (found.name, carrier_state.is_carrier_stopped(found)) == ("South", stopped)
    assert carrier_state.find_carrier_of_user(people["Mia"].id).name == "North"
    assert carrier_state.find_carrier_of_user(people["Olga"].id) is None


def test_what_a_page_knows_changes_with_what_it_shows(south, people):
    def version():
        db.session.rollback()
        return carrier_state.read_state_version(db.session.get_one(CarrierRecord, south.id))

    seen = [version()]
    for changed in ({"pace_now": 2.0, "slowed_at": now()}, {"fault_code": "account"}, {"secrets": None}):
        change(south, **changed)
        seen.append(version())
    waits(people, text_out("one", TextState.QUEUED))
    assert len({*seen, version()}) == 5
    assert version() == version()
    full = carrier_state.read_carrier_state(south)
    assert version() == carrier_state.version_of_state(south, full.verdict, full.waiting.many)


def test_a_pace_that_grew_again_is_not_told(south):
    change(south, pace_now=2.0, slowed_at=now() - timedelta(seconds=30))
    assert carrier_state.is_slowed(south)
    change(south, slowed_at=now() - timedelta(minutes=3))
    assert not carrier_state.is_slowed(south)


def test_the_same_statements_however_much_there_is(south, people, statements):
    def asked():
        with statements() as seen:
            carrier_state.list_carrier_states()
            carrier_state.read_carrier_state(south)
        return len(seen)

    few = asked()
    waits(people, *[text_out(f"{n}", TextState.QUEUED) for n in range(30)])
    assert asked() == few


@pytest.mark.sqlite
def test_nothing_is_read_through(south, people):
    waits(people, text_out("one", TextState.QUEUED))
    with read_through() as found:
        carrier_state.list_carrier_states()
        carrier_state.read_carrier_state(south)
        carrier_state.find_carrier_of_user(1)
        carrier_state.list_alarming_carriers()
    assert found == []
