"""The inbox and the counts stay fresh by themselves, on every page that is open."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.talking import SOON, last, open_talk

pytestmark = pytest.mark.browser

JANE, ULI = "+16475550110", "+14165550101"
AGAIN = "document.body.dispatchEvent(new CustomEvent('counted', {bubbles: true}))"


def rows(page):
    return page.get_by_role("main").get_by_role("listitem")


def unread(page):
    """The number in the title."""
    found = re.match(r"(?:Error: )?\((\d+)\) ", page.title())
    return int(found[1]) if found else 0


def expect_unread(page, number):
    expect(page).to_have_title(re.compile(rf"^\({number}\) " if number else r"^[^(]"), timeout=SOON)


def ask_until(page, number):
    """Let the page ask before its time is up, until it counts so many: the text is on its way from the carrier."""
    for _ in range(400):
        page.evaluate(AGAIN)
        page.wait_for_timeout(250)
        if unread(page) == number:
            return
    raise AssertionError(f"not {number} but {page.title()}")


def test_a_text_appears_in_the_inbox_and_the_title_counts_it(sit_down, portal):
    uli = sit_down("Uli")
    uli.goto("/messages/")
    uli.evaluate("window.untouched = true")
    before, calls = unread(uli), rows(uli).filter(has=uli.locator("strong.warn")).count()
    uli.get_by_role("link", name="Courier desk").focus()
    portal.text_in(JANE, ULI, "The blue folder, please")
    jane = rows(uli).filter(has_text="Jane Cooper")
    expect(jane).to_contain_text("The blue folder, please", timeout=SOON)
    expect(jane).to_contain_text("3 new texts")
    expect(jane.locator("strong")).to_have_text("Jane Cooper")
    expect_unread(uli, before + 1)
    expect(uli.get_by_role("link", name="Messages", exact=True)).to_have_accessible_description(
        f"{before + 1} unread texts")
    expect(uli.locator("#counted")).to_have_text(f"You have {before + 1} unread texts.")
    named = rows(uli).all_inner_texts()
    assert named[calls].startswith("Jane Cooper"), "first, below the calls to make"
    assert uli.evaluate("window.untouched"), "the page was loaded anew"
    expect(uli.get_by_role("link", name="Courier desk")).to_be_focused()
    jane.get_by_role("link").click()
    expect(uli.get_by_role("heading", level=1)).to_have_text("Jane Cooper")


def test_a_search_stays_while_texts_arrive(sit_down, portal):
    uli = sit_down("Uli")
    uli.goto("/messages/")
    uli.get_by_label("Search by number or name").fill("jane")
    uli.get_by_role("button", name="Search").click()
    expect(rows(uli)).to_have_count(1)
    asked = []
    uli.on("request", lambda request: asked.append(request.url))
    portal.text_in(JANE, ULI, "The blue folder, please")
    expect(rows(uli)).to_contain_text("The blue folder, please", timeout=SOON)
    expect(rows(uli)).to_have_count(1)
    expect(uli.get_by_label("Search by number or name")).to_have_value("jane")
    assert asked
    assert not [url for url in asked if "jane" in url.lower() or "5550110" in url]


def test_every_page_counts_what_arrives_and_what_is_read(sit_down, portal):
    """The real poll comes every 15 seconds; the event that reading sends brings it at once."""
    uli, elsewhere = sit_down("Uli"), sit_down("Uli")
    elsewhere.goto("/account")
    before = unread(elsewhere)
    portal.text_in(JANE, ULI, "The blue folder, please")
    ask_until(elsewhere, before + 1)
    expect(elsewhere).to_have_title(re.compile(r"Your account · "))
    expect(elsewhere.get_by_role("link", name="Messages", exact=True)).to_contain_text(str(before + 1))
    open_talk(uli, "Jane Cooper")
    last(uli).scroll_into_view_if_needed()
    expect_unread(uli, before - 2)
    expect(uli).to_have_title(re.compile("Messages: Jane Cooper"))
    ask_until(elsewhere, before - 2)
    expect(elsewhere.locator("#counts")).to_have_count(1)


def test_the_title_of_an_error_stays_one_while_counts_change(sit_down, portal):
    uli = sit_down("Uli")
    open_talk(uli, "Courier desk")
    before = unread(uli)
    uli.get_by_role("button", name="Send", exact=True).click()
    expect(uli).to_have_title(re.compile(rf"^Error: \({before}\) Messages: Courier desk"))
    portal.text_in(JANE, ULI, "The blue folder, please")
    ask_until(uli, before + 1)
    expect(uli).to_have_title(re.compile(rf"^Error: \({before + 1}\) Messages: Courier desk"))


def test_operators_and_administrators_see_what_waits(sit_down):
    for who, link, words in (("Olga", "Spam cases", "open case"), ("Ada", "Opt-outs", "to decide")):
        page = sit_down(who)
        page.goto("/account")
        expect(page.get_by_role("link", name=link, exact=True)).to_have_accessible_description(
            re.compile(rf"^\d+ .*{words}"))


def test_the_list_beside_a_conversation_shows_what_others_write(sit_down, portal):
    """Not only what the open one brings; the title counts it soon after."""
    uli = sit_down("Uli")
    uli.goto("/messages/")
    before = unread(uli)
    uli.get_by_role("link", name="Courier desk").click()
    beside = uli.get_by_role("region", name="Conversations")
    expect(beside.locator("[aria-current=page]")).to_have_text("Courier desk")
    uli.evaluate("window.untouched = true")
    portal.text_in("+16475550177", ULI, "Is the shop open?")
    row = beside.get_by_role("listitem").filter(has_text="+1 647 555 0177")
    expect(row).to_contain_text("Is the shop open?", timeout=SOON)
    expect_unread(uli, before + 1)
    expect(beside.locator("[aria-current=page]")).to_have_text("Courier desk")
    assert uli.evaluate("window.untouched"), "the page was loaded anew"
