"""The page that asks who answers before a person with open conversations is deactivated."""

import re

import pytest

from portal.extensions import db
from portal.models import User
from tests.talks import hold, text_in, words


@pytest.fixture
def page(inside, people):
    """Uli has an open conversation; gives the address of the page about it."""
    with inside():
        hold(people["Uli"].id, text_in("When?"))
    return f"/admin/users/{people['Uli'].ref}/deactivate"


def is_active(inside, people):
    with inside():
        return db.session.get_one(User, people["Uli"].id).active


def test_the_button_leads_to_the_question(browse, inside, people, page):
    browser = browse("Ada")
    answer = browser.post(f"/admin/users/{people['Uli'].ref}/account", data={"account-to": "deactivated"})
    assert (answer.status_code, answer.location) == (303, page)
    assert is_active(inside, people)
    shown = words(browser.get(page).text)
    assert "Uli Brandt has 1 open conversation" in shown
    assert "are told that nobody reads it" in shown, "Maple Clinic is in healthcare"


def test_what_was_typed_stays_and_nothing_is_done_on_errors(browse, inside, people, page):
    answer = browse("Ada").post(page, data={"answers": "rita@example.com"})
    assert answer.status_code == 422
    assert 'value="rita@example.com"' in answer.text
    assert "a member of your organization who can text" in words(answer.text)
    assert is_active(inside, people)


def test_a_member_takes_over(browse, inside, people, page):
    answer = browse("Ada").post(page, data={"answers": "ben@example.com"}, follow_redirects=True)
    assert "1 conversation is handed over." in words(answer.text)
    assert not is_active(inside, people)
    ben = browse("Ben")
    (talk,) = re.findall(r'href="(/messages/\w{12})"', ben.get("/messages/").text)
    assert "From now on you answer" in words(ben.get(talk).text)


def test_the_overview_counts_what_nobody_answers(browse, page):
    browser = browse("Ada")
    assert "open conversation of a deactivated person" not in words(browser.get("/admin/").text)
    browser.post(page, data={"answers": ""})
    assert "1 open conversation of a deactivated person" in words(browser.get("/admin/").text)
    assert "Who answers for Uli Brandt?" in words(browser.get(page).text)
