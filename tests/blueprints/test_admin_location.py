"""Locations: the list, a new one, and the word of one location with its effect."""

import re

import pytest
from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import AuditEvent, Location, Number, Organization, Setting, User
from portal.rules.facts import Pstn
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import Seen, look, press, switch_of, turn

ALL = "Business Texting for all users at Toronto"
LOCK = "Users cannot change this"


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def toronto(locations):
    return f"/admin/locations/{locations['Toronto'].ref}"


@pytest.fixture
def staffed(inside, people):
    """Ada and Rita have numbers now; Ben says on and Ada says off for themselves; Rita has no number any more."""
    with inside(), writing() as session:
        ada, ben = (session.get_one(User, people[name].id) for name in ("Ada", "Ben"))
        session.add(Number(organization_id=ada.organization_id, e164="+14165550177", kind="plain", user_id=ada.id))
        toggle.write_setting(ada, ben, SettingValue(True))
        toggle.write_setting(ada, ada, SettingValue(False))


@pytest.fixture
def say(inside, people, locations):
    """`say(SettingValue(...))`: Rita sets texting for Toronto."""

    def speak(wish):
        with inside(), writing() as session:
            toggle.write_setting(session.get_one(User, people["Rita"].id),
                                 session.get_one(Location, locations["Toronto"].id),
                        wish)

    return speak


@pytest.fixture
def held(inside, locations):
    def read():
        with inside():
            found = toggle.current_setting(db.session.get_one(Location, locations["Toronto"].id))
            return found.value, found.version

    return read


def everything(inside):
    with inside():
        return [db.session.execute(select(*table.__table__.columns)).all() for table in (Setting, AuditEvent, Location)]


# --- the list ------------------------------------------------------------------------------------


def test_the_list_holds_country_connection_state_and_users(ada, say):
    say(SettingValue(False, True, "The line is being moved."))
    seen = look(ada, "/admin/locations")
    assert seen.heading == "Locations"
    assert seen.rows == [
        ["Halifax", "Canada", "local gateway", "On set by the organization", "0"],
        ["Toronto", "Canada", "the provider's PSTN", "Off set by Toronto, locked", "4"],
    ]
    assert len(look(ada, seen.links["4"]).rows) == 4
    assert look(ada, seen.links["Toronto"]).heading == "Toronto"


def test_a_press_in_the_list_shows_the_effect_on_the_page_of_the_location(ada, inside, toronto):
    before = everything(inside)
    seen = look(ada, "/admin/locations")
    forms = {one.get("action"): one for one in seen.all("form")}
    data = {field.get("name"): field.get("value") for field in forms[f"{toronto}/texting"].iter("input")}
    seen = Seen(ada.post(f"{toronto}/texting", data={**data, "word": "off"}))
    assert (seen.status, seen.heading) == (200, "Toronto")
    assert "Turn off texting for Toronto? Nothing has changed yet." in seen.words
    assert everything(inside) == before
    assert press(ada, seen, "Turn off for 2 people").said.startswith("Texting is off for Toronto.")


def test_under_a_lock_of_the_organization_the_switches_of_the_list_are_disabled(ada, browse, inside, people):
    with inside(), writing() as session:
        rita = session.get_one(User, people["Rita"].id)
        toggle.write_setting(rita, session.get_one(Organization, rita.organization_id),
                             SettingValue(True, True, "One rule for all."))
    switches = [one for one in look(ada, "/admin/locations").all("button") if one.get("role") == "switch"]
    assert [one.get("title") for one in switches] == ["Maple Clinic is locked."] * 2
    assert look(browse("Rita"), "/admin/locations").all("main//form") == []


def test_a_new_location_waits_for_the_provider(ada):
    seen = press(ada, look(ada, "/admin/locations/new"), "Add location", {
        "Name": " Québec City ", "Country": "Canada", "Time zone": "Eastern (Toronto)"})
    assert (seen.said, seen.heading) == ("Québec City is added.", "Québec City")
    assert "PSTN connection not set yet" in seen.region("Location").words
    assert "Ada Keller added the location Québec City." in seen.region("History").words
    assert "the provider's PSTN (not set yet)." in seen.region("Prerequisites").words


@pytest.mark.parametrize(("name", "problem"), [
    ("", "Enter the name of the location."), ("n" * 121, "Use at most 120 characters."),
    ("TORONTO", "A location of this name exists already."),
])
def test_a_location_that_cannot_be_is_not_added_and_stays_typed(ada, inside, name, problem):
    before = everything(inside)
    seen = press(ada, look(ada, "/admin/locations/new"), "Add location", {
        "Name": name, "Country": "United States", "Time zone": "Eastern (Toronto)"})
    assert (seen.status, seen.problems) == (422, [problem])
    assert seen.form("Add location").data["name"] == [name]
    assert seen.form("Add location").data["country"] == ["US"]
    assert everything(inside) == before


