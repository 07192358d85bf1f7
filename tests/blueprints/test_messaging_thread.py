"""One conversation: who reads it, what stands in it, what its member can do about a text."""

import re
from datetime import timedelta

import pytest
from markupsafe import escape
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from portal.extensions import db, now, writing
from portal.models import BrandDay, Conversation, Message, Number, OptOut, OptOutSource, OptOutState, TextState, User
from portal.services.texting import brand_days, outbox
from portal.services.toggles import toggle
from portal.wording import texts
from tests.stores import WRITES
from tests.talks import (
    IN,
    NOTE,
    OUT,
    THEIRS,
    come,
    hold,
    key,
    many,
    messages,
    note,
    ref_of,
    text_in,
    text_out,
    words,
)

ULI, BEN = "+14165550101", "+14165550102"


@pytest.fixture
def talk(inside, people):
    """The ref of a conversation of Uli's: a text out, a text in, one that waits."""
    with inside():
        return hold(people["Uli"].id, text_out("Hello Jane"), text_in("Hi Uli"),
                    text_out("Later", TextState.QUEUED, due_at=now() + timedelta(hours=1), why=["burst"]), name="Jane")


def at(talk, body, what, inside):
    with inside():
        return f"/messages/{talk}/texts/{ref_of(body)}/{what}"


def busy(*_given):
    raise OperationalError("UPDATE", {}, Exception("database is locked"))


def state_of(body, inside):
    with inside():
        return db.session.scalars(select(Message).where(Message.body == body)).one().state


# --- whose it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "code"), [("Ben", 404), ("Ada", 404), ("Rita", 404), ("Mia", 404), ("Otto", 404),
                                           ("Olga", 403)])
def test_it_does_not_exist_for_anybody_else(browse, inside, talk, who, code):
    """Administrators, auditors and operators included."""
    browser, waiting = browse(who), at(talk, "Later", "", inside)
    for address in (f"/messages/{talk}", f"/messages/{talk}/news?after=0"):
        assert browser.get(address).status_code == code
        assert "Hello Jane" not in browser.get(address).text
    for address, form in ((f"/messages/{talk}", {"body": "Hi"}), (f"/messages/{talk}/name", {"name": "Mine"}),
                          (f"/messages/{talk}/block", {"on": "y"}), (f"/messages/{talk}/opt-out", {"meant": "yes"}),
                          *((f"{waiting}{what}", {}) for what in ("cancel", "edit", "sent", "again"))):
        assert browser.post(address, data=form).status_code == code, address
    assert browse("Uli").get(f"/messages/{talk}").status_code == 200
    with inside():
        assert [one.state for one in messages()] == [TextState.DELIVERED, TextState.QUEUED]
        assert db.session.scalars(select(Conversation.name)).all() == ["Jane"]


def test_forms_need_their_token(browse, inside, talk):
    waiting = at(talk, "Later", "", inside)
    for address in (f"/messages/{talk}", f"/messages/{talk}/name", f"/messages/{talk}/block",
                    f"/messages/{talk}/opt-out", *(f"{waiting}{what}" for what in ("cancel", "edit", "sent", "again"))):
        assert browse("Uli").post(address, data={"body": "Hi"}, token=False).status_code == 400, address


def test_a_text_belongs_to_its_conversation(browse, inside, people, talk):
    """A text of Uli's other conversation, or of Ben's, is none of this one."""
    with inside():
        hold(people["Uli"].id, text_out("elsewhere", TextState.QUEUED), theirs="+16475550111")
        hold(people["Ben"].id, text_out("of Ben", TextState.QUEUED))
    for body in ("elsewhere", "of Ben"):
        assert browse("Uli").post(at(talk, body, "cancel", inside)).status_code == 404
        assert state_of(body, inside) is TextState.QUEUED


