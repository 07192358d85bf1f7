"""Undo after changes of a person and of many, and what is said before: with JavaScript and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import go_to_user, row

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])


def press_undo(page):
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone.")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


@BOTH
def test_a_deactivated_person_is_active_again(sit_down, script):
    """First the page says what it does; the answer to Undo says what stays as it is."""
    ada = sit_down("Ada", script=script)
    go_to_user(ada, "Ben Okafor")
    ada.get_by_role("button", name="Deactivate").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Deactivate Ben Okafor?")
    expect(ada.get_by_role("main")).to_contain_text("is signed out everywhere at once, and cannot sign in or text.")
    ada.get_by_role("button", name="Deactivate").click()
    expect(ada.get_by_role("status")).to_contain_text("Ben Okafor is deactivated and signed out.")
    expect(ada.get_by_role("button", name="Reactivate")).to_be_visible()

    press_undo(ada)

    expect(ada.get_by_role("status")).to_contain_text("Sessions and links that were ended stay ended.")
    expect(ada.get_by_role("button", name="Deactivate")).to_be_visible()


@BOTH
def test_a_removed_number_comes_back(sit_down, script):
    ada = sit_down("Ada", script=script)
    go_to_user(ada, "Ben Okafor")
    ada.get_by_role("group").filter(has_text="Remove number").locator("summary").click()
    expect(ada.get_by_text("cannot text without a number")).to_be_visible()
    ada.get_by_role("button", name="Remove number").click()
    expect(ada.get_by_role("status")).to_contain_text("The number is removed.")

    press_undo(ada)

    expect(ada.get_by_role("status")).to_contain_text("Ben Okafor has the number +1 416 555 0102 again.")
    expect(ada.locator("#number")).to_contain_text("+1 416 555 0102")


@BOTH
def test_one_undo_for_many(sit_down, script):
    """Back on the same list with its filter."""
    ada = sit_down("Ada", script=script)
    ada.goto("/admin/users?texting=can-text")
    ada.get_by_label("Select Uli Brandt").check()
    ada.get_by_role("button", name="Turn off").click()
    ada.get_by_role("button", name="Confirm").click()
    expect(ada.get_by_role("status")).to_contain_text("1 user changed.")
    expect(row(ada, "Uli Brandt")).to_have_count(0)

    press_undo(ada)

    expect(ada.get_by_role("status")).to_contain_text("1 user has their earlier setting again.")
    expect(ada).to_have_url(re.compile(r"/admin/users\?texting=can-text$"))
    expect(row(ada, "Uli Brandt")).to_be_visible()


@pytest.mark.parametrize("size", [(360, 740), (1280, 800)], ids=["phone", "wide"])
def test_what_can_be_undone_covers_no_control(sit_down, size):
    """It stays, so what stands at the end of the page and the bar of selected rows have to be reached all the same."""
    ada = sit_down("Ada")
    ada.set_viewport_size({"width": size[0], "height": size[1]})
    ada.goto("/admin/users?texting=can-text")
    ada.get_by_label("Select Uli Brandt").check()
    ada.get_by_role("button", name="Turn off").click()
    ada.get_by_role("button", name="Confirm").click()
    expect(ada.get_by_role("button", name="Undo")).to_be_visible()
    ada.get_by_label("Select Ben Okafor").check()
    for role, name in (("link", "Add user"), ("button", "Turn on"), ("button", "Undo")):
        ada.get_by_role("main").get_by_role(role, name=name).click(trial=True)
    ada.get_by_role("contentinfo").get_by_role("link", name="Help").click(trial=True)


def test_without_undo_it_goes_by_itself_and_with_undo_it_stays(sit_down):
    """The style says so; no test waits eight seconds for it."""
    ada = sit_down("Ada")
    message = ada.get_by_role("status").locator("> *")
    go_to_user(ada, "Ben Okafor")
    ada.get_by_role("button", name="Update details").click()
    expect(ada.get_by_role("status")).to_contain_text("The details are saved.")
    # A pointer over the message holds it, and the browser may show words before it has the style.
    ada.mouse.move(0, 0)
    expect(message).to_have_css("animation-delay", "8s")
    ada.get_by_label("Name", exact=True).fill("Benjamin Okafor")
    ada.get_by_role("button", name="Update details").click()
    expect(ada.get_by_role("button", name="Undo")).to_be_visible()
    ada.mouse.move(0, 0)
    expect(message).to_have_css("animation-name", "none")
