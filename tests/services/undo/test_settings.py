"""A setting goes back to what it was, under the rules that hold now, and only while nobody has changed it since."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import AuditEvent, Setting, UndoOffer, User
from portal.rules.switches import SettingValue
from portal.services import audit
from portal.services.toggles import bulk, toggle
from portal.services.toggles.user_list import UserChoice
from portal.services.undo import settings
from portal.services.undo.results import UndoResult

pytestmark = pytest.mark.usefixtures("open_app")
ON, OFF, SILENT = SettingValue(True), SettingValue(False), SettingValue(None)
LOCKED = SettingValue(False, locked=True, reason="Trial run")


@pytest.mark.parametrize("name", ["Uli", "Toronto", "Maple"])
@pytest.mark.parametrize(("was", "now"), [(ON, OFF), (OFF, ON), (OFF, SILENT), (SILENT, OFF)], ids=str)
def test_undo_gives_back_what_was_set(unit, change, undo, events, name, was, now):
    change(name, was)
    ref = change(name, now)
    changed = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first().ref
    answer = undo(ref, by="Ada")
    assert (answer.result, answer.subject.ref, answer.now) == (
        UndoResult.DONE, unit(name).ref, toggle.setting_word(was))
    assert toggle.current_setting(unit(name)).value == was
    assert toggle.current_setting(unit(name)).by == "Ada Keller"
    assert events() == [("texting", {"was": toggle.setting_word(now), "now": toggle.setting_word(was),
                                     "undid": changed})]


@pytest.mark.parametrize("name", ["Toronto", "Maple"])
def test_a_lock_comes_back_with_its_reason(unit, change, undo, name):
    change(name, LOCKED)
    undo(change(name, SILENT))
    assert toggle.current_setting(unit(name)).value == LOCKED
    undo(change(name, ON))
    assert toggle.current_setting(unit(name)).value == LOCKED


def test_the_first_setting_is_taken_back_to_none(unit, change, undo):
    undo(change("Uli", OFF))
    assert toggle.current_setting(unit("Uli")).value == SILENT


@pytest.mark.parametrize("theirs", [SILENT, ON], ids=["to what it was", "to something else"])
def test_what_was_changed_since_stays(unit, change, undo, everything, theirs):
    with writing():
        unit("Ben").admin = True
    ref = change("Uli", OFF)
    change("Uli", theirs, by="Ben")
    before = everything()
    answer = undo(ref)
    assert (answer.result, answer.since.actor_name) == (UndoResult.CHANGED_SINCE, "Ben Okafor")
    assert everything() == before


def test_a_lock_that_was_set_since_refuses_it(unit, change, undo, everything):
    change("Uli", OFF)
    ref = change("Uli", ON)
    change("Toronto", LOCKED)
    before = everything()
    answer = undo(ref)
    assert (answer.result, [reason.id for reason in answer.decision.blocking]) == (
        UndoResult.REFUSED, ["locked-above"])
    assert everything() == before
    change("Toronto", SILENT)
    assert undo(ref).result is UndoResult.DONE


def test_nothing_is_turned_on_again_without_the_notice(unit, change, undo, everything):
    """HIPAA: Harbor's administrator has confirmed nothing, so turning on is refused here as everywhere."""
    with writing():
        toggle.write_setting(None, unit("Harbor"), ON)
    ref = change("Harbor", OFF, by="Otto")
    before = everything()
    answer = undo(ref, by="Otto")
    assert (answer.result, [reason.id for reason in answer.decision.blocking]) == (
        UndoResult.REFUSED, ["hipaa-unacknowledged"])
    assert everything() == before


def test_the_unit_of_an_offer_is_found(unit, change):
    ref = change("Toronto", OFF)
    offer = db.session.scalars(select(UndoOffer).where(UndoOffer.ref == ref)).one()
    assert settings.find_unit(offer) is unit("Toronto")


# --- many ----------------------------------------------------------------------------------------


@pytest.fixture
def turn_many(row):
    """`turn_many(OFF)` turns all of Maple Clinic, by Ada; the ref of the offer."""

    def act(setting):
        ada = row("Ada")
        seen = audit.newest_event_id(ada.organization_id)
        return bulk.change_many_settings(ada, setting, UserChoice(), seen, 4).undo

    return act


def words():
    """Everybody's own setting."""
    found = db.session.execute(select(User.name, Setting.on).join(
        Setting, (Setting.unit_id == User.id) & (Setting.level == "user")))
    return {name.split()[0]: on for name, on in found}


def test_one_undo_restores_all_as_each_was(turn_many, change, undo):
    change("Uli", ON)
    change("Ben", OFF)
    answer = undo(turn_many(OFF))
    assert (answer.result, answer.many, answer.left) == (UndoResult.DONE, 3, ())
    assert words() == {"Ada": None, "Ben": False, "Rita": None, "Uli": True}


def test_who_was_changed_since_is_left_and_named(turn_many, change, undo):
    ref = turn_many(OFF)
    change("Uli", ON)
    answer = undo(ref)
    assert (answer.result, answer.many, answer.left) == (UndoResult.DONE, 3, ("Uli Brandt",))
    assert words() == {"Ada": None, "Ben": None, "Rita": None, "Uli": True}
    assert undo(ref).result is UndoResult.DONE_BEFORE


def test_if_all_were_changed_since_nothing_is_done(turn_many, undo, everything):
    ref = turn_many(OFF)
    turn_many(ON)
    before = everything()
    answer = undo(ref)
    assert (answer.result, len(answer.left)) == (UndoResult.CHANGED_SINCE, 4)
    assert everything() == before


def test_a_lock_refuses_it_for_all(turn_many, change, undo, everything):
    turn_many(ON)
    ref = turn_many(OFF)
    change("Toronto", LOCKED)
    before = everything()
    answer = undo(ref)
    assert (answer.result, [reason.id for reason in answer.decision.blocking]) == (
        UndoResult.REFUSED, ["locked-above"])
    assert everything() == before


def test_each_event_names_the_one_that_it_undid(turn_many, undo, row):
    ref = turn_many(OFF)
    changed = {event.subject_ref: event.ref for event in audit.list_events(row("Ada").organization_id, most=4)}
    undo(ref)
    events = audit.list_events(row("Ada").organization_id, most=4)
    assert {event.subject_ref: event.details["undid"] for event in events} == changed


def test_many_take_as_many_statements_as_one(turn_many, undo, row, statements):
    counts = []
    for chosen in (UserChoice(refs=(row("Uli").ref,)), UserChoice()):
        ada = row("Ada")
        seen = audit.newest_event_id(ada.organization_id)
        ref = bulk.change_many_settings(ada, OFF, chosen, seen, 4).undo
        with statements() as asked:
            assert undo(ref).result is UndoResult.DONE
        counts.append(len(asked))
    assert counts[0] == counts[1]
