"""Service settings: Save shows the effect, Confirm writes it, Back keeps what was typed."""

import pytest
from sqlalchemy import delete, select

from portal.extensions import db, writing
from portal.models import Acknowledgement, AuditEvent, Organization, Setting, User
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import look, press

SWITCH = "Enable Business Texting for all users at all locations"
LOCK = "Locations and users cannot change this"
PAGE = "/admin/settings"


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def say(inside, people):
    """`say("Uli", SettingValue(...))`: Rita says a word for a user, or for Maple."""

    def speak(unit, wish):
        with inside(), writing() as session:
            rita = session.get_one(User, people["Rita"].id)
            toggle.write_setting(rita, rita.organization if unit == "Maple" else session.get_one(User, people[unit].id),
                                 wish)

    return speak


@pytest.fixture
def held(inside, organizations):
    def read():
        with inside():
            found = toggle.current_setting(db.session.get_one(Organization, organizations["Maple"].id))
            return found.value, found.version

    return read


def everything(inside):
    with inside():
        return [db.session.execute(select(*table.__table__.columns)).all() for table in (Setting, AuditEvent)]


def test_the_page_holds_the_switch_the_lock_and_the_retention_period(ada):
    seen = look(ada, PAGE)
    assert seen.heading == "Service settings"
    section = seen.region("Business Texting provisioning")
    assert section.all(f"label[.='{SWITCH}']")
    assert section.all(f"label[.='{LOCK}']")
    assert section.all("label[.='Reason']")
    assert section.buttons == ["Save"]
    assert section.form("Save").labelled(SWITCH).get("role") == "switch"
    assert "Last changed by Ada Keller," in section.words
    assert "Texts are kept for 400 days." in seen.region("Retention period").words


def test_save_shows_the_effect_and_writes_nothing_until_confirm(ada, inside, say, held):
    say("Uli", SettingValue(True))
    before = everything(inside)
    seen = press(ada, look(ada, PAGE), "Save", {SWITCH: False})
    assert (seen.status, seen.heading) == (200, "What this does")
    assert "Business Texting for the whole organization: off. Nothing is written yet." in seen.words
    assert "Effect: 1 turns off · 1 keeps their own setting · 2 not available" in seen.words
    assert seen.buttons[-2:] == ["Confirm", "Back"]
    assert everything(inside) == before
    lists = {words: [row[1] for row in look(ada, seen.links[words]).rows] for words in seen.links if words[0].isdigit()}
    assert lists == {"1 turns off": ["Ben Okafor"], "1 keeps their own setting": ["Uli Brandt"],
                     "2 not available": ["Ada Keller", "Rita Sandoval"]}
    seen = press(ada, seen, "Confirm")
    assert (seen.said, seen.heading) == ("Saved. It takes effect with the next text.", "Service settings")
    assert held() == (SettingValue(False), 2)
    states = {row[1]: " ".join(row[4:]) for row in look(ada, "/admin/users").rows}
    assert states["Ben Okafor"] == "Off set by the organization"
    assert states["Uli Brandt"] == "Can text set for this user"


def test_back_keeps_what_was_typed(ada, inside):
    before = everything(inside)
    seen = press(ada, look(ada, PAGE), "Save", {SWITCH: False, LOCK: True, "Reason": 'Say "why" & <how>.'})
    assert "Business Texting for the whole organization: off, locked." in seen.words
    seen = press(ada, seen, "Back")
    data = seen.form("Save").data
    assert ("on" in data and data["on"], data["locked"], data["reason"]) == (False, ["y"], ['Say "why" & <how>.'])
    assert everything(inside) == before
    seen = press(ada, press(ada, seen, "Save"), "Confirm")
    assert seen.form("Save").data["reason"] == ['Say "why" & <how>.']


@pytest.mark.parametrize(("reason", "problem"), [
    ("", "Say why it is locked; everybody who meets the lock reads it."),
    ("  ", "Say why it is locked; everybody who meets the lock reads it."),
    ("r" * 201, "Use at most 200 characters."),
])
def test_a_lock_needs_a_reason(ada, inside, reason, problem):
    before = everything(inside)
    seen = press(ada, look(ada, PAGE), "Save", {LOCK: True, "Reason": reason})
    assert (seen.status, seen.problems) == (422, [problem])
    assert seen.title.startswith("Error: ")
    assert everything(inside) == before