def test_who_gets_the_number_later_starts_with_nothing(browse, inside, people, talk):
    with inside(), writing() as session:
        for number in session.scalars(select(Number).where(Number.user_id.is_not(None), Number.e164.in_((ULI, BEN)))):
            number.user_id = None
        session.flush()
        session.scalars(select(Number).where(Number.e164 == ULI)).one().user_id = people["Ben"].id
        session.scalars(select(Number).where(Number.e164 == BEN)).one().user_id = people["Uli"].id
    with inside():
        come("Who is this?", ULI)
    ben = browse("Ben").get("/messages/").text
    theirs = re.search(r'href="/messages/([\w-]{12,})"', ben)[1]
    assert theirs != talk
    assert "Hello Jane" not in browse("Ben").get(f"/messages/{theirs}").text
    old = browse("Uli").get(f"/messages/{talk}").text
    assert "Hello Jane" in old
    assert "Who is this?" not in old
    assert "not yours any more" in old
    assert 'name="body"' not in old
    # A page that was open sends from the present number, in a conversation of its own.
    answer = browse("Uli").post(f"/messages/{talk}", data={"body": "From my new number"}, part=True)
    assert answer.headers["HX-Redirect"].startswith("/messages/")
    assert talk not in answer.headers["HX-Redirect"]


# --- what stands in it ---------------------------------------------------------------------------


def unread(page):
    """The addresses to which the lines of a page say that they have come into view."""
    return re.findall(r'<div hx-post="([^"]+/read)"[^>]*?hx-trigger="intersect once"[^>]*?hx-swap="none">', page)


def test_opening_writes_nothing_and_what_comes_into_view_is_read(browse, inside, talk, begun):
    uli = browse("Uli")
    begun.clear()
    page = uli.get(f"/messages/{talk}").text
    uli.get(f"/messages/{talk}/news?after=0")
    assert WRITES not in begun
    assert "1 new text" in uli.get("/messages/").text
    assert unread(page) == [at(talk, "Hi Uli", "read", inside)]
    answer = uli.post(unread(page)[0], part=True)
    assert (answer.status_code, answer.text, answer.headers["HX-Trigger"]) == (204, "", "counted")
    assert "1 new text" not in uli.get("/messages/").text
    assert unread(uli.get(f"/messages/{talk}").text) == []


def test_reading_the_same_again_writes_nothing(browse, inside, talk, begun):
    uli, address = browse("Uli"), at(talk, "Hi Uli", "read", inside)
    uli.post(address, part=True)
    begun.clear()
    answer = uli.post(address, part=True)
    assert answer.status_code == 204
    assert "HX-Trigger" not in answer.headers
    assert WRITES not in begun


def test_a_text_that_arrives_says_that_it_can_be_seen(browse, inside, talk):
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    with inside():
        come("new", ULI)
    assert unread(uli.get(address, part=True).text) == [at(talk, "new", "read", inside)]


def test_nobody_reads_texts_for_others(browse, inside, people, talk):
    with inside():
        elsewhere = hold(people["Uli"].id, text_in("Elsewhere"), theirs="+16475550111")
        hold(people["Ben"].id, text_in("For Ben"))
    uli = browse("Uli")
    for ref, body in ((talk, "Elsewhere"), (elsewhere, "Hi Uli"), (talk, "For Ben")):
        assert uli.post(at(ref, body, "read", inside)).status_code == 404
    for who in ("Ben", "Ada"):
        assert browse(who).post(at(talk, "Hi Uli", "read", inside)).status_code == 404
    with inside():
        assert [one.unread for one in db.session.scalars(select(Conversation))] == [1, 1, 1]


def test_without_javascript_a_button_and_sending_mark_as_read(browse, inside, talk):
    uli = browse("Uli")
    page = uli.get(f"/messages/{talk}").text
    button = re.search(r'<noscript>\s*<form method="post"\s+action="([^"]+)">', page)[1]
    assert button == at(talk, "Later", "read", inside)
    answer = uli.post(button)
    assert (answer.status_code, answer.location) == (303, f"/messages/{talk}#newest")
    assert "Mark as read" not in uli.get(f"/messages/{talk}").text
    with inside():
        come("Are you there?", ULI)
    page = uli.get(f"/messages/{talk}").text
    with inside():
        come("Hello?", ULI)
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    uli.post(f"/messages/{talk}", data={"body": "Yes", "seen": seen})
    assert "1 new text" in uli.get("/messages/").text, "what came after the page was made stays unread"


