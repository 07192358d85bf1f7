"""Conversations as their member finds, names and blocks them."""

import pytest
from sqlalchemy import event, select
from werkzeug.exceptions import NotFound

from portal.extensions import db, writing
from portal.models import Conversation, Message, Number, OptOutState, TextState, User
from portal.services.refusals import Clash
from portal.services.texting import conversations
from tests.talks import THEIRS, come, hold, many, note, ref_of, text_in, text_out

ULI = "+14165550101"


@pytest.fixture
def talk(uli):
    return conversations.find_conversation(uli, hold(uli.id, text_out("one"), text_in("two"),
                                                     text_out("three", TextState.SENT)))


def test_only_its_member_finds_it(uli, ben, talk, people):
    for other in (ben, *(db.session.get_one(User, people[name].id) for name in ("Ada", "Rita", "Mia", "Olga"))):
        with pytest.raises(NotFound):
            conversations.find_conversation(other, talk.ref)
    assert conversations.find_conversation(uli, talk.ref).id == talk.id


def test_the_list_holds_ones_own_alone(uli, ben, talk):
    hold(ben.id, text_in("for Ben"))
    rows, more = conversations.list_inbox_rows(uli)
    assert ([row.conversation.id for row in rows], more) == ([talk.id], False)
    assert (rows[0].last.body, rows[0].ours) == ("three", ULI)


def test_a_conversation_without_lines_is_listed_all_the_same(uli, talk):
    with writing() as session:
        for message in session.scalars(select(Message)):
            session.delete(message)
    assert [row.last for row in conversations.list_inbox_rows(uli)[0]] == [None]


def test_reading_marks_what_was_there_before(uli, talk):
    assert talk.unread == 1
    conversations.mark_conversation_read(talk)
    assert talk.unread == 0
    come("more", ULI)
    assert conversations.find_conversation(uli, talk.ref).unread == 1


def test_what_is_read_already_is_not_written_again(uli, talk, statements):
    conversations.mark_conversation_read(talk)
    db.session.refresh(talk)
    with statements() as seen:
        conversations.mark_conversation_read(talk)
    assert seen == []


def test_lines_come_in_their_order_page_by_page(uli, talk):
    many(uli.id, talk.ref, 60)
    latest, older = conversations.list_conversation_lines(talk)
    assert ([line.body for line in latest], older) == ([f"Text {index}" for index in range(10, 60)], True)
    first, older = conversations.list_conversation_lines(talk, latest[0].id)
    assert ([line.body for line in first], older) == (["one", "two", "three", *(f"Text {i}" for i in range(10))], False)


def test_news_are_what_came_after_and_what_was_watched(uli, talk):
    last = conversations.list_conversation_lines(talk)[0][-1].id
    watched = [ref_of("three"), ref_of("one"), "no such ref"]
    hold(uli.id, text_in("four"))
    found = conversations.read_conversation_news(talk, last, watched)
    assert [line.body for line in found.added] == ["four"]
    assert [line.body for line in found.changed] == ["one", "three"]
    assert conversations.read_conversation_news(talk, last + 1, ()) == ([], [])


def test_news_watch_no_more_than_they_should(uli, talk):
    many(uli.id, talk.ref, 50)
    refs = [line.ref for line in conversations.list_conversation_lines(talk)[0]]
    last = conversations.list_conversation_lines(talk)[0][-1].id
    assert len(conversations.read_conversation_news(talk, last, refs).changed) == conversations.WATCHED


def test_a_line_is_a_text_that_its_member_wrote(uli, ben, talk):
    hold(ben.id, text_out("of Ben"))
    hold(uli.id, text_out("by itself", automatic=True))
    assert conversations.find_outgoing_text(talk, ref_of("one")).body == "one"
    for body in ("two", "of Ben", "by itself"):
        with pytest.raises(NotFound):
            conversations.find_outgoing_text(talk, ref_of(body))


