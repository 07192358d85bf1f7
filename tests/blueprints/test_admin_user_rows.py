"""The switch in a row: it changes this user alone, the row tells what came of it, and the list keeps its filters."""

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models import AuditEvent, Setting
from portal.services.toggles.toggle import SettingValue
from tests.blueprints.reader import Seen, look, press

LIST = "/admin/users"


@pytest.fixture
def ada(browse):
    return browse("Ada")


@pytest.fixture
def turn(people):
    """`turn(ada, seen, "Uli", "off")` presses the switch in a row of the list that was seen."""

    def post(browser, seen, name, word, *, part=False, **more):
        action = f"{LIST}/{people[name].ref}/row"
        (form,) = [one for one in seen.all("form") if one.get("action") == action]
        data = {field.get("name"): field.get("value") for field in form.iter("input")}
        return browser.post(action, data={**data, "word": word, **more}, part=part,
                            headers={"Referer": f"http://127.0.0.1:5000{seen.answer.request.full_path.rstrip('?')}"})

    return post


def switches(seen):
    """What the switches of a list or a row show, by their names."""
    return {one.get("aria-label").removeprefix("Business Texting for "): one.get("aria-checked") == "true"
            for one in seen.all("button") if one.get("role") == "switch"}


def everything(inside):
    with inside():
        return [db.session.execute(select(*table.__table__.columns)).all() for table in (Setting, AuditEvent)]


def test_each_row_shows_the_setting_that_holds(ada, say):
    say("Uli", SettingValue(False))
    assert switches(look(ada, LIST)) == {
        "Ada Keller": True, "Ben Okafor": True, "Rita Sandoval": True, "Uli Brandt": False}


def test_without_htmx_a_press_leads_back_to_the_list_with_its_filters(ada, turn, held, people):
    answer = turn(ada, look(ada, f"{LIST}?search=i&texting=can-text"), "Uli", "off")
    assert (answer.status_code, answer.location) == (
        303, f"{LIST}?search=i&texting=can-text#user-{people['Uli'].ref}")
    assert held() == (False, 1)
    assert look(ada, LIST).said == "Uli Brandt can no longer text."


@pytest.mark.parametrize("behind", ["https://evil.example/admin/users", "/admin/users/export", "//[", ""])
def test_it_leads_to_no_other_page(ada, turn, behind, people):
    form = look(ada, LIST)
    ref = people["Uli"].ref
    token = form.all("input[@name='csrf_token']")[0].get("value")
    answer = ada.post(f"{LIST}/{ref}/row", data={"csrf_token": token, "version": "0", "word": "off"},
                      headers={"Referer": behind})
    assert answer.location == f"{LIST}#user-{ref}"


def test_with_htmx_the_row_and_the_counts_are_fresh(ada, turn, held):
    """The counts are those of the filters in the form of the bulk bar, which the row's form brings along."""
    answer = Seen(turn(ada, look(ada, LIST), "Uli", "off", part=True, search="uli"))
    assert answer.status == 200
    assert switches(answer) == {"Uli Brandt": False}
    chips = Seen(answer.answer, answer.all("hx-partial[@hx-target='#chips']")[0])
    assert chips.words == "All 1 Can text 0 Receive only 0 Off 1 Not available 0 Own setting"
    assert answer.said == "Uli Brandt can no longer text."
    assert held() == (False, 1)


@pytest.mark.parametrize("part", [True, False])
def test_ticked_rows_are_left_alone(ada, turn, held, people, part):
    """Without JavaScript a browser sends nothing of the bulk form along; and were it sent, nobody would listen."""
    turn(ada, look(ada, LIST), "Uli", "off", part=part, user=people["Ben"].ref, everybody="y", bulk="off")
    assert held("Uli") == (False, 1)
    assert held("Ben") == (None, 0)


def test_no_row_stands_in_the_form_of_the_bulk_bar(ada):
    seen = look(ada, LIST)
    bulk = next(one for one in seen.all("form") if one.get("id") == "bulk")
    assert list(bulk.iter("button")) == []
    named = [one for one in seen.all("button") if one.get("form") == "bulk"]
    assert {one.get("name") for one in named} == {"bulk"}


@pytest.mark.parametrize("part", [True, False])
def test_a_press_for_what_holds_already_is_done(ada, turn, say, inside, part):
    early = look(ada, LIST)
    say("Uli", SettingValue(False))
    before = everything(inside)
    assert turn(ada, early, "Uli", "off", part=part).status_code == (200 if part else 303)
    assert everything(inside) == before


def test_a_stale_row_shows_the_truth_and_who_changed_it(ada, turn, say, held):
    early = look(ada, LIST)
    say("Uli", SettingValue(True))
    answer = Seen(turn(ada, early, "Uli", "off", part=True))
    assert answer.status == 409
    assert switches(answer) == {"Uli Brandt": True}
    assert answer.said == ("Rita Sandoval has changed this for Uli Brandt since you opened the page. It is now: on.")
    assert held() == (True, 1)
    assert turn(ada, answer, "Uli", "off", part=True).status_code == 200
    assert held() == (False, 2)


def test_a_stale_row_without_htmx_shows_theirs_and_yours(ada, turn, say, held):
    early = look(ada, LIST)
    say("Uli", SettingValue(True))
    seen = Seen(turn(ada, early, "Uli", "off"))
    assert (seen.status, seen.rows) == (409, [["Business Texting", "on", "off"]])
    assert seen.links["Keep theirs"] == LIST
    assert press(ada, seen, "Use mine instead").heading == "Uli Brandt"
    assert held() == (False, 2)


@pytest.mark.parametrize("part", [True, False])
def test_under_a_lock_the_switch_is_disabled_and_a_press_is_refused_in_words(ada, turn, say, held, part):
    say("Toronto", SettingValue(False, True, "The line is being moved."))
    seen = look(ada, LIST)
    locked = [one for one in seen.all("button") if one.get("role") == "switch"]
    assert {one.get("title") for one in locked} == {"Toronto is locked."}
    assert all("disabled" in one.attrib for one in locked)
    answer = Seen(turn(ada, seen, "Uli", "on", part=part))
    assert answer.status == 422
    assert "Rita Sandoval" in answer.problems[0]
    assert switches(answer)["Uli Brandt"] is False
    assert held() == (None, 0)


def test_a_refusal_for_want_of_the_hipaa_notice_leads_to_it_and_back_to_the_list(browse, turn):
    otto = browse("Otto")
    seen = Seen(turn(otto, look(otto, LIST), "Mia", "on", part=True))
    notices = look(otto, seen.links["Read the HIPAA notice"])
    assert press(otto, notices, "I have read this").heading == "Users"


def test_an_auditor_has_no_switch_and_others_are_not_there(browse, people):
    assert switches(look(browse("Rita"), LIST)) == {}
    for who, code in (("Rita", 403), ("Otto", 404), ("Uli", 403)):
        assert browse(who).post(f"{LIST}/{people['Ben'].ref}/row", data={"word": "off"}).status_code == code


def test_a_reload_leads_back_to_the_list(ada, people):
    assert ada.get(f"{LIST}/{people['Uli'].ref}/row").location == LIST


def test_a_press_asks_little(ada, turn, say, statements):
    """Nobody is counted to say what one user gets, and what was read before the change is read once more after it."""
    say("Uli", SettingValue(False))
    seen = look(ada, LIST)
    with statements() as asked:
        assert turn(ada, seen, "Uli", "on", part=True).status_code == 200
    assert len(asked) == 16
    assert sum("profile_counts" in one for one in asked) == 1
