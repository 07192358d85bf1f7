"""The button Undo: after every change, with htmx and without, and back to a page that is true again."""

import re

import pytest

from portal.extensions import db
from portal.models import User
from portal.services.toggles import toggle

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


def test_a_refusal_looks_like_one(browse, uli, locations):
    ada = browse("Ada")
    ada.post(f"{uli}/texting", data={"word": "on", "version": 0}, part=True)
    (address,) = buttons(ada.post(f"{uli}/texting", data={"word": "off", "version": 1}, part=True).text)
    toronto = f"/admin/locations/{locations['Toronto'].ref}"
    version = re.search(r'name="version"[^>]*value="(\d+)"', ada.get(toronto).text)[1]
    locked = {"word": "off", "locked": "y", "reason": "Trial", "version": version}
    ada.post(f"{toronto}/texting", data=locked, part=True)
    ada.post(address)
    assert '<p class="block">This cannot be undone.' in ada.get(uli).text


@pytest.mark.parametrize(("name", "code"), [("Rita", 403), ("Uli", 403), ("Olga", 403), ("Otto", 404)])
def test_only_administrators_of_the_organization_may(browse, uli, setting, name, code):
    """An auditor, a member, an operator; an administrator elsewhere hears nothing about it."""
    (address,) = buttons(browse("Ada").post(f"{uli}/texting", data={"word": "off", "version": 0}, part=True).text)
    assert browse(name).post(address).status_code == code
    assert setting() is False
