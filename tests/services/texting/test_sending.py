"""Accepting a text, or saying why not, once for each submission; and what its writer can do about it afterwards."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import BrandDay, Conversation, Message, Number, Organization, TextState, User
from portal.rules import BY_ID, Effect
from portal.services.texting import brand_days, optouts, send_facts, sending
from portal.services.texting.send_facts import VALID_FOR
from portal.services.texting.sending import SAID_SENT, SENT_AGAIN, KeyReused
from portal.services.toggles import toggle
from tests.talks import THEIRS, hold, messages, text_out

US, BRAND_TIER = "+12125550123", 2000
UNCLEAR = (TextState.UNKNOWN, TextState.QUARANTINED)


@pytest.fixture
def nudges(uli, monkeypatch):
    """How many texts waited each time when the worker was nudged."""
    seen = []
    monkeypatch.setattr(sending, "wake", lambda: seen.append(len(messages())))
    return seen


def send(user, body="Hello", theirs=THEIRS, key=None, **more):
    return sending.send_text(user, theirs, body, key or f"key-{body}", **more)


def refused(answer):
    """The rules that stop a text, which was not stored."""
    assert (answer.decision.allowed, answer.conversation) == (False, "")
    return {reason.id for reason in answer.decision.blocking}


def only():
    one, = messages()
    return one


def states():
    return [one.state for one in messages()]


def segments():
    db.session.rollback()
    return sum(db.session.scalars(select(BrandDay.segments)))


# --- accepting -----------------------------------------------------------------------------------


def test_few_statements_run_while_others_wait_to_write(uli, monkeypatch, statements):
    """What can be read before is read before; the rest are counts and what is written."""
    send(uli, "first")
    within, write = [], sending.writing

    @contextmanager
    def watched(about):
        with write(about) as session:
            begun = len(seen)
            yield session
        within.extend(seen[begun:])

    with statements() as seen:
        monkeypatch.setattr(sending, "writing", watched)
        assert send(uli, "second").decision.allowed
    assert [one.partition(" ")[0] for one in within] == ["SELECT", "SELECT", "INSERT", "UPDATE"]


def test_a_number_that_was_lost_a_moment_ago_sends_nothing(uli, monkeypatch):
    write = sending.writing

    @contextmanager
    def late(about):
        with writing() as session:
            session.execute(update(Number).where(Number.user_id == uli.id).values(user_id=None))
        with write(about) as session:
            yield session

    with monkeypatch.context() as patch:
        patch.setattr(sending, "writing", late)
        assert "primary-number" in refused(send(uli))
    assert messages() == []


def test_an_accepted_text_waits_in_its_conversation(uli):
    answer = send(uli, "Hello", "(647) 555-0110", "key")
    assert (answer.decision.allowed, answer.decision.blocking) == (True, ())
    held = db.session.scalars(select(Conversation)).one()
    assert (answer.conversation, held.user_id, held.theirs, held.last_id) == (held.ref, uli.id, THEIRS, only().id)
    assert (only().state, only().body, only().theirs, only().region) == (TextState.QUEUED, "Hello", THEIRS, "CA")
    assert (only().conversation_id, only().user_id, only().organization_id) == (held.id, uli.id, uli.organization_id)
    assert (only().number_id, only().submission_key, only().automatic) == (uli.number.id, "key", False)


def test_a_text_is_due_at_once_and_worth_sending_for_four_hours(uli, monkeypatch):
    moment = now()
    monkeypatch.setattr(sending, "now", lambda: moment)
    send(uli)
    assert (only().at, only().due_at, only().deadline, only().why) == (moment, moment, moment + VALID_FOR, [])
    assert timedelta(hours=4) == VALID_FOR


def test_texts_to_one_number_are_one_conversation(uli):
    assert send(uli, "one").conversation == send(uli, "two", "647-555-0110").conversation
    assert send(uli, "three", US).conversation != send(uli, "four").conversation


def test_the_worker_is_nudged_when_a_text_is_stored_and_not_otherwise(uli, nudges):
    """After the commit, or it would look too early."""
    send(uli)
    send(uli)
    send(uli, "", key="empty")
    assert nudges == [1]


@pytest.mark.parametrize(("theirs", "body", "counted"), [
    (US, "Hello", 1), (US, "x" * 161, 2), (US, "ł" * 71, 2), (THEIRS, "x" * 161, 0),
], ids=["one", "two", "two of other letters", "to Canada"])
def test_segments_to_us_numbers_are_counted(uli, theirs, body, counted):
    """Once, however often the same text is submitted."""
    for _ in range(3):
        assert send(uli, body, theirs, "key").decision.allowed
    assert segments() == counted


@pytest.fixture
def evening(uli, monkeypatch):
    """Ten minutes before midnight Pacific, with a brand whose segments of the day are used up."""
    moment = brand_days.end_of_brand_day(now()) - timedelta(minutes=10)
    monkeypatch.setattr(sending, "now", lambda: moment)
    with writing():
        brand_days.count_segments(uli.organization_id, brand_days.brand_day(moment), BRAND_TIER)
    return moment


def test_beyond_the_brands_day_a_text_waits_for_midnight_pacific_and_counts_for_the_next_day(uli, evening):
    assert send(uli, "Hello", US).decision.having(Effect.HOLD)
    assert (only().due_at, only().why) == (evening + timedelta(minutes=10), ["daily-brand"])
    assert only().brand_day == brand_days.brand_day(only().due_at) > brand_days.brand_day(evening)
    assert segments() == BRAND_TIER + 1
    sending.cancel_waiting_text(only())
    assert segments() == BRAND_TIER
    assert brand_days.read_brand_days(uli.organization_id, evening) == (BRAND_TIER, 0)


def test_where_midnight_pacific_comes_too_late_a_text_is_refused(uli, evening, monkeypatch):
    monkeypatch.setattr(sending, "now", lambda: evening - timedelta(hours=4))
    assert "daily-brand" in refused(send(uli, "Hello", US))


def test_a_text_to_canada_counts_for_no_day_and_never_waits_for_one(uli, evening):
    assert send(uli, "Hello").decision.until is None
    assert (only().brand_day, segments()) == (brand_days.NO_DAY, BRAND_TIER)


def test_more_than_fifteen_a_minute_wait_their_turn_and_say_why(uli, monkeypatch):
    moment = now()
    monkeypatch.setattr(sending, "now", lambda: moment)
    most = BY_ID["burst"].limits["most"]
    for number in range(most + 2):
        assert send(uli, f"text {number}", f"+1647555{1100 + number}").decision.allowed
    assert [(one.due_at - one.at, one.why) for one in messages()] == [
        *[(timedelta(), [])] * most, *[(timedelta(minutes=1), ["burst"])] * 2]


# --- refusing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("theirs", "body", "rule"), [
    ("911", "Hello", "emergency"), ("988", "Hello", "crisis-line"), ("+1 246 416 1234", "Hello", "international"),
    ("1-800-555-0100", "Hello", "special-number"), ("416 555 0101", "Hello", "own-number"), (THEIRS, "  ", "empty"),
    (THEIRS, "a" * 1531, "too-long"), ("nobody", "Hello", "number-unreadable"), ("", "Hello", "number-unreadable"),
])
def test_a_refusal_stores_nothing_and_says_why(uli, theirs, body, rule, nudges):
    assert rule in refused(send(uli, body, theirs, key="k"))
    assert (states(), nudges, segments()) == ([], [], 0)
    assert db.session.scalars(select(Conversation)).all() == []


def test_every_reason_is_said(uli):
    assert refused(send(uli, "", "911", "k", attachments=1)) == {"emergency", "mms", "empty"}
    assert {"emergency", "texting-off", "too-long"} <= refused(send(switched_off(uli), "x" * 2000, "911", "k"))


def switched_off(user):
    with writing():
        toggle.write_setting(None, user, toggle.SettingValue(False))
    return user


def test_what_was_refused_can_be_submitted_again(uli):
    """The key is free: the form is shown again with what was typed."""
    assert refused(send(uli, "x" * 1531, key="once")) == {"too-long"}
    assert send(uli, "Shorter", key="once").decision.allowed
    assert only().body == "Shorter"


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "rule"), [
    ("Ada", "primary-number"), ("Rita", "primary-number"), ("Mia", "texting-off"), ("Otto", "texting-off")])
def test_who_cannot_text_sends_nothing(uli, people, name, rule):
    assert rule in refused(send(db.session.get_one(User, people[name].id)))
    assert states() == []


def test_operators_send_nothing(uli, people):
    """They belong to no organization; no page offers it to them, and the answer is the same in a preview."""
    olga = db.session.get_one(User, people["Olga"].id)
    assert refused(send(olga)) == {"primary-number"}
    assert [reason.id for reason in send_facts.preview_send(olga, THEIRS, "Hello").blocking] == ["primary-number"]
    assert states() == []


def test_a_colleague_has_a_conversation_of_their_own(uli, ben):
    refs = {send(user, "Hello", key="the same key").conversation for user in (uli, ben)}
    assert len(refs) == 2
    assert [(one.user_id, one.number_id) for one in messages()] == [(one.id, one.number.id) for one in (uli, ben)]


# --- once --------------------------------------------------------------------------------------


def test_the_same_submission_is_one_text(uli):
    """REL-09: double clicks and retries."""
    answers = [send(uli, body, key="once") for body in ("Hello\nUli", "Hello\r\nUli", "Hello\nUli\n") * 3]
    assert len({answer.conversation for answer in answers}) == 1
    assert all(answer.decision.allowed for answer in answers)
    assert states() == [TextState.QUEUED]


@pytest.mark.parametrize("state", TextState)
def test_whatever_became_of_a_text_its_submission_is_answered_in_the_same_way(uli, state):
    """Also when nothing more could be sent by now."""
    first = send(uli).conversation
    with writing() as session:
        session.execute(update(Message).values(state=state))
    switched_off(uli)
    again = send(uli)
    assert (again.decision.allowed, again.conversation) == (True, first)
    assert states() == [state]


@pytest.mark.parametrize(("body", "theirs"), [("two", THEIRS), ("one", US), ("ONE", THEIRS), ("one", "nobody")])
def test_one_key_does_not_stand_for_two_texts(uli, body, theirs):
    send(uli, "one", key="once")
    with pytest.raises(KeyReused):
        send(uli, body, theirs, key="once")
    assert [one.body for one in messages()] == ["one"]


# --- what the writer can do ----------------------------------------------------------------------


def text(user, state, **more):
    hold(user.id, text_out("the text", state, **more))
    return messages()[-1]


@pytest.mark.parametrize("state", TextState)
def test_only_what_waits_is_canceled(uli, state):
    message = text(uli, state, why=["burst"])
    assert sending.cancel_waiting_text(message) == (state is TextState.QUEUED)
    assert (only().state, only().why) == ((TextState.CANCELED, []) if state is TextState.QUEUED else (state, ["burst"]))


def test_canceling_frees_a_place_once(uli):
    for index in range(3):
        send(uli, f"text {index}", US)
    second = messages()[1]
    assert [sending.cancel_waiting_text(second) for _ in range(3)] == [True, False, False]
    assert segments() == 2


@pytest.mark.parametrize("state", TextState)
def test_only_what_is_unclear_is_cleared_up(uli, state):
    message, unclear = text(uli, state, code="no-answer"), state in UNCLEAR
    assert sending.mark_text_sent(message) == unclear
    assert (only().state, only().code) == ((TextState.SENT, SAID_SENT) if unclear else (state, "no-answer"))
    assert not sending.mark_text_sent(message)


def test_a_text_that_was_said_to_be_sent_keeps_its_segments(uli):
    send(uli, "Hello", US)
    with writing() as session:
        session.execute(update(Message).values(state=TextState.UNKNOWN))
    assert sending.mark_text_sent(only())
    assert segments() == 1


@pytest.mark.parametrize("act", [sending.cancel_waiting_text, sending.mark_text_sent])
def test_no_other_text_is_changed(uli, ben, act):
    state = TextState.QUEUED if act is sending.cancel_waiting_text else TextState.UNKNOWN
    mine, next_one, bens = (text(user, state) for user in (uli, uli, ben))
    assert act(next_one)
    assert [one.id for one in messages() if one.state is state] == [mine.id, bens.id]


@pytest.mark.parametrize("state", TextState)
def test_only_what_is_unclear_is_sent_again(uli, state):
    message, unclear = text(uli, state), state in UNCLEAR
    sent = sending.resend_unclear_text(uli, message)
    assert (sent is not None) == unclear
    assert states() == [state] + [TextState.QUEUED] * unclear
    assert [one.body for one in messages()] == ["the text"] * len(messages())


def test_sending_again_twice_is_one_text(uli):
    """Also when the note about it was lost in a crash: the key is made from the old text."""
    message = text(uli, TextState.UNKNOWN)
    first = sending.resend_unclear_text(uli, message)
    assert sending.resend_unclear_text(uli, message) is None
    with writing():
        message.code = "no-answer"
    assert sending.resend_unclear_text(uli, message).conversation == first.conversation
    assert len(messages()) == 2


def test_what_was_sent_again_stays_unclear(uli):
    message = text(uli, TextState.UNKNOWN)
    sending.resend_unclear_text(uli, message)
    assert not sending.mark_text_sent(message)
    assert [(one.state, one.code) for one in messages()] == [
        (TextState.UNKNOWN, SENT_AGAIN), (TextState.QUEUED, "")]


def test_sending_again_obeys_all_rules_and_leaves_what_is_refused_as_it_was(uli):
    """The writer can still say that the first one was sent."""
    message = text(uli, TextState.UNKNOWN, code="no-answer")
    optouts.record_optout(uli, db.session.get_one(Organization, uli.organization_id), THEIRS, "on the phone")
    assert refused(sending.resend_unclear_text(uli, message)) == {"opted-out"}
    assert (states(), only().code) == ([TextState.UNKNOWN], "no-answer")
    assert sending.mark_text_sent(message)


def test_a_text_is_sent_again_from_its_sender_alone(uli, people):
    """Somebody without a number sends nothing, and the text of the other stays as it is."""
    message = text(uli, TextState.UNKNOWN)
    ada = db.session.get_one(User, people["Ada"].id)
    assert "primary-number" in refused(sending.resend_unclear_text(ada, message))
    assert (states(), only().code) == ([TextState.UNKNOWN], "")
