"""A line moves its conversation, and a conversation is one user's, over one number, with one outside number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.extensions import db, now, writing
from portal.models import Conversation, Direction, Message, Number, TextState
from portal.rules import RULES, Effect, Reason
from portal.services.texting import lines
from tests.stores import READ_ONLY, REFUSED_TO_READERS
from tests.talks import THEIRS

OTHERS = "+16475550111"


def ensure(user, theirs=THEIRS, number_id=None):
    with writing():
        return lines.ensure_conversation(user.organization_id, user.id, number_id or user.number.id, theirs)


def store(user, conversation_id, direction=Direction.OUT, **more):
    """Add a line with what no caller leaves out."""
    given = {"organization_id": user.organization_id, "conversation_id": conversation_id, "user_id": user.id,
             "number_id": user.number.id, "theirs": THEIRS, "direction": direction, "state": TextState.QUEUED,
             "body": "Hello", "at": now(), **more}
    with writing():
        return lines.store_line(**given)


def row(message_id):
    db.session.rollback()
    return db.session.get_one(Message, message_id)


def conversation(conversation_id):
    db.session.rollback()
    return db.session.get_one(Conversation, conversation_id)


# --- lines ---------------------------------------------------------------------------------------


def test_a_line_is_stored_as_given_and_with_nothing_else(uli):
    held, at = ensure(uli)[0], now()
    stored = row(store(uli, held, at=at, body="Bonjour"))
    assert (stored.body, stored.at, stored.theirs, stored.conversation_id) == ("Bonjour", at, THEIRS, held)
    assert (stored.user_id, stored.organization_id, stored.number_id) == (uli.id, uli.organization_id, uli.number.id)
    assert (stored.automatic, stored.region, stored.segments, stored.tries, stored.crashes) == (False, "", 1, 0, 0)
    assert (stored.carrier, stored.carrier_id, stored.code, stored.claimed_by, stored.why) == ("", "", "", "", [])
    assert (stored.submission_key, stored.due_at, stored.deadline, stored.left_at) == (None, None, None, None)


def test_what_is_given_counts_more_than_what_is_usual(uli):
    given = {"ref": "abcdefghijkl", "automatic": True, "region": "US", "segments": 3, "template": "t", "payload": "p",
             "claimed_by": "w", "tries": 2, "crashes": 1, "carrier": "c", "carrier_id": "i", "code": "busy",
             "why": ["burst"], "submission_key": "key"}
    stored = row(store(uli, ensure(uli)[0], **given))
    assert {name: getattr(stored, name) for name in given} == given


def test_every_line_has_a_ref_of_its_own(uli):
    held = ensure(uli)[0]
    made = [row(store(uli, held)) for _ in range(5)]
    assert len({one.ref for one in made} | {one.id for one in made}) == 10
    assert all(len(one.ref) == 12 for one in made)


@pytest.mark.parametrize("direction", Direction)
def test_a_line_moves_its_conversation_and_only_a_text_in_is_unread(uli, direction):
    held, at = ensure(uli)[0], now()
    for count in (1, 2):
        message_id = store(uli, held, direction, at=at)
        moved = conversation(held)
        assert (moved.last_id, moved.last_at) == (message_id, at)
        assert moved.unread == (count if direction is Direction.IN else 0)


def test_no_other_conversation_is_moved(uli, ben):
    """Neither another one of the user, nor the one that a colleague has with the same number."""
    held, *others = (ensure(uli)[0], ensure(uli, OTHERS)[0], ensure(ben)[0])
    store(uli, held, Direction.IN)
    assert {(conversation(one).last_id, conversation(one).unread) for one in others} == {(0, 0)}


def test_one_submission_is_one_line_of_its_user(uli, ben):
    held, bens = ensure(uli)[0], ensure(ben)[0]
    store(uli, held, submission_key="once")
    with pytest.raises(IntegrityError):
        store(uli, held, submission_key="once")
    store(ben, bens, submission_key="once")
    for _ in range(2):
        store(uli, held)
    db.session.rollback()
    assert len(db.session.scalars(select(Message)).all()) == 4


def test_a_commit_that_fails_leaves_neither_line_nor_trace(uli):
    held = ensure(uli)[0]

    def fail():
        with writing():
            lines.store_line(organization_id=uli.organization_id, conversation_id=held, user_id=uli.id,
                             number_id=uli.number.id, theirs=THEIRS, direction=Direction.IN, state=TextState.RECEIVED,
                             body="Hi", at=now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert db.session.scalars(select(Message)).all() == []
    assert (conversation(held).last_id, conversation(held).unread) == (0, 0)


# --- reasons -------------------------------------------------------------------------------------

reasons = st.lists(st.builds(Reason, st.sampled_from(RULES), st.just({}), st.sampled_from(Effect)), max_size=8)


@given(reasons)
def test_what_stops_or_holds_a_text_is_kept_in_order_and_nothing_else(found):
    assert lines.reasons_to_store(tuple(found)) == [
        one.rule.id for one in found if one.effect in {Effect.BLOCK, Effect.HOLD} and not one.rule.untold]


def test_only_a_request_on_the_web_is_never_told():
    """Who sees why a text waits would learn that its recipient has just asked for something."""
    assert [one.id for one in RULES if one.untold] == ["web-request-waits"]


# --- conversations -------------------------------------------------------------------------------


def test_a_conversation_begins_empty(uli):
    held, ref = ensure(uli)
    begun = conversation(held)
    assert (begun.ref, begun.user_id, begun.organization_id) == (ref, uli.id, uli.organization_id)
    assert (begun.number_id, begun.theirs) == (uli.number.id, THEIRS)
    assert (begun.name, begun.name_key, begun.last_id, begun.unread, begun.blocked) == ("", "", 0, 0, False)


def test_it_is_found_again_as_its_member_left_it(uli):
    held, ref = ensure(uli)
    store(uli, held, Direction.IN)
    with writing() as session:
        session.get_one(Conversation, held).name, session.get_one(Conversation, held).blocked = "Anna", True
    assert ensure(uli) == (held, ref)
    found = conversation(held)
    assert (found.name, found.blocked, found.unread) == ("Anna", True, 1)


def test_everybody_has_a_conversation_of_their_own(uli, ben, mia):
    """Colleagues and strangers who text with the same number, and one user who texts with two."""
    found = [ensure(user, theirs) for user in (uli, ben, mia) for theirs in (THEIRS, OTHERS)]
    assert len({held for held, _ref in found}) == len({ref for _held, ref in found}) == 6
    assert [conversation(held).organization_id for held, _ref in found] == [
        user.organization_id for user in (uli, ben, mia) for _ in range(2)]


def test_who_gets_a_number_later_starts_an_empty_one(uli, ben):
    """And the earlier user, who has another number by then, does as well."""
    number_id, bens = uli.number.id, ben.number.id
    before, _ref = ensure(uli)
    store(uli, before, Direction.IN)
    with writing() as session:
        for each, user in ((number_id, None), (bens, uli.id), (number_id, ben.id)):
            session.get_one(Number, each).user_id = user
            session.flush()
    later, _ref = ensure(ben, number_id=number_id)
    assert len({before, later, ensure(uli, number_id=bens)[0]}) == 3
    assert (conversation(later).last_id, conversation(later).user_id) == (0, ben.id)
    assert conversation(before).user_id == uli.id


def test_outside_a_write_transaction_none_is_started(uli):
    with pytest.raises(REFUSED_TO_READERS, match=READ_ONLY):
        lines.ensure_conversation(uli.organization_id, uli.id, uli.number.id, THEIRS)
    db.session.rollback()
    assert db.session.scalars(select(Conversation)).all() == []


# --- notes to many -------------------------------------------------------------------------------


def test_a_note_to_many_numbers_takes_three_statements_and_moves_each_conversation(uli, ben, statements):
    held = [ensure(uli)[0], ensure(uli, OTHERS)[0], ensure(ben)[0]]
    at, mine = now(), uli.organization_id
    with statements() as seen, writing():
        lines.store_notes(mine, [THEIRS], "withdrawn", at)
    assert len(seen) == 3
    talking = [conversation(one) for one in held]
    assert [(one.last_id > 0, one.unread) for one in talking] == [(True, 0), (False, 0), (True, 0)]
    noted = [row(one.last_id) for one in talking if one.last_id]
    assert [(one.body, one.direction, one.at, one.user_id) for one in noted] == [
        ("withdrawn", Direction.NOTE, at, user.id) for user in (uli, ben)]


def test_a_note_to_strangers_is_stored_nowhere(uli, row):
    held = ensure(uli)[0]
    with writing():
        lines.store_notes(uli.organization_id, [OTHERS], "withdrawn", now())
        lines.store_notes(row("Otto").organization_id, [THEIRS], "withdrawn", now())
    assert conversation(held).last_id == 0
