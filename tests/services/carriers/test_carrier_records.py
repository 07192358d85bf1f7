"""Operators add and change carriers: what is refused, what empties the secrets, and what the log says."""

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import Arrival, ArrivalOutcome, AuditEvent, CarrierRecord, HandOver, Message, Organization, Receipt
from portal.services import audit
from portal.services.carriers import assignments, carrier_records, desk
from portal.services.carriers.carrier_secrets import decrypt_secrets
from portal.services.carriers.typed_settings import WrongSettings
from portal.services.refusals import Changed, Clash
from portal.wording import log
from tests.services.carriers.recorded import SETTINGS
from tests.talks import hold, text_out

GIVEN = {"token": "a token of theirs"}


def again(record):
    """The record as it is stored now."""
    db.session.rollback()
    return db.session.get_one(CarrierRecord, record.id)


def told(record):
    """What the log says about a carrier, newest first."""
    events = audit.list_events(None, subject="carrier", ref=record.ref)
    return [log.event_in_words(*audit.event_sentence(one)) for one in events]


def fields_of(refused):
    return {one.field for one in refused.value.clashes}


# --- adding --------------------------------------------------------------------------------------


def test_a_new_carrier_is_kept_with_its_secrets_encrypted(north):
    kept = again(north)
    assert (kept.kind, kept.name, kept.settings) == ("recorded", "North", SETTINGS)
    assert decrypt_secrets(kept.secrets) == GIVEN
    assert b"a token of theirs" not in kept.secrets
    assert (kept.secrets_by, kept.active, kept.by_default) == ("Olga Weiss", True, False)
    assert told(north) == ["Olga Weiss added the carrier North."]


def test_the_log_never_holds_a_secret(north, olga, typed):
    carrier_records.change_carrier(olga, north, 1, typed(secrets={"token": "a second token"}))
    events = db.session.scalars(select(AuditEvent)).all()
    assert "token" not in "".join(str(one.details) for one in events)


def test_kinds_that_are_part_of_the_portal_are_not_offered(recorded, open_app):
    assert "pretend" not in {kind.name for kind in carrier_records.list_kinds()}
    assert carrier_records.find_kind("recorded") is recorded
    for name in ("pretend", "pigeon", ""):
        with pytest.raises(LookupError):
            carrier_records.find_kind(name)


def test_a_name_is_used_once(north, olga, recorded, typed):
    with pytest.raises(WrongSettings) as refused:
        carrier_records.add_carrier(olga, recorded, typed(" NORTH "))
    assert fields_of(refused) == {"name"}


def test_there_are_so_many_carriers_at_most(north, olga, recorded, typed, monkeypatch):
    monkeypatch.setattr(carrier_records, "MOST_CARRIERS", 1)
    with pytest.raises(WrongSettings):
        carrier_records.add_carrier(olga, recorded, typed("South"))
    carrier_records.change_carrier(olga, north, 1, typed("South"))


def test_a_carrier_that_cannot_work_is_not_stored(olga, recorded, typed):
    with pytest.raises(WrongSettings) as refused:
        carrier_records.add_carrier(olga, recorded, typed(window="999"))
    assert fields_of(refused) == {""}
    assert carrier_records.list_carriers() == []


def test_everything_that_is_wrong_is_said_at_once(olga, recorded, typed):
    wrong = typed(secrets={}, paces={"pace": 1001, "number_pace": 0, "at_once": 101}, address="nowhere", port="0")
    with pytest.raises(WrongSettings) as refused:
        carrier_records.add_carrier(olga, recorded, wrong)
    assert fields_of(refused) == {"token", "pace", "number_pace", "at_once", "address", "port"}


@pytest.mark.parametrize("paces", [
    {"pace": 1, "number_pace": 1, "at_once": 1}, {"pace": 1000, "number_pace": 100, "at_once": 100}])