def test_sending_with_an_unknown_line_is_sending(browse, inside, talk):
    assert browse("Uli").post(f"/messages/{talk}", data={"body": "Yes", "seen": "x" * 300}).status_code == 303
    assert state_of("Yes", inside)
    assert "1 new text" in browse("Uli").get("/messages/").text


@pytest.mark.parametrize(("code", "reswap"), [(404, "delete"), (503, "none")])
def test_what_fails_without_a_click_leaves_the_page(browse, inside, talk, monkeypatch, code, reswap):
    """Nobody pressed anything, and a text may be half written."""
    uli, address = browse("Uli"), at(talk, "Hi Uli", "read", inside)
    if code == 503:
        monkeypatch.setattr("portal.services.texting.conversations.mark_read_up_to", busy)
    answer = uli.post(address if code == 503 else address.replace(talk, "no-such-talk"), part=True)
    assert (answer.status_code, answer.text, answer.headers["HX-Reswap"]) == (code, "", reswap)
    assert "HX-Retarget" not in answer.headers


@pytest.mark.parametrize("state", TextState)
def test_every_state_is_said_in_words(browse, inside, people, state):
    direction = IN if state is TextState.RECEIVED else OUT
    with inside():
        ref = hold(people["Uli"].id, text_out("x", state, direction=direction))
    said = words(browse("Uli").get(f"/messages/{ref}").text)
    assert (str(escape(texts.TEXT_STATES[state][1])) in said) == (direction is OUT)
    assert ("You wrote: x" if direction is OUT else "They wrote: x") in said


@pytest.mark.parametrize(("more", "said"), [
    ({"state": TextState.QUEUED, "why": ["burst"], "due_at": now() + timedelta(hours=1)},
     r"Waiting: leaves about .*\d\. You sent many texts at once, so they go out one by one\."),
    ({"state": TextState.QUEUED, "at": now() - timedelta(minutes=1)}, r"Waiting: its turn has not come yet\."),
    ({"state": TextState.QUEUED, "code": "busy"}, r"Waiting: the carrier was busy\. We try again\."),
    ({"state": TextState.REFUSED, "why": ["opted-out"]},
     r"Not sent: they opted out\. They can undo it by texting START\."),
    ({"state": TextState.REFUSED, "why": ["a rule that is gone"]}, r"Not sent"),
    ({"state": TextState.EXPIRED}, r"Not sent: it waited longer than 4 hours\."),
    ({"state": TextState.CANCELED}, r"Not sent: you canceled it\."),
    ({"state": TextState.FAILED, "code": "spam"}, r"Not delivered: the carrier refused it as spam\."),
    ({"state": TextState.UNDELIVERED, "code": "unreachable"}, r"Not delivered: the phone could not be reached\."),
    ({"state": TextState.UNDELIVERED, "code": "30007"}, r"Not delivered: the carrier&#39;s code is 30007\."),
    ({"state": TextState.UNKNOWN, "code": "no-answer"},
     r"We don&#39;t know if this was sent\. The carrier&#39;s answer was lost\."),
    ({"state": TextState.DELIVERED, "automatic": True}, r"Delivered Automatic answer\."),
])
def test_why_is_said_with_it(browse, inside, people, more, said):
    with inside():
        ref = hold(people["Uli"].id, text_out("x", **more))
    assert re.search(said, words(browse("Uli").get(f"/messages/{ref}").text))


def test_lines_of_the_portal(browse, inside, people):
    with inside():
        ref = hold(people["Uli"].id, text_in("STOP"), note("out"))
    said = words(browse("Uli").get(f"/messages/{ref}").text)
    assert re.search(r"Opted out by STOP\. Only they can undo it: ask them by phone to text START"
                     r" to \+1 416 555 0101\. \d\d:\d\d", said)


def test_attachments_that_were_dropped_are_told(browse, inside, people):
    with inside():
        come("", ULI, attachments=1)
        ref = db.session.scalars(select(Conversation.ref)).one()
    said = words(browse("Uli").get(f"/messages/{ref}").text)
    assert "(no words)" in said
    assert "only the words arrive" in said


def test_a_short_code_cannot_be_answered(browse, inside, people):
    with inside():
        ref = hold(people["Uli"].id, text_in("Your code"), theirs="72726")
    page = browse("Uli").get(f"/messages/{ref}").text
    assert "This number cannot be texted now" in page
    assert "short code" in page
    assert 'name="body"' not in page


