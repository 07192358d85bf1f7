"""Everything with the keyboard alone; what holds the focus is always visible, and never nothing."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.portal import PASSWORD
from tests.browser.steps import ENABLE, expect_focus, focused, switch

pytestmark = pytest.mark.browser

# A field for day and time hands the focus on to a button of the browser's own, which has a ring of its own.
OUTLINED = """() => {
  const style = getComputedStyle(document.activeElement)
  if (document.activeElement.matches("[type=datetime-local]:not(:focus-visible)")) return true
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
}"""
IN_SIGHT = """() => {
  const box = document.activeElement.getBoundingClientRect()
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
  return document.activeElement.contains(top) || top?.contains(document.activeElement)
      || [...(document.activeElement.labels ?? [])].some(label => label.contains(top))
}"""


def tab_to(page: Page, wanted: str, key: str = "Tab") -> None:
    """Press Tab until something has the focus, and look at everything on the way."""
    for _press in range(90):
        page.keyboard.press(key)
        here = focused(page)
        if here != "body":  # behind the last thing on a page the focus goes to the browser itself
            assert page.evaluate(OUTLINED), f"no visible focus on {here}"
            assert page.evaluate(IN_SIGHT), f"something hides {here}"
        if here == wanted:
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)


def follow(page: Page) -> None:
    """Press Enter where that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_sign_in(sit_down):
    ada = sit_down()
    ada.goto("/")
    tab_to(ada, "a Skip to the content")
    press(ada, "Enter")
    tab_to(ada, "a Sign in")
    follow(ada)
    tab_to(ada, "input Email address")
    ada.keyboard.type("ada@example.com")
    tab_to(ada, "input Password")
    ada.keyboard.type("not this one")
    follow(ada)
    expect(ada.get_by_role("region", name="There is a problem")).to_be_focused()
    tab_to(ada, "input Password")
    ada.keyboard.type(PASSWORD)
    follow(ada)
    expect(ada.get_by_role("heading", level=1)).to_have_text("Overview")


def test_filter_the_list_and_toggle_a_user(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/")
    tab_to(ada, "a Users")
    follow(ada)
    tab_to(ada, "input Search users")
    ada.keyboard.type("Uli Brandt")
    follow(ada)
    expect(ada.get_by_role("rowheader")).to_have_count(1)
    tab_to(ada, "a Uli Brandt")
    follow(ada)
    tab_to(ada, "button Business Texting for Uli Brandt")
    press(ada, "Enter")

    expect(switch(ada, "Uli Brandt")).not_to_be_checked()
    expect(switch(ada, "Uli Brandt")).to_be_focused()
    tab_to(ada, "button Use organization default settings")
    tab_to(ada, "button Business Texting for Uli Brandt", key="Shift+Tab")


def test_confirm_a_switch_for_the_organization(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/settings")
    tab_to(ada, f"button {ENABLE}")
    press(ada, "Space")
    expect_focus(ada, "section Turn off texting for Maple Clinic?")
    tab_to(ada, "button Cancel")
    press(ada, "Enter")
    expect(ada.locator("#effect")).to_have_count(0)
    tab_to(ada, f"button {ENABLE}")
    press(ada, "Space")
    expect_focus(ada, "section Turn off texting for Maple Clinic?")
    tab_to(ada, f"button {ada.get_by_role('button', name='Turn off for').inner_text()}")
    press(ada, "Enter")
    expect(ada.get_by_role("status")).to_contain_text("Texting is off for Maple Clinic.")


def test_change_many(sit_down):
    ada = sit_down("Ada")
    ada.goto("/admin/users?texting=can-text")
    tab_to(ada, "input Select Ada Keller")
    press(ada, "Space")
    tab_to(ada, "button Turn off")
    follow(ada)
    expect(ada.get_by_role("main")).to_contain_text("1 person loses texting.")
    tab_to(ada, "button Confirm")
    follow(ada)
    expect(ada.get_by_role("status")).to_contain_text("1 user changed.")
