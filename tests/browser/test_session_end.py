"""A session that ends while somebody types: the page stays, says so, and no letter is lost or shown to another."""

import sqlite3
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from tests.browser.portal import PASSWORD
from tests.browser.talking import open_talk, texts

pytestmark = pytest.mark.browser
BEFORE, AFTER = "Dear Ms. Nguyen, ", "your results are in."
TYPED = BEFORE + AFTER


def end_all(portal):
    with sqlite3.connect(portal.database, timeout=30) as database:
        database.execute("UPDATE sessions SET ended_at = CURRENT_TIMESTAMP")


def drafts(portal):
    with sqlite3.connect(portal.database, timeout=30) as database:
        return [body for body, in database.execute("SELECT body FROM drafts ORDER BY id")]


def fill_sign_in(page, name):
    page.get_by_label("Email address").fill(f"{name.lower()}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def come_back(page, name):
    page.get_by_role("link", name="Sign in and come back").click()
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    expect(page.get_by_text("What you typed is kept for you alone")).to_be_visible()
    fill_sign_in(page, name)


def box(page):
    return page.get_by_label("Message", exact=True)


def type_on(page, words):
    """The status of the answer that has seen all of the words: none of this page comes later.

    One about the half of them, or about the number, would meet whoever signs in meanwhile in another tab.
    """
    with page.expect_response(has_seen(words)) as answer:
        box(page).press_sequentially(words, delay=5)
    return answer.value.status


def has_seen(words):
    """Whether an answer is to a look at all of the words."""
    def has_seen_all(answer):
        typed = parse_qs(answer.request.post_data or "").values()
        return answer.url.endswith("/messages/consider") and any(one.endswith(words) for (one, *_more) in typed)

    return has_seen_all


def test_a_session_ended_while_typing_loses_no_letter(sit_down, portal):
    uli = sit_down("Uli", expected=(401,))
    uli.goto("/messages/new")
    uli.get_by_label("To", exact=True).fill("416 555 0112")
    assert type_on(uli, BEFORE) == 200
    end_all(portal)
    assert type_on(uli, AFTER) == 401
    expect(uli.locator("#said")).to_contain_text("Your session has ended.")
    assert uli.url.endswith("/messages/new")
    expect(box(uli)).to_have_value(TYPED)
    come_back(uli, "Uli")
    uli.wait_for_url("**/messages/new")
    expect(uli.get_by_text("What you typed is filled in again.")).to_be_visible()
    expect(box(uli)).to_have_value(TYPED)
    expect(uli.get_by_label("To", exact=True)).to_have_value("416 555 0112")
    uli.get_by_role("button", name="Send").click()
    expect(texts(uli).last).to_contain_text(TYPED)
    assert texts(uli).count() == 1, "sent once, by its writer"
    assert drafts(portal) == []


def test_in_a_conversation_and_nothing_is_sent_by_itself(sit_down, portal):
    uli = sit_down("Uli", expected=(401,))
    open_talk(uli, "Jane Cooper")
    here, before = uli.url.split("#")[0], texts(uli).count()
    type_on(uli, BEFORE)
    end_all(portal)
    expect(uli.locator("#news")).to_have_count(0)
    box(uli).press_sequentially(AFTER)
    uli.get_by_role("button", name="Send").click()
    expect(uli.locator("#said")).to_contain_text("What you typed is kept for you for one hour")
    expect(box(uli)).to_have_value(TYPED)
    come_back(uli, "Uli")
    uli.wait_for_url(here)
    expect(box(uli)).to_have_value(TYPED)
    expect(texts(uli)).to_have_count(before)


def test_the_page_goes_on_after_signing_in_in_another_tab(sit_down, portal):
    uli = sit_down("Uli", expected=(401,))
    uli.goto("/messages/new")
    uli.get_by_label("To", exact=True).fill("416 555 0112")
    end_all(portal)
    assert type_on(uli, BEFORE) == 401
    tab = uli.context.new_page()
    tab.goto("/sign-in")
    fill_sign_in(tab, "Uli")
    tab.get_by_role("navigation", name="Main").wait_for()
    assert type_on(uli, AFTER) == 200
    uli.get_by_role("button", name="Send").click()
    expect(texts(uli).last).to_contain_text(TYPED)


@pytest.mark.parametrize("script", [True, False])
def test_another_person_who_signs_in_there_gets_an_empty_form(sit_down, portal, script):
    page = sit_down("Uli", script=script, expected=(401,))
    page.goto("/messages/new")
    page.get_by_label("To", exact=True).fill("416 555 0112")
    end_all(portal)
    if script:
        assert type_on(page, TYPED) == 401
        come_back(page, "Ben")
    else:
        box(page).fill(TYPED)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("What you typed is kept for you alone")).to_be_visible()
        fill_sign_in(page, "Ben")
    page.wait_for_url("**/messages/new")
    expect(box(page)).to_have_value("")
    expect(page.get_by_label("To", exact=True)).to_have_value("")
    assert TYPED not in page.content()


def test_without_javascript_it_is_filled_in_again(sit_down, portal):
    uli = sit_down("Uli", script=False)
    uli.goto("/messages/new")
    uli.get_by_label("To", exact=True).fill("416 555 0112")
    box(uli).fill(TYPED)
    end_all(portal)
    uli.get_by_role("button", name="Send").click()
    expect(uli.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert TYPED not in uli.content()
    fill_sign_in(uli, "Uli")
    uli.wait_for_url("**/messages/new")
    expect(box(uli)).to_have_value(TYPED)
    uli.get_by_role("button", name="Send").click()
    expect(texts(uli).last).to_contain_text(TYPED)
    assert texts(uli).count() == 1


def test_a_draft_is_there_after_a_reload_and_on_another_device(sit_down, portal):
    uli = sit_down("Uli")
    open_talk(uli, "Jane Cooper")
    type_on(uli, BEFORE)
    with uli.expect_response(has_seen(AFTER)):
        box(uli).press_sequentially(AFTER)
        # Leaving the field is enough; nobody waits for the typing to rest.
        uli.get_by_role("button", name="Send").focus()
    uli.reload()
    expect(box(uli)).to_have_value(TYPED)
    phone = sit_down("Uli")
    open_talk(phone, "Jane Cooper")
    expect(box(phone)).to_have_value(TYPED)
    phone.get_by_role("button", name="Send").click()
    expect(texts(phone).last).to_contain_text(TYPED)
    expect(box(phone)).to_have_value("")
    uli.reload()
    expect(box(uli)).to_have_value("")
    assert drafts(portal) == []
