"""Changes to many users: the effect first, then Confirm, and nobody else's change is lost."""

import re

import pytest
from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import AuditEvent, Location, Organization, Setting, User
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import Seen, look, press


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def says(inside, people):
    """`says("Ben", True)`: somebody else switches one user, or takes their word back with None."""

    def say(name, on):
        with inside(), writing() as session:
            rita = session.get_one(User, people["Rita"].id)
            toggle.write_setting(rita, session.get_one(User, people[name].id), SettingValue(on))

    return say


@pytest.fixture
def spoken(inside, people):
    """`spoken()`: everybody's own word, as far as they have one."""

    def read():
        with inside():
            found = db.session.execute(select(User.name, Setting.on).join(
                Setting, (Setting.unit_id == User.id) & (Setting.level == "user")))
            return {name.split()[0]: on for name, on in found}

    return read


@pytest.fixture
def events(inside):
    """`events()`: the users of the newest texting events, as (who, of whom, before, now)."""

    def read():
        with inside():
            found = db.session.scalars(select(AuditEvent).where(
                AuditEvent.action == "texting", AuditEvent.subject == "user").order_by(AuditEvent.id))
            return [(one.actor_name.split()[0], one.subject_name.split()[0], one.details["was"], one.details["now"])
                    for one in found]

    return read


def everything(inside):
    with inside():
        return [db.session.execute(select(*table.__table__.columns)).all() for table in (Setting, AuditEvent)]


EVERYBODY = "all 4 users on this filter"


def chosen(*names):
    """The boxes of these users, ticked."""
    return {f"Select {name}": True for name in names}


def preview(browser, button, typed, address="/admin/users"):
    return press(browser, look(browser, address), button, typed)


def test_selected_users_change_after_the_effect_was_shown(ada, inside, spoken, events):
    """Each change has an audit event of its own, and the word names it."""
    before = everything(inside)
    seen = preview(ada, "Turn off", chosen("Uli Brandt", "Rita Sandoval"))
    assert (seen.status, seen.heading) == (200, "What this does")
    assert "Turn off: 2 users. Nothing is written yet." in seen.words
    assert "1 person loses texting. 1 person cannot text anyway." in seen.words
    assert everything(inside) == before
    seen = press(ada, seen, "Confirm")
    assert seen.said == "2 users changed."
    assert spoken() == {"Uli": False, "Rita": False}
    assert events() == [("Ada", "Rita", "inherit", "off"), ("Ada", "Uli", "inherit", "off")]
    with inside():
        for word in db.session.scalars(select(Setting).where(Setting.level == "user")):
            event = db.session.get_one(AuditEvent, word.event_id)
            assert event.subject_ref == db.session.get_one(User, word.unit_id).ref
            assert (word.version, word.said_by, word.locked) == (1, "Ada Keller", False)


def test_all_on_the_filter_change_and_the_list_comes_back_as_it_was_filtered(ada, spoken):
    seen = preview(ada, "Turn off", {"all 2 users on this filter": True}, "/admin/users?search=555")
    assert "Turn off: 2 users." in seen.words
    answer = ada.post("/admin/users", data=seen.form("Confirm").data)
    assert answer.headers["Location"] == "/admin/users?search=555"
    assert spoken() == {"Ben": False, "Uli": False}


def test_use_default_settings_takes_words_back(ada, says, spoken, events):
    says("Uli", False)
    says("Ben", True)
    seen = preview(ada, "Use default settings", {EVERYBODY: True})
    assert "Use default settings: 4 users." in seen.words
    assert "1 person gets texting. 1 person stays as they are. 2 people cannot text anyway." in seen.words
    assert press(ada, seen, "Confirm").said == "2 users changed."
    assert spoken() == {"Uli": None, "Ben": None}
    assert [event[1:] for event in events()[-2:]] == [("Ben", "on", "inherit"), ("Uli", "off", "inherit")]