def test_a_reason_without_a_lock_is_let_go(ada, held):
    seen = press(ada, press(ada, look(ada, PAGE), "Save", {SWITCH: False, "Reason": "Just so."}), "Confirm")
    assert seen.form("Save").data["reason"] == [""]
    assert held() == (SettingValue(False), 2)


def test_who_keeps_a_setting_that_does_not_apply_is_counted(ada, say):
    say("Uli", SettingValue(True))
    seen = press(ada, look(ada, PAGE), "Save", {SWITCH: False, LOCK: True, "Reason": "Closed."})
    assert "Effect: 2 turn off · 2 not available" in seen.words
    assert "1 own setting is kept but does not apply while this is locked." in seen.words
    assert [row[1] for row in look(ada, seen.links["2 turn off"]).rows] == ["Ben Okafor", "Uli Brandt"]


@pytest.mark.parametrize("pressed", ["Save", "Confirm"])
def test_a_stale_form_shows_theirs_and_yours(ada, say, held, inside, pressed):
    """REL-03: noticed at either step; nothing is written."""
    early = look(ada, PAGE)
    early = press(ada, early, "Save", {SWITCH: False}) if pressed == "Confirm" else early
    say("Maple", SettingValue(True, True, "One rule for all."))
    before = everything(inside)
    seen = press(ada, early, pressed, {SWITCH: False} if pressed == "Save" else {})
    assert seen.status == 409
    assert seen.rows == [["Business Texting", "on, locked", "off"], ["Reason", "One rule for all.", "–"]]
    assert everything(inside) == before
    seen = press(ada, seen, "Use mine instead")
    assert seen.heading == "What this does", "mine has an effect too, which is shown first"
    press(ada, seen, "Confirm")
    assert held() == (SettingValue(False), 3)


def test_keep_theirs(ada, say, held):
    early = look(ada, PAGE)
    say("Maple", SettingValue(True, True, "One rule for all."))
    seen = press(ada, early, "Save", {SWITCH: False})
    assert "One rule for all." in look(ada, seen.links["Keep theirs"]).form("Save").data["reason"]
    assert held() == (SettingValue(True, True, "One rule for all."), 2)


def test_without_the_hipaa_notice_nothing_is_switched_on(browse, inside):
    before = everything(inside)
    otto = browse("Otto")
    seen = press(otto, look(otto, PAGE), "Save", {SWITCH: True})
    assert seen.status == 422
    assert "No administrator of your organization has confirmed the current HIPAA notice." in seen.problems[0]
    assert everything(inside) == before
    seen = press(otto, look(otto, PAGE), "Save", {SWITCH: False})
    assert seen.heading == "What this does"


def test_a_notice_withdrawn_between_effect_and_confirm_refuses(ada, inside, say):
    say("Maple", SettingValue(False))
    seen = press(ada, look(ada, PAGE), "Save", {SWITCH: True})
    with inside(), writing() as session:
        session.execute(delete(Acknowledgement))
    before = everything(inside)
    seen = press(ada, seen, "Confirm")
    assert seen.status == 422
    assert everything(inside) == before


def test_the_effect_warns_of_those_who_still_cannot_text(ada, say):
    say("Maple", SettingValue(False))
    seen = press(ada, look(ada, PAGE), "Save", {SWITCH: True})
    assert "Effect: 2 turn on · 2 not available" in seen.words
    assert "2 users still cannot text. What keeps them from it: Primary number" in seen.words


def test_an_auditor_reads_and_has_nothing_to_press(browse, say):
    say("Maple", SettingValue(False, True, "Closed."))
    seen = look(browse("Rita"), PAGE)
    assert seen.buttons == []
    assert f"{SWITCH} off {LOCK} yes Reason Closed." in seen.region("Business Texting provisioning").words


def test_the_history_of_the_switch_stands_in_the_log(ada):
    press(ada, press(ada, look(ada, PAGE), "Save", {SWITCH: False, LOCK: True, "Reason": "Closed."}), "Confirm")
    log = look(ada, "/admin/audit").words
    assert "Ada Keller turned texting off for Maple Clinic and locked it (was: on). Reason: Closed." in log
