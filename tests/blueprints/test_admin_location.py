"""Locations: the list, a new one, and the word of one location with its effect."""

import re

import pytest
from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import AuditEvent, Location, Number, Organization, Setting, User
from portal.rules.facts import Pstn
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import Seen, look, press

ALL = "Business Texting for all users at this location"
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
        ["Halifax", "Canada", "local gateway", "on, set by the organization", "0"],
        ["Toronto", "Canada", "the provider's PSTN", "off, set by Toronto, locked", "4"],
    ]
    assert len(look(ada, seen.links["4"]).rows) == 4
    assert look(ada, seen.links["Toronto"]).heading == "Toronto"


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


def test_the_page_holds_the_choice_the_lock_the_effect_and_what_is_needed(ada, toronto):
    seen = look(ada, toronto)
    assert seen.heading == "Toronto"
    assert seen.all("legend")[0].text == ALL
    assert [label.text for label in seen.all("fieldset//label")] == ["Use organization default", "On", "Off"]
    assert [button for button in seen.buttons if button.startswith("Save")] == ["Save"]
    assert "Here now: on, set by the organization" in seen.words
    assert seen.all(f"label[.='{LOCK}']")
    assert "Enterprise customers only" in seen.region("Prerequisites").words


@pytest.mark.parametrize(("choice", "effect"), [
    ("Use organization default", "2 keep their own setting · 1 stays as they are · 1 not available"),
    ("On", "2 keep their own setting · 1 stays as they are · 1 not available"),
    ("Off", "1 turns off · 2 keep their own setting · 1 not available"),
])
def test_the_effect_stands_beside_each_choice_and_each_count_leads_to_its_list(ada, toronto, staffed, choice, effect):
    """The live effect, the hint beside the choice and the lists agree."""
    seen = look(ada, toronto)
    assert f"{choice} {effect}" in seen.region("Business Texting").words
    form = seen.form("Save")
    form.fill({choice: True})
    live = Seen(ada.get(f"{toronto}/effect", query_string={"word": form.data["word"][0]}))
    assert f"Effect: {effect}" in live.words
    for words, address in live.links.items():
        assert len(look(ada, address).rows) == int(words.split()[0])


def test_under_a_lock_own_settings_are_kept_and_do_not_apply(ada, toronto, staffed):
    live = Seen(ada.get(f"{toronto}/effect", query_string={"word": "off", "locked": "y"}))
    assert "Effect: 2 turn off · 1 stays as they are · 1 not available" in live.words
    assert "2 own settings are kept but do not apply while this is locked." in live.words


@pytest.mark.parametrize("asked", ["", "word=maybe", "word=on-locked", "locked=y", "word=on&version=x&csrf_token=1"])
def test_an_effect_that_nobody_offers_is_as_good_as_the_default(ada, toronto, asked):
    assert "Effect:" in ada.get(f"{toronto}/effect?{asked}").text


@pytest.mark.parametrize("part", [True, False])
def test_a_word_is_saved_and_announced(ada, toronto, held, part):
    seen = press(ada, look(ada, toronto), "Save", {"Off": True}, part=part)
    assert seen.status == 200
    assert seen.said == "Saved. Texting at Toronto: off, set by Toronto."
    assert "Here now: off, set by Toronto" in seen.words
    assert held() == (SettingValue(False), 1)
    again = press(ada, look(ada, toronto), "Save", {"Use organization default": True})
    assert again.said == "Saved. Texting at Toronto: on, set by the organization."
    assert "Ada Keller gave Toronto the default setting of texting again (was: off)." in again.words


def part_of(text):
    """The part of a page or of an answer, without what differs from one form to the next."""
    (found,) = re.findall(r'<section class="card" id="location-[\w-]+-texting".*?\n</section>', text, re.DOTALL)
    return re.sub(r'name="csrf_token" value="[^"]+"', "", found)


def test_the_part_is_the_part_of_the_page(ada, toronto):
    answer = press(ada, look(ada, toronto), "Save", {"Off": True, LOCK: True, "Reason": "Closed."}, part=True)
    assert part_of(answer.answer.text) == part_of(ada.get(toronto).text)


def test_a_lock_needs_a_reason_and_keeps_what_was_chosen(ada, toronto, held):
    seen = press(ada, look(ada, toronto), "Save", {"Off": True, LOCK: True})
    assert (seen.status, seen.problems) == (422, ["Say why it is locked; everybody who meets the lock reads it."])
    assert seen.form("Save").data["word"] == ["off"]
    assert seen.form("Save").data["locked"] == ["y"]
    assert held() == (SettingValue(None), 0)
    press(ada, seen, "Save", {"Reason": " Closed in summer. "})
    assert held() == (SettingValue(False, True, "Closed in summer."), 1)


def test_a_lock_goes_with_the_word_that_it_locked(ada, toronto, say, held):
    say(SettingValue(False, True, "Closed in summer."))
    press(ada, look(ada, toronto), "Save", {"Use organization default": True})
    assert held() == (SettingValue(None), 2)


@pytest.mark.parametrize("word", ["maybe", None])
def test_a_choice_that_nobody_offered_is_refused(ada, toronto, inside, word):
    before = everything(inside)
    seen = Seen(ada.post(f"{toronto}/texting", data={"version": "0", "word": word} if word else {"version": "0"}))
    assert seen.status == 422
    assert seen.heading == "Toronto"
    assert everything(inside) == before


@pytest.mark.parametrize("part", [True, False])
def test_a_stale_form_shows_theirs_and_yours(ada, toronto, say, held, part):
    """REL-03"""
    early = look(ada, toronto)
    say(SettingValue(False, True, "Closed in summer."))
    seen = press(ada, early, "Save", {"On": True, LOCK: True, "Reason": "Always on."}, part=part)
    assert seen.status == 409
    assert seen.rows == [["Business Texting", "off, locked", "on, locked"],
                         ["Reason", "Closed in summer.", "Always on."]]
    assert held() == (SettingValue(False, True, "Closed in summer."), 1)
    press(ada, seen, "Use mine instead")
    assert held() == (SettingValue(True, True, "Always on."), 2)


def test_a_lock_of_the_organization_refuses(ada, inside, toronto, people, held):
    with inside(), writing() as session:
        rita = session.get_one(User, people["Rita"].id)
        toggle.write_setting(rita, session.get_one(Organization, rita.organization_id),
                             SettingValue(True, True, "One rule for all."))
    seen = press(ada, look(ada, toronto), "Save", {"Off": True})
    assert seen.status == 422
    assert "Locked at: organization. By: Rita Sandoval" in seen.problems[0]
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
    assert f"{ALL} Off {LOCK} yes Reason Closed in summer." in seen.region("Business Texting").words


def test_locations_of_others_are_not_there(ada, locations):
    theirs = f"/admin/locations/{locations['Seattle'].ref}"
    assert [ada.get(f"{theirs}{rest}").status_code for rest in ("", "/effect", "/texting")] == [404, 404, 404]
    assert ada.post(f"{theirs}/texting", data={"word": "off", "version": 0}).status_code == 404


def test_a_reload_after_an_answer_leads_back_to_the_page(ada, toronto):
    assert ada.get(f"{toronto}/texting").headers["Location"] == toronto
