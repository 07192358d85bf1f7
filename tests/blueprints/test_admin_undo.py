"""The button Undo: after every change, with htmx and without, and back to a page that is true again."""

import re

import pytest

from portal.extensions import db, writing
from portal.models import Location, User
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue
from tests.talks import words

UNDO = re.compile(r'<form method="post" action="(/admin/undo/\w+)" hx-post="\1" hx-target="#said" hx-swap="none">')


@pytest.fixture
def uli(people):
    """Uli's page."""
    return f"/admin/users/{people['Uli'].ref}"


@pytest.fixture
def setting(inside, people):
    """`setting()` is what is set for Uli: True, False or None."""

    def read():
        with inside():
            return toggle.current_setting(db.session.get_one(User, people["Uli"].id)).value.on

    return read


def buttons(text):
    return UNDO.findall(text)


def test_a_change_answers_with_undo_and_undo_takes_it_back(browse, uli, setting):
    """Without JavaScript: each answer is a redirect, and the page that follows tells it."""
    ada = browse("Ada")
    ada.post(f"{uli}/texting", data={"word": "off", "version": 0})
    (address,) = buttons(ada.get(uli).text)
    assert buttons(ada.get(uli).text) == []
    answer = ada.post(address)
    assert (answer.status_code, answer.location, setting()) == (303, uli, None)
    page = ada.get(uli).text
    assert "Undone. Uli Brandt follows the default settings again." in page
    assert "This undid an earlier change." in page
    assert buttons(page) == []


def test_with_htmx_the_part_brings_it_and_the_page_is_loaded_again(browse, uli, setting):
    ada = browse("Ada")
    part = ada.post(f"{uli}/texting", data={"word": "off", "version": 0}, part=True)
    (address,) = buttons(part.text)
    answer = ada.post(address, part=True)
    assert (answer.status_code, answer.headers["HX-Refresh"], answer.text, setting()) == (200, "true", "", None)
    assert "Undone." in ada.get(uli).text


@pytest.mark.parametrize(("behind", "leads"), [
    ("/admin/users?location=x", "/admin/users?location=x"), ("/admin/audit", ""),
    ("https://evil.example/admin/users", "/admin/users"), ("/admin/users/export", ""), ("", ""), ("//[", ""),
])
def test_it_leads_back_to_the_page_of_the_button_or_to_that_of_the_change(browse, uli, behind, leads):
    """Where the browser says it comes from counts only if that is one of these pages."""
    ada = browse("Ada")
    (address,) = buttons(ada.post(f"{uli}/texting", data={"word": "off", "version": 0}, part=True).text)
    referer = behind if "//" in behind else f"http://localhost{behind}" if behind else ""
    answer = ada.post(address, headers={"Referer": referer} if referer else {})
    assert answer.location == (leads or uli)


def test_nothing_changed_is_done_and_offers_nothing(browse, uli, setting):
    """Also from a page that is older than the setting: what it asks for holds."""
    ada = browse("Ada")
    ada.post(f"{uli}/texting", data={"word": "off", "version": 0}, part=True)
    for version in (1, 0, 7):
        again = ada.post(f"{uli}/texting", data={"word": "off", "version": version}, part=True)
        assert (again.status_code, buttons(again.text), setting()) == (200, [], False)


def test_the_answers_that_nothing_was_undone(browse, uli, clock):
    ada = browse("Ada")
    (address,) = buttons(ada.post(f"{uli}/texting", data={"word": "off", "version": 0}, part=True).text)
    ada.post(f"{uli}/texting", data={"word": "on", "version": 1}, part=True)
    ada.post(address)
    page = ada.get(uli).text
    assert '<p class="warn">Nothing was undone, because this has been changed since: Ada Keller' in page
    (address,) = buttons(ada.post(f"{uli}/texting", data={"word": "off", "version": 2}, part=True).text)
    ada.post(address)
    ada.get(uli)
    ada.post(address)
    assert "Nothing more was done: Ada Keller has undone this already." in ada.get(uli).text
    (address,) = buttons(ada.post(f"{uli}/texting", data={"word": "off", "version": 4}, part=True).text)
    clock.forward(minutes=11)
    ada.post(address)
    assert "Nothing was undone: this can be undone for ten minutes only." in ada.get(uli).text


