"""What has been seen is read, on every page of its member; what has not been seen stays unread."""

import pytest
from playwright.sync_api import expect

from tests.browser.talking import SOON, last, open_talk, reload_until, say, texts

pytestmark = pytest.mark.browser

JANE, ULI = "+16475550110", "+14165550101"
SMALL = {"width": 360, "height": 400}


def row(page, name):
    """The row of a conversation in the list of a page that is opened anew."""
    page.goto("/messages/")
    return page.get_by_role("main").get_by_role("listitem").filter(has_text=name)


def wait_until_read(page, name):
    for _ in range(40):
        if "new text" not in row(page, name).inner_text():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{name} stays unread")


def test_a_text_that_is_seen_as_it_arrives_is_read_everywhere(sit_down, portal):
    uli, elsewhere = sit_down("Uli"), sit_down("Uli")
    expect(row(elsewhere, "Jane Cooper")).to_contain_text("2 new texts")
    open_talk(uli, "Jane Cooper")
    wait_until_read(elsewhere, "Jane Cooper")
    portal.text_in(JANE, ULI, "Here I am")
    expect(last(uli)).to_contain_text("Here I am", timeout=SOON)
    wait_until_read(elsewhere, "Jane Cooper")


def test_a_text_below_what_is_in_view_stays_unread_until_it_is_scrolled_to(sit_down, portal):
    uli, elsewhere = sit_down("Uli", view=SMALL), sit_down("Uli")
    open_talk(uli, "Jane Cooper")
    last(uli).scroll_into_view_if_needed()
    wait_until_read(elsewhere, "Jane Cooper")
    texts(uli).first.scroll_into_view_if_needed()
    portal.text_in(JANE, ULI, "Are you still there?")
    expect(last(uli)).to_contain_text("Are you still there?", timeout=SOON)
    # Time for a second question of the page, so that one that read too much would have done so.
    uli.wait_for_timeout(2_500)
    expect(row(elsewhere, "Jane Cooper")).to_contain_text("1 new text")
    with uli.expect_response("**/read", timeout=SOON):
        last(uli).scroll_into_view_if_needed()
    wait_until_read(elsewhere, "Jane Cooper")


def test_reading_without_javascript_is_a_button_or_an_answer(sit_down, portal):
    uli = sit_down("Uli", script=False)
    open_talk(uli, "Jane Cooper")
    expect(row(uli, "Jane Cooper")).to_contain_text("2 new texts")
    open_talk(uli, "Jane Cooper")
    uli.get_by_role("button", name="Mark as read").click()
    expect(uli.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(row(uli, "Jane Cooper")).not_to_contain_text("new text")
    portal.text_in(JANE, ULI, "Are you there?")
    open_talk(uli, "Jane Cooper")
    reload_until(uli, "Are you there?")
    say(uli, "Yes")
    expect(last(uli)).to_contain_text("Yes")
    expect(row(uli, "Jane Cooper")).not_to_contain_text("new text")
