"""Spam cases in a real browser: thirty decided by the keyboard alone, the preview, paper, and what axe finds."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import beside, faults
from tests.browser.steps import expect_focus, focused
from tests.browser.test_keyboard import follow, press, tab_to

pytestmark = pytest.mark.browser

# So many numbers of the demo send the same to somebody, and each of these people reports it.
MAKE = """
import sys
from datetime import timedelta
from sqlalchemy import select
from wsgi import app
from portal.extensions import now
from portal.models import Number, User
from portal.extensions import db
from tests.reports import number, sent, settle, told
TEXT = 'Your parcel waits. Pay 2.99 at parcel-fees.example to get it <script>alert(1)</script>'
with app.app_context():
    people = db.session.execute(select(User.id, Number.e164).join(Number, Number.user_id == User.id).where(
        User.operator.is_(False)).order_by(User.id).limit(int(sys.argv[1]))).all()
    for index, (user_id, ours) in enumerate(people):
        sent(user_id, number(index), TEXT, at=now() - timedelta(minutes=index))
        told(ours, number(index), TEXT)
    settle()
"""


@pytest.fixture
def olga(portal, sit_down):
    """`olga(3)`: Olga in a browser, while so many people more have been reported."""
    def come(many, **options):
        portal.python(MAKE, str(many))
        page = sit_down("Olga", **options)
        page.goto("/operator/cases")
        return page
    return come


def looked_at(page):
    """Light and dark, wide and narrow."""
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert faults(page) == []
    assert beside(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert beside(page) == []


def first_case(page):
    page.get_by_role("link", name=re.compile("^Scam or phishing, case")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Scam or phishing: "))


def test_axe_finds_nothing_on_queue_and_case(olga):
    page = olga(3, reduced_motion="reduce")
    looked_at(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    first_case(page)
    looked_at(page)
    page.get_by_role("button", name="Decide", exact=True).click()
    problem = page.get_by_role("region", name="There is a problem")
    expect(problem).to_be_focused()
    looked_at(page)
    page.get_by_label("Did not break the rules").check()
    expect(problem).to_be_hidden()
    page.get_by_role("button", name="Close the case").click()
    expect(page.get_by_role("region", name="Decided")).to_be_visible()
    looked_at(page)


def test_thirty_cases_by_the_keyboard_alone(olga):
    """From the queue to the last case, each with *Decide and open next*; the focus is seen all the way."""
    page = olga(30)
    waiting = page.locator("tbody tr").count()
    assert waiting >= 30
    link = page.get_by_role("link", name=re.compile(", case ")).first
    tab_to(page, f"a {link.get_attribute('aria-label')}")
    follow(page)
    tab_to(page, "a To the decision")
    for turn in range(waiting):
        assert ": " in page.title()
        press(page, "Enter")
        tab_to(page, "input Did not break the rules")
        press(page, "Space")
        tab_to(page, "button Decide and open next")
        follow(page)
        if turn < waiting - 1:
            # The next case begins at its heading, so the way to the decision is one step.
            expect_focus(page, "h1 ")
            press(page, "Tab")
            expect_focus(page, "a To the decision")
    expect(page.get_by_role("heading", level=1)).to_have_text("Spam cases")
    expect(page.get_by_role("status")).to_contain_text("All cases are decided.")


def test_the_preview_follows_what_is_chosen(olga):
    page = olga(1)
    first_case(page)
    preview = page.locator("#preview")
    expect(preview).to_contain_text("the sender is not told")
    expect(page.get_by_label("Reason")).to_be_hidden()
    page.get_by_label("Slow down sender").check()
    page.get_by_label("Reason").select_option("spam")
    expect(preview).to_contain_text("Texts are slowed to 1 a minute until")
    expect(preview).not_to_contain_text("found nothing against the rules")
    expect(page.get_by_role("button", name=re.compile("^Slow down until "))).to_be_visible()
    page.get_by_label("Block sender").check()
    expect(page.get_by_label("Texts a minute")).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("^Block until "))).to_be_visible()
    assert focused(page) != "body"


def test_without_javascript(olga):
    page = olga(2, script=False)
    first_case(page)
    page.get_by_label("Block sender").check()
    page.get_by_role("button", name="Decide and open next").click()
    expect(page.get_by_role("link", name="Choose a reason. The sender reads it.")).to_be_visible()
    expect(page.get_by_label("Block sender")).to_be_checked()
    page.get_by_label("Reason").select_option("fraud")
    page.get_by_role("textbox", name="Note", exact=True).fill("These texts pretend to be a parcel service.")
    page.get_by_role("button", name="Decide and open next").click()
    expect(page.get_by_role("status")).to_contain_text("is decided.")


def test_on_paper_a_case_is_its_evidence(olga):
    page = olga(1)
    first_case(page)
    page.emulate_media(media="print")
    for name in ("Reports", "Sender", "History"):
        expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
    for button in page.get_by_role("button").all():
        expect(button).to_be_hidden()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    assert page.pdf()