def test_paces_from_the_least_to_the_most(olga, recorded, typed, paces):
    kept = again(carrier_records.add_carrier(olga, recorded, typed(paces=paces)))
    assert {name: getattr(kept, name) for name in paces} == paces


def test_only_what_exists_is_found(north, open_app):
    assert carrier_records.find_carrier_for_operator(north.ref).name == "North"
    with pytest.raises(NotFound):
        carrier_records.find_carrier_for_operator("nowhere")


# --- changing ------------------------------------------------------------------------------------


def test_what_changes_is_told_from_what_to_what(north, olga, typed):
    carrier_records.change_carrier(olga, north, 1, typed("South", secrets={}, window="20", ids="hex",
                                                         paces={"pace": 20}))
    assert again(north).version == 2
    assert told(north)[0] == (
        "Olga Weiss changed the carrier South. Name: North → South. Texts a second, at most: – → 20."
        " setting:window: 10 → 20. setting:ids: as-is → hex.")


def test_secrets_left_empty_stay(north, olga, typed):
    before = again(north).secrets
    carrier_records.change_carrier(olga, north, 1, typed(secrets={"token": ""}, window="20"))
    assert again(north).secrets == before


def test_one_new_secret_leaves_the_others(north, olga, typed):
    carrier_records.change_carrier(olga, north, 1, typed(secrets={"signing": "a key"}))
    assert decrypt_secrets(again(north).secrets) == {**GIVEN, "signing": "a key"}
    assert told(north)[0] == "Olga Weiss typed new secrets of the carrier North."


@pytest.mark.parametrize(("name", "value"), [
    ("address", "https://other.example.com"), ("account", "AC2"), ("host", "other.example.com"), ("port", "2776"),
    ("tls", "")])
def test_another_place_or_account_empties_the_secrets(north, olga, typed, name, value):
    carrier_records.change_carrier(olga, north, 1, typed(secrets={}, **{name: value}))
    kept = again(north)
    assert (kept.secrets, kept.secrets_at, kept.secrets_by) == (None, None, "")
    assert any("so its secrets were emptied" in one for one in told(north))
    with pytest.raises(desk.UnusableCarrier):
        desk.make_live_carrier(kept)


def test_with_another_account_all_secrets_are_typed_anew(north, olga, typed):
    with pytest.raises(WrongSettings) as refused:
        carrier_records.change_carrier(olga, north, 1, typed(secrets={"signing": "a key"}, account="AC2"))
    assert fields_of(refused) == {"token"}
    assert again(north).version == 1
    carrier_records.change_carrier(olga, north, 1, typed(secrets={"token": "new"}, account="AC2"))
    assert decrypt_secrets(again(north).secrets) == {"token": "new"}


def test_an_optional_secret_does_not_survive_a_new_account(north, olga, typed):
    carrier_records.change_carrier(olga, north, 1, typed(secrets={"signing": "a key"}))
    carrier_records.change_carrier(olga, again(north), 2, typed(secrets={"token": "new"}, account="AC2"))
    assert decrypt_secrets(again(north).secrets) == {"token": "new"}


def test_secrets_that_nobody_can_read_are_typed_again_all_of_them(north, olga, typed):
    with writing() as session:
        session.get_one(CarrierRecord, north.id).secrets = b"of another key"
    carrier_records.change_carrier(olga, north, 1, typed(secrets={}, window="20"))
    assert again(north).secrets == b"of another key"
    with pytest.raises(WrongSettings) as refused:
        carrier_records.change_carrier(olga, again(north), 2, typed(secrets={"signing": "a key"}))
    assert fields_of(refused) == {"token"}
    carrier_records.change_carrier(olga, again(north), 2, typed(secrets=GIVEN))
    assert decrypt_secrets(again(north).secrets) == GIVEN


def test_a_stale_form_changes_nothing(north, olga, typed):
    carrier_records.change_carrier(olga, north, 1, typed(window="20"))
    with pytest.raises(Changed):
        carrier_records.change_carrier(olga, again(north), 1, typed(window="30"))
    assert again(north).settings["window"] == "20"


