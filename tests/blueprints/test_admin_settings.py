"""Service settings: a press shows the effect in place, its button writes it, Cancel leaves everything as it was."""

import pytest
from sqlalchemy import delete, select

from portal.extensions import db, writing
from portal.models import Acknowledgement, AuditEvent, Organization, Setting
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import look, press, switch_of, turn

SWITCH = "Enable Business Texting for all users at all locations"
LOCK = "Locations and users cannot change this"
PAGE = "/admin/settings"


@pytest.fixture
def ada(browse):
    return browse("Ada")


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


def lock(browser, seen, reason, *, locked=True):
    """Save the lock with a reason."""
    return press(browser, seen, "Save", {LOCK: locked, "Reason": reason})


def test_the_page_holds_the_switch_the_lock_the_history_and_the_retention_period(ada):
    seen = look(ada, PAGE)
    assert seen.heading == "Service settings"
    section = seen.region("Business Texting provisioning")
    assert (switch_of(section).get("aria-label"), switch_of(section).get("aria-checked")) == (SWITCH, "true")
    assert section.all(f"label[.='{LOCK}']")
    assert section.buttons == ["On", "Save"]
    assert "Own setting: on, set by Ada Keller, " in section.words
    assert "Locations and users with a setting of their own keep it, unless you lock this." in section.words
    assert "Shown to everyone the lock affects." in section.words
    assert "Texts are kept for 400 days." in seen.region("Retention period").words
    assert seen.region("History")


@pytest.mark.parametrize("part", [True, False])
def test_a_press_shows_the_effect_in_place_and_writes_nothing_until_its_button(ada, inside, say, held, part):
    say("Uli", SettingValue(True))
    before = everything(inside)
    seen = turn(ada, look(ada, PAGE), "off", part=part)
    assert seen.status == 200
    assert "Turn off texting for Maple Clinic? Nothing has changed yet." in seen.words
    assert switch_of(seen).get("aria-checked") == "true", "the switch shows what holds"
    assert seen.buttons[:3] == ["On", "Turn off for 1 person", "Cancel"]
    assert everything(inside) == before
    lists = {words: [row[1] for row in look(ada, seen.links[words]).rows] for words in seen.links if words[0].isdigit()}
    assert lists == {"1 person loses texting.": ["Ben Okafor"],
                     "1 has their own setting and keeps it.": ["Uli Brandt"],
                     "2 people cannot text anyway.": ["Ada Keller", "Rita Sandoval"]}
    seen = press(ada, seen, "Turn off for 1 person", part=part)
    assert seen.said == "Texting is off for Maple Clinic. It changed for 1 person."
    assert switch_of(seen).get("aria-checked") == "false"
    assert held() == (SettingValue(False), 2)


@pytest.mark.parametrize("part", [True, False])
def test_cancel_leaves_everything_as_it_was(ada, inside, part):
    before = everything(inside)
    seen = press(ada, turn(ada, look(ada, PAGE), "off", part=part), "Cancel", part=part)
    assert seen.status == 200
    assert "Nothing has changed yet." not in seen.words
    assert switch_of(seen).get("aria-checked") == "true"
    assert everything(inside) == before


@pytest.mark.parametrize(("reason", "problem"), [
    ("", "Say why it is locked; everyone the lock affects reads it."),
    ("  ", "Say why it is locked; everyone the lock affects reads it."),
    ("r" * 201, "Use at most 200 characters."),
])
def test_a_lock_needs_a_reason(ada, inside, reason, problem):
    before = everything(inside)
    seen = lock(ada, look(ada, PAGE), reason)
    assert (seen.status, seen.problems) == (422, [problem])
    assert seen.title.startswith("Error: ")
    assert next(one for one in seen.all("details") if one.get("class") == "fold").get("open") is not None
    assert everything(inside) == before


def test_a_lock_that_turns_nobody_on_or_off_is_saved_at_once(ada, held):
    assert lock(ada, look(ada, PAGE), "One rule.").said == "Texting is on for Maple Clinic."
    assert held() == (SettingValue(True, True, "One rule."), 2)


def test_a_lock_that_turns_people_off_shows_its_effect_first(ada, say, held):
    say("Maple", SettingValue(False))
    say("Uli", SettingValue(True))
    seen = lock(ada, look(ada, PAGE), 'Say "why" & <how>.')
    assert "Lock the setting of Maple Clinic?" in seen.words
    assert "1 own setting is kept, but has no effect while this is locked." in seen.words
    assert [row[1] for row in look(ada, seen.links["1 person loses texting."]).rows] == ["Uli Brandt"]
    press(ada, seen, "Lock for 1 person")
    assert held() == (SettingValue(False, True, 'Say "why" & <how>.'), 3)