def test_fifty_a_page_and_older_ones_above(browse, inside, people, talk):
    with inside():
        many(people["Uli"].id, talk, 117)
    uli, address, pages = browse("Uli"), f"/messages/{talk}", []
    while address:
        page = uli.get(address).text
        pages.insert(0, re.findall(r'-body" hx-ignore>([^<]+)</bdi>', page))
        older = re.search(r'rel="prev"[^>]*\shref="([^"]+)"', page)
        address = older and older[1]
    assert [len(page) for page in pages] == [20, 50, 50]
    assert [body for page in pages for body in page] == ["Hello Jane", "Hi Uli", "Later", *(
        f"Text {index}" for index in range(117))]
    assert 'id="news"' not in uli.get(f"/messages/{talk}?before=60").text
    assert uli.get(f"/messages/{talk}?before=99999999999999999999999").status_code == 200


def test_older_texts_come_above_those_that_are_shown(browse, inside, people, talk):
    """The day of the last of them is said once: above the first text of that day."""
    with inside():
        many(people["Uli"].id, talk, 60)
    uli = browse("Uli")
    address = re.search(r'hx-get="([^"]+)" hx-target="#older"', uli.get(f"/messages/{talk}").text)[1]
    part = uli.get(address, part=True)
    assert re.findall(r'-body" hx-ignore>([^<]+)</bdi>', part.text) == [
        "Hello Jane", "Hi Uli", "Later", *(f"Text {index}" for index in range(10))]
    day = re.findall(r'<li class="day" id="(day-[^"]+)">', part.text)[-1]
    assert f'<hx-partial hx-target="#{day}" hx-swap="delete">' in part.text
    assert '<p id="older">' in part.text
    assert "Older" not in part.text
    assert "<textarea" not in part.text
    assert browse("Ben").get(address, part=True).status_code == 404


@pytest.mark.slow
def test_five_thousand_texts_ask_the_database_no_more_often(browse, inside, people, talk, statements):
    uli, counts = browse("Uli"), []
    uli.get(f"/messages/{talk}")
    for more in (0, 5_000):
        with inside():
            many(people["Uli"].id, talk, more) if more else None
        for address in ("/messages/", f"/messages/{talk}", f"/messages/{talk}/news?after=0"):
            with statements() as seen:
                uli.get(address)
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 30


# --- writing -------------------------------------------------------------------------------------


def test_an_answer_is_stored_and_read(browse, inside, people, talk):
    uli = browse("Uli")
    page = uli.get(f"/messages/{talk}")
    answer = uli.post(f"/messages/{talk}", data={"body": "Noon is fine", "key": key(page)})
    assert (answer.status_code, answer.location) == (303, f"/messages/{talk}#newest")
    with inside():
        stored = messages()[-1]
        assert (stored.body, stored.theirs, stored.state) == ("Noon is fine", THEIRS, TextState.QUEUED)


def test_the_recipient_is_the_conversations_whatever_the_form_says(browse, inside, talk):
    browse("Uli").post(f"/messages/{talk}", data={"body": "Hi", "number": "+16475550199"})
    with inside():
        assert messages()[-1].theirs == THEIRS


def test_the_part_after_sending_is_an_empty_composer(browse, inside, talk):
    answer = browse("Uli").post(f"/messages/{talk}", data={"body": "In place"}, part=True)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "sent")
    assert answer.text.lstrip().startswith('<div id="composer"')
    assert "In place" not in answer.text
    assert "<textarea autofocus" in answer.text
    assert len(re.findall(r'id="composer"', answer.text)) == 1


def test_a_refused_answer_keeps_its_words_in_place(browse, inside, talk):
    answer = browse("Uli").post(f"/messages/{talk}", data={"body": "x" * 1531}, part=True)
    assert answer.status_code == 422
    assert "HX-Trigger" not in answer.headers
    assert "<title>Error: (1) Messages: Jane" in answer.text
    assert "x" * 1531 in answer.text
    assert "Shorten it, or send two texts." in answer.text
    assert browse("Uli").post(f"/messages/{talk}", data={"body": "x" * 1531}).status_code == 422


