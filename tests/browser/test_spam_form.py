"""A stranger with a phone reports a text, without JavaScript; a member does it with one tap."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import beside, faults
from tests.browser.conftest import PHONE
from tests.browser.steps import expect_focus
from tests.browser.talking import SOON, last, open_talk, write_to

pytestmark = pytest.mark.browser

SPAM = "You have won a parcel! Pay 2.99 at parcel-fees.example to get it"


def test_a_stranger_reports_within_three_pages(sit_down, portal):
    """UX-01, UX-04: on a small screen without JavaScript, from the start page to the page of the report."""
    stranger, pages = sit_down(view=PHONE, script=False), []
    stranger.on("framenavigated", lambda frame: pages.append(frame.url.removeprefix(portal.address)))
    stranger.goto("/")
    stranger.get_by_role("main").get_by_role("link", name="Report spam").click()
    for label, words in (("Number that sent the text", "(416) 555-0101"), ("What did the text say?", SPAM),
                         ("Your number that received it", "647 555 0110")):
        stranger.get_by_label(label, exact=True).press_sequentially(words)
    stranger.get_by_label("Scam or phishing").check()
    stranger.get_by_role("button", name="Send report").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Report received")
    assert [page.rpartition("/")[0] if "/thanks/" in page else page for page in pages] == [
        "/", "/report-spam", "/report-spam/thanks"]
    stranger.get_by_role("link", name="Follow your report").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Your report")
    expect(stranger.get_by_role("main")).to_contain_text("Received")
    own = sit_down()
    own.goto(stranger.url)
    expect(own.get_by_role("heading", level=1)).to_have_text("Your report")
    assert "parcel" not in own.content()
    letter = sit_down()
    letter.goto(stranger.url.replace("/status/", "/thanks/"))
    wanted = letter.get_by_role("link", name="Send this link to yourself").get_attribute("href")
    assert letter.evaluate("address => decodeURIComponent(address)", wanted).endswith(stranger.url.removeprefix(
        portal.address))


def test_a_fault_is_mended_by_keyboard_alone(sit_down):
    """UX-02, A11Y-02: the summary has the focus, its links lead to the fields, nothing typed is lost."""
    stranger = sit_down(view=PHONE)
    stranger.goto("/report-spam")
    stranger.get_by_label("What did the text say?").fill(SPAM)
    stranger.get_by_label("Ask this business to stop texting my number").focus()
    stranger.keyboard.press("Space")
    stranger.keyboard.press("Tab")
    # The field that stays empty is not on the way.
    expect_focus(stranger, "button Send report")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect_focus(stranger, "section There is a problem")
    assert faults(stranger) == beside(stranger) == []
    stranger.get_by_role("link", name="Enter the number that sent the text.").press("Enter")
    stranger.keyboard.type("416 555 0101")
    stranger.get_by_role("link", name="Enter your number").press("Enter")
    stranger.keyboard.type("647 555 0110")
    expect(stranger.get_by_label("What did the text say?")).to_have_value(SPAM)
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Report received")


@pytest.mark.parametrize("script", [True, False])
def test_one_tap_in_a_conversation(sit_down, script):
    """The text says that it was reported, the reference is read out, and the focus stays where it was."""
    ben, uli = sit_down("Ben"), sit_down("Uli", script=script, view=PHONE, reduced_motion="reduce")
    write_to(ben, "+1 416 555 0101", SPAM)
    expect(last(ben)).to_contain_text("Delivered", timeout=SOON)
    open_talk(uli, "+1 416 555 0102")
    line = last(uli)
    expect(line).to_contain_text("parcel")
    line.get_by_role("button", name="Report spam").click()
    expect(uli.get_by_role("status")).to_contain_text("Reported, thank you. Your reference is")
    expect(line).to_contain_text("You reported this text, reference")
    expect(line.get_by_role("button")).to_have_count(0)
    if script:
        expect_focus(uli, "li ")
    assert beside(uli) == []
    uli.get_by_role("status").get_by_role("link", name="Follow your report").click()
    expect(uli.get_by_role("heading", level=1)).to_have_text("Your report")
