"""Every page: no fault that axe can find, nothing beside the screen, in light and dark, wide and narrow."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import beside, faults
from tests.browser.pages import PLACES, Place
from tests.browser.steps import expect_focus
from tests.products import WHOLE

pytestmark = pytest.mark.browser

ERRORS = [place for place in PLACES if place.name.endswith(("-error", "-refused"))]


def opened(sit_down, place: Place, **options) -> Page:
    # Colors that still change would be judged half-way.
    page = sit_down(place.who, expected=(place.status,), reduced_motion="reduce", **options)
    place.open(page)
    return page


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_axe_finds_nothing_and_everything_fits(sit_down, place):
    page = opened(sit_down, place)
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    if WHOLE:
        assert faults(page, again=True) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert faults(page, again=True) == []
    assert beside(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert beside(page) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 640, "height": 640})
    assert beside(page) == []


@pytest.mark.parametrize("place", ERRORS, ids=str)
def test_errors_are_summed_up_and_take_the_focus(sit_down, place):
    page = opened(sit_down, place)
    assert page.title().startswith("Error: ")
    expect_focus(page, "section There is a problem")
    summary = page.get_by_role("region", name="There is a problem")
    tops = summary.locator("a[href^='#']").evaluate_all(
        "all => all.map(one => document.querySelector(one.getAttribute('href')).getBoundingClientRect().top)")
    assert tops == sorted(tops), "the summary names the fields in another order than the page"
    for link in summary.locator("a[href^='#']").all():
        field = page.locator(link.get_attribute("href"))
        said = page.locator(f"#{field.get_attribute('aria-describedby').split()[-1]}")
        expect(field).to_have_attribute("aria-invalid", "true")
        # The form of a carrier names the field in front: several of its fields have one and the same sentence.
        expect(said).to_contain_text(re.compile(r"\S"))
        assert link.inner_text().endswith(said.inner_text().strip())


def test_what_was_typed_is_kept_beside_an_error(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/users/new")
    ada.get_by_label("Name").fill(" Nia  Brook")
    ada.get_by_label("Email address").fill("nia at example")
    ada.get_by_role("button", name="Add user").click()
    expect(ada.get_by_role("link", name="Enter an address with an @")).to_be_visible()
    expect(ada.get_by_label("Email address")).to_have_value("nia at example")


@pytest.mark.parametrize("name", ["overview", "user-locked", "users", "settings"])
def test_states_are_told_apart_without_color(sit_down, name):
    place = next(place for place in PLACES if place.name == name)
    page = opened(sit_down, place, forced_colors="active")
    for state in page.locator(".state").all():
        expect(state).to_have_css("border-top-style", "solid")
        assert state.inner_text().strip()
    assert page.locator("main svg").evaluate_all("all => all.every(one => one.getBoundingClientRect().width > 0)")
    page.emulate_media(media="print", forced_colors="none")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_same_control_has_the_same_name_in_both_positions(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/settings")
    control = ada.get_by_role("switch", name="Enable Business Texting for all users at all locations", exact=True)
    expect(control).to_be_checked()
    expect(control).to_have_text("On")
    control.click()
    ada.get_by_role("button", name="Turn off for").click()
    expect(control).not_to_be_checked()
    expect(control).to_have_text("Off")
