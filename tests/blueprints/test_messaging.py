"""Messages: the list, and the first text to somebody."""

import re

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import Conversation, Message, Number, TextState
from tests.talks import THEIRS, hold, key, messages, text_in, text_out, words


def forget_number(user_id):
    with writing() as session:
        session.scalars(select(Number).where(Number.user_id == user_id)).one().user_id = None


# --- the way there -------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "home"), [("Uli", "/messages/"), ("Ada", "/admin/"), ("Rita", "/admin/"),
                                           ("Olga", "/operator/")])
def test_everybody_starts_where_they_are_needed(browse, who, home):
    assert browse(who).get("/").location == home


def test_messages_is_the_first_way_of_members(browse):
    ways = re.findall(r'<nav class="ways".*?</nav>', browse("Uli").get("/messages/").text, re.DOTALL)[0]
    assert words(ways).startswith("Menu Messages")
    assert 'href="/messages/" aria-current="page"' in ways
    assert 'href="/messages/"' in browse("Ada").get("/admin/").text
    assert 'href="/messages/"' not in browse("Olga").get("/operator/").text


def test_operators_without_an_organization_have_no_messages(browse):
    for address in ("/messages/", "/messages/new"):
        assert browse("Olga").get(address).status_code == 403


# --- the list ------------------------------------------------------------------------------------


def test_an_empty_list_says_how_to_begin(browse):
    page = browse("Uli").get("/messages/")
    assert "<h1>Messages</h1>" in page.text
    assert "No messages yet" in page.text
    assert 'href="/messages/new"' in page.text


def test_newest_first_with_what_is_new_in_words(browse, inside, people):
    with inside():
        hold(people["Uli"].id, text_in("first"), text_in("second"), theirs="+16475550111")
        hold(people["Uli"].id, text_in("only one"), theirs="+16475550112", name="Jane")
        hold(people["Uli"].id, text_out("not delivered", TextState.UNDELIVERED), theirs="+16475550113")
    listed = words(browse("Uli").get("/messages/").text)
    assert listed.index("You: not delivered Not delivered") < listed.index("Jane 1 1 new text") < listed.index(
        "+1 647 555 0111 2 2 new texts")
    assert "only one" in listed
    assert "first" not in listed


def test_nobody_sees_the_list_of_another(browse, inside, people):
    with inside():
        hold(people["Uli"].id, text_in("for Uli alone"), name="Jane")
    for who in ("Ben", "Ada", "Rita", "Mia", "Otto"):
        page = browse(who).get("/messages/").text
        assert "for Uli alone" not in page
        assert "Jane" not in page
        assert "+1 647" not in page
    assert "for Uli alone" in browse("Uli").get("/messages/").text


@pytest.mark.parametrize(("typed", "found"), [
    ("jané", {"Jane"}), ("555 0112", {"+1 647 555 0112"}), ("6475", {"Jane", "+1 647 555 0112"}), ("%", set()),
    ("_", set()), ("01", set()), ("nobody", set())])
def test_search_by_name_and_number(browse, inside, people, typed, found):
    with inside():
        hold(people["Uli"].id, text_in("a"), theirs="+16475550111", name="Jane")
        hold(people["Uli"].id, text_in("b"), theirs="+16475550112")
        hold(people["Ben"].id, text_in("c"), theirs="+16475550112", name="Jane of Ben")
    answer = browse("Uli").post("/messages/", data={"search": typed})
    assert answer.status_code == 200
    assert {name for name in ("Jane", "+1 647 555 0112") if f"<bdi>{name}</bdi>" in answer.text} == found
    assert ("No conversation fits" in answer.text) == (not found)
    assert "Jane of Ben" not in answer.text


def test_a_search_stands_in_no_address(browse, inside, people):
    with inside():
        hold(people["Uli"].id, text_in())
    form = re.search(r'<form class="filters.*?</form>', browse("Uli").get("/messages/").text, re.DOTALL)[0]
    assert 'method="post"' in form
    assert browse("Uli").post("/messages/", data={"search": "647"}, token=False).status_code == 400


