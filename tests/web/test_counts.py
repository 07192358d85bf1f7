"""Counts in the navigation and the title: on every page, refreshed by one poll, and silent about who and what."""

import html
import re
from urllib.parse import quote

import pytest
from sqlalchemy.exc import OperationalError

from portal.web.counts import COUNTED
from tests.markup import look_at
from tests.stores import WRITES
from tests.talks import come, hold, text_in, text_out

ULI = "+14165550101"


@pytest.fixture
def talk(inside, people):
    with inside():
        return hold(people["Uli"].id, text_out("Hello"), text_in("Bring the red folder"), text_in("Twice"), name="Jane")


def title(answer):
    return html.unescape(re.search(r"<title>([^<]*)</title>", answer.text)[1])


def version(page):
    return re.search(r'id="counts" hx-get="/notices/counts\?seen=([^"]+)"', page)[1]


def badge(answer, view):
    """What a badge shows and says; the words describe the link."""
    place = f"count-{view.replace('.', '-')}"
    shown, said = re.search(rf'<span id="{place}">(.*?)<span id="{place}-words" hidden>([^<]*)</span>',
                            answer.text).groups()
    return re.sub(r"<[^>]*>", "", shown).strip(), said


@pytest.mark.parametrize("address", ["/messages/", "/notices", "/account", "/limitations", "/help", "/no-such-page"])
def test_every_page_counts_unread_texts(browse, talk, address):
    answer = browse("Uli").get(address)
    error = "Error: " if answer.status_code >= 400 else ""
    assert title(answer).startswith(f"{error}(2) ")
    assert badge(answer, "messaging.show_inbox") == ("2", "2 unread texts")
    assert re.search(r'<a href="/messages/"[^>]* aria-describedby="count-messaging-show_inbox-words"', answer.text)


def test_nothing_that_waits_is_no_number(browse):
    answer = browse("Uli").get("/account")
    assert not title(answer).startswith("(")
    assert badge(answer, "messaging.show_inbox") == ("", "")


@pytest.mark.parametrize("who", ["Uli", "Ada", "Rita", "Olga", "Otto"])
def test_every_count_has_its_place(browse, who):
    """What the poll brings finds its badge on the page of the same reader, and no other badge is there."""
    browser = browse(who)
    page, part = browser.get("/account").text, browser.get("/notices/counts", part=True).text
    brought = re.findall(r'<hx-partial hx-target="#(count-[\w-]+)" hx-swap="outerHTML"', part)
    there = re.findall(r'<span id="(count-[\w-]+)(?<!-words)">', page)
    assert sorted(brought) == sorted(there)
    assert brought
    assert {one.removesuffix("-below") for one in brought} <= {f"count-{view.replace('.', '-')}" for view in COUNTED}


def test_strangers_are_asked_for_nothing(browse):
    page = browse().get("/help").text
    assert 'id="counts"' not in page
    assert browse().get("/notices/counts", part=True).status_code == 401


def test_the_poll_is_silent_until_a_count_changes(browse, inside, talk, statements, begun):
    uli = browse("Uli")
    page = uli.get("/account").text
    begun.clear()
    with statements() as seen:
        answer = uli.get(f"/notices/counts?seen={version(page)}", part=True)
    assert (answer.status_code, answer.text, len(seen)) == (204, "", 2)
    assert WRITES not in begun
    with inside():
        come("The blue one", ULI)
    own = "Your account · Ärzte & <b>Co</b>"
    answer = uli.get(f"/notices/counts?seen={version(page)}", part=True, headers={"Page-Title": quote(own)})
    assert title(answer) == f"(3) {own}"
    assert badge(answer, "messaging.show_inbox") == ("3", "3 unread texts")
    assert "You have 3 unread texts." in answer.text
    assert uli.get(f"/notices/counts?seen={version(answer.text)}", part=True).status_code == 204
    assert f'"Page-Title": "{quote(own)}"' in answer.text, "the next poll tells the same title"


def test_neither_numbers_nor_names_nor_words_are_told(browse, inside, talk):
    with inside():
        come("The blue one", ULI)
    part = browse("Uli").get("/notices/counts?seen=0", part=True).text
    assert not [said for said in ("Jane", "555", "folder", "blue", talk) if said in part]


def test_fewer_texts_are_not_announced(browse, talk):
    assert "unread texts." not in browse("Uli").get("/notices/counts?seen=3.0", part=True).text
    assert "unread texts." in browse("Uli").get("/notices/counts?seen=1.0", part=True).text


@pytest.mark.parametrize("told", ["%00", "a%0Ab", "%E2%80%AEb", "x" * 9000])
def test_a_title_that_cannot_stand_there_is_left_out(browse, talk, told):
    answer = browse("Uli").get("/notices/counts", part=True, headers={"Page-Title": told})
    assert answer.status_code == 200
    assert ("<title>" in answer.text) == (told[0] == "x")
    assert len(answer.text) < 8000


def test_many_are_two_digits_and_a_plus(browse, inside, people):
    with inside():
        hold(people["Uli"].id, *[text_in()] * 120)
    answer = browse("Uli").get("/account")
    assert title(answer).startswith("(99+) ")
    assert badge(answer, "messaging.show_inbox") == ("99+", "99+ unread texts")


def test_an_answer_in_place_keeps_the_count_in_the_title(browse, talk):
    answer = browse("Uli").post(f"/messages/{talk}", data={"body": "", "do": "send"}, part=True)
    assert title(answer).startswith("Error: (2) Messages: Jane")
    assert quote("Error: Messages: Jane") in answer.text
    assert badge(answer, "messaging.show_inbox") == ("2", "2 unread texts")


def test_a_page_about_an_error_comes_without_counts_where_they_cannot_be_read(browse, monkeypatch):
    def busy(*_given):
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    uli = browse("Uli")
    monkeypatch.setattr("portal.services.waiting.count_waiting", busy)
    answer = uli.get("/account")
    assert answer.status_code == 503
    look_at(answer, signed_in=False)
