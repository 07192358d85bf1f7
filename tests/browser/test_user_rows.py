"""The switch in the list of users: a press turns this row, with JavaScript and without, and the list stays dense."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import faults
from tests.browser.steps import row, switch

pytestmark = pytest.mark.browser

SIZES = ((1280, 800, 10), (360, 740, 7))
# How many rows of people end above the lower edge of the screen.
ROWS_IN_SIGHT = """() => [...document.querySelectorAll("tbody tr")].filter(
  one => one.getBoundingClientRect().bottom <= innerHeight).length"""


def test_a_press_turns_the_row_in_place(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/users")
    ada.evaluate("window.untouched = true")
    off = ada.get_by_role("link", name="Off", exact=False).first
    before = int(off.inner_text().split()[-1])
    ben = switch(ada, "Ben Okafor")
    expect(ben).to_be_checked()

    ben.click()

    expect(ben).not_to_be_checked()
    expect(row(ada, "Ben Okafor")).to_contain_text("Off set for this user")
    expect(ada.get_by_role("status")).to_contain_text("Ben Okafor can no longer text.")
    expect(ada.get_by_role("navigation", name="Texting").get_by_role("link", name="Off ")).to_contain_text(
        str(before + 1))
    expect(ben).to_be_focused()
    assert faults(ada) == []

    ada.keyboard.press("Enter")

    expect(ben).to_be_checked()
    expect(row(ada, "Ben Okafor")).to_contain_text("Can text set for this user")
    assert ada.evaluate("window.untouched"), "the page was loaded anew"


def test_undo_in_the_toast_turns_it_back(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/users?search=Ben")
    switch(ada, "Ben Okafor").click()
    ada.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(switch(ada, "Ben Okafor")).to_be_checked()
    expect(row(ada, "Ben Okafor")).to_contain_text("set by Toronto")


@pytest.mark.parametrize("script", [True, False])
def test_a_press_changes_its_row_alone_while_others_are_ticked(sit_down, script):
    ada = sit_down("Ada", script=script)
    ada.goto("/admin/users?texting=can-text")
    ada.get_by_role("checkbox", name="Select Ada Keller").check()
    switch(ada, "Ben Okafor").click()

    expect(ada.get_by_role("status")).to_contain_text("Ben Okafor can no longer text.")
    ada.goto("/admin/users")
    expect(switch(ada, "Ben Okafor")).not_to_be_checked()
    expect(switch(ada, "Ada Keller")).to_be_checked()


@pytest.mark.parametrize("script", [True, False])
def test_arrow_keys_turn_nothing(sit_down, script):
    ada = sit_down("Ada", script=script)
    ada.goto("/admin/users")
    switch(ada, "Ben Okafor").focus()
    for key in ("ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"):
        ada.keyboard.press(key)
    ada.reload()
    expect(switch(ada, "Ben Okafor")).to_be_checked()
    expect(row(ada, "Ben Okafor")).to_contain_text("set by Toronto")


def test_under_a_lock_the_switch_of_a_row_is_disabled_and_names_it(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/users")
    expect(switch(ada, "Angus Campbell")).to_be_disabled()
    expect(switch(ada, "Angus Campbell")).to_have_accessible_description("Halifax is locked.")


@pytest.mark.parametrize(("width", "height", "least"), SIZES)
def test_enough_rows_are_in_sight(sit_down, width, height, least):
    ada = sit_down("Ada", view={"width": width, "height": height})
    ada.goto("/admin/users")
    assert ada.evaluate(ROWS_IN_SIGHT) >= least
    assert ada.evaluate("document.documentElement.scrollWidth") <= width
