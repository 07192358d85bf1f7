"""Two members text each other, each in a browser of their own."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.talking import SOON, last, say, texts, write_to

pytestmark = pytest.mark.browser

ULI, BEN = "+1 416 555 0101", "+1 416 555 0102"
ROUNDS = 4


def row(page: Page, number: str) -> Locator:
    """The conversation with a number, in the inbox as it is now."""
    page.goto("/messages/")
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=number)


def tell(writer: Page, reader: Page, words: str) -> None:
    """Say something, until it stands in the other one's open conversation by itself."""
    say(writer, words)
    expect(last(reader)).to_contain_text(words)
    expect(writer.get_by_label("Message", exact=True)).to_have_value("")


def test_two_people_text_each_other(sit_down):
    uli, ben = sit_down("Uli"), sit_down("Ben")
    write_to(uli, BEN, "Hello Ben")
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    say(uli, "Are you there?")
    expect(last(uli)).to_contain_text("Are you there?", timeout=SOON)
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    expect(row(ben, ULI)).to_contain_text("2 new texts")
    expect(row(ben, ULI)).to_contain_text("Are you there?")
    row(ben, ULI).get_by_role("link", name=ULI).click()
    expect(ben.get_by_role("heading", level=1)).to_have_text(ULI)
    expect(texts(ben)).to_have_count(2)

    for page in (uli, ben):
        page.evaluate("window.untouched = true")
    for n in range(ROUNDS):
        tell(ben, uli, f"Ben's number {n}")
        tell(uli, ben, f"Uli's number {n}")
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    for page in (uli, ben):
        expect(texts(page)).to_have_count(2 + 2 * ROUNDS)
        expect(texts(page).filter(has_text="Delivered")).to_have_count(ROUNDS + (2 if page is uli else 0))
        assert page.evaluate("window.untouched"), "the page was loaded anew"


def test_an_inbox_says_what_has_not_been_read(sit_down):
    """What comes into view is read; what comes in while nobody looks stays unread."""
    uli, ben = sit_down("Uli"), sit_down("Ben")
    write_to(uli, BEN, "Hello Ben")
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    expect(row(ben, ULI)).to_contain_text("1 new text")
    row(ben, ULI).get_by_role("link", name=ULI).click()
    expect(ben.get_by_role("heading", level=1)).to_have_text(ULI)
    ben.get_by_label("Message", exact=True).fill("Half a thought")
    with ben.expect_response("**/read", timeout=SOON):
        say(uli, "This comes in while Ben looks")
        expect(last(ben)).to_contain_text("This comes in while Ben looks", timeout=SOON)
    expect(ben.get_by_label("Message", exact=True)).to_have_value("Half a thought")
    expect(row(ben, ULI)).not_to_contain_text("new text")
    row(ben, ULI).get_by_role("link", name=ULI).click()
    say(ben, "I have read it")
    expect(last(uli)).to_contain_text("I have read it", timeout=SOON)
    expect(row(ben, ULI)).to_contain_text("You: I have read it")
    expect(row(ben, ULI)).not_to_contain_text("new text")
    say(uli, "This while he does not")
    expect(last(uli)).to_contain_text("This while he does not", timeout=SOON)
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    expect(row(ben, ULI)).to_contain_text("1 new text")