def test_a_text_that_came_in_is_found_in_its_own_conversation_alone(uli, ben, talk):
    hold(ben.id, text_in("to Ben"))
    hold(uli.id, text_in("elsewhere"), theirs="+16475550111")
    hold(uli.id, note("out"))
    assert conversations.find_incoming_text(talk, ref_of("two")).body == "two"
    for body in ("one", "to Ben", "elsewhere", "out"):
        with pytest.raises(NotFound):
            conversations.find_incoming_text(talk, ref_of(body))
    with pytest.raises(NotFound):
        conversations.find_incoming_text(talk, "no such ref")


def test_our_number_stays_that_of_the_conversation(uli, ben, talk):
    """Also when a colleague has it by now."""
    assert conversations.number_of_conversation(talk).e164 == ULI
    mine, bens = uli.number, ben.number
    with writing() as session:
        session.get_one(Number, bens.id).user_id = None
        session.flush()
        session.get_one(Number, mine.id).user_id = ben.id
    found = conversations.number_of_conversation(talk)
    assert (found.e164, found.user_id) == (ULI, ben.id)


def test_an_opt_out_is_seen_in_every_conversation_of_the_organization(uli, ben, mia, talk):
    """Also after it was lifted; and in none of another organization."""
    held = [conversations.find_conversation(user, hold(user.id, text_in())) for user in (uli, ben, mia)]
    assert [conversations.optout_of_conversation(one) for one in held] == [None] * 3
    for said, consent in (("STOP", OptOutState.OUT), ("START", OptOutState.IN_AGAIN)):
        come(said, ULI)
        mine, bens, strangers = map(conversations.optout_of_conversation, held)
        assert (mine.state, mine.theirs, bens, strangers) == (consent, THEIRS, mine, None)


def test_names_are_found_without_case_and_accents(uli, talk):
    conversations.set_conversation_name(talk, " Łucja Gonçalves ")
    assert (talk.name, talk.name_key) == ("Łucja Gonçalves", "lucja goncalves")
    assert conversations.list_inbox_rows(uli, "GONCAL")[0]
    conversations.set_conversation_name(talk, "")
    assert not conversations.list_inbox_rows(uli, "goncal")[0]


@pytest.mark.parametrize("typed", ["x" * 81, "a\u202eb", "a\u200bb", "a\x00b", "a\nb", "a\u2028b", "a\ue000b"])
def test_names_nobody_could_read(talk, typed):
    with pytest.raises(Clash) as clash:
        conversations.set_conversation_name(talk, typed)
    assert clash.value.field == "name"
    assert talk.name == ""


@pytest.mark.parametrize("typed", ["100 %", "a_b", "a\\b"])
def test_a_search_takes_its_words_as_they_are(uli, talk, typed):
    hold(uli.id, text_in(), theirs="+16475550111", name="100 1")
    hold(uli.id, text_in(), theirs="+16475550112", name="aab")
    hold(uli.id, text_in(), theirs="+16475550113", name=typed)
    assert [row.conversation.name for row in conversations.list_inbox_rows(uli, typed)[0]] == [typed]


def test_blocking_and_showing_again(uli, talk):
    conversations.set_conversation_block(talk, on=True)
    come("not shown", ULI)
    conversations.set_conversation_block(talk, on=False)
    come("shown", ULI)
    assert [line.body for line in conversations.list_conversation_lines(talk)[0]][3:] == ["shown"]


def test_the_list_is_read_through_its_index(uli, talk):
    """Newest first without sorting: a long list costs no more than a short one."""
    seen = []

    def explain(_connection, cursor, statement, parameters, *_rest):
        if "FROM conversations" in statement and not statement.startswith("EXPLAIN"):
            seen.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        conversations.list_inbox_rows(uli)
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
    assert any("ix_conversations_inbox" in step for step in seen)
    assert not any("TEMP B-TREE" in step for step in seen)
    assert db.session.scalars(select(Conversation)).all()
