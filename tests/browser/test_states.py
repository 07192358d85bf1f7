"""States of pages that no address names: no fault that axe can find, nothing beside the screen, in light and dark."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import beside, faults
from tests.browser.steps import enable_switch, go_to_location, go_to_user, switch
from tests.browser.talking import SOON, open_talk
from tests.browser.test_thread import LONG_TALK

pytestmark = pytest.mark.browser


def open_menu(page: Page) -> None:
    page.goto("/admin/")
    page.locator(".person > summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def turn_off(page: Page) -> None:
    go_to_user(page, "Uli Brandt")
    switch(page, "Uli Brandt").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def refuse(page: Page) -> None:
    page.goto("/admin/settings")
    enable_switch(page).click()
    expect(page.get_by_role("link", name="Read the HIPAA notice")).to_be_visible()


def show_effect(page: Page) -> None:
    go_to_location(page, "Toronto")
    switch(page, "all users at Toronto").click()
    expect(page.get_by_role("button", name=re.compile("^Turn off for"))).to_be_visible()


def open_lock(page: Page) -> None:
    go_to_location(page, "Boston")
    page.get_by_text("Lock", exact=True).click()
    expect(page.get_by_label("Reason")).to_be_visible()


def pick_rows(page: Page) -> None:
    page.goto("/admin/users")
    page.get_by_role("checkbox", name="Select Ada Keller").check()
    expect(page.get_by_role("button", name="Turn off")).to_be_visible()


def scroll_up(page: Page) -> None:
    open_talk(page, "Jane Cooper")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_text("Text 3", exact=True)).to_be_attached(timeout=SOON)
    page.get_by_text("Text 3", exact=True).scroll_into_view_if_needed()


def find(page: Page) -> None:
    page.goto("/admin/")
    page.locator("#find").press_sequentially("Henry")
    expect(page.locator("#finds a").first).to_be_visible(timeout=SOON)


STATES = [("Ada", open_menu), ("Ada", turn_off), ("Otto", refuse), ("Ada", show_effect), ("Ada", open_lock),
          ("Ada", pick_rows), ("Uli", scroll_up), ("Ada", find)]


@pytest.mark.parametrize(("who", "reach"), STATES, ids=lambda one: getattr(one, "__name__", one))
def test_axe_finds_nothing_in_any_state(sit_down, portal, who, reach):
    if reach is scroll_up:
        portal.python(LONG_TALK)
    page = sit_down(who, reduced_motion="reduce")
    reach(page)
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert faults(page) == []
    assert beside(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert beside(page) == []
