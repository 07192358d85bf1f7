"""The inbox asks for what is new: the first page of its list, silent while nothing changes."""

import html
import json
import re

import pytest
from sqlalchemy import update

from portal.extensions import writing
from portal.models import Conversation
from tests.stores import WRITES
from tests.talks import THEIRS, come, hold, many, text_in, text_out, words

ULI = "+14165550101"
OTHER = "+16475550111"


@pytest.fixture
def talk(inside, people):
    with inside():
        hold(people["Uli"].id, text_out("Hello Zoë"), theirs=OTHER, name="Zoë")
        return hold(people["Uli"].id, text_out("Hello Jane"), text_in("Hi"), name="Jane")


def poll(page):
    """The method, the address and the values with which a list asks for what is new; None without one."""
    asks = re.search(r'id="inbox-news" hx-(get|post)="([^"]+)"(.*?)></div>', page, re.DOTALL)
    if asks is None:
        return None
    values = re.search(r"hx-vals='([^']*)'", asks[3])
    return asks[1], html.unescape(asks[2]), json.loads(html.unescape(values[1])) if values else {}


def ask(browser, page):
    method, address, fields = poll(page)
    return browser.get(address, part=True) if method == "get" else browser.post(address, data=fields, part=True)


def titles(markup):
    return re.findall(r"<bdi>([^<]+)</bdi>", markup)


def test_nothing_new_is_nothing(browse, talk, statements, begun):
    uli = browse("Uli")
    page = uli.get("/messages/").text
    begun.clear()
    with statements() as seen:
        answer = ask(uli, page)
    assert (answer.status_code, answer.text, len(seen)) == (204, "", 2)
    assert WRITES not in begun


def test_a_text_that_arrives_comes_first_in_bold_with_its_count(browse, inside, talk):
    uli = browse("Uli")
    page = uli.get("/messages/").text
    assert titles(page) == ["Jane", "Zoë"]
    with inside():
        come("Ring <b>twice</b>", ULI, OTHER)
    answer = ask(uli, page)
    assert titles(answer.text) == ["Zoë", "Jane"]
    assert "<strong><bdi>Zoë</bdi></strong>" in answer.text
    assert "Zoë 1 1 new text" in words(answer.text)
    assert "Ring &lt;b&gt;twice&lt;/b&gt;" in answer.text
    assert re.search("<title>([^<]+)</title>", answer.text)[1].startswith("(2) Messages")
    assert ">You have 2 unread texts.</hx-partial>" in answer.text
    assert ask(uli, answer.text).status_code == 204


def test_an_inbox_without_conversations_asks_as_well(browse, inside):
    uli = browse("Uli")
    page = uli.get("/messages/").text
    assert ask(uli, page).status_code == 204
    with inside():
        come("Hello", ULI)
    assert "1 new text" in words(ask(uli, page).text)


def test_a_search_stays_what_it_was_and_stands_in_no_address(browse, inside, talk):
    uli = browse("Uli")
    page = uli.post("/messages/", data={"search": "0111"}).text
    method, address, fields = poll(page)
    assert (method, address.partition("?")[0], fields["search"]) == ("post", "/messages/news", "0111")
    with inside():
        come("For Jane", ULI)
    assert ask(uli, page).status_code == 204
    with inside():
        come("For Zoë", ULI, OTHER)
    answer = ask(uli, page)
    assert titles(answer.text) == ["Zoë"]
    assert poll(answer.text)[2]["search"] == "0111"
    assert ask(uli, answer.text).status_code == 204


def test_older_pages_do_not_ask(browse, inside, people, talk):
    uli = browse("Uli")
    with inside():
        for index in range(60):
            hold(people["Uli"].id, text_in(), theirs=f"+1647556{index:04}")
    older = re.search(r'href="(/messages/[?]before=[0-9]+)"', uli.get("/messages/").text)[1]
    assert poll(uli.get(older).text) is None
    assert poll(uli.post("/messages/", data={"search": "647", "before": "40"}).text) is None


def test_calls_to_make_stay_above(browse, inside, talk):
    uli = browse("Uli")
    page = uli.get("/messages/").text
    with inside():
        come("Cancel", ULI, OTHER)
        come("Hello", ULI, THEIRS)
    assert titles(ask(uli, page).text) == ["Zoë", "Jane"]