def test_the_same_again_is_no_change(north, olga, typed):
    carrier_records.change_carrier(olga, north, 1, typed(secrets={}))
    assert (again(north).version, len(told(north))) == (1, 1)


def test_a_change_ends_a_fault_of_the_account(north, olga, typed):
    with writing() as session:
        record = session.get_one(CarrierRecord, north.id)
        record.fault_code, record.fault_at = "account", now()
    carrier_records.change_carrier(olga, again(north), 1, typed(secrets={"token": "the right one"}))
    assert (again(north).fault_code, again(north).fault_at) == ("", None)


def test_a_certificate_is_logged_by_its_beginning(north, olga, typed):
    carrier_records.change_carrier(olga, north, 1, typed(secrets={}, note="A" * 500))
    assert f"setting:note: – → {'A' * 60}…." in told(north)[0]


# --- on and off, by default, removed -------------------------------------------------------------


def test_off_and_on(north, olga):
    carrier_records.set_carrier_active(olga, north, active=False)
    assert (again(north).active, again(north).version) == (False, 2)
    carrier_records.set_carrier_active(olga, again(north), active=False)
    carrier_records.set_carrier_active(olga, again(north), active=True)
    assert again(north).active
    assert [one.partition(" the carrier")[0] for one in told(north)] == [
        "Olga Weiss turned on", "Olga Weiss turned off", "Olga Weiss added"]


def test_one_at_most_carries_by_default(north, olga, recorded, typed):
    south = carrier_records.add_carrier(olga, recorded, typed("South"))
    carrier_records.set_default_carrier(olga, north, default=True)
    carrier_records.set_default_carrier(olga, again(south), default=True)
    assert (again(north).by_default, again(south).by_default) == (False, True)
    carrier_records.set_default_carrier(olga, again(south), default=False)
    carrier_records.set_default_carrier(olga, again(south), default=False)
    assert not again(south).by_default
    assert len(told(south)) == 3


def test_a_carrier_that_was_never_used_goes(north, olga):
    carrier_records.remove_carrier(olga, north)
    assert carrier_records.list_carriers() == []
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.subject_name) == ("carrier-removed", "North")


def test_one_by_which_texts_leave_stays(north, olga, organizations, people):
    maple = db.session.get_one(Organization, organizations["Maple"].id)
    assignments.choose_organization_carrier(olga, maple, north.ref)
    with pytest.raises(Clash, match="Texts leave by this carrier"):
        carrier_records.remove_carrier(olga, again(north))
    assignments.choose_organization_carrier(olga, again_of(maple), "")
    carrier_records.set_default_carrier(olga, again(north), default=True)
    with pytest.raises(Clash, match="Texts leave by this carrier"):
        carrier_records.remove_carrier(olga, again(north))




def again_of(one):
    db.session.rollback()
    return db.session.get_one(type(one), one.id)


@pytest.mark.parametrize("trace", ["text", "route", "arrival", "receipt", "hand-over"])
def test_one_that_was_used_stays(north, olga, people, trace):
    hold(people["Uli"].id, text_out("Hello"))
    with writing() as session:
        one = session.scalars(select(Message)).first()
        if trace == "text":
            one.carrier, one.carrier_id = north.ref, "1"
        elif trace == "route":
            one.route, one.state = north.ref, "claimed"
        else:
            session.add({
                "arrival": Arrival(carrier=north.ref, carrier_id="1", outcome=ArrivalOutcome.SHOWN),
                "receipt": Receipt(carrier=north.ref, raw="delivered"),
                "hand-over": HandOver(message_id=one.id, carrier=north.ref, edition=1, facts={}, result="failed"),
            }[trace])
    with pytest.raises(Clash, match="has carried texts"):
        carrier_records.remove_carrier(olga, again(north))
