"""Drafts on the pages: kept while a person types, shown to that person again, and never to anybody else."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import KeptDraft, Message, Number, TextState
from tests.stores import WRITES
from tests.talks import THEIRS, come, hold, key, messages, ref_of, text_in, text_out, words

NEW = "/messages/new"


@pytest.fixture
def talk(inside, people):
    """The ref of Uli's conversation with an outside number."""
    with inside():
        return hold(people["Uli"].id, text_in("Hi Uli"))


def body(page):
    found = re.search(r'<textarea[^>]*name="body"[^>]*>(?:\r?\n)?(.*?)</textarea>', page.text, re.DOTALL)
    return found and unescape(found[1])


def number(page):
    return unescape(re.search(r'<input[^>]*name="number"[^>]*value="([^"]*)"', page.text)[1])


def look(browser, page, **typed):
    """What the page posts by itself when typing stops."""
    typed = {"number": THEIRS, "key": key(page), **typed}
    return browser.post("/messages/consider", data=typed, part=True)


def kept(inside):
    with inside():
        return db.session.scalars(select(KeptDraft.body).order_by(KeptDraft.id)).all()


def test_a_draft_of_a_conversation_is_there_again(browse, talk):
    """After a reload, on another device, and after the session in which it was written."""
    uli, address = browse("Uli"), f"/messages/{talk}"
    page = uli.get(address)
    assert f'name="conversation" value="{talk}"' in page.text
    assert "1 text, " in words(look(uli, page, conversation=talk, body="Dear Jane").text)
    for again in (uli, browse("Uli")):
        shown = again.get(address)
        assert (body(shown), key(shown)) == ("Dear Jane", key(page))
        assert "1 text, " in words(shown.text)
    uli.post("/sign-out")
    assert body(browse("Uli").get(address)) == "Dear Jane"
    assert body(browse("Uli").get(NEW)) == ""


def test_a_new_message_with_its_number(browse):
    uli = browse("Uli")
    look(uli, uli.get(NEW), number="647 555 01", body="Dear who")
    shown = browse("Uli").get(NEW)
    assert (number(shown), body(shown)) == ("647 555 01", "Dear who")
    for who in ("Ben", "Ada", "Mia"):
        assert "Dear who" not in browse(who).get(NEW).text


def test_nobody_else_keeps_or_reads_anything_there(browse, inside, talk):
    ben = browse("Ben")
    assert look(ben, ben.get(NEW), conversation=talk, body="of Ben").status_code == 404
    assert kept(inside) == []
    assert look(browse("Uli"), ben.get(NEW), conversation="x" * 12, body="x").status_code == 404


def test_looking_writes_nothing(browse, inside, talk, begun):
    """A GET never writes, and neither does a look at what is kept already."""
    uli = browse("Uli")
    page = uli.get(f"/messages/{talk}")
    look(uli, page, conversation=talk, body="Dear Jane")
    begun.clear()
    for address in (f"/messages/{talk}", NEW):
        uli.get(address)
    look(uli, page, conversation=talk, body="Dear Jane")
    assert WRITES not in begun
    look(uli, page, conversation=talk, body="Dear Jane,")
    assert begun.count(WRITES) == 1


@pytest.mark.parametrize("part", [True, False])
def test_sending_takes_the_draft_along_and_a_late_look_brings_nothing_back(browse, inside, talk, part):
    uli, address = browse("Uli"), f"/messages/{talk}"
    page = uli.get(address)
    look(uli, page, conversation=talk, body="Dear Jane")
    sent = uli.post(address, data={"body": "Dear Jane, come", "key": key(page)}, part=part)
    assert sent.status_code == (200 if part else 303)
    late = look(uli, page, conversation=talk, body="Dear Jane, come")
    assert (late.status_code, late.text) == (204, "")
    again = uli.get(address)
    assert (body(again), kept(inside)) == ("", [])
    assert key(again) != key(page)


def test_a_draft_sent_from_two_devices_is_one_text(browse, inside, talk):
    here, there, address = browse("Uli"), browse("Uli"), f"/messages/{talk}"
    look(here, here.get(address), conversation=talk, body="Dear Jane")
    pages = [(device, device.get(address)) for device in (here, there)]
    for device, page in pages:
        assert device.post(address, data={"body": "Dear Jane", "key": key(page)}).status_code == 303
    with inside():
        assert [one.body for one in messages()] == ["Dear Jane"]