def test_it_keeps_no_session_alive_and_shows_ones_own_alone(browse, inside, people, talk, clock):
    with inside():
        hold(people["Ben"].id, text_in("For Ben"), name="Bens own")
        many(people["Ben"].id, talk, 1)
    uli = browse("Uli")
    page = uli.get("/messages/").text
    with inside(), writing() as session:
        session.execute(update(Conversation).where(Conversation.ref == talk).values(unread=7))
    assert "Bens own" not in ask(uli, page).text
    for _ in range(5):
        clock.forward(hours=3)
        answer = ask(uli, page)
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (401, "delete")


# --- beside an open conversation -----------------------------------------------------------------


def beside(page):
    """The address with which an open conversation asks what is new, in it and in the list beside it."""
    return html.unescape(re.search(r'id="news" hx-get="([^"]+)"', page)[1])


@pytest.fixture
def quiet(inside, people, talk):
    """A conversation in which no text can change any more."""
    with inside():
        return hold(people["Uli"].id, text_in("Hi"), theirs="+16475550120", name="Quinn")


def test_an_open_conversation_asks_for_news_of_all(browse, inside, quiet, statements, begun):
    """Two statements and no words while nothing changes; then the rows, the open one marked, and a nudge to count."""
    uli = browse("Uli")
    page = uli.get(f"/messages/{quiet}").text
    begun.clear()
    with statements() as seen:
        answer = uli.get(beside(page), part=True)
    assert (answer.status_code, answer.text, len(seen)) == (204, "", 2)
    assert WRITES not in begun
    with inside():
        come("Ring twice", ULI, OTHER)
    answer = uli.get(beside(page), part=True)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "counted")
    assert titles(answer.text) == ["Zoë", "Quinn", "Jane"]
    assert 'hx-target="#texts"' not in answer.text
    assert re.findall(r'href="/messages/(\w+)"\s*aria-current="page"', answer.text) == [quiet]
    assert uli.get(beside(answer.text), part=True).status_code == 204


def test_news_of_the_open_conversation_bring_the_list_and_the_next_question(browse, inside, talk):
    uli = browse("Uli")
    page = uli.get(f"/messages/{talk}").text
    with inside():
        come("For Jane", ULI, THEIRS)
    answer = uli.get(beside(page), part=True)
    assert answer.text.count('hx-target="#beside"') == answer.text.count('hx-target="#texts"') == 1
    # To read what came changes the counts, so they are not asked for yet.
    assert "HX-Trigger" not in answer.headers
    assert uli.get(beside(answer.text), part=True).status_code == 204


def test_news_elsewhere_leave_the_lines_as_they_are(browse, inside, talk):
    """What the page knows of its texts stays in the question: a change of one of them is told all the same."""
    uli = browse("Uli")
    page = uli.get(f"/messages/{talk}").text
    with inside():
        come("Ring twice", ULI, OTHER)
    answer = uli.get(beside(page), part=True)
    with inside():
        come("For Jane", ULI, THEIRS)
    assert "For Jane" in uli.get(beside(answer.text), part=True).text
    assert "Hello Jane" not in answer.text


def test_with_more_conversations_than_stand_beside(browse, inside, people, talk):
    with inside():
        for index in range(60):
            hold(people["Uli"].id, text_in(), theirs=f"+1647556{index:04}")
    uli = browse("Uli")
    address = beside(uli.get(f"/messages/{talk}").text)
    assert uli.get(address, part=True).status_code == 204
    with inside():
        come("For Jane", ULI, THEIRS)
    assert "For Jane" in uli.get(address, part=True).text


def test_older_texts_and_the_list_beside_them_do_not_ask(browse, inside, talk):
    with inside():
        for index in range(60):
            come(f"Text {index}", ULI, THEIRS)
    uli = browse("Uli")
    older = html.unescape(re.search(r'id="older-texts" href="([^"]+)"', uli.get(f"/messages/{talk}").text)[1])
    assert "/news" not in uli.get(older).text


def test_the_list_beside_is_ones_own(browse, inside, people, talk):
    with inside():
        theirs = hold(people["Ben"].id, text_in("For Ben"), name="Bens own")
    asked = "/news?after=0&watch=&day=&rows="
    assert sorted(set(titles(browse("Uli").get(f"/messages/{talk}{asked}", part=True).text))) == ["Jane", "Zoë"]
    assert set(titles(browse("Ben").get(f"/messages/{theirs}{asked}", part=True).text)) == {"Bens own"}
    assert browse("Ben").get(f"/messages/{talk}{asked}", part=True).status_code == 404
