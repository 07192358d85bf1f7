"""A conversation on a phone and beside the list: the newest text is in view, and older ones stay where one reads."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.talking import SOON, last, open_talk, say, texts

pytestmark = pytest.mark.browser

NEWEST_IN_VIEW = """() => {
  const box = [...document.querySelectorAll("#texts > li")].at(-1).getBoundingClientRect()
  const around = document.querySelector(".scroller").getBoundingClientRect()
  return box.bottom <= around.bottom + 1 && box.bottom > around.top && around.bottom <= window.innerHeight
}"""


def fill_talk(page: Page, many: int) -> None:
    for number in range(many):
        say(page, f"Line {number}\nof two")
        expect(texts(page).filter(has_text=f"Line {number}")).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("script", [True, False])
def test_the_newest_text_is_in_view_after_opening(sit_down, script):
    uli = sit_down("Uli", view=PHONE, script=script)
    open_talk(uli, "Jane Cooper")
    expect(last(uli)).to_be_in_viewport()
    expect(uli.get_by_label("Message", exact=True)).to_be_in_viewport()
    assert uli.evaluate(NEWEST_IN_VIEW)
    assert uli.evaluate("document.documentElement.scrollHeight <= window.innerHeight"), "the page itself scrolls"


def test_it_stays_in_view_after_sending_and_when_one_arrives(sit_down, portal):
    uli = sit_down("Uli", view=PHONE)
    open_talk(uli, "Jane Cooper")
    fill_talk(uli, 4)
    assert uli.evaluate(NEWEST_IN_VIEW)
    portal.text_in("+16475550110", "+14165550101", "I am here")
    expect(last(uli)).to_contain_text("I am here", timeout=SOON)
    expect(last(uli)).to_be_in_viewport()
    assert uli.evaluate(NEWEST_IN_VIEW)


def test_who_scrolled_up_is_left_there(sit_down, portal):
    uli = sit_down("Uli", view=PHONE)
    open_talk(uli, "Jane Cooper")
    fill_talk(uli, 4)
    first = texts(uli).first
    first.scroll_into_view_if_needed()
    expect(first).to_be_in_viewport()
    before = first.bounding_box()["y"]
    portal.text_in("+16475550110", "+14165550101", "I am here")
    expect(last(uli)).to_contain_text("I am here", timeout=SOON)
    assert abs(first.bounding_box()["y"] - before) < 2


def test_the_list_stands_beside_it_and_details_open(sit_down):
    uli = sit_down("Uli")
    open_talk(uli, "Jane Cooper")
    beside = uli.get_by_role("region", name="Conversations")
    expect(beside.get_by_role("link", name="Jane Cooper")).to_have_attribute("aria-current", "page")
    expect(uli.get_by_role("heading", name="About this number")).to_be_hidden()
    uli.get_by_role("link", name="Details").click()
    expect(uli.get_by_role("heading", name="About this number")).to_be_visible()
    uli.get_by_role("link", name="Close").click()
    expect(uli.get_by_role("heading", name="About this number")).to_be_hidden()
    beside.get_by_role("link", name="Courier desk").click()
    expect(uli.get_by_role("heading", level=1)).to_have_text("Courier desk")