def test_a_switch_keeps_the_lock(ada, say, held):
    say("Maple", SettingValue(True, True, "One rule for all."))
    press(ada, turn(ada, look(ada, PAGE), "off"), "Turn off for 2 people")
    assert held() == (SettingValue(False, True, "One rule for all."), 3)


def test_a_press_for_what_holds_already_is_done(ada, say, inside):
    early = look(ada, PAGE)
    say("Maple", SettingValue(False))
    before = everything(inside)
    assert turn(ada, early, "off").said == "Texting is off for Maple Clinic."
    assert everything(inside) == before


@pytest.mark.parametrize("step", ["press", "confirm"])
def test_a_stale_press_shows_theirs_and_yours(ada, say, held, inside, step):
    """REL-03: noticed at either step; nothing is written."""
    early = look(ada, PAGE)
    early = turn(ada, early, "off") if step == "confirm" else early
    say("Maple", SettingValue(True, True, "One rule for all."))
    before = everything(inside)
    seen = press(ada, early, "Turn off for 2 people") if step == "confirm" else turn(ada, early, "off")
    assert seen.status == 409
    assert seen.rows == [["Business Texting", "on, locked", "off"], ["Reason", "One rule for all.", "–"]]
    assert everything(inside) == before
    assert look(ada, seen.links["Keep theirs"]).heading == "Service settings"
    seen = press(ada, seen, "Use mine instead")
    assert "Nothing has changed yet." in seen.words, "mine has an effect too, which is shown first"
    press(ada, seen, "Turn off for 2 people")
    assert held() == (SettingValue(False), 3)


def test_without_the_hipaa_notice_nothing_is_turned_on_and_the_notice_leads_back(browse, inside):
    before = everything(inside)
    otto = browse("Otto")
    seen = turn(otto, look(otto, PAGE), "on")
    assert seen.status == 422
    assert "No administrator of your organization has confirmed the current HIPAA notice." in seen.problems[0]
    assert everything(inside) == before
    back = press(otto, look(otto, seen.links["Read the HIPAA notice"]), "I have read this")
    assert back.heading == "Service settings"
    assert "Nothing has changed yet." in turn(otto, back, "on").words


def test_a_notice_withdrawn_between_effect_and_confirm_refuses(ada, inside, say):
    say("Maple", SettingValue(False))
    seen = turn(ada, look(ada, PAGE), "on")
    with inside(), writing() as session:
        session.execute(delete(Acknowledgement))
    before = everything(inside)
    assert press(ada, seen, "Turn on for 2 people").status == 422
    assert everything(inside) == before


@pytest.mark.parametrize("part", [True, False])
def test_an_effect_that_is_another_by_now_is_shown_once_more_and_then_done(ada, inside, say, held, part):
    """The figures of the button are what it does, or nothing is done."""
    seen = turn(ada, look(ada, PAGE), "off", part=part)
    say("Uli", SettingValue(True))
    before = everything(inside)
    seen = press(ada, seen, "Turn off for 2 people", part=part)
    assert seen.status == 409
    assert ("What this depends on has changed since you opened the page. Nothing was saved; this is the effect now."
            in seen.words)
    assert "1 has their own setting and keeps it." in seen.links
    assert everything(inside) == before
    assert press(ada, seen, "Turn off for 1 person", part=part).said == (
        "Texting is off for Maple Clinic. It changed for 1 person.")
    assert held() == (SettingValue(False), 2)


def test_a_change_that_leaves_the_figures_as_they_are_stops_nothing(ada, say, held):
    seen = turn(ada, look(ada, PAGE), "off")
    say("Rita", SettingValue(False))
    press(ada, seen, "Turn off for 2 people")
    assert held() == (SettingValue(False), 2)


def test_the_effect_warns_of_those_who_still_cannot_text(ada, say):
    say("Maple", SettingValue(False))
    assert "2 users still cannot text" in turn(ada, look(ada, PAGE), "on").words


def test_an_auditor_reads_and_has_nothing_to_press(browse, say):
    say("Maple", SettingValue(False, True, "Closed."))
    seen = look(browse("Rita"), PAGE)
    assert seen.buttons == []
    section = seen.region("Business Texting provisioning").words
    assert f"Off {SWITCH}" in section
    assert "Lock: locked" in section
    assert "Reason: Closed." in section


def test_the_history_of_the_switch_stands_on_the_page_and_in_the_log(ada):
    lock(ada, look(ada, PAGE), "Closed.")
    told = "Ada Keller turned texting on for Maple Clinic and locked it (was: on). Reason: Closed."
    assert told in look(ada, PAGE).region("History").words
    assert told in look(ada, "/admin/audit").words