def test_a_change_that_empties_the_filter_still_changes_all_that_was_shown(ada, spoken, says):
    """Those who are off are switched on: afterwards nobody is on the filter any more."""
    for name in ("Uli", "Ben"):
        says(name, False)
    seen = preview(ada, "Turn on", {"all 2 users on this filter": True}, "/admin/users?texting=off")
    assert "Turn on: 2 users. Nothing is written yet. 2 people get texting." in seen.words
    seen = press(ada, seen, "Confirm")
    assert seen.said == "2 users changed."
    assert "No user fits" in seen.words
    assert spoken() == {"Uli": True, "Ben": True}


def test_on_a_list_made_by_an_effect_the_button_decides_and_not_the_filter(ada, says, spoken):
    """The filter names a word too, which is not the one that is asked for."""
    says("Uli", False)
    address = "/admin/users?level=organization&wish=off&outcome=turn-off"
    seen = preview(ada, "Turn on", {"the only user on this filter": True}, address)
    assert "Turn on: 1 user." in seen.words
    assert press(ada, seen, "Confirm").said == "1 user changed."
    assert spoken() == {"Uli": False, "Ben": True}


def test_the_counts_lead_to_the_users_of_whom_they_speak(ada, says):
    says("Uli", False)
    seen = preview(ada, "Turn on", {"all 4 users on this filter": True})
    for link, many in (("1 person gets texting.", 1), ("1 person stays as they are.", 1),
                       ("2 people cannot text anyway.", 2)):
        assert len(look(ada, seen.links[link]).rows) == many
    picked = preview(ada, "Turn on", chosen("Uli Brandt"))
    assert "1 person gets texting." in picked.words
    assert "1 person gets texting." not in picked.links


def test_back_leads_to_the_list_and_nothing_is_written(ada, inside):
    before = everything(inside)
    seen = press(ada, look(ada, "/admin/users?texting=can-text"), "Turn off", chosen("Uli Brandt"))
    assert press(ada, seen, "Back").all("a[@href='/admin/users?texting=can-text'][@aria-current]")
    assert everything(inside) == before


def test_nobody_selected(ada, inside):
    before = everything(inside)
    seen = preview(ada, "Turn off", {})
    assert seen.said == "Select at least one user first, or choose all users on this filter."
    assert everything(inside) == before


# --- others who work at the same time ------------------------------------------------------------


def test_a_single_change_between_effect_and_confirm_survives_and_is_told(ada, says, spoken):
    """REL-04: whoever was changed by somebody else meanwhile is left alone."""
    seen = preview(ada, "Turn off", {EVERYBODY: True})
    says("Ben", True)
    seen = press(ada, seen, "Confirm")
    assert seen.said == ("3 users changed. 1 user was left alone: another person has changed them since you opened the"
                         " page.")
    assert spoken() == {"Ada": False, "Ben": True, "Rita": False, "Uli": False}


def test_a_change_before_the_effect_was_shown_is_part_of_it(ada, says, spoken):
    listed = look(ada, "/admin/users")
    says("Ben", True)
    seen = press(ada, listed, "Turn off", {EVERYBODY: True})
    assert press(ada, seen, "Confirm").said == "4 users changed."
    assert spoken()["Ben"] is False


def test_who_left_the_filter_meanwhile_is_left_alone_and_told(ada, says, spoken):
    """REL-04"""
    seen = preview(ada, "Turn off", {"all 2 users on this filter": True}, "/admin/users?texting=can-text")
    says("Ben", False)
    seen = press(ada, seen, "Confirm")
    assert seen.said == ("1 user changed. 1 user was left alone: another person has changed them since you opened the"
                         " page.")
    assert spoken() == {"Uli": False, "Ben": False}


def test_when_more_are_on_the_filter_than_were_shown_the_new_effect_is_shown_first(ada, says, spoken, inside):
    says("Ben", False)
    seen = preview(ada, "Turn off", {"the only user on this filter": True}, "/admin/users?texting=can-text")
    says("Ben", None)
    before = everything(inside)
    seen = press(ada, seen, "Confirm")
    assert seen.status == 409
    assert "More users are on this filter now" in seen.words
    assert "Turn off: 2 users." in seen.words
    assert everything(inside) == before
    assert press(ada, seen, "Confirm").said == "2 users changed."
    assert spoken() == {"Uli": False, "Ben": False}


# --- refused -------------------------------------------------------------------------------------


