"""Who can text: an administrator overrides the default for one user, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import faults
from tests.browser.steps import expect_focus, go_to_location, go_to_user, switch, texting

pytestmark = pytest.mark.browser

DEFAULT = "Use organization default settings"


def test_ada_overrides_uli_in_place(sit_down):
    ada = sit_down("Ada")
    go_to_user(ada, "Uli Brandt")
    ada.evaluate("window.untouched = true")
    expect(texting(ada)).to_contain_text("follows Toronto (on)")
    uli = switch(ada, "Uli Brandt")
    expect(uli).to_be_checked()

    uli.click()

    expect(uli).not_to_be_checked()
    expect(texting(ada)).to_contain_text("Override default settings: off, set by Ada Keller")
    expect(ada.locator("#said")).to_contain_text("Uli Brandt can no longer text.")
    expect(ada.get_by_role("region", name="History").get_by_role("listitem").first).to_contain_text(
        "turned texting off for Uli Brandt")
    expect(uli).to_be_focused()

    ada.keyboard.press("Space")

    expect(uli).to_be_checked()
    expect(ada.locator("#said")).to_contain_text("Uli Brandt can now send and receive texts.")
    expect(ada.get_by_role("region", name="History").get_by_role("listitem").first).to_contain_text(
        "turned texting on for Uli Brandt")
    expect(uli).to_be_focused()

    ada.get_by_role("button", name=DEFAULT).click()

    expect(texting(ada)).to_contain_text("follows Toronto (on)")
    expect_focus(ada, "p Use organization default settings: follows Toronto (on). ")
    assert ada.evaluate("window.untouched"), "the page was loaded anew"


def test_ada_overrides_uli_without_javascript(sit_down):
    ada = sit_down("Ada", script=False)
    go_to_user(ada, "Uli Brandt")

    switch(ada, "Uli Brandt").click()
    expect(switch(ada, "Uli Brandt")).not_to_be_checked()
    expect(ada.get_by_role("status")).to_contain_text("Uli Brandt can no longer text.")

    ada.get_by_role("button", name=DEFAULT).click()
    expect(switch(ada, "Uli Brandt")).to_be_checked()
    expect(texting(ada)).to_contain_text("follows Toronto (on)")


@pytest.mark.parametrize("script", [True, False])
def test_arrow_keys_turn_nothing(sit_down, script):
    ada = sit_down("Ada", script=script)
    go_to_user(ada, "Uli Brandt")
    switch(ada, "Uli Brandt").focus()

    for key in ("ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"):
        ada.keyboard.press(key)

    expect(switch(ada, "Uli Brandt")).to_be_focused()
    ada.reload()
    expect(switch(ada, "Uli Brandt")).to_be_checked()
    expect(texting(ada)).to_contain_text("follows Toronto (on)")


def test_under_a_lock_the_switch_is_disabled_and_names_it(sit_down):
    ada = sit_down("Ada")
    go_to_user(ada, "Angus Campbell")
    expect(switch(ada, "Angus Campbell")).to_be_disabled()
    expect(switch(ada, "Angus Campbell")).to_have_accessible_description(re.compile("^Halifax is locked: "))
    expect(texting(ada)).to_contain_text("Halifax is locked: ")
    texting(ada).get_by_role("link", name="Go to the lock").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Halifax")


def test_one_live_region_stands_before_it_speaks(sit_down):
    ada = sit_down("Ada")
    go_to_user(ada, "Uli Brandt")
    # The other region says only, in a word, that texts have come.
    said = ada.locator("[role=status], [aria-live]:not(#counted)")
    expect(said).to_have_count(1)
    expect(said).to_be_empty()
    ada.evaluate("window.region = document.querySelector('#said')")

    switch(ada, "Uli Brandt").click()

    expect(said).not_to_be_empty()
    assert ada.evaluate("window.region === document.querySelector('#said')"), "the region was replaced"


@pytest.mark.parametrize("script", [True, False])
def test_the_effect_at_a_location_is_shown_in_place(sit_down, script):
    ada = sit_down("Ada", script=script)
    go_to_location(ada, "Boston")
    boston, effect = switch(ada, "all users at Boston"), ada.get_by_role("region", name="Turn on texting for Boston?")
    expect(boston).not_to_be_checked()

    boston.click()

    expect(effect).to_contain_text("Nothing has changed yet.")
    expect(effect.get_by_role("listitem")).to_contain_text([
        "3 people get texting.", "3 have their own setting and keep it.", "1 person cannot text anyway."])
    expect(boston).not_to_be_checked()
    if script:
        expect(effect).to_be_focused()
        assert faults(ada) == []

    ada.get_by_role("button", name="Cancel").click()

    expect(effect).to_have_count(0)
    expect(boston).not_to_be_checked()

    boston.click()
    ada.get_by_role("button", name="Turn on for 3 people").click()

    expect(boston).to_be_checked()
    expect(ada.get_by_role("status")).to_contain_text("Texting is on for Boston. It changed for 3 people.")
    expect(ada.get_by_role("region", name="History").get_by_role("listitem").first).to_contain_text("texting on")
    ada.get_by_role("button", name="Use organization default").click()
    ada.get_by_role("link", name="3 people lose texting.").or_(
        ada.get_by_role("link", name="stay as they are")).first.click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Users")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_undo_turns_it_back(sit_down, script):
    """The button stands in the live region, and the page shows the truth after it: state, form and history."""
    ada = sit_down("Ada", script=script)
    go_to_user(ada, "Uli Brandt")
    switch(ada, "Uli Brandt").click()
    expect(switch(ada, "Uli Brandt")).not_to_be_checked()

    ada.get_by_role("status").get_by_role("button", name="Undo").click()

    expect(ada.get_by_role("status")).to_contain_text("Undone. Uli Brandt follows the default settings again.")
    expect(ada.get_by_role("button", name="Undo")).to_have_count(0)
    expect(switch(ada, "Uli Brandt")).to_be_checked()
    expect(texting(ada)).to_contain_text("follows Toronto (on)")
    expect(ada.get_by_role("region", name="History")).to_contain_text("This undid an earlier change.")
