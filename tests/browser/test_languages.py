"""The languages: chosen with and without JavaScript, on a phone, by keyboard, and nothing typed is lost unsaid."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import beside, faults
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
NOT_KEPT = "The page opens again. What you have typed in it is not kept."


@pytest.mark.parametrize("script", [True, False])
def test_a_stranger_on_a_phone_chooses_and_keeps_it(sit_down, script):
    nobody = sit_down(view=PHONE, script=script)
    nobody.goto("/limitations")
    # By its name for those who do not see the globe.
    nobody.get_by_text("Language English").click()
    nobody.get_by_role("link", name="Polski").click()
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Ograniczenia")
    nobody.goto("/report-spam")
    expect(nobody.locator("html")).to_have_attribute("lang", "pl")


def test_on_a_wide_screen_the_buttons_are_in_sight(sit_down):
    nobody = sit_down()
    nobody.goto("/")
    for width in (1280, 720):
        nobody.set_viewport_size({"width": width, "height": 700})
        names = nobody.locator("header a").all()
        ends = [(box["x"], box["x"] + box["width"]) for box in (name.bounding_box() for name in names)]
        assert len(ends) == 6, "the portal, four languages and the way in"
        assert all(one[1] <= next_one[0] for one, next_one in pairwise(ends)), "one covers another"
    nobody.get_by_role("link", name="Français").click()
    expect(nobody.get_by_role("link", name="Se connecter").first).to_be_visible()
    expect(nobody.get_by_role("link", name="Français")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("script", [True, False])
def test_who_is_signed_in_comes_back_to_the_page(sit_down, script):
    ada = sit_down("Ada", script=script, view=PHONE)
    ada.goto("/admin/users?search=Uli")
    ada.locator("details.person summary").focus()
    ada.keyboard.press("Enter")
    ada.get_by_role("button", name="Deutsch").focus()
    ada.keyboard.press("Enter")
    expect(ada.locator("html")).to_have_attribute("lang", "de")
    assert ada.url.endswith("/admin/users?search=Uli")
    ada.goto("/account")
    expect(ada.locator("html")).to_have_attribute("lang", "de")


def test_before_what_was_typed_is_lost_the_page_says_so(sit_down):
    nobody = sit_down()
    nobody.goto("/sign-in")
    said = nobody.get_by_text(NOT_KEPT)
    expect(said).to_be_hidden()
    nobody.get_by_label("Email address").fill("uli@example.com")
    nobody.get_by_label("Password").focus()
    expect(said).to_be_visible()
    nobody.get_by_role("button", name="Sign in").click()
    # On an answer to a form it stands there at once.
    expect(said).to_be_visible()


@pytest.mark.parametrize("code", ["de", "pl", "fr"])
@pytest.mark.parametrize("address", ["/", "/accessibility", "/report-spam", "/sign-in", "/help"])
def test_axe_finds_nothing_in_the_other_languages(sit_down, address, code):
    nobody = sit_down(view=PHONE, reduced_motion="reduce")
    nobody.goto(f"{address}?lang={code}")
    nobody.locator("details.languages > summary").click()
    assert faults(nobody) == []
    assert beside(nobody) == []
    nobody.set_viewport_size({"width": 320, "height": 640})
    assert beside(nobody) == []


def test_nothing_moves_where_the_system_asks_for_it(sit_down):
    """A toast fades elsewhere; here it stays."""
    ada = sit_down("Ada", reduced_motion="reduce")
    ada.goto("/account")
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator("#said")).to_contain_text("saved")
    # A pointer over the words holds them.
    ada.mouse.move(0, 0)
    assert ada.evaluate("document.getAnimations().length") == 0
    ada.emulate_media(reduced_motion="no-preference")
    ada.wait_for_function("document.getAnimations().length > 0")