def test_two_organizations_may_each_have_a_toronto(browse):
    otto = browse("Otto")
    assert press(otto, look(otto, "/admin/locations/new"), "Add location", {
        "Name": "Toronto", "Country": "Canada", "Time zone": "Eastern (Toronto)"}).status == 200


def test_no_time_zone_is_chosen_before_somebody_chooses_one(ada, inside):
    """Opening hours and quiet hours follow it: the first of the list would be one in Africa."""
    before = everything(inside)
    seen = press(ada, look(ada, "/admin/locations/new"), "Add location", {"Name": "Boston", "Country": "Canada"})
    assert (seen.status, seen.problems) == (422, ["Choose a time zone."])
    assert everything(inside) == before


def test_without_locations_the_page_says_how_to_begin(ada, inside):
    with inside(), writing() as session:
        session.execute(update(User).values(location_id=None))
        session.execute(Location.__table__.delete())
    seen = look(ada, "/admin/locations")
    assert "No locations yet" in seen.words
    assert seen.links["Add location"] == "/admin/locations/new"


# --- one location --------------------------------------------------------------------------------


def test_the_page_holds_the_switch_the_lock_and_what_is_needed(ada, toronto, say):
    say(SettingValue(True))
    seen = look(ada, toronto)
    assert seen.heading == "Toronto"
    assert (switch_of(seen).get("aria-label"), switch_of(seen).get("aria-checked")) == (ALL, "true")
    section = seen.region("Business Texting")
    assert section.buttons == ["On", "Use organization default", "Save"]
    assert "Use organization default would be on (organization setting)" in section.words
    assert seen.all(f"label[.='{LOCK}']")
    assert "Enterprise customers only" in seen.region("Prerequisites").words


def test_a_location_without_a_setting_follows_and_cannot_be_locked(ada, toronto):
    section = look(ada, toronto).region("Business Texting")
    assert "Use organization default: follows the organization (on)." in section.words
    assert "Turn texting on or off here first: then you can lock it." in section.words
    assert section.buttons == ["On"]


@pytest.mark.parametrize(("stored", "word", "lines"), [
    (True, "inherit", {"2 have their own setting and keep it.": 2, "1 person stays as they are.": 1,
                       "1 person cannot text anyway.": 1}),
    (None, "off", {"1 person loses texting.": 1, "2 have their own setting and keep it.": 2,
                   "1 person cannot text anyway.": 1}),
])
@pytest.mark.parametrize("part", [True, False])
def test_the_effect_stands_in_place_and_each_count_leads_to_its_list(ada, toronto, staffed, say, inside, stored, word,
                                                                     lines, part):
    if stored is not None:
        say(SettingValue(stored))
    before = everything(inside)
    seen = turn(ada, look(ada, toronto), word, part=part)
    assert {words: len(look(ada, address).rows) for words, address in seen.links.items()
            if words.endswith(".")} == lines
    assert switch_of(seen).get("aria-checked") == "true"
    assert everything(inside) == before


def test_under_a_lock_own_settings_are_kept_and_do_not_apply(ada, toronto, staffed, say, held):
    say(SettingValue(False))
    seen = press(ada, look(ada, toronto), "Save", {LOCK: True, "Reason": "Closed in summer."})
    assert "1 person loses texting." in seen.words
    assert "2 own settings are kept, but have no effect while this is locked." in seen.words
    press(ada, seen, "Lock for 1 person")
    assert held() == (SettingValue(False, True, "Closed in summer."), 2)


@pytest.mark.parametrize("part", [True, False])
def test_a_word_is_saved_and_announced(ada, toronto, held, part):
    seen = press(ada, turn(ada, look(ada, toronto), "off", part=part), "Turn off for 2 people", part=part)
    assert seen.status == 200
    assert seen.said == "Texting is off for Toronto. It changed for 2 people."
    assert "Own setting: off, set by Ada Keller, " in seen.words
    assert held() == (SettingValue(False), 1)
    again = press(ada, turn(ada, look(ada, toronto), "inherit"), "Use the default for 2 people")
    assert again.said == "Texting is on for Toronto. It changed for 2 people."
    assert "Ada Keller gave Toronto the default setting of texting again (was: off)." in again.words


def test_cancel_leaves_everything_as_it_was(ada, toronto, inside):
    before = everything(inside)
    seen = press(ada, turn(ada, look(ada, toronto), "off"), "Cancel")
    assert "Nothing has changed yet." not in seen.words
    assert everything(inside) == before


