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

LONG_TALK = """
from wsgi import app
from portal.extensions import db
from portal.models import Conversation
from tests.talks import many
with app.app_context():
    talk = db.session.scalars(db.select(Conversation).where(Conversation.name == "Jane Cooper")).one()
    many(talk.user_id, talk.ref, 60)
"""


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


def test_older_texts_come_above_and_move_nothing(sit_down, portal):
    uli = sit_down("Uli", view=PHONE)
    portal.python(LONG_TALK)
    open_talk(uli, "Jane Cooper")
    first = uli.get_by_text("Text 10", exact=True)
    first.scroll_into_view_if_needed()
    before, days = first.bounding_box()["y"], uli.locator(".day").count()
    uli.get_by_role("link", name="Older").click()
    expect(uli.get_by_text("Text 3", exact=True)).to_be_attached(timeout=SOON)
    expect(uli.get_by_role("link", name="Older")).to_have_count(0)
    assert abs(first.bounding_box()["y"] - before) < 2
    assert days < uli.locator(".day").count()
    shown = uli.locator(".day time").evaluate_all("all => all.map(one => one.getAttribute('datetime'))")
    assert shown == sorted(set(shown)), "each day once, in order"


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
