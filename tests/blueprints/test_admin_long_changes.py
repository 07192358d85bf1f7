"""So many users that a change takes steps: the effect, Confirm, a bar that moves, what came of it, and Undo."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import LongChange, Restriction, Setting, User
from portal.processes import long_work
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.toggles import bulk, long_steps, toggle
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import look, press

EVERYBODY = {"all 4 users on this filter": True}


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """Everybody of Maple Clinic is more than are changed at once."""
    for module in (bulk, __import__("portal.blueprints.admin.bulk", fromlist=["bulk"])):
        monkeypatch.setattr(module, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(long_steps, "USERS_PER_STEP", 2)


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def step(app):
    """`step()`: the background process takes one step, if there is one."""
    return long_work.LongWorkThread(app).take_turns


@pytest.fixture
def begun(ada):
    """The page of a change that Ada has confirmed."""
    return press(ada, press(ada, look(ada, "/admin/users"), "Turn off", EVERYBODY), "Confirm")


def own_settings():
    found = db.session.execute(select(User.name, Setting.on).join(
        Setting, (Setting.unit_id == User.id) & (Setting.level == "user")))
    return {name.split()[0]: on for name, on in found}


def address(inside):
    with inside():
        return f"/admin/changes/{db.session.scalars(select(LongChange)).first().ref}"


def test_the_effect_is_shown_before_and_says_that_it_takes_steps(ada, inside):
    seen = press(ada, look(ada, "/admin/users"), "Turn off", EVERYBODY)
    assert "Turn off: 4 users. Nothing is written yet." in seen.words
    assert "So many users are changed step by step." in seen.words
    with inside():
        assert db.session.scalars(select(LongChange)).all() == []


def test_the_page_shows_how_far_it_is_and_what_came_of_it(ada, begun, step, inside):
    assert begun.heading == "Change of many users"
    assert "Turn off: 4 users" in begun.words
    assert "0 of 4" in begun.words
    step()
    assert "2 of 4" in look(ada, address(inside)).words
    while step():
        pass
    seen = look(ada, address(inside))
    assert "4 users changed." in seen.words
    assert not seen.all("progress")
    with inside():
        assert own_settings() == dict.fromkeys(("Ada", "Ben", "Rita", "Uli"), False)


def test_the_page_belongs_to_the_users(begun):
    assert ["".join(entry.itertext()).strip() for entry in begun.all("nav//*[@aria-current='page']")] == ["Users"]


def test_the_bar_asks_by_itself_and_the_page_is_loaded_again_at_the_end(ada, begun, step, inside):
    part = ada.get(f"{address(inside)}/progress", part=True)
    assert (part.status_code, 'value="0" max="4"' in part.text, "<html" in part.text) == (200, True, False)
    assert ada.get(f"{address(inside)}/progress").location == address(inside)
    while step():
        pass
    assert ada.get(f"{address(inside)}/progress", part=True).headers["HX-Refresh"] == "true"


def test_the_list_leads_to_it_while_it_runs(ada, begun, step, inside):
    seen = look(ada, "/admin/users")
    assert "A change of many users is under way." in seen.words
    assert seen.links["Show how far it is"] == address(inside)
    while step():
        pass
    assert "under way" not in look(ada, "/admin/users").words


def test_a_second_one_is_refused_and_leads_to_the_first(ada, begun, inside):
    seen = press(ada, press(ada, look(ada, "/admin/users"), "Turn on", EVERYBODY), "Confirm")
    assert seen.said == ("Nothing was done: another change of many users is under way. Try again when it has ended.")
    assert "Turn off: 4 users" in seen.words


def test_undo_takes_it_back_in_steps(ada, begun, step, inside):
    while step():
        pass
    with inside(), writing() as session:
        ben = session.scalars(select(User).where(User.name == "Ben Okafor")).one()
        toggle.write_setting(None, ben, SettingValue(True))
    seen = press(ada, look(ada, address(inside)), "Undo")
    assert "The change is being undone" in seen.words
    while step():
        pass
    seen = look(ada, address(inside))
    assert "Undone. 3 users have their earlier settings again." in seen.words
    assert "1 user stays as another person has set them since." in seen.words
    assert "Undo" not in seen.buttons
    with inside():
        assert own_settings() == {"Ada": None, "Ben": True, "Rita": None, "Uli": None}
    again = ada.post(f"{address(inside)}/undo")
    assert look(ada, again.location).said == "Nothing was undone: this can be undone once, within ten minutes."


def test_an_auditor_looks_on(browse, begun, step, inside):
    while step():
        pass
    seen = look(browse("Rita"), address(inside))
    assert "4 users changed." in seen.words
    assert "Undo" not in seen.buttons


def test_who_lost_the_role_reads_why_it_ended(browse, ada, begun, step, inside):
    step()
    with inside(), writing() as session:
        session.scalars(select(User).where(User.name == "Ada Keller")).one().admin = False
    while step():
        pass
    seen = look(browse("Rita"), address(inside))
    assert "2 users changed." in seen.words
    assert ("This has ended early, because a rule forbids the rest: Administrators turn texting on and off."
            " 2 users were not reached.") in seen.words


def test_what_time_has_changed_meanwhile_is_shown_before_anything_is_done(ada, inside, people, clock):
    clock.stop()
    with inside(), writing() as session:
        uli = session.get_one(User, people["Uli"].id)
        session.add(Restriction(
            organization_id=uli.organization_id, subject=Subject.USER, user_id=uli.id, restraint=Restraint.BLOCK,
            cause=Cause.SPAM, until=clock.now() + timedelta(minutes=5)))
    seen = press(ada, look(ada, "/admin/users"), "Turn off", EVERYBODY)
    clock.forward(minutes=6)
    seen = press(ada, seen, "Confirm")
    assert seen.status == 409
    assert "What this depends on has changed since you opened the page." in seen.words
    with inside():
        assert own_settings() == {}
    assert press(ada, seen, "Confirm").status == 200


@pytest.mark.parametrize("moment", ["", "soon", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00", "2026-01-01"])
def test_a_moment_that_a_form_cannot_mean_is_no_reason_to_fail(ada, moment):
    seen = press(ada, look(ada, "/admin/users"), "Turn off", EVERYBODY)
    assert ada.post("/admin/users", data={**seen.form("Confirm").data, "step": "confirm", "shown_at": moment}
                    ).status_code == 303


def test_what_others_changed_meanwhile_is_shown_before_anything_is_done(ada, inside, people):
    seen = press(ada, look(ada, "/admin/users"), "Turn off", EVERYBODY)
    with inside(), writing() as session:
        toggle.write_setting(None, session.get_one(User, people["Ada"].id).organization, SettingValue(False))
    seen = press(ada, seen, "Confirm")
    assert seen.status == 409
    assert "What this depends on has changed since you opened the page." in seen.words
    with inside():
        assert own_settings() == {}