def part_of(text):
    """The part of a page or of an answer, without what differs from one form to the next."""
    (found,) = re.findall(r'<section class="card" id="location-[\w-]+-texting".*?</details>', text, re.DOTALL)
    return re.sub(r'name="csrf_token" value="[^"]+"', "", found)


def test_the_part_is_the_part_of_the_page_and_brings_the_history(ada, toronto):
    seen = turn(ada, look(ada, toronto), "off", part=True)
    answer = press(ada, seen, "Turn off for 2 people", part=True)
    assert part_of(answer.answer.text) == part_of(ada.get(toronto).text)
    (history,) = answer.all("hx-partial[@hx-target='#history-card']")
    assert "Ada Keller turned texting off for Toronto" in Seen(answer.answer, history).words


def test_a_lock_needs_a_reason_and_keeps_what_was_chosen(ada, toronto, say, held):
    say(SettingValue(False))
    seen = press(ada, look(ada, toronto), "Save", {LOCK: True})
    assert (seen.status, seen.problems) == (422, ["Say why it is locked; everyone the lock affects reads it."])
    assert seen.form("Save").data["locked"] == ["y"]
    assert held() == (SettingValue(False), 1)
    press(ada, seen, "Save", {"Reason": " Closed in summer. "})
    assert held() == (SettingValue(False, True, "Closed in summer."), 2)


def test_a_lock_goes_with_the_word_that_it_locked(ada, toronto, say, held):
    say(SettingValue(False, True, "Closed in summer."))
    press(ada, turn(ada, look(ada, toronto), "inherit"), "Use the default for 2 people")
    assert held() == (SettingValue(None), 2)


@pytest.mark.parametrize("word", ["maybe", None])
def test_a_choice_that_nobody_offered_is_refused(ada, toronto, inside, word):
    before = everything(inside)
    seen = Seen(ada.post(f"{toronto}/texting", data={"version": "0", "word": word} if word else {"version": "0"}))
    assert seen.status == 422
    assert seen.heading == "Toronto"
    assert everything(inside) == before


@pytest.mark.parametrize("part", [True, False])
def test_a_stale_press_shows_theirs_and_yours(ada, toronto, say, held, part):
    """REL-03"""
    early = look(ada, toronto)
    say(SettingValue(True, True, "Closed in summer."))
    seen = turn(ada, early, "off", part=part)
    assert seen.status == 409
    assert seen.rows == [["Business Texting", "on, locked", "off"], ["Reason", "Closed in summer.", "–"]]
    assert held() == (SettingValue(True, True, "Closed in summer."), 1)
    press(ada, press(ada, seen, "Use mine instead"), "Turn off for 2 people")
    assert held() == (SettingValue(False), 2)


def test_a_lock_of_the_organization_refuses(ada, inside, toronto, people, held):
    with inside(), writing() as session:
        rita = session.get_one(User, people["Rita"].id)
        toggle.write_setting(rita, session.get_one(Organization, rita.organization_id),
                             SettingValue(True, True, "One rule for all."))
    before = look(ada, toronto)
    assert "disabled" in switch_of(before).attrib
    assert "Maple Clinic is locked: Rita Sandoval locked it on" in before.words
    seen = turn(ada, before, "off")
    assert seen.status == 422
    assert "Rita Sandoval" in seen.problems[0]
    assert held() == (SettingValue(None), 0)


def test_what_only_the_provider_can_change_comes_with_a_request(ada, browse, inside, locations):
    halifax = f"/admin/locations/{locations['Halifax'].ref}"
    letter = look(ada, look(ada, halifax).region("Prerequisites").links["Ask the provider"])
    assert "Could you connect these locations to your PSTN? Halifax." in letter.words
    assert "Ask the provider" not in look(browse("Rita"), halifax).words
    with inside(), writing() as session:
        session.get_one(Location, locations["Halifax"].id).pstn = Pstn.PROVIDER
    assert "Ask the provider" not in look(ada, halifax).words


def test_an_auditor_reads_the_word_and_has_nothing_to_press(browse, toronto, say):
    say(SettingValue(False, True, "Closed in summer."))
    seen = look(browse("Rita"), toronto)
    assert seen.buttons == []
    assert seen.all("main//form") == []
    assert f"Off {ALL}" in seen.region("Business Texting").words
    assert "Reason: Closed in summer." in seen.region("Business Texting").words


def test_locations_of_others_are_not_there(ada, locations):
    theirs = f"/admin/locations/{locations['Seattle'].ref}"
    assert [ada.get(f"{theirs}{rest}").status_code for rest in ("", "/texting")] == [404, 404]
    assert ada.post(f"{theirs}/texting", data={"word": "off", "version": 0}).status_code == 404


def test_a_reload_after_an_answer_leads_back_to_the_page(ada, toronto):
    assert ada.get(f"{toronto}/texting").headers["Location"] == toronto
