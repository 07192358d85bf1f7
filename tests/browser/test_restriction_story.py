"""A sender is slowed down from a case, appeals, and another operator lifts it; everybody reads what they need."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.talking import SOON, last, move_places, open_talk, write_to
from tests.patience import wait_for

pytestmark = pytest.mark.browser

REPORTER, OTHERS = "+1 647 555 0131", ("+1 647 555 0132", "+1 647 555 0133")
SPAM = "Only today: all glasses at half the price, come and see"
NOTE = "They had not agreed to get advertising."


def report(stranger: Page) -> None:
    """Somebody without an account reports what came from Uli's number."""
    stranger.goto("/report-spam?from=%2B14165550101")
    stranger.get_by_label("What did the text say?").fill(SPAM)
    stranger.get_by_label("Your number that received it").fill(REPORTER)
    stranger.get_by_label("Unwanted advertising").check()
    stranger.get_by_role("button", name="Send report").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Report received")


def open_case(olga: Page) -> None:
    """Find the case about Uli in the queue, as soon as the report has been looked into."""
    link = olga.get_by_role("row").filter(has_text="Uli Brandt").get_by_role("link", name=re.compile(", case "))

    def is_there() -> bool:
        olga.goto("/operator/cases")
        return link.count() > 0

    wait_for(is_there)
    link.click()
    expect(olga.get_by_role("heading", level=1)).to_contain_text("Uli Brandt")


def slow_down(olga: Page) -> None:
    olga.get_by_label("Slow down sender", exact=True).check()
    olga.get_by_label("Reason", exact=True).select_option(label="spam")
    olga.get_by_label("Note", exact=True).fill(NOTE)
    olga.get_by_role("button", name=re.compile("^Slow down until ")).click()
    expect(olga.get_by_role("status").first).not_to_be_empty()


def test_slowed_down_appealed_and_lifted(sit_down, portal):
    uli, stranger, olga, oskar, ada = (sit_down(name) for name in ("Uli", "", "Olga", "Oskar", "Ada"))
    write_to(uli, REPORTER, SPAM)
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    report(stranger)
    open_case(olga)
    slow_down(olga)
    move_places(portal, 1)

    # Uli reads it before writing; what is written waits and says why and where to read more.
    uli.goto("/messages/new")
    expect(uli.get_by_text("Your texts are slowed to 1 a minute until")).to_be_visible()
    for number in OTHERS:
        write_to(uli, number, f"Hello {number[-4:]}, are you coming?")
        expect(last(uli)).to_contain_text("Waiting: leaves about", timeout=SOON)
        expect(last(uli)).to_contain_text("one by one")
    last(uli).get_by_role("link", name="Read the notice").click()
    expect(uli.get_by_role("heading", name="Slowed", exact=True)).to_be_visible()
    expect(uli.get_by_text(NOTE)).to_be_visible()
    uli.get_by_role("link", name="Appeal", exact=True).click()
    uli.get_by_label("Your explanation").fill("They signed up on our website; I have the form.")
    uli.get_by_role("button", name="Send appeal").click()
    expect(uli.get_by_role("heading", name="What was sent")).to_be_visible()

    # Olga decided it, so she only reads it; Oskar decides.
    olga.goto("/operator/restrictions")
    olga.get_by_role("link", name="Appeal by Uli Brandt").click()
    expect(olga.get_by_text("another operator decides the appeal")).to_be_visible()
    expect(olga.get_by_role("button", name="Lift")).to_have_count(0)
    oskar.goto("/operator/restrictions")
    oskar.get_by_role("link", name="Appeal by Uli Brandt").click()
    expect(oskar.get_by_text("They signed up on our website")).to_be_visible()
    oskar.get_by_label("Reason", exact=True).fill("The form shows that they agreed.")
    oskar.get_by_role("button", name="Lift", exact=True).click()
    expect(oskar.get_by_text("Lifted. Texts that waited because of it go out now.")).to_be_visible()

    # What waited goes out, and everybody can read what happened.
    for number in OTHERS:
        open_talk(uli, number)
        expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    uli.goto("/notices")
    expect(uli.get_by_text("You are not blocked or slowed.")).to_be_visible()
    uli.get_by_text("Restrictions that have ended").click()
    expect(uli.get_by_text("The form shows that they agreed.")).to_be_visible()
    ada.goto("/admin/audit")
    told = ada.get_by_role("listitem")
    for sentence in (rf"Olga Weiss restricted Uli Brandt \(slowed until .* {NOTE}",
                     "Uli Brandt appealed against a restriction of Uli Brandt.",
                     "Oskar Lind lifted a restriction of Uli Brandt: slowed. The form shows that they agreed."):
        expect(told.filter(has_text=re.compile(sentence))).to_have_count(1)