def test_checking_and_plain_characters_in_place(browse, inside, talk):
    check = browse("Uli").post(f"/messages/{talk}", data={"body": "It’s fine", "do": "check"}, part=True)
    assert "Replace them" in check.text
    plain = browse("Uli").post(f"/messages/{talk}", data={"body": "It’s fine", "do": "plain"}, part=True)
    assert "\nIt&#39;s fine</textarea>" in plain.text
    with inside():
        assert len(messages()) == 2


def test_whoever_opted_out_cannot_be_written_to(browse, inside, talk):
    with inside():
        come("STOP", ULI)
    page = browse("Uli").get(f"/messages/{talk}").text
    assert "This person opted out" in page
    assert 'name="body"' not in page
    answer = browse("Uli").post(f"/messages/{talk}", data={"body": "Just one more"})
    assert answer.status_code == 422
    assert "Just one more" in answer.text


def test_what_was_written_is_kept_when_texting_is_switched_off(browse, inside, people, talk):
    with inside():
        toggle.change_setting(db.session.get_one(User, people["Ada"].id), db.session.get_one(User, people["Uli"].id),
                     toggle.SettingValue(False), 0)
    uli = browse("Uli")
    page = uli.get(f"/messages/{talk}").text
    assert "You cannot send texts now" in page
    assert 'name="body"' not in page
    for part in (False, True):
        answer = uli.post(f"/messages/{talk}", data={"body": "Not lost"}, part=part)
        assert answer.status_code == 422
        assert "\nNot lost</textarea>" in answer.text
        assert "You cannot send texts now" in answer.text
    with inside():
        assert "Not lost" not in [one.body for one in messages()]


# --- what its writer can do ----------------------------------------------------------------------


def test_canceling_a_text_that_waits(browse, inside, talk):
    uli = browse("Uli")
    assert ">Cancel</button>" in uli.get(f"/messages/{talk}").text
    answer = uli.post(at(talk, "Later", "cancel", inside), follow_redirects=True)
    assert "Canceled. It was not sent." in answer.text
    assert "you canceled it." in answer.text
    assert state_of("Later", inside) is TextState.CANCELED
    with inside():
        outbox.OutboxWorker("test").step()
    assert state_of("Later", inside) is TextState.CANCELED


def test_canceling_in_place(browse, inside, talk):
    answer = browse("Uli").post(at(talk, "Later", "cancel", inside), part=True)
    with inside():
        assert answer.text.lstrip().startswith(f'<li id="text-{ref_of("Later")}"')
    assert "you canceled it." in answer.text
    assert 'hx-target="#said"' in answer.text
    assert "<!doctype" not in answer.text


@pytest.mark.parametrize("state", [one for one in TextState if one is not TextState.QUEUED])
def test_what_does_not_wait_cannot_be_canceled(browse, inside, talk, state):
    with inside(), writing() as session:
        session.execute(update(Message).where(Message.body == "Later").values(state=state))
    answer = browse("Uli").post(at(talk, "Later", "cancel", inside), follow_redirects=True)
    assert "It was too late to cancel this text." in answer.text
    assert state_of("Later", inside) is state


def test_what_came_in_and_automatic_answers_are_nobodys_to_cancel(browse, inside, people, talk):
    with inside():
        hold(people["Uli"].id, text_out("automatic", TextState.QUEUED, automatic=True), note("out"))
        refs = [one.ref for one in (*messages(IN), *messages(NOTE))] + [ref_of("automatic")]
    for ref in refs:
        assert browse("Uli").post(f"/messages/{talk}/texts/{ref}/cancel").status_code == 404
    assert state_of("automatic", inside) is TextState.QUEUED


def test_a_canceled_text_gives_its_segments_back(browse, inside, people):
    uli = browse("Uli")
    answer = uli.post("/messages/new", data={"number": "+12125550123", "body": "x" * 200})
    talk = answer.location.partition("#")[0].rpartition("/")[2]
    with inside():
        used = select(BrandDay.segments).where(BrandDay.day == brand_days.brand_day(now()))
        assert db.session.scalar(used) == 2
    uli.post(at(talk, "x" * 200, "cancel", inside))
    with inside():
        assert db.session.scalar(used) == 0


