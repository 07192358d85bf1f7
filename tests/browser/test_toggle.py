"""Who can text: an administrator overrides the default for one user, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import expect_focus, go_to_location, go_to_user, row, save, texting

pytestmark = pytest.mark.browser

OFF, ON, DEFAULT = (
    "Override default settings: off", "Override default settings: on", "Use organization default settings",
)


def test_ada_overrides_uli_in_place(sit_down):
    ada = sit_down("Ada")
    go_to_user(ada, "Uli Brandt")
    ada.evaluate("window.untouched = true")
    expect(texting(ada)).to_contain_text("Can text set by Toronto")

    save(ada, OFF)

    expect(texting(ada)).to_contain_text("Off set for this user")
    expect(ada.locator("#said")).to_contain_text("Saved. Uli Brandt cannot send texts.")
    expect_focus(ada, "button Save")

    save(ada, ON)

    expect(texting(ada)).to_contain_text("Can text set for this user")
    expect(ada.locator("#said")).to_contain_text("Saved. Uli Brandt can now send and receive texts.")
    expect_focus(ada, "button Save")
    assert ada.evaluate("window.untouched"), "the page was loaded anew"

    ada.goto("/admin/users?search=Uli+Brandt")
    expect(row(ada, "Uli Brandt")).to_contain_text("Can text set for this user")


def test_ada_overrides_uli_without_javascript(sit_down):
    ada = sit_down("Ada", script=False)
    go_to_user(ada, "Uli Brandt")

    save(ada, OFF)
    expect(texting(ada)).to_contain_text("Off set for this user")
    expect(ada.get_by_role("status")).to_contain_text("Saved. Uli Brandt cannot send texts.")

    save(ada, DEFAULT)
    expect(texting(ada)).to_contain_text("Can text set by Toronto")

    save(ada, OFF)
    ada.goto("/admin/users?search=Uli+Brandt")
    expect(row(ada, "Uli Brandt")).to_contain_text("Off set for this user")


def test_radios_decide_nothing_before_save(sit_down):
    ada = sit_down("Ada")
    go_to_user(ada, "Uli Brandt")
    ada.get_by_label(DEFAULT).focus()

    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("ArrowDown")

    expect(ada.get_by_label(OFF)).to_be_checked()
    expect(ada.get_by_role("radio")).to_have_count(3)
    ada.reload()
    expect(ada.get_by_label(DEFAULT)).to_be_checked()
    expect(texting(ada)).to_contain_text("Can text set by Toronto")


def test_one_live_region_stands_before_it_speaks(sit_down):
    ada = sit_down("Ada")
    go_to_user(ada, "Uli Brandt")
    # The other region says only, in a word, that texts have come.
    said = ada.locator("[role=status], [aria-live]:not(#counted)")
    expect(said).to_have_count(1)
    expect(said).to_be_empty()
    ada.evaluate("window.region = document.querySelector('#said')")

    save(ada, OFF)

    expect(said).not_to_be_empty()
    assert ada.evaluate("window.region === document.querySelector('#said')"), "the region was replaced"


def test_the_effect_at_a_location_is_shown_before_saving(sit_down):
    ada = sit_down("Ada")
    go_to_location(ada, "Boston")
    effect = ada.locator("#effect")
    expect(effect).to_contain_text("3 stay as they are")

    ada.get_by_label("On", exact=True).check()

    expect(effect).to_contain_text("3 turn on · 3 keep their own setting · 1 not available")
    expect(texting(ada)).to_contain_text("Here now: off")

    ada.get_by_role("button", name="Save").click()

    expect(texting(ada)).to_contain_text("Here now: on, set by Boston")
    expect_focus(ada, "button Save")
    effect.get_by_role("link", name="3 keep their own setting").click()
    expect(ada.get_by_role("row")).to_have_count(1 + 3)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_undo_turns_it_back(sit_down, script):
    """The button stands in the live region, and the page shows the truth after it: state, form and history."""
    ada = sit_down("Ada", script=script)
    go_to_user(ada, "Uli Brandt")
    save(ada, OFF)
    expect(texting(ada)).to_contain_text("Off set for this user")

    ada.get_by_role("status").get_by_role("button", name="Undo").click()

    expect(ada.get_by_role("status")).to_contain_text("Undone. Uli Brandt follows the default settings again.")
    expect(ada.get_by_role("button", name="Undo")).to_have_count(0)
    expect(texting(ada)).to_contain_text("Can text set by Toronto")
    expect(ada.get_by_label(DEFAULT)).to_be_checked()
    expect(ada.get_by_role("region", name="History")).to_contain_text("This undid an earlier change.")
