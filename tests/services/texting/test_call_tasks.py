"""People whom a member should call: after CANCEL, and when they write after STOP."""

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models import AuditEvent, CallReason, Conversation, Direction, Message
from portal.services.texting import call_tasks, conversations, optouts
from tests.talks import THEIRS, come, messages, read_all

ULI, BEN = "+14165550101", "+14165550102"
OTHER = "+16475550111"


def calls(user):
    db.session.rollback()
    return [(row.conversation.theirs, row.conversation.call_reason) for row in call_tasks.list_calls_to_make(user)]


def talk_with(theirs=THEIRS, ours=ULI):
    db.session.rollback()
    return next(one for one in db.session.scalars(select(Conversation).where(Conversation.theirs == theirs))
                if conversations.number_of_conversation(one).e164 == ours)


def confirm(user, talk):
    return call_tasks.confirm_call(user, talk, talk.call_at.isoformat() if talk.call_at else "")


@pytest.mark.parametrize("word", ["CANCEL", "end", "Quit", "REMOVE", "fin"])
def test_who_stops_with_a_word_that_answers_reminders_is_to_be_called(uli, word):
    come(word, ULI)
    assert calls(uli) == [(THEIRS, CallReason.CANCELED)]


@pytest.mark.parametrize("said", ["STOP", "ARRET", "unsubscribe", "STOP", "Hello", "HELP", "START"])
def test_nobody_else_is_at_first(uli, said):
    come(said, ULI)
    assert calls(uli) == []


@pytest.mark.parametrize("said", ["When is my appointment?", "Cancel", "HELP", "yes", "leave me alone"])
def test_who_writes_after_stop_is_to_be_called(uli, said):
    come("STOP", ULI)
    come(said, ULI)
    assert calls(uli) == [(THEIRS, CallReason.AFTER_STOP)]


@pytest.mark.parametrize("said", [
    "START", "STOP", "stop please", "Maple Clinic: you will get texts from us again. Text STOP to end them.",
    "Liked “Maple Clinic: you will get no more texts from us. Text START to this number if you want them again.”",
])
def test_who_starts_again_repeats_it_or_likes_a_text_is_not(uli, said):
    come("STOP", ULI)
    come(said, ULI)
    assert calls(uli) == []


def test_an_opt_out_in_another_way_counts_as_well(uli):
    optouts.record_optout(uli, uli.organization, THEIRS, "by phone")
    come("When is my appointment?", ULI)
    assert calls(uli) == [(THEIRS, CallReason.AFTER_OPT_OUT)]


def test_the_member_whose_number_was_texted_calls(uli, ben):
    come("STOP", ULI)
    come("Hello?", BEN)
    assert (calls(uli), calls(ben)) == ([], [(THEIRS, CallReason.AFTER_STOP)])


def test_the_latest_stands_first(uli):
    come("Cancel", ULI, OTHER)
    come("Cancel", ULI)
    assert calls(uli) == [(THEIRS, CallReason.CANCELED), (OTHER, CallReason.CANCELED)]
    come("Hello?", ULI, OTHER)
    assert calls(uli) == [(OTHER, CallReason.AFTER_STOP), (THEIRS, CallReason.CANCELED)]


def test_a_text_that_is_not_shown_asks_for_no_call(uli):
    come("STOP", ULI)
    conversations.set_conversation_block(talk_with(), on=True)
    come("Hello?", ULI)
    assert calls(uli) == []


def test_reading_leaves_it_unread_and_the_call_ends_it(uli):
    come("Cancel", ULI)
    read_all(talk_with())
    assert talk_with().unread == 1
    assert confirm(uli, talk_with())
    assert (calls(uli), talk_with().unread) == ([], 0)
    assert [one.body for one in messages(Direction.NOTE)] == ["out", "called"]


def test_the_next_text_asks_again(uli):
    come("Cancel", ULI)
    confirm(uli, talk_with())
    come("Hello?", ULI)
    assert calls(uli) == [(THEIRS, CallReason.AFTER_STOP)]


def test_a_text_that_came_meanwhile_is_not_taken_for_answered(uli, clock):
    come("Cancel", ULI)
    seen = talk_with().call_at.isoformat()
    clock.forward(seconds=5)
    come("Hello?", ULI)
    assert not call_tasks.confirm_call(uli, talk_with(), seen)
    assert calls(uli) == [(THEIRS, CallReason.AFTER_STOP)]


def test_noting_it_twice_is_once(uli):
    come("Cancel", ULI)
    talk = talk_with()
    seen = talk.call_at.isoformat()
    assert call_tasks.confirm_call(uli, talk, seen)
    assert not call_tasks.confirm_call(uli, talk_with(), seen)


def test_start_does_not_lose_what_was_asked(uli):
    come("STOP", ULI)
    come("When is my appointment?", ULI)
    come("START", ULI)
    assert calls(uli) == [(THEIRS, CallReason.AFTER_STOP)]


def test_the_audit_log_says_who_called_and_neither_whom_nor_why(uli):
    come("Cancel", ULI)
    confirm(uli, talk_with())
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.actor_name, event.subject_ref, event.details) == (
        "called-back", uli.name, uli.ref, {})


def test_a_page_of_calls_takes_one_statement_however_many_there_are(uli, statements):
    for last in range(10, 30):
        come("Cancel", ULI, f"+164755501{last}")
    db.session.rollback()
    me = uli.id
    with statements() as seen:
        assert len(call_tasks.list_calls_to_make(uli)) == 20
    assert me
    assert len([one for one in seen if "conversations" in one]) == 1
    assert db.session.scalars(select(Message)).first() is not None