def test_a_lock_above_refuses_and_says_who_placed_it(ada, inside, locations, people, says, spoken):
    says("Uli", False)
    with inside(), writing() as session:
        toggle.write_setting(session.get_one(User, people["Rita"].id),
                             session.get_one(Location, locations["Toronto"].id),
                    SettingValue(False, True, "The line is being moved."))
    seen = preview(ada, "Turn on", {EVERYBODY: True})
    assert seen.status == 422
    assert "Rita Sandoval locked the setting of Toronto on " in seen.words
    assert "for this reason: The line is being moved." in seen.words
    assert "Confirm" not in seen.buttons
    assert Seen(ada.post("/admin/users", data={**seen.form("Back").data, "step": "confirm"})).status == 422
    assert spoken() == {"Uli": False}
    seen = preview(ada, "Use default settings", {EVERYBODY: True})
    assert press(ada, seen, "Confirm").said == "1 user changed."


def test_without_the_hipaa_notice_nobody_is_switched_on(browse, spoken):
    otto = browse("Otto")
    seen = press(otto, look(otto, "/admin/users"), "Turn on", {"all 2 users on this filter": True})
    assert seen.status == 422
    assert "No administrator of your organization has confirmed the current HIPAA notice." in seen.words
    assert spoken() == {}
    assert preview(otto, "Turn off", {"all 2 users on this filter": True}).status == 200


def test_who_is_not_eligible_is_switched_and_the_page_warns(ada):
    seen = preview(ada, "Turn on", chosen("Rita Sandoval"))
    assert seen.status == 200
    assert "1 user still cannot text, because of this: Primary number." in seen.words


@pytest.mark.parametrize("step", ["", "confirm"])
def test_users_of_others_are_not_there(ada, inside, people, step):
    before = everything(inside)
    data = {"user": [people["Mia"].ref, people["Otto"].ref], "bulk": "off", "step": step, "seen": "99999",
            "shown": "2"}
    answer = ada.post("/admin/users", data=data)
    assert answer.status_code in (200, 303)
    assert not re.search("Mia|Otto", answer.text)
    assert everything(inside) == before


def test_many_are_changed_in_few_statements(ada, inside, people, locations, statements):
    counts = []
    for many in (10, 300):
        with inside(), writing() as session:
            place = session.get_one(Location, locations["Toronto"].id)
            session.add_all(User(organization_id=place.organization_id, location_id=place.id, name=f"Crowd {many}",
                                 name_key=f"crowd {many}", email=f"{n}@{many}.example", email_key=f"{n}@{many}.example")
                            for n in range(many))
        seen = press(ada, look(ada, f"/admin/users?search=crowd+{many}"), "Turn off",
                     {f"all {many} users on this filter": True})
        with statements() as made:
            assert press(ada, seen, "Confirm").said == f"{many} users changed."
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_words_taken_back_keep_counting(ada, inside, says, people):
    says("Uli", False)
    says("Uli", None)
    press(ada, preview(ada, "Turn on", chosen("Uli Brandt")), "Confirm")
    with inside():
        assert toggle.current_setting(db.session.get_one(User, people["Uli"].id)).version == 3


def test_a_location_of_somebody_else_is_not_there(ada, locations):
    answer = ada.post("/admin/users", data={"location": locations["Seattle"].ref, "everybody": "y", "bulk": "off"})
    assert answer.status_code == 404


def test_an_organization_of_many_users_shows_numbers_as_people_write_them(ada, inside, organizations, people):
    """The count in the effect is exact, however many they are."""
    with inside(), writing() as session:
        place = session.scalars(select(Location).where(Location.name == "Toronto")).one()
        session.add_all(User(organization_id=place.organization_id, location_id=place.id, name="Sam", name_key="sam",
                             email=f"{n}@crowd.example", email_key=f"{n}@crowd.example") for n in range(1200))
        session.execute(update(Organization).values(healthcare=False))
    seen = preview(ada, "Turn off", {"all 1,200 users on this filter": True}, "/admin/users?search=sam")
    assert "Turn off: 1,200 users. Nothing is written yet. 1,200 people cannot text anyway." in seen.words
