"""The switch for the whole organization: its effect before, its lock above everybody, its HIPAA notice."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import go_to_user, switch, texting

pytestmark = pytest.mark.browser

ENABLE = "Enable Business Texting for all users at all locations"
LOCK = "Locations and users cannot change this"
STATES = ("Can text", "Receive only", "Off", "Not available")


def count_by_tiles(page):
    """How many users stand how, by the overview; each tile leads to a list of as many."""
    page.goto("/admin/")
    tiles = {name: page.get_by_role("link", name=re.compile(f"^{name} ")) for name in STATES}
    counted = {name: int(tile.locator(".tile-count").inner_text()) for name, tile in tiles.items()}
    addresses = {name: tile.get_attribute("href") for name, tile in tiles.items()}
    assert {name: count_in_list(page, address) for name, address in addresses.items()} == counted
    return counted


def count_in_list(page, address):
    page.goto(address)
    return int(page.get_by_role("navigation", name="Pages").inner_text().split()[0]) if rows(page) else 0


def rows(page):
    return page.get_by_role("row").count()


def effect_of(page):
    """What the effect says, and behind each number the list of those users, which is as long."""
    links = page.locator("#effect").get_by_role("link").all()
    said = {words: int(count) for count, words in (link.inner_text().split(" ", 1) for link in links)}
    return said, [link.get_attribute("href") for link in links]


def set_switches(page, *, enabled, locked="", save_only=False):
    page.goto("/admin/settings")
    page.get_by_label(ENABLE).set_checked(enabled)
    page.get_by_label(LOCK).set_checked(bool(locked))
    page.get_by_label("Reason").fill(locked)
    page.get_by_role("button", name="Save").click()


def test_the_effect_shown_before_is_what_happens(sit_down):
    ada = sit_down("Ada")
    before = count_by_tiles(ada)
    assert before == {"Can text": 21, "Receive only": 3, "Off": 5, "Not available": 11}

    set_switches(ada, enabled=False, locked="Until the audit is over.")
    expect(ada.get_by_text("Nothing is written yet.")).to_be_visible()
    said, addresses = effect_of(ada)
    assert said == {"turn off": 24, "stay as they are": 5, "not available": 11}
    assert [count_in_list(ada, address) for address in addresses] == [24, 5, 11]
    assert count_by_tiles(ada) == before

    set_switches(ada, enabled=False, locked="Until the audit is over.")
    ada.get_by_role("button", name="Confirm").click()
    expect(ada.get_by_role("status")).to_contain_text("Saved.")
    assert count_by_tiles(ada) == {"Can text": 0, "Receive only": 0, "Off": 29, "Not available": 11}

    set_switches(ada, enabled=True, locked="Everybody texts.")
    expect(ada.get_by_text("Nothing is written yet.")).to_be_visible()
    assert effect_of(ada)[0] == {"turn on": 29, "not available": 11}
    ada.get_by_role("button", name="Confirm").click()
    expect(ada.get_by_role("status")).to_contain_text("Saved.")
    after = count_by_tiles(ada)
    assert (after["Can text"] + after["Receive only"], after["Off"], after["Not available"]) == (29, 0, 11)


@pytest.mark.parametrize("script", [True, False])
def test_a_lock_above_is_not_overridden_and_says_by_whom(sit_down, script):
    ada = sit_down("Ada", script=script)
    set_switches(ada, enabled=True)
    ada.goto("/admin/settings")
    ada.get_by_label(LOCK).check()
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_role("link", name="Say why it is locked")).to_be_visible()
    expect(ada).to_have_title(re.compile("^Error: "))
    expect(ada.get_by_label(LOCK)).to_be_checked()

    ada.get_by_label("Reason").fill("One rule for all.")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("What this does")
    ada.get_by_role("button", name="Back").click()
    expect(ada.get_by_label("Reason")).to_have_value("One rule for all.")
    expect(ada.get_by_label(LOCK)).to_be_checked()
    ada.get_by_role("button", name="Save").click()
    ada.get_by_role("button", name="Confirm").click()
    expect(ada.get_by_role("status")).to_contain_text("Saved.")

    go_to_user(ada, "Uli Brandt")
    expect(texting(ada)).to_contain_text("Maple Clinic is locked: Ada Keller locked it on")
    expect(texting(ada)).to_contain_text("Reason: One rule for all.")
    expect(switch(ada, "Uli Brandt")).to_be_disabled()
    expect(switch(ada, "Uli Brandt")).to_be_checked()

    go_to_user(ada, "Emily Carter")
    texting(ada).get_by_role("button", name="Use organization default settings").click()
    expect(ada.locator("#said")).to_contain_text("Emily Carter can now send and receive texts.")


def test_otto_reads_the_hipaa_notice_before_he_switches_on(sit_down):
    otto = sit_down("Otto")
    set_switches(otto, enabled=True)
    problem = otto.get_by_role("region", name="There is a problem")
    expect(problem).to_contain_text("No administrator of your organization has confirmed the current HIPAA notice.")
    expect(otto.get_by_label(ENABLE)).to_be_checked()
    problem.get_by_role("link", name="About this rule").click()
    expect(otto.locator(":target")).to_contain_text("HIPAA notice")

    otto.goto("/notices")
    otto.get_by_role("button", name="I have read this").click()
    expect(otto.get_by_role("status")).to_have_text("Your confirmation is stored.")
    expect(otto.get_by_text("You confirmed it:")).to_be_visible()

    set_switches(otto, enabled=True)
    assert effect_of(otto)[0] == {"turn on": 5}
    otto.get_by_role("button", name="Confirm").click()
    expect(otto.get_by_role("status")).to_contain_text("Saved.")
    go_to_user(otto, "Mia Castellano")
    expect(texting(otto)).to_contain_text("follows the organization (on)")
