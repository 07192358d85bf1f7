"""The switch for the whole organization: its effect before, its lock above everybody, its HIPAA notice."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import enable_switch, go_to_user, switch, texting

pytestmark = pytest.mark.browser

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


def press_switch(page):
    page.goto("/admin/settings")
    enable_switch(page).click()


def test_the_effect_shown_before_is_what_happens(sit_down):
    ada = sit_down("Ada")
    before = count_by_tiles(ada)
    assert before == {"Can text": 21, "Receive only": 3, "Off": 5, "Not available": 11}

    press_switch(ada)
    expect(ada.get_by_text("Nothing has changed yet.")).to_be_visible()
    expect(enable_switch(ada)).to_be_checked()
    said, addresses = effect_of(ada)
    assert [count_in_list(ada, address) for address in addresses] == list(said.values())
    assert count_by_tiles(ada) == before

    press_switch(ada)
    ada.get_by_role("button", name=f"Turn off for {said['people lose texting.']} people").click()
    expect(enable_switch(ada)).not_to_be_checked()
    after = count_by_tiles(ada)
    assert after["Off"] == before["Off"] + said["people lose texting."]
    assert after["Not available"] == before["Not available"]


@pytest.mark.parametrize("script", [True, False])
def test_a_lock_above_is_not_overridden_and_says_by_whom(sit_down, script):
    ada = sit_down("Ada", script=script)
    ada.goto("/admin/settings")
    ada.get_by_text("Lock", exact=True).click()
    ada.get_by_label(LOCK).check()
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_role("link", name="Say why it is locked")).to_be_visible()
    expect(ada).to_have_title(re.compile("^Error: "))
    expect(ada.get_by_label(LOCK)).to_be_checked()

    ada.get_by_label("Reason").fill("One rule for all.")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_role("region", name="Lock the setting of Maple Clinic?")).to_be_visible()
    ada.get_by_role("button", name="Lock for").click()
    expect(ada.get_by_role("status")).to_contain_text("Texting is on for Maple Clinic.")

    go_to_user(ada, "Uli Brandt")
    expect(texting(ada)).to_contain_text("Maple Clinic is locked: Ada Keller locked it on")
    expect(texting(ada)).to_contain_text("Reason: One rule for all.")
    expect(switch(ada, "Uli Brandt")).to_be_disabled()
    expect(switch(ada, "Uli Brandt")).to_be_checked()

    go_to_user(ada, "Emily Carter")
    texting(ada).get_by_role("button", name="Use organization default settings").click()
    expect(ada.locator("#said")).to_contain_text("Emily Carter can now send and receive texts.")


@pytest.mark.parametrize("script", [True, False])
def test_otto_reads_the_hipaa_notice_before_he_turns_texting_on(sit_down, script):
    otto = sit_down("Otto", script=script)
    press_switch(otto)
    problem = otto.get_by_role("region", name="Nothing was changed")
    expect(problem).to_contain_text("No administrator of your organization has confirmed the current HIPAA notice.")
    expect(enable_switch(otto)).not_to_be_checked()

    problem.get_by_role("link", name="Read the HIPAA notice").click()
    otto.get_by_role("button", name="I have read this").click()

    expect(otto.get_by_role("heading", level=1)).to_have_text("Service settings")
    expect(otto.get_by_role("status")).to_have_text("Your confirmation is saved.")
    enable_switch(otto).click()
    expect(otto.get_by_role("button", name="Turn on for 5 people")).to_be_visible()
    assert effect_of(otto)[0] == {"people get texting.": 5}
    otto.get_by_role("button", name="Turn on for 5 people").click()
    expect(enable_switch(otto)).to_be_checked()
    go_to_user(otto, "Mia Castellano")
    expect(texting(otto)).to_contain_text("follows the organization (on)")
