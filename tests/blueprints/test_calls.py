"""The pages on which a member finds whom to call, and notes that they did."""

import re

import pytest

from portal.extensions import db
from portal.models import Conversation
from tests.talks import THEIRS, come, hold, text_in, words

ULI = "+14165550101"
SENTENCE = "They wrote after STOP. Call them."


@pytest.fixture
def asked(inside, people):
    """Somebody wrote to Uli after STOP, and others after that; the ref of the conversation."""
    with inside():
        come("STOP", ULI)
        come("When is my appointment?", ULI)
        hold(people["Uli"].id, text_in("Later"), theirs="+16475550111")
        return db.session.query(Conversation.ref).filter_by(theirs=THEIRS).scalar()


def titles(page):
    return re.findall(r"<h2><a [^>]*><bdi>([^<]+)", re.sub(r"\s+(?=<)|(?<=>)\s+", "", page.text))


def test_it_stands_on_top_of_the_inbox_and_counts_as_unread(browse, asked):
    uli = browse("Uli")
    uli.get(f"/messages/{asked}")
    page = uli.get("/messages/")
    assert page.text.index("647 555 0110") < page.text.index("647 555 0111")
    assert page.text.count(SENTENCE) == 1
    assert page.text.count("647 555 0110") == 1, "it stands there once"
    assert "2 new texts" in page.text


def test_the_conversation_says_whom_to_call(browse, asked):
    page = browse("Uli").get(f"/messages/{asked}")
    assert SENTENCE in page.text
    assert f'href="tel:{THEIRS}"' in page.text


def test_no_line_asks_to_be_read_before_the_call(browse, inside, asked):
    """Reading changes nothing then, so a page would ask for it each time it is opened."""
    uli = browse("Uli")
    page = uli.get(f"/messages/{asked}")
    assert "When is my appointment?" in page.text
    assert 'hx-trigger="intersect' not in page.text
    other = re.search(r'href="/messages/(\w{12})"><strong><bdi>[^<]*0111', uli.get("/messages/").text)
    assert other and uli.get(f"/messages/{other[1]}").text.count('hx-trigger="intersect') == 1


def note_call(browser, asked):
    page = browser.get(f"/messages/{asked}")
    seen = re.search(r'name="asked" value="([^"]+)"', page.text)[1]
    return browser.post(f"/messages/{asked}/called", data={"asked": seen})


def test_noting_the_call_ends_it(browse, asked):
    uli = browse("Uli")
    answer = note_call(uli, asked)
    assert answer.status_code == 303
    page = uli.get(answer.headers["Location"])
    assert "The call is noted." in page.text
    assert "You noted that you called them" in page.text
    assert SENTENCE not in page.text
    assert page.text.count('id="call" hidden') == 1
    inbox = uli.get("/messages/")
    assert SENTENCE not in inbox.text
    assert "2 new texts" not in inbox.text


def test_a_page_that_is_too_old_changes_nothing_and_says_so(browse, asked):
    uli = browse("Uli")
    answer = uli.post(f"/messages/{asked}/called", data={"asked": "2026-11-01T00:00:00+00:00"})
    assert "Nothing was changed" in uli.get(answer.headers["Location"]).text
    assert SENTENCE in uli.get("/messages/").text


@pytest.mark.parametrize("name", ["Ben", "Ada", "Rita", "Mia"])
def test_nobody_else_can_note_it(browse, asked, name):
    assert browse(name).post(f"/messages/{asked}/called", data={"asked": ""}).status_code == 404


def test_a_search_shows_it_in_its_place(browse, asked):
    page = browse("Uli").post("/messages/", data={"search": "0110"})
    assert SENTENCE in page.text
    assert "647 555 0111" not in page.text


def test_a_page_that_is_open_learns_of_it(browse, inside, people):
    with inside():
        ref = hold(people["Uli"].id, text_in("Hi"))
        come("STOP", ULI)
    uli = browse("Uli")
    address = re.search(r'hx-get="([^"]+/news[^"]+)"', uli.get(f"/messages/{ref}").text)[1].replace("&amp;", "&")
    with inside():
        come("Hello?", ULI)
    part = uli.get(address, part=True).text
    assert 'hx-target="#call"' in part
    assert SENTENCE in words(part)


def test_the_inbox_asks_for_as_many_statements_with_calls_as_without(browse, asked, statements, inside):
    uli = browse("Uli")
    uli.get("/messages/")
    with statements() as few:
        uli.get("/messages/")
    with inside():
        for last in range(20, 40):
            come("Cancel", ULI, f"+164755501{last}")
    with statements() as many:
        uli.get("/messages/")
    assert len(many) == len(few)
