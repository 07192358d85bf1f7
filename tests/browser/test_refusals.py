"""What somebody hears who wants to send what cannot be sent: while they type, and again when they send."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import expect_focus
from tests.browser.talking import SOON, last, texts

pytestmark = pytest.mark.browser

CALL_911 = ("Texts to 911 cannot be sent from here.", "Call 911; if you cannot speak, use a relay service")
TYPE_IT = "Enter a phone number with its area code, such as +1 416 555 0123."
OTHER_CHANNEL = "Use another channel, or a US or Canadian number of the same person."
ASK = "Call the number, or ask for a geographic or mobile number."
# A number as it is typed, what is wrong with it, and what to do.
NUMBERS = {
    "911": CALL_911, "9-1-1": CALL_911, "+1 911": CALL_911, "112": CALL_911,
    "988": ("Texts to 988 cannot be sent from here.", "Call or text 988 from your own phone"),
    "+1 246 555 0123": ("This number is abroad: Barbados.", OTHER_CHANNEL),
    "+49 30 123456": ("This number is abroad: Germany.", OTHER_CHANNEL),
    "+1 800 555 0199": ("Numbers of this kind cannot be texted: toll-free.", ASK),
    "1-900-555-0123": ("Numbers of this kind cannot be texted: premium.", ASK),
    "411": ("Numbers of this kind cannot be texted: service code.", ASK),
    "72345": ("Numbers of this kind cannot be texted: short code.", ASK),
    "416 555 0101": ("This is your own business number.", "Enter the number of the person you want to reach."),
    "416 555 01": ("This is not a phone number you can text. It is too short.", TYPE_IT),
    "416 555 01o1": ("It contains letters.", TYPE_IT),
    "Jane": ("No number of yours is named Jane.", "Enter a phone number with area code."),
    "+1 340 555 0123": ("Texts to this US territory are not allowed here: U.S. Virgin Islands.",
                        "The people who run this portal decide which territories can be texted."),
}
TOO_LONG = ("Too long: 11 of at most 10 parts.", "Shorten it, or send two texts.")
NOTHING = ("There is nothing to read in this text.", "Write something.")
BODIES = {"a" * 1_531: TOO_LONG, "Ł" * 671: TOO_LONG, "": NOTHING, " \u200b ": NOTHING}
WORDS = "Your order is here."


def write(page: Page, number: str, words: str) -> None:
    page.get_by_label("To", exact=True).fill(number)
    page.get_by_label("Message", exact=True).fill(words)


def refused(page: Page, number: str, words: str, *said: str) -> None:
    """Send it, and read why not; nothing of what was typed is lost."""
    # Several numbers are refused in the same words: what the page said about the one before does not count.
    page.evaluate("document.querySelectorAll('section').forEach(one => one.dataset.before = 'yes')")
    page.get_by_role("button", name="Send", exact=True).click()
    problem = page.get_by_role("region", name="There is a problem")
    expect(problem).not_to_have_attribute("data-before", "yes")
    page.wait_for_load_state()
    for one in said:
        expect(problem).to_contain_text(one)
        expect(page.locator(".field.wrong").filter(has_text=one)).to_have_count(1)
    assert re.fullmatch(r"Error: \(\d+\) New message · Business Texting", page.title())
    expect(page.get_by_label("To", exact=True)).to_have_value(number)
    expect(page.get_by_label("Message", exact=True)).to_have_value(words)


def test_numbers_that_cannot_be_texted(sit_down):
    uli = sit_down("Uli")
    uli.goto("/messages/new")
    for number, said in NUMBERS.items():
        write(uli, number, WORDS)
        for one in said:
            expect(uli.locator("#considered")).to_contain_text(one)
        refused(uli, number, WORDS, *said)


def test_texts_that_cannot_be_sent(sit_down):
    uli = sit_down("Uli")
    uli.goto("/messages/new")
    for words, said in BODIES.items():
        write(uli, "647 555 0130", words)
        # What is not written yet is not held against anybody before they send.
        expect(uli.locator("#considered")).to_contain_text(said[0] if words.strip() else "To +1 647 555 0130")
        refused(uli, "647 555 0130", words, *said)


def test_reasons_come_and_go_while_somebody_types(sit_down):
    uli = sit_down("Uli")
    uli.goto("/messages/new")
    considered, number = uli.locator("#considered"), uli.get_by_label("To", exact=True)
    uli.get_by_label("Message", exact=True).fill("a" * 1_531)
    number.press_sequentially("246 555 0123", delay=30)
    for one in ("This number is abroad: Barbados.", OTHER_CHANNEL, *TOO_LONG):
        expect(considered).to_contain_text(one)
    # Looking at a text leaves its writer alone.
    expect_focus(uli, "input To")
    for _ in "246 555 0123":
        number.press("Backspace")
    number.press_sequentially("647 555 0130", delay=30)
    expect(considered).to_contain_text("To +1 647 555 0130")
    expect(considered).not_to_contain_text("abroad")
    expect(considered).to_contain_text(TOO_LONG[0])
    assert re.fullmatch(r"\(\d+\) New message · Business Texting", uli.title())
    uli.goto("/messages/")
    expect(uli.get_by_role("main")).not_to_contain_text("555 0130")


@pytest.mark.parametrize(("words", "strange", "segments"), [
    ("See you soon 🎉", "🎉", "1 text, 55 characters left"),
    ("Do zobaczenia, Michał", "ł", "1 text, 49 characters left"),
    ("ł" + "a" * 160, "ł", "1 text in 3 parts, 40 characters left")])
def test_costly_characters_are_named_and_sent(sit_down, words, strange, segments):
    uli = sit_down("Uli")
    uli.goto("/messages/new")
    write(uli, "647 555 0130", words)
    considered = uli.locator("#considered")
    expect(considered).to_contain_text(segments)
    expect(considered).to_contain_text(f"a part holds 70 characters instead of 160: {strange}")
    expect(considered.get_by_role("button", name="Replace them")).to_have_count(0)
    uli.get_by_role("button", name="Send", exact=True).click()
    expect(texts(uli)).to_have_count(1)
    expect(last(uli)).to_contain_text(words)
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
