"""Search in the bar: matches while typing, by keyboard, without JavaScript and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import beside, faults
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


def test_matches_stand_below_the_field_while_typing(sit_down):
    ada = sit_down("Ada", reduced_motion="reduce")
    ada.goto("/admin/settings")
    bar = ada.get_by_role("search")
    bar.get_by_role("searchbox", name="Search").press_sequentially("uli")
    expect(bar.get_by_role("link", name="Uli Brandt")).to_be_visible()
    expect(ada.locator("#counted")).to_have_text("2 found.")
    assert faults(ada) == []
    assert beside(ada) == []
    ada.keyboard.press("Tab")
    ada.keyboard.press("Tab")
    expect(bar.get_by_role("link", name="Uli Brandt")).to_be_visible()
    ada.mouse.click(1200, 850)
    expect(bar.get_by_role("link", name="Uli Brandt")).to_be_hidden()
    bar.get_by_role("searchbox", name="Search").click()
    bar.get_by_role("link", name="Uli Brandt").click()
    expect(ada.get_by_role("heading", name="Uli Brandt", level=1)).to_be_visible()


def test_enter_gives_a_page_and_no_address_tells_what_was_typed(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/")
    ada.get_by_role("searchbox", name="Search").fill("416 555 0101")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", name="Search", level=1)).to_be_visible()
    expect(ada.get_by_role("region", name="Numbers").get_by_role("link", name="+1 416 555 0101")).to_be_visible()
    assert ada.url.endswith("/search")


def test_without_javascript(sit_down):
    uli = sit_down("Uli", script=False)
    uli.goto("/notices")
    uli.get_by_role("searchbox", name="Search").fill("jane")
    uli.get_by_role("button", name="Find").click()
    uli.get_by_role("region", name="Conversations").get_by_role("link", name="Jane Cooper").click()
    expect(uli.get_by_role("heading", name="Jane Cooper", level=1)).to_be_visible()


@pytest.mark.parametrize("who", ["Ada", "Uli", "Olga"])
def test_on_a_phone_a_link_opens_it(sit_down, who):
    page = sit_down(who, view=PHONE, reduced_motion="reduce")
    page.goto("/limitations")
    assert beside(page) == []
    page.get_by_role("banner").get_by_role("link", name="Search").click()
    # The field has the focus before htmx listens to it.
    page.wait_for_load_state()
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("555 01")
    expect(page.get_by_role("main").locator(".finds a").first).to_be_visible()
    assert faults(page) == []
    assert beside(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert beside(page) == []
