"""The pretend carrier's numbers, each with what a person sees of it, and STOP from one end to the other."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.talking import SOON, last, move_places, open_talk, say, texts, write_to

pytestmark = pytest.mark.browser

HELLO = "Hello, this is Maple Clinic."
UNREACHABLE, SPAM, NO_RECEIPT, TWICE = "604 555 0150", "312 555 0151", "902 555 0152", "787 555 0156"
# What a page that is open shows once the carrier has said all that it will say.
BECAME = {
    "212 555 0110": "Delivered", "506 555 0149": "Delivered", TWICE: "Delivered", NO_RECEIPT: "Sent",
    UNREACHABLE: "Not delivered: the phone could not be reached.",
    SPAM: "Not delivered: the carrier refused it as spam.",
}
# How long the page needs to ask twice, so that whatever still comes has come.
TWO_POLLS = 4_500
BUSY = "Waiting: the carrier was busy. We try again."
# As many as may leave at once.
BURST = 15


def state(line: Locator) -> Locator:
    """The word for what became of a text, with the colon where more is said."""
    return line.locator("strong.effect")


def in_inbox(page: Page, number: str) -> Locator:
    page.goto("/messages/")
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=f"+1 {number}")


def test_what_became_of_texts(sit_down):
    uli = sit_down("Uli")
    for number, became in BECAME.items():
        write_to(uli, number, HELLO)
        expect(last(uli)).to_contain_text(became, timeout=SOON)
    uli.wait_for_timeout(TWO_POLLS)
    for number, became in BECAME.items():
        word = became.partition(":")[0]
        found = in_inbox(uli, number)
        expect(found).to_contain_text(f"You: {HELLO}" + ("" if word == "Delivered" else f" {word}"))
        found.get_by_role("link").click()
        expect(texts(uli)).to_have_count(1)
        expect(state(last(uli))).to_have_count(1)
        expect(last(uli)).to_contain_text(became)


def test_stop_from_a_scripted_number(sit_down):
    """The text arrives, STOP comes back, is answered once, and nothing goes round in circles."""
    uli = sit_down("Uli")
    write_to(uli, "204 555 0153", HELLO)
    expect(texts(uli).filter(has_text="Opted out by STOP")).to_contain_text(
        "Only they can undo it: ask them by phone to text START to +1 416 555 0101.", timeout=SOON)
    answer = texts(uli).filter(has_text="Automatic answer.")
    expect(answer).to_contain_text("you will get no more texts from us. Text START to this number")
    expect(answer).to_contain_text("Delivered", timeout=SOON)
    expect(state(texts(uli).first)).to_have_text("Delivered")
    uli.wait_for_timeout(TWO_POLLS)
    expect(texts(uli).filter(has_text="They wrote:")).to_have_count(1)
    expect(answer).to_have_count(1)


def test_an_answer_in_french_is_an_answer(sit_down):
    uli = sit_down("Uli")
    write_to(uli, "418 555 0154", HELLO)
    expect(last(uli)).to_contain_text("Bonjour, merci de votre message.", timeout=SOON)
    expect(state(texts(uli).first)).to_have_text("Delivered", timeout=SOON)
    say(uli, "With pleasure.")
    expect(texts(uli).filter(has_text="With pleasure.")).to_contain_text("Delivered", timeout=SOON)
    expect(texts(uli).filter(has_text=re.compile("opt", re.IGNORECASE))).to_have_count(0)


def test_a_busy_carrier_is_waited_for(sit_down):
    uli = sit_down("Uli")
    # The portal waits twice for a time by chance, which may be over before anybody looks.
    for area in ("613", "604", "519", "902"):
        write_to(uli, f"{area} 555 0155", HELLO)
        while state(last(uli)).inner_text() == "Sending":
            uli.reload()
        seen = last(uli).inner_text()
        if BUSY in seen:
            break
    assert BUSY in seen
    assert "Cancel" in seen
    expect(state(last(uli))).to_have_text("Delivered", timeout=SOON)
    expect(last(uli)).not_to_contain_text("busy")
    expect(last(uli).get_by_role("button", name="Cancel")).to_have_count(0)
    expect(texts(uli)).to_have_count(1)


def test_stop_to_one_of_us_stops_what_waits_at_another(sit_down, portal):
    uli, ben = sit_down("Uli"), sit_down("Ben")
    open_talk(uli, "Jane Cooper")
    for n in range(BURST):
        say(uli, f"Number {n}")
        expect(uli.get_by_label("Message", exact=True)).to_have_value("")
    expect(texts(uli).filter(has_text=f"Number {BURST - 1}")).to_contain_text("Delivered", timeout=SOON)
    move_places(portal, BURST)
    say(uli, "One too many")
    waiting = texts(uli).filter(has_text="One too many")
    expect(waiting).to_contain_text("Waiting:", timeout=SOON)
    expect(waiting).to_contain_text(re.compile(r"leaves about (\d+ \w+, )?\d\d:\d\d\."))
    expect(waiting).to_contain_text("You sent many texts at once, so they go out one by one.")

    portal.text_in("+16475550110", "+14165550102", "Stop.")
    expect(waiting).to_contain_text("Not sent: they opted out", timeout=SOON)
    expect(waiting.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(texts(uli).filter(has_text="Opted out by STOP")).to_be_visible()
    expect(uli.locator("#considered")).to_contain_text("This person opted out")
    write_to(ben, "647 555 0110", "Hello, this is Ben.")
    expect(ben.get_by_role("region", name="There is a problem")).to_contain_text(
        re.compile(r"This person opted out on .* Ask them by phone to text START to your number"))
    expect(ben.get_by_label("Message", exact=True)).to_have_value("Hello, this is Ben.")

    portal.text_in("+16475550110", "+14165550101", "START")
    expect(texts(uli).filter(has_text="Opted in again by START")).to_be_visible(timeout=SOON)
    expect(waiting).to_contain_text("Not sent:")
    ben.get_by_role("button", name="Send", exact=True).click()
    expect(texts(ben).filter(has_text="Hello, this is Ben.")).to_contain_text("Delivered", timeout=SOON)