def test_a_refusal_looks_like_one(browse, inside, uli, locations):
    ada = browse("Ada")
    ada.post(f"{uli}/texting", data={"word": "on", "version": 0}, part=True)
    (address,) = buttons(ada.post(f"{uli}/texting", data={"word": "off", "version": 1}, part=True).text)
    with inside(), writing() as session:
        locked = SettingValue(False, locked=True, reason="Trial")
        toggle.write_setting(None, session.get_one(Location, locations["Toronto"].id), locked)
    ada.post(address)
    assert '<p class="block">This cannot be undone.' in ada.get(uli).text


@pytest.mark.parametrize(("name", "code"), [("Rita", 403), ("Uli", 403), ("Olga", 403), ("Otto", 404)])
def test_only_administrators_of_the_organization_may(browse, uli, setting, name, code):
    """An auditor, a member, an operator; an administrator elsewhere hears nothing about it."""
    (address,) = buttons(browse("Ada").post(f"{uli}/texting", data={"word": "off", "version": 0}, part=True).text)
    assert browse(name).post(address).status_code == code
    assert setting() is False


# --- every change of a user, and of many ---------------------------------------------------------


@pytest.mark.parametrize(("form", "sent", "said"), [
    ("number/remove", {"number-held": "+14165550101"}, "Undone. Uli Brandt has the number +1 416 555 0101 again."),
    ("number", {"number-number": "416 555 0178", "number-held": "+14165550101"},
     "Undone. Uli Brandt has the number +1 416 555 0101 again."),
    ("role", {"role-auditor": "y", "role-version": "1"},
     "Undone. Uli Brandt has the earlier role again and has to sign in again."),
    ("deactivate", {"answers": ""},
     "Undone. Uli Brandt can sign in again. Sessions and links that were ended stay ended."),
])
def test_every_change_of_a_user_answers_with_undo(browse, uli, form, sent, said):
    ada = browse("Ada")
    assert ada.post(f"{uli}/{form}", data=sent).status_code == 303
    (address,) = buttons(ada.get(uli).text)
    assert ada.post(address).location == uli
    page = words(ada.get(uli).text)
    assert said in page
    assert "This undid an earlier change." in page


def test_undo_of_details_tells_the_address_that_went(another, browse, uli, locations):
    """Without a mail server nothing is said about mail."""
    ada = browse("Ada")
    sent = {"details-name": "Ulrike", "details-email": "ulrike@example.com", "details-version": "1",
            "details-location": locations["Toronto"].ref}
    ada.post(f"{uli}/details", data=sent)
    (address,) = buttons(ada.get(uli).text)
    ada.post(address)
    page = words(ada.get(uli).text)
    assert "Undone. The details of Uli Brandt are as they were." in page
    assert "uli@example.com" in page


def test_undo_of_a_reactivation(browse, uli):
    ada = browse("Ada")
    ada.post(f"{uli}/deactivate", data={"answers": ""})
    ada.get(uli)
    ada.post(f"{uli}/account", data={"account-to": "active"})
    (address,) = buttons(ada.get(uli).text)
    ada.post(address)
    assert "Undone. Uli Brandt is deactivated and signed out again." in words(ada.get(uli).text)


def turn_all(ada, word):
    sent = {"everybody": "y", "bulk": word, "step": "confirm", "seen": 9999, "shown": 4}
    assert ada.post("/admin/users", data=sent).location == "/admin/users"
    return ada.get("/admin/users").text


def test_one_undo_for_many(browse, uli):
    """It leads back to the list, says how many have their setting again, and names those who keep another one."""
    ada = browse("Ada")
    page = turn_all(ada, "off")
    assert "4 users changed." in page
    (address,) = buttons(page)
    ada.post(f"{uli}/texting", data={"word": "on", "version": 1}, part=True)
    assert ada.post(address).location == "/admin/users"
    page = words(ada.get("/admin/users").text)
    assert "Undone. 3 users have their earlier settings again. Left as others have set them since: Uli Brandt." in page
    ada.post(address)
    assert "Nothing more was done: Ada Keller has undone this already." in words(ada.get("/admin/users").text)


def test_many_who_have_it_already_are_done_without_undo(browse):
    ada = browse("Ada")
    turn_all(ada, "off")
    page = turn_all(ada, "off")
    assert "They all have this setting already." in page
    assert buttons(page) == []


def test_nobody_selected_is_no_success(browse):
    ada = browse("Ada")
    ada.post("/admin/users", data={"bulk": "off"})
    assert '<p class="warn">Select at least one user first' in ada.get("/admin/users").text