def test_editing_starts_from_the_words_that_were_not_sent(browse, inside, people, talk):
    with inside():
        hold(people["Uli"].id, text_out("Almost right", TextState.REFUSED, why=["too-long"]))
    uli = browse("Uli")
    assert "Edit and send again" in uli.get(f"/messages/{talk}").text
    answer = uli.post(at(talk, "Almost right", "edit", inside))
    assert answer.status_code == 303
    assert "Almost" not in answer.location
    assert "\nAlmost right</textarea>" in uli.get(answer.location).text


def test_only_ones_own_words_can_be_taken_up_again(browse, inside, people, talk):
    with inside():
        hold(people["Ben"].id, text_out("of Ben"))
        refs = [ref_of("of Ben"), ref_of("Hi Uli")]
    for ref in refs:
        page = browse("Uli").get(f"/messages/{talk}?again={ref}").text
        assert re.search(r'name="body"[^>]*>\s*</textarea>', page)


@pytest.mark.parametrize("state", [TextState.UNKNOWN, TextState.QUARANTINED])
def test_an_unclear_text_was_sent(browse, inside, people, talk, state):
    with inside():
        hold(people["Uli"].id, text_out("unclear", state))
    uli = browse("Uli")
    page = uli.get(f"/messages/{talk}").text
    assert ">It was sent</button>" in page
    assert ">Send again</button>" in page
    answer = uli.post(at(talk, "unclear", "sent", inside), follow_redirects=True)
    assert "Sent (marked by you)" in words(answer.text)
    assert ">Send again</button>" not in answer.text
    assert state_of("unclear", inside) is TextState.SENT
    again = uli.post(at(talk, "unclear", "again", inside), follow_redirects=True)
    assert "The carrier has told what became of this text" in again.text


def test_an_unclear_text_is_sent_again_once(browse, inside, people, talk):
    with inside():
        hold(people["Uli"].id, text_out("unclear", TextState.UNKNOWN))
    uli, address = browse("Uli"), at(talk, "unclear", "again", inside)
    answer = uli.post(address, part=True)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "sent")
    assert "You sent it again." in answer.text
    assert ">Send again</button>" not in answer.text
    uli.post(address)
    uli.post(address.replace("/again", "/sent"))
    with inside():
        found = [(one.state, one.code) for one in messages() if one.body == "unclear"]
    assert found == [(TextState.UNKNOWN, "sent-again"), (TextState.QUEUED, "")]


def test_sending_again_obeys_the_rules(browse, inside, people, talk):
    with inside():
        hold(people["Uli"].id, text_out("unclear", TextState.UNKNOWN))
        come("STOP", ULI)
    answer = browse("Uli").post(at(talk, "unclear", "again", inside), follow_redirects=True)
    assert "This person opted out" in words(answer.text)
    with inside():
        assert [one.code for one in messages() if one.body == "unclear"] == [""]


@pytest.mark.parametrize("what", ["cancel", "edit", "sent", "again"])
def test_a_reload_after_an_error_leads_back(browse, inside, talk, what):
    answer = browse("Uli").get(at(talk, "Later", what, inside))
    assert answer.status_code == 303
    assert answer.location.startswith(f"/messages/{talk}#text-")


@pytest.mark.parametrize("what", ["name", "block", "opt-out"])
def test_a_reload_of_the_other_forms_too(browse, talk, what):
    assert browse("Uli").get(f"/messages/{talk}/{what}").location == f"/messages/{talk}"


# --- likely opt-outs -----------------------------------------------------------------------------


def test_there_is_nothing_to_decide_about_a_stop(browse, inside, talk):
    with inside():
        come("STOP", ULI)
    uli = browse("Uli")
    assert "No, they did not mean that" not in uli.get(f"/messages/{talk}").text
    uli.post(f"/messages/{talk}/opt-out", data={"meant": "no"})
    with inside():
        assert db.session.scalars(select(OptOut.state)).one() is OptOutState.OUT


# --- names and blocks ----------------------------------------------------------------------------