def test_a_long_list_goes_on_from_page_to_page(browse, inside, people):
    with inside():
        for index in range(105):
            hold(people["Uli"].id, text_in(f"text {index}"), theirs=f"+1647555{index:04}", name=f"Number {index:03}")
    uli, address, seen = browse("Uli"), "/messages/", []
    while address:
        page = uli.get(address).text
        seen += re.findall(r"<bdi>Number (\d+)</bdi>", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older and older[1]
    assert seen == [f"{index:03}" for index in reversed(range(105))]
    page = uli.post("/messages/", data={"search": "Number"}).text
    older = re.search(r'name="before" value="(\d+)"', page)[1]
    assert "Number 054" in uli.post("/messages/", data={"search": "Number", "before": older}).text
    assert uli.get("/messages/?before=99999999999999999999999").status_code == 200


def test_the_list_asks_the_database_as_often_for_many_as_for_few(browse, inside, people, statements):
    with inside():
        hold(people["Uli"].id, text_in())
    uli = browse("Uli")
    with statements() as few:
        uli.get("/messages/")
    with inside():
        for index in range(45):
            hold(people["Uli"].id, text_in(), theirs=f"+1647555{index:04}")
    with statements() as more:
        uli.get("/messages/")
    assert len(few) == len(more) <= 12


# --- who may not text ----------------------------------------------------------------------------


def test_who_may_not_text_reads_why_and_whom_to_ask(browse, inside, people):
    with inside():
        ref = hold(people["Uli"].id, text_in("from before"))
        forget_number(people["Uli"].id)
    uli = browse("Uli")
    page = words(uli.get("/messages/").text)
    assert "You cannot send texts now" in page
    assert "An administrator assigns a primary number." in page
    assert "Your administrators: Ada Keller ." in page
    assert "New message" not in page
    assert "from before" in uli.get(f"/messages/{ref}").text
    new = uli.get("/messages/new").text
    assert "You cannot send texts now" in new
    assert 'name="body"' not in new
    assert 'name="body"' not in uli.get(f"/messages/{ref}").text


def test_what_they_typed_before_is_kept(browse, inside, people):
    uli = browse("Uli")
    form = key(uli.get("/messages/new"))
    with inside():
        forget_number(people["Uli"].id)
    answer = uli.post("/messages/new", data={"number": THEIRS, "body": "Not lost", "key": form})
    assert answer.status_code == 422
    assert "Not lost" in answer.text
    # It is their own number that is missing, not the recipient's.
    assert 'id="number-error"' not in answer.text
    assert "An administrator assigns a primary number." in answer.text


# --- the first text ------------------------------------------------------------------------------


def test_the_page_says_whose_text_it_will_be(browse):
    page = browse("Uli").get("/messages/new").text
    assert "<h1>New message</h1>" in page
    assert "They see Maple Clinic, +1 416 555 0101, and not your own name or number." in words(page)


def test_a_text_is_stored_and_leads_to_its_conversation(browse, inside, people):
    uli = browse("Uli")
    form = {"number": "647 555 0110", "body": "Hello, this is Maple Clinic.", "key": key(uli.get("/messages/new"))}
    answer = uli.post("/messages/new", data=form)
    assert answer.status_code == 303
    with inside():
        message, = messages()
        conversation = db.session.get_one(Conversation, message.conversation_id)
        assert (message.state, message.theirs, message.body) == (TextState.QUEUED, THEIRS, form["body"])
        assert (message.user_id, conversation.unread) == (people["Uli"].id, 0)
        assert answer.location == f"/messages/{conversation.ref}#newest"
    assert form["body"] in uli.get(answer.location).text


def test_a_person_is_texted_by_the_name_that_one_gave_them(browse, inside, people):
    with inside():
        ref = hold(people["Uli"].id, text_in("hello"), theirs=THEIRS, name="Jane Cooper")
    uli = browse("Uli")
    new = uli.get("/messages/new")
    assert '<option value="Jane Cooper">+1 647 555 0110</option>' in new.text
    looked = uli.post("/messages/consider", data={"number": "jane cooper", "body": "Hi", "key": key(new)}, part=True)
    assert "To +1 647 555 0110" in words(looked.text)
    answer = uli.post("/messages/new", data={"number": "jane cooper", "body": "Hi", "key": key(new)})
    assert answer.location == f"/messages/{ref}#newest"
    with inside():
        assert [one.theirs for one in messages() if one.body == "Hi"] == [THEIRS]


@pytest.mark.parametrize(("named", "told"), [
    ((), "No number of yours is named Jane. Enter a phone number with area code."),
    ((THEIRS, "+16475550155"), "Several numbers are named Jane. Enter one: +1 647 555 0110, +1 647 555 0155")])
def test_a_name_that_is_not_clear_is_said_and_sends_nothing(browse, inside, people, named, told):
    with inside():
        for number in named:
            hold(people["Uli"].id, text_in("hello"), theirs=number, name="Jane")
        hold(people["Ben"].id, text_in("of Ben"), theirs="+16475550156", name="Jane")
    uli = browse("Uli")
    form = {"number": "Jane", "body": "Hi", "key": key(uli.get("/messages/new"))}
    assert told in words(uli.post("/messages/consider", data=form, part=True).text)
    answer = uli.post("/messages/new", data=form)
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert 'value="Jane"' in answer.text
    with inside():
        assert not [one for one in messages() if one.body == "Hi"]


def test_the_same_form_twice_is_one_text(browse, inside):
    """REL-09"""
    uli = browse("Uli")
    form = {"number": THEIRS, "body": "once", "key": key(uli.get("/messages/new"))}
    assert {uli.post("/messages/new", data=form).location for _ in range(5)} == {
        uli.post("/messages/new", data=form).location}
    with inside():
        assert len(messages()) == 1


def test_another_text_with_the_same_key_is_kept_and_not_sent(browse, inside):
    uli = browse("Uli")
    form = {"number": THEIRS, "body": "one", "key": key(uli.get("/messages/new"))}
    uli.post("/messages/new", data=form)
    answer = uli.post("/messages/new", data={**form, "body": "two"})
    assert answer.status_code == 422
    assert "You have sent another text from this page already." in answer.text
    assert "\ntwo</textarea>" in answer.text
    assert key(answer) != form["key"]
    with inside():
        assert [one.body for one in messages()] == ["one"]
    assert uli.post("/messages/new", data={**form, "body": "two", "key": key(answer)}).status_code == 303


@pytest.mark.parametrize("wrong", ["", "short", "x" * 41, "with spaces in it!!!"])
def test_a_key_that_is_none_is_replaced(browse, inside, wrong):
    answer = browse("Uli").post("/messages/new", data={"number": THEIRS, "body": "Hi", "key": wrong})
    assert answer.status_code == 303
    with inside():
        stored, = messages()
        assert re.fullmatch(r"[\w-]{22}", stored.submission_key)


@pytest.mark.parametrize(("number", "body", "said", "field"), [
    ("911", "help", "Call 911", "number"), ("+49 30 901820", "Hallo", "This number is abroad: Germany.", "number"),
    (THEIRS, "", "There is nothing to read in this text.", "body"), ("", "Hi", "Nothing was typed.", "number"),
    (THEIRS, "a" * 1531, "Shorten it, or send two texts.", "body")])
def test_a_refusal_says_why_at_the_field_and_keeps_the_text(browse, inside, number, body, said, field):
    """UX-02"""
    answer = browse("Uli").post("/messages/new", data={"number": number, "body": body})
    assert answer.status_code == 422
    assert "<title>Error: New message" in answer.text
    assert said in words(re.search(rf'id="{field}-error">.*?</p>', answer.text, re.DOTALL)[0])
    assert f'<a href="#{field}">' in answer.text
    assert "/limitations#" in answer.text
    assert f'value="{number}"' in answer.text
    assert f"\n{body}</textarea>" in answer.text
    with inside():
        assert not messages()


def test_warnings_do_not_stop(browse, inside):
    uli = browse("Uli")
    form = {"number": THEIRS, "body": "See https://bit.ly/maple for your appointment."}
    page = uli.post("/messages/new", data={**form, "do": "check"})
    assert page.status_code == 200
    assert page.text.count('class="reason warn"') >= 2
    assert uli.post("/messages/new", data=form).status_code == 303
    with inside():
        assert len(messages()) == 1


def test_checking_works_without_javascript(browse, inside):
    """UX-01"""
    page = browse("Uli").post("/messages/new", data={"number": "(647) 555-0110", "body": "Hello", "do": "check"})
    said = words(page.text)
    assert page.status_code == 200
    assert "Error:" not in page.text
    assert "To +1 647 555 0110 " in said
    assert "1 text, 155 characters left" in said
    assert "First text to this number" in said
    assert 'value="(647) 555-0110"' in page.text
    with inside():
        assert not messages()


def test_plain_characters_are_offered_and_never_forced(browse, inside):
    uli, typed = browse("Uli"), "Don’t wait – come “now”…"
    page = uli.post("/messages/new", data={"number": THEIRS, "body": typed, "do": "check"})
    assert f"\n{typed}</textarea>" in page.text
    assert 'Don&#39;t wait - come &#34;now&#34;...' in page.text
    assert "Replace them" in page.text
    page = uli.post("/messages/new", data={"number": THEIRS, "body": typed, "do": "plain"})
    assert '\nDon&#39;t wait - come &#34;now&#34;...</textarea>' in page.text
    assert "Replace them" not in page.text
    uli.post("/messages/new", data={"number": THEIRS, "body": typed})
    with inside():
        assert messages()[0].body == typed


# --- while it is written -------------------------------------------------------------------------


def consider(browser, **typed):
    return browser.post("/messages/consider", data=typed, part=True)


def test_what_comes_back_while_writing(browse):
    said = words(consider(browse("Uli"), number="647 555 0110", body="Grüße, Łukasz").text)
    assert "To +1 647 555 0110 " in said
    assert "1 text, 57 characters left" in said
    assert "a part holds 70 characters instead of 160: Ł" in said
    assert "First text to this number." in said


def test_what_is_not_typed_yet_is_not_held_against_anybody(browse):
    for typed in ({}, {"number": "", "body": ""}, {"number": "", "body": "Hello"}):
        assert "Blocked" not in consider(browse("Uli"), **typed).text
    assert "Blocked" in consider(browse("Uli"), number="911").text


def test_every_reason_stands_there_with_its_rule(browse):
    page = consider(browse("Uli"), number="+1 800 555 0199", body="\u200b")
    assert page.text.count("Blocked") == 2
    assert "/limitations#special-number" in page.text
    assert "/limitations#empty" in page.text


def test_the_local_time_of_the_recipient(browse, clock):
    page = words(consider(browse("Uli"), number="212 555 0123", body="x").text)
    day = r"To \+1 212 555 0123 \(\d\d:\d\d there\)"
    night = r"It is \d\d:\d\d in New York, where this number"
    assert re.search(f"{day}|{night}", page)


def test_considering_needs_the_token_and_changes_nothing(browse, inside):
    uli = browse("Uli")
    assert uli.post("/messages/consider", data={"number": THEIRS, "body": "x"}, token=False).status_code == 400
    assert uli.get("/messages/consider").status_code == 404
    assert consider(browse(), number=THEIRS).status_code == 401
    with inside():
        assert db.session.scalars(select(Message)).all() == []


def test_neither_number_nor_words_stand_in_an_address(browse):
    for address in ("/messages/new", "/messages/"):
        page = browse("Uli").get(address).text
        assert not re.findall(r'(?:href|hx-get|action)="[^"]*\?(?!before=|seen=[\d.]+[&"])[^"]*"', page)
    assert 'hx-post="/messages/consider"' in browse("Uli").get("/messages/new").text
