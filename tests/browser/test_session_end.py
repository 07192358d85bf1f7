"""F2: a session that ends while somebody types: the page stays, says so, and leads back after signing in."""

import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browser.portal import PASSWORD
from tests.browser.talking import open_talk

pytestmark = pytest.mark.browser
TYPED = "Dear Ms. Nguyen, your results are in."


def end_all(portal):
    with sqlite3.connect(portal.database, timeout=30) as database:
        database.execute("UPDATE sessions SET ended_at = CURRENT_TIMESTAMP")


def sign_in_again(page, email):
    page.get_by_role("link", name="Sign in and come back").click()
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_somebody_writes_a_text(sit_down, portal):
    uli = sit_down("Uli", expected=(401,))
    uli.goto("/messages/new")
    uli.get_by_label("To", exact=True).fill("416 555 0112")
    end_all(portal)
    uli.get_by_label("Message", exact=True).fill(TYPED)
    expect(uli.locator("#said")).to_contain_text("Your session has ended.")
    assert uli.url.endswith("/messages/new")
    expect(uli.get_by_label("Message", exact=True)).to_have_value(TYPED)
    expect(uli.get_by_label("To", exact=True)).to_have_value("416 555 0112")
    sign_in_again(uli, "uli@example.com")
    uli.wait_for_url("**/messages/new")


def test_somebody_reads_a_conversation(sit_down, portal):
    uli = sit_down("Uli", expected=(401,))
    open_talk(uli, "Jane Cooper")
    box, here = uli.get_by_label("Message", exact=True), uli.url.split("#")[0]
    box.fill(TYPED)
    end_all(portal)
    expect(uli.locator("#said")).to_contain_text("Your session has ended.")
    expect(box).to_have_value(TYPED)
    expect(uli.locator("#news")).to_have_count(0)
    uli.locator("#said").evaluate("region => region.replaceChildren()")
    uli.get_by_role("button", name="Send").click()
    expect(uli.locator("#said")).to_contain_text("Your session has ended.")
    expect(box).to_have_value(TYPED)
    sign_in_again(uli, "uli@example.com")
    uli.wait_for_url(here)