def test_a_name_is_the_members_own(browse, inside, people, talk):
    with inside():
        bens = hold(people["Ben"].id, text_in("Hi Ben"))
    uli = browse("Uli")
    answer = uli.post(f"/messages/{talk}/name", data={"name": "  Jané Çooper "}, follow_redirects=True)
    assert "<h1><bdi>Jané Çooper</bdi></h1>" in answer.text
    assert "<title>(1) Messages: Jané Çooper" in answer.text
    assert "Jané" not in browse("Ben").get(f"/messages/{bens}").text
    assert "Jané" in uli.post("/messages/", data={"search": "jane c"}).text
    assert "+1 647 555 0110" in uli.post(f"/messages/{talk}/name", data={"name": ""}, follow_redirects=True).text


@pytest.mark.parametrize(("typed", "said"), [
    ("x" * 81, "Use at most 80 characters."), ("Jane\u202e", "that nobody can see"),
    ("Ja\u200bne", "that nobody can see"),
    ("Ja\x01ne", "that nobody can see"), ("Ja\nne", "that nobody can see")])
def test_names_that_cannot_be(browse, inside, talk, typed, said):
    """SEC-30"""
    answer = browse("Uli").post(f"/messages/{talk}/name", data={"name": typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert "<title>Error: (1) Messages: Jane" in answer.text
    with inside():
        assert db.session.scalars(select(Conversation.name)).one() == "Jane"


def test_a_blocked_number_is_not_shown_and_its_stop_counts(browse, inside, talk):
    uli = browse("Uli")
    answer = uli.post(f"/messages/{talk}/block", data={"on": "y"}, follow_redirects=True)
    assert "You blocked this number" in answer.text
    with inside():
        come("Are you there?", ULI)
        come("STOP", ULI)
        assert [one.body for one in messages(IN)] == ["Hi Uli"]
        assert db.session.scalars(select(OptOut.state)).one() is OptOutState.OUT
    assert "blocked by you" in uli.get("/messages/").text
    answer = uli.post(f"/messages/{talk}/block", data={"on": "n"}, follow_redirects=True)
    assert ">Block this number</button>" in answer.text
    with inside():
        come("Hello again", ULI)
        assert [one.body for one in messages(IN)] == ["Hi Uli", "Hello again"]


def test_blocking_is_for_oneself(browse, inside, people, talk):
    with inside():
        bens = hold(people["Ben"].id, text_in("Hi Ben"))
    browse("Uli").post(f"/messages/{talk}/block", data={"on": "y"})
    assert "You have blocked" not in browse("Ben").get(f"/messages/{bens}").text
    with inside():
        come("For Ben", BEN)
    assert "For Ben" in browse("Ben").get(f"/messages/{bens}").text


# --- by itself -----------------------------------------------------------------------------------


def poll(page):
    """The address that a page asks again and again."""
    return re.search(r'id="news" hx-get="([^"]+)"', page)[1].replace("&amp;", "&")


def test_nothing_new_is_nothing(browse, talk):
    uli = browse("Uli")
    answer = uli.get(poll(uli.get(f"/messages/{talk}").text), part=True)
    assert (answer.status_code, answer.text) == (204, "")


def test_nothing_new_costs_one_statement_besides_that_of_the_session(browse, inside, people, statements):
    """Where no text can change either: hundreds of open pages ask every two seconds."""
    with inside():
        talk = hold(people["Uli"].id, text_out(), text_in())
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    with statements() as seen:
        answer = uli.get(address, part=True)
    assert (answer.status_code, answer.text, len(seen)) == (204, "", 2)
    assert browse("Ben").get(address, part=True).status_code == 404


def test_a_new_text_appears_and_is_announced(browse, inside, talk):
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    with inside():
        come("Ring <b>twice</b>", ULI)
    part = uli.get(address, part=True).text
    assert part.count("<hx-partial") == 3, "the line, the list beside it, and what is announced"
    assert 'hx-target="#texts" hx-swap="beforeend"' in part
    assert "Ring &lt;b&gt;twice&lt;/b&gt;" in part
    assert '<hx-partial hx-target="#said" hx-swap="innerHTML"><p>New text from Jane</p>' in part
    assert "Hello Jane" not in part
    assert uli.get(poll(part), part=True).status_code == 204


def test_ones_own_new_text_appears_without_a_word(browse, inside, talk):
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    uli.post(f"/messages/{talk}", data={"body": "Mine"})
    part = uli.get(address, part=True).text
    assert ">Mine</bdi>" in part
    assert "#said" not in part


def test_states_change_in_place(browse, inside, talk):
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    with inside(), writing() as session:
        session.execute(update(Message).where(Message.body == "Later").values(state=TextState.SENT, why=[]))
    part = uli.get(address, part=True).text
    with inside():
        assert f'hx-target="#text-{ref_of("Later")}" hx-swap="outerHTML"' in part
    assert ">Sent</strong>" in part
    assert "beforeend" not in part
    assert uli.get(poll(part), part=True).status_code == 204
    with inside(), writing() as session:
        session.execute(update(Message).where(Message.body == "Later").values(state=TextState.DELIVERED))
    assert ">Delivered</strong>" in uli.get(poll(part), part=True).text


def test_words_that_may_be_an_opt_out_bring_their_question(browse, inside, talk):
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    with inside():
        come("please remove me from this", ULI)
    part = uli.get(address, part=True).text
    assert '<hx-partial hx-target="#opt-out" hx-swap="outerHTML">' in part
    assert "Yes, stop texting them" in part


def test_opting_out_is_said_to_a_text_that_is_being_written(browse, inside, talk):
    """Only what is said to it changes, never the text; and back again, where nothing could be written."""
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    with inside():
        come("STOP", ULI)
    part = " ".join(uli.get(address, part=True).text.split())
    assert '<hx-partial hx-target="#composer:has(form) #considered" hx-swap="outerHTML"><div id="considered"' in part
    assert "This person opted out" in part
    assert 'name="body"' not in part
    with inside():
        come("START", ULI)
    part = " ".join(uli.get(poll(part), part=True).text.split())
    assert '<hx-partial hx-target="#composer:not(:has(form))" hx-swap="outerHTML"><div id="composer"' in part
    assert "This person opted out" not in part
    assert 'name="body"' in part


def test_a_poll_watches_only_this_conversation(browse, inside, people, talk):
    with inside():
        hold(people["Ben"].id, text_out("of Ben", TextState.SENT))
        watched = f"{ref_of('of Ben')}.sending,nonsense,a.b.c"
    uli = browse("Uli")
    address = re.sub("watch=[^&]*", f"watch={watched}", poll(uli.get(f"/messages/{talk}").text))
    assert uli.get(re.sub("after=[0-9]+", "after=99999999999999999999", address)).status_code == 204
    assert browse("Uli").get(f"/messages/{talk}/news?after=x").status_code == 200


def test_polling_keeps_no_session_alive(browse, inside, people, talk, clock):
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    for _ in range(5):
        clock.forward(hours=3)
        answer = uli.get(address, part=True)
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers, "it never leads elsewhere"
    assert answer.headers["HX-Reswap"] == "delete", "it says so once: what asked goes"
    assert "Your session has ended." in answer.text


def test_polling_writes_nothing(browse, inside, people, talk):
    uli = browse("Uli")
    address = poll(uli.get(f"/messages/{talk}").text)
    with inside():
        come("new", ULI)
    uli.get(address, part=True)
    with inside():
        assert db.session.scalars(select(Conversation.unread)).one() == 2


def test_a_text_of_one_of_our_own_numbers(browse, inside, people):
    """Between two users: each has a conversation of their own."""
    with inside():
        uli, ben = (db.session.get_one(User, people[name].id) for name in ("Uli", "Ben"))
        first = hold(uli.id, text_out("Hi Ben"), theirs=BEN)
        second = hold(ben.id, text_in("Hi Ben"), theirs=ULI)
    assert browse("Uli").get(f"/messages/{second}").status_code == 404
    assert browse("Ben").get(f"/messages/{first}").status_code == 404
    assert browse("Ben").get(f"/messages/{second}").status_code == 200


def test_opting_out_by_hand_is_noted(browse, inside, people, talk):
    with inside(), writing() as session:
        session.add(OptOut(organization_id=db.session.get_one(User, people["Uli"].id).organization_id, theirs=THEIRS,
                           state=OptOutState.OUT, source=OptOutSource.MANUAL))
    assert "This person opted out" in browse("Uli").get(f"/messages/{talk}").text
