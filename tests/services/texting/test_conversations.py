"""Conversations as their member finds, names and blocks them."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers, just, lists, one_of, tuples
from sqlalchemy import event, select, update
from sqlalchemy.orm.attributes import set_committed_value
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import Conversation, Message, Number, OptOutState, TextState, User
from portal.services.refusals import Clash
from portal.services.texting import conversations, likely_optouts, stand_ins
from tests.talks import IN, THEIRS, come, hold, many, note, read_all, ref_of, text_in, text_out

ULI = "+14165550101"
# A number of its own for every example.
OUTSIDE = count()


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
    read_all(talk)
    assert (talk.unread, talk.read_up_to) == (0, talk.last_id)
    come("more", ULI)
    assert conversations.find_conversation(uli, talk.ref).unread == 1


def test_reading_a_part_leaves_the_rest_unread(uli, talk):
    for body in ("three", "four", "five"):
        come(body, ULI)
    talk = conversations.find_conversation(uli, talk.ref)
    assert conversations.mark_read_up_to(talk, conversations.position_of_line(talk, ref_of("four")))
    unread = [line.body for line in conversations.list_conversation_lines(talk)[0]
              if conversations.is_line_unread(talk, line)]
    assert (unread, talk.unread) == (["five"], 1)


def test_what_is_read_already_is_not_written_again(uli, talk, statements):
    read_all(talk)
    db.session.refresh(talk)
    first, last = talk.read_up_to - 1, talk.read_up_to
    with statements() as seen:
        assert not conversations.mark_read_up_to(talk, first)
        assert not conversations.mark_read_up_to(talk, last)
    assert seen == []


def test_of_two_who_read_at_once_the_further_one_counts(uli, talk):
    """The condition stands in the statement: what this page knew of the conversation may be old."""
    before, lines = talk.read_up_to, [line.id for line in conversations.list_conversation_lines(talk)[0]]
    assert conversations.mark_read_up_to(talk, lines[-1])
    db.session.refresh(talk)
    set_committed_value(talk, "read_up_to", before)
    assert not conversations.mark_read_up_to(talk, lines[0])
    db.session.refresh(talk)
    assert (talk.read_up_to, talk.unread) == (lines[-1], 0)


def test_a_note_that_asks_is_unread_until_it_is_seen(uli, talk):
    read_all(talk)
    assert {*likely_optouts.REMINDING.values(), stand_ins.TAKEN_OVER} == set(conversations.ASKING_NOTES)
    hold(uli.id, note("taken-over"), note("out"), text_out("mine"))
    with writing() as session:
        session.execute(update(Conversation).values(unread=1))
    talk = conversations.find_conversation(uli, talk.ref)
    assert [line.body for line in conversations.list_conversation_lines(talk)[0]
            if conversations.is_line_unread(talk, line)] == ["taken-over"]


STEPS = lists(one_of(tuples(just("come"), integers(1, 3)), tuples(just("read"), integers(-2, 40)),
                     tuples(just("write"), just(1)), tuples(just("note"), just(1))), max_size=12)


@given(steps=STEPS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_reading_only_rises(uli, steps):
    """Whatever arrives and whatever is said to be read, in any order: read is what was named the furthest."""
    theirs = f"+1647555{next(OUTSIDE):04}"
    ref = hold(uli.id, text_in("first"), theirs=theirs)
    furthest = 0
    for what, value in steps:
        talk = conversations.find_conversation(uli, ref)
        if what == "read":
            line_id = talk.last_id - value
            further = furthest < line_id <= talk.last_id
            assert conversations.mark_read_up_to(talk, line_id) == further
            furthest = line_id if further else furthest
        else:
            line = {"come": text_in(), "write": text_out(), "note": note("out")}[what]
            hold(uli.id, *[line] * value, theirs=theirs)
        db.session.expire_all()
        talk = conversations.find_conversation(uli, ref)
        came = db.session.scalars(select(Message.id).where(Message.conversation_id == talk.id, Message.direction == IN))
        assert (talk.read_up_to, talk.unread) == (furthest, sum(one > furthest for one in came))


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


def test_an_open_page_learns_of_its_last_line_and_of_the_list_beside_it(uli, ben, talk):
    def learned(who, ref=talk.ref):
        return conversations.read_open_page_version(who, ref, 2)

    last = conversations.list_conversation_lines(talk)[0][-1].id
    assert learned(uli) == (conversations.read_inbox_version(uli, most=2), last)
    hold(uli.id, text_in("four"))
    hold(uli.id, text_in("elsewhere"), theirs="+16475550119")
    newer = conversations.list_conversation_lines(talk)[0][-1].id
    assert newer > last
    assert learned(uli) == (conversations.read_inbox_version(uli, most=2), newer)
    assert learned(ben) == (conversations.read_inbox_version(ben, most=2), None)
    assert learned(uli, "no such ref") == (conversations.read_inbox_version(uli, most=2), None)


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


def test_a_line_of_any_kind_is_found_in_its_own_conversation_alone(uli, ben, talk):
    hold(ben.id, text_in("to Ben"))
    hold(uli.id, text_in("elsewhere"), theirs="+16475550111")
    hold(uli.id, note("out"))
    for body in ("one", "two", "out"):
        line = conversations.find_line(talk, ref_of(body))
        assert (line.body, line.id) == (body, conversations.position_of_line(talk, ref_of(body)))
    for ref in (ref_of("to Ben"), ref_of("elsewhere"), "no such ref", ""):
        assert conversations.position_of_line(talk, ref) == 0
        with pytest.raises(NotFound):
            conversations.find_line(talk, ref)


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


def test_the_version_of_the_list_is_that_of_its_rows(uli, ben, talk):
    """Whatever changes what the first page shows changes its version, and nothing else does."""
    seen = []

    def changed():
        db.session.expire_all()
        version = conversations.read_inbox_version(uli)
        assert version == conversations.version_of_rows(conversations.list_inbox_rows(uli)[0])
        seen.append(version)
        return len(seen) < 2 or seen[-1] != seen[-2]

    changed()
    hold(ben.id, text_in("for Ben"))
    assert not changed()
    come("more", ULI)
    assert changed()
    hold(uli.id, text_in("elsewhere"), theirs="+16475550111")
    assert changed()
    read_all(conversations.find_conversation(uli, talk.ref))
    assert changed()
    hold(uli.id, text_out("mine", TextState.QUEUED))
    assert changed()
    with writing() as session:
        session.execute(update(Message).where(Message.body == "mine").values(state="sent", changed_at=now()))
    assert changed()
    conversations.set_conversation_block(conversations.find_conversation(uli, talk.ref), on=True)
    assert changed()
    with writing() as session:
        session.execute(update(Conversation).where(Conversation.ref == talk.ref).values(call_at=now()))
    assert changed()


def test_the_version_of_a_search_is_that_of_what_it_finds(uli, talk):
    hold(uli.id, text_in(), theirs="+16475550111", name="Zoë")
    for search in ("zo", "0111", "nobody"):
        rows = conversations.list_inbox_rows(uli, search)[0]
        assert conversations.read_inbox_version(uli, search) == conversations.version_of_rows(rows)
    before = conversations.read_inbox_version(uli, "0111")
    come("elsewhere", ULI)
    assert conversations.read_inbox_version(uli, "0111") == before


@pytest.mark.sqlite
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
