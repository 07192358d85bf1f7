"""Members on a phone: three links at the bottom, which cover nothing."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import beside, faults
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
# Whether an element lies above the links that stay at the bottom.
UNCOVERED = """one => one.getBoundingClientRect().bottom <=
    document.querySelector(".below").getBoundingClientRect().top"""


def test_three_links_stay_at_the_bottom(sit_down):
    uli = sit_down("Uli", view=PHONE, reduced_motion="reduce")
    uli.goto("/messages/")
    below = uli.get_by_role("navigation", name="Shortcuts")
    expect(below.get_by_role("link")).to_have_count(3)
    expect(below.get_by_role("link", name="Messages")).to_have_accessible_description("5 unread texts")
    assert below.bounding_box()["y"] + below.bounding_box()["height"] == pytest.approx(PHONE["height"], abs=1)
    assert all(one["height"] >= 44 for one in (link.bounding_box() for link in below.get_by_role("link").all()))
    assert faults(uli) == []
    assert beside(uli) == []
    uli.set_viewport_size({"width": 320, "height": 640})
    assert beside(uli) == []
    below.get_by_role("link", name="Account").click()
    expect(uli.get_by_role("heading", level=1)).to_have_text("Your account")


@pytest.mark.parametrize("address", ["/messages/", "/messages/new", "/account", "/notices"])
def test_they_cover_nothing_at_the_end_and_nothing_that_has_the_focus(sit_down, address):
    uli = sit_down("Uli", view=PHONE)
    uli.goto(address)
    last = uli.locator("footer a").last
    last.focus()
    assert last.evaluate(UNCOVERED)
    for one in uli.get_by_role("main").locator("a:visible, button:visible, input:visible, select:visible").all()[:40]:
        one.focus()
        assert one.evaluate(UNCOVERED), one.evaluate("one => one.outerHTML")


def test_an_open_conversation_keeps_its_composer_there(sit_down):
    uli = sit_down("Uli", view=PHONE)
    uli.goto("/messages/")
    uli.get_by_role("link", name="Jane Cooper").click()
    expect(uli.get_by_role("button", name="Send")).to_be_visible()
    expect(uli.get_by_role("navigation", name="Shortcuts")).to_be_hidden()


def test_not_on_a_wide_screen_and_not_on_paper(sit_down):
    uli = sit_down("Uli")
    uli.goto("/messages/")
    expect(uli.get_by_role("navigation", name="Shortcuts")).to_be_hidden()
    phone = sit_down("Uli", view=PHONE)
    phone.goto("/messages/")
    phone.emulate_media(media="print")
    expect(phone.get_by_role("navigation", name="Shortcuts")).to_be_hidden()


def test_content_begins_at_the_same_place_on_a_wide_screen(sit_down):
    """However wide a page's content may become."""
    ada = sit_down("Ada", view={"width": 1920, "height": 1000})
    begins = set()
    for address in ("/admin/", "/admin/users", "/admin/settings", "/account", "/messages/", "/search"):
        ada.goto(address)
        box = ada.get_by_role("main").bounding_box()
        begins.add(box["x"])
        assert box["width"] <= 76 * 16
    assert len(begins) == 1


def test_the_primary_button_is_told_apart_in_forced_colors(sit_down):
    ada = sit_down("Ada", forced_colors="active")
    ada.goto("/admin/users")
    looks = [ada.get_by_role("link", name=name).evaluate("one => getComputedStyle(one).backgroundColor")
             for name in ("Add user", "Export")]
    assert looks[0] != looks[1]