def test_a_new_message_that_is_sent(browse, inside):
    uli = browse("Uli")
    page = uli.get(NEW)
    look(uli, page, body="Dear you")
    assert uli.post(NEW, data={"number": THEIRS, "body": "Dear you", "key": key(page)}).status_code == 303
    assert (body(uli.get(NEW)), kept(inside)) == ("", [])


@pytest.mark.parametrize("do", ["check", "plain", "send"])
def test_without_javascript_it_is_kept_when_it_is_posted_and_not_sent(browse, inside, talk, do):
    uli, address = browse("Uli"), f"/messages/{talk}"
    page = uli.get(address)
    typed = "It’s fine" if do != "send" else "x" * 1601
    uli.post(address, data={"body": typed, "key": key(page), "do": do})
    shown = browse("Uli").get(address)
    assert body(shown) == ("It's fine" if do == "plain" else typed)
    uli.post(NEW, data={"number": "911", "body": "Help", "key": key(uli.get(NEW)), "do": do})
    assert (number(uli.get(NEW)), body(uli.get(NEW))) == ("911", "Help")
    with inside():
        assert db.session.scalars(select(Message).where(Message.submission_key.is_not(None))).all() == []


def test_other_forms_of_the_page_leave_it_there(browse, inside, talk):
    uli, address = browse("Uli"), f"/messages/{talk}"
    look(uli, uli.get(address), conversation=talk, body="Dear Jane")
    refused = uli.post(f"{address}/name", data={"name": "\u202e"})
    assert (refused.status_code, body(refused)) == (422, "Dear Jane")
    refused = uli.post(f"{address}/consent", data={"consent_kind": "express"})
    assert (refused.status_code, body(refused)) == (422, "Dear Jane")
    assert kept(inside) == ["Dear Jane"]


def test_a_look_without_a_key_is_answered_and_keeps_nothing(browse, inside):
    uli = browse("Uli")
    assert uli.post("/messages/consider", data={"number": THEIRS, "body": "x", "key": "short"}).status_code == 200
    assert kept(inside) == []


def test_where_nothing_can_be_sent_it_can_be_read(browse, inside, people, talk):
    uli, address = browse("Uli"), f"/messages/{talk}"
    look(uli, uli.get(address), conversation=talk, body="Dear <Jane>")
    look(uli, uli.get(NEW), body="Dear you")
    with inside():
        come("STOP", people["Uli"].number)
    shown = uli.get(address)
    assert body(shown) is None
    assert "You wrote this and have not sent it." in words(shown.text)
    assert "Dear &lt;Jane&gt;" in shown.text
    with inside():
        come("START", people["Uli"].number)
    assert body(uli.get(address)) == "Dear <Jane>"
    with inside(), writing() as session:
        session.scalars(select(Number).where(Number.user_id == people["Uli"].id)).one().user_id = None
    barred = uli.get(NEW)
    assert body(barred) is None
    assert "Dear you" in barred.text


def test_a_draft_that_could_not_be_sent_as_it_is_stays_in_its_form(browse, talk):
    """It is too long; the words can be changed."""
    uli, address = browse("Uli"), f"/messages/{talk}"
    look(uli, uli.get(address), conversation=talk, body="x" * 1601)
    shown = uli.get(address)
    assert body(shown) == "x" * 1601
    assert "Blocked" in shown.text


def test_the_poll_that_brings_the_composer_back_brings_the_draft(browse, inside, people, talk):
    uli, address = browse("Uli"), f"/messages/{talk}"
    look(uli, uli.get(address), conversation=talk, body="Dear Jane")
    with inside():
        come("STOP", people["Uli"].number)
    uli.get(address)
    with inside():
        come("START", people["Uli"].number)
    assert body(uli.get(f"{address}/news?after=0", part=True)) == "Dear Jane"


def test_the_words_of_an_earlier_text_come_before_a_draft(browse, inside, people, talk):
    with inside():
        hold(people["Uli"].id, text_out("Almost right", TextState.REFUSED, why=["too-long"]))
        ref = ref_of("Almost right")
    uli, address = browse("Uli"), f"/messages/{talk}"
    look(uli, uli.get(address), conversation=talk, body="Dear Jane")
    again = uli.get(f"{address}?again={ref}")
    assert body(again) == "Almost right"
    assert kept(inside) == ["Dear Jane"]
