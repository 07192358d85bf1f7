"""The facts about a text are the same whether it is asked about alone or in a batch."""

from dataclasses import astuple, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal import lengths
from portal.extensions import db, now, writing
from portal.models import (
    Message,
    TextState,
    User,
)
from portal.rules import BY_ID, encoding, facts, texts
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.carriers import desk
from portal.services.texting import brand_days, recheck, send_facts, sending
from tests.services.texting.acquaintances import ASKED, FRESH, NUMBERS, OUT, WROTE
from tests.stores import WRITES
from tests.talks import hold, text_out


def between(user, theirs):
    return send_facts.TextParties(user.organization_id, user.id, theirs)


def alone(user, theirs, moment, body="Hello"):
    """The facts about one text that is being accepted, without what is counted only then."""
    known = send_facts.gather_send_facts(user, send_facts.read_draft(user, theirs, body), moment)
    return replace(known, usage=None, pace=None)


def test_a_batch_says_the_same_as_each_text_alone(writers):
    moment = now()
    asked = {between(user, theirs): user for user in writers for theirs in NUMBERS}
    records = send_facts.SendRecords.of(asked, moment)
    for parties, user in asked.items():
        drafted = send_facts.read_draft(user, parties.theirs, "Hello")
        assert records.facts_about(parties, drafted.recipient, drafted.text) == alone(user, parties.theirs, moment)


def test_hand_over_asks_about_the_facts_of_acceptance(writers, monkeypatch):
    """Everything is asked anew but the counts: at both moments the rules are given the same facts.

    A text that was accepted knows besides until when it is worth sending.
    """
    for user in writers:
        for theirs in NUMBERS:
            hold(user.id, text_out(f"To {theirs}", TextState.QUEUED), theirs=theirs)
    waiting = db.session.scalars(select(Message).where(Message.state == TextState.QUEUED).order_by(Message.id)).all()
    moment, given, decide = now(), [], recheck.decide
    expected = [alone(db.session.get_one(User, one.user_id), one.theirs, moment, one.body) for one in waiting]
    monkeypatch.setattr(recheck, "decide", lambda act, known: given.append(known) or decide(act, known))
    recheck.recheck_texts(waiting, moment)
    assert [one.text.valid_until for one in given] == [one.deadline for one in waiting]
    assert [replace(one, text=replace(one.text, valid_until=None)) for one in given] == expected
    assert len(given) == len(writers) * len(NUMBERS)


def test_a_batch_takes_as_many_statements_as_one_text(writers, statements):
    """An organization is read once; the users and the numbers of all texts are read together."""
    def asked(*texts):
        db.session.expire_all()
        with statements() as seen:
            send_facts.SendRecords.of(texts, now())
        return len(seen)

    uli, ben, _otto = [(user.organization_id, user.id) for user in writers]
    one = asked(send_facts.TextParties(*uli, OUT))
    assert asked(*(send_facts.TextParties(*user, theirs) for user in (uli, ben) for theirs in NUMBERS)) == one == 5


# --- the text and the carrier --------------------------------------------------------------------


@pytest.mark.parametrize(("letter", "times", "segments"), [
    ("a", 0, 1), ("a", 160, 1), ("a", 161, 2), ("ł", 70, 1), ("ł", 71, 2), ("a", 1530, 10), ("a", 1531, 11),
    ("a", lengths.PACKED_BODY + 1, 42), ("ł", lengths.PACKED_BODY + 1, 42), ("a", 10**7, 65360),
])
def test_segments_of_a_text(letter, times, segments):
    """Of one that is far too long, what it takes at least, without packing it."""
    assert send_facts.segments_of_text(letter * times) == segments


@given(st.text(st.sampled_from("ab€ł😀\n"), max_size=40), st.integers(1, 300))
@settings(deadline=None)
def test_a_text_that_is_far_too_long_never_counts_more_than_it_takes(words, times):
    body = words * times
    counted, packed = send_facts.segments_of_text(body), encoding.pack_text(body).segments
    assert counted <= packed
    assert counted == packed or len(body) > lengths.PACKED_BODY


@pytest.mark.parametrize(("real", "answers"), [(False, False), (False, True), (True, False), (True, True)])
def test_what_the_rules_want_to_know_of_the_carrier(uli, carrier, real, answers):
    carrier.real, carrier.answers_keywords = real, answers
    assert desk.carrier_facts() == facts.CarrierFacts(real, answers)


# --- counts --------------------------------------------------------------------------------------

US, MINUTE, DAY = "+12125550123", timedelta(minutes=1), timedelta(hours=24)


def usage(user, theirs=FRESH, body="Hello", moment=None):
    drafted = send_facts.read_draft(user, theirs, body)
    return send_facts.gather_usage(send_facts.TextParties.of(user, drafted), drafted, moment or now())


def counts(found):
    """What was counted: texts in a minute and a day, recipients, equal texts, the brand's segments of two days."""
    return astuple(found)[:6]


def wrote(user, theirs=FRESH, body="Hello", at=None, **more):
    """A text of a user that counts: it was sent an hour ago, unless `at` says otherwise."""
    at = at or now() - timedelta(hours=1)
    hold(user.id, text_out(body, **{"at": at, "due_at": at, "template": texts.hash_of_template(body), **more}),
         theirs=theirs)


def test_the_first_text_counts_itself(uli):
    assert counts(usage(uli)) == (1, 1, 1, 1, 0, 0)
    assert counts(usage(uli, US, "x" * 161)) == (1, 1, 1, 1, 2, 2)


def test_texts_and_recipients_of_a_day_count_and_equal_texts_to_others(uli):
    for theirs, body in ((FRESH, "Hello"), (OUT, "Hello"), (OUT, "Hello"), (WROTE, "Good morning")):
        wrote(uli, theirs, body)
    assert counts(usage(uli)) == (1, 5, 3, 2, 0, 0)
    assert counts(usage(uli, ASKED, "Good morning")) == (1, 5, 4, 2, 0, 0)


def test_nobody_counts_for_another_user(uli, ben, mia):
    """But for the brand, which all users of an organization share."""
    moment = now()
    for user in (ben, mia):
        wrote(user)
        with writing():
            brand_days.count_segments(user.organization_id, brand_days.brand_day(moment), 7)
    assert counts(usage(uli, US, moment=moment)) == (1, 1, 1, 1, 8, 1)


@pytest.mark.parametrize(("more", "counts"), [
    ({"automatic": True}, False), *(({"state": state}, state not in send_facts.NOT_SENT) for state in TextState)])
def test_what_was_certainly_not_sent_and_answers_take_no_place(uli, more, counts):
    wrote(uli, **{"at": now(), **more})
    found = usage(uli)
    assert (found.texts_minute, found.texts_day) == ((2, 2) if counts else (1, 1))


@pytest.mark.parametrize(("ago", "minute", "day"), [
    (timedelta(), 2, 2), (MINUTE / 2, 2, 2), (MINUTE, 1, 2), (DAY - MINUTE, 1, 2), (DAY, 1, 1)])
def test_what_is_longer_ago_does_not_count(uli, ago, minute, day):
    moment = now()
    wrote(uli, at=moment - ago)
    found = usage(uli, moment=moment)
    assert (found.texts_minute, found.texts_day) == (minute, day)


def test_in_a_burst_it_is_said_when_the_next_text_may_leave(uli):
    moment, most = now(), BY_ID["burst"].limits["most"]
    for second in range(most):
        assert usage(uli, moment=moment).next_place is None
        wrote(uli, at=moment - second * timedelta(seconds=1))
    assert usage(uli, moment=moment).next_place == moment - (most - 1) * timedelta(seconds=1) + MINUTE


# --- pace ----------------------------------------------------------------------------------------


def slow(per_minute=1, subject=Subject.USER, cause=Cause.SPAM, until=None, restraint=Restraint.THROTTLE):
    return facts.RestrictionFacts(subject, restraint, cause, until, per_minute)


def pace(user, *restrictions, moment, **more):
    return send_facts.gather_pace(restrictions, user.id, user.organization_id, moment, **more)


def test_without_a_throttle_there_is_no_pace(uli):
    moment = now()
    wrote(uli, at=moment)
    assert pace(uli, moment=moment) is None
    assert pace(uli, slow(restraint=Restraint.BLOCK), moment=moment) is None


def test_the_next_place_is_a_minute_after_the_nth_text_before(uli):
    moment = now()
    assert pace(uli, slow(2), moment=moment) == facts.Pace(2, moment, Cause.SPAM)
    for seconds in (10, 30):
        wrote(uli, at=moment - timedelta(seconds=seconds))
    assert pace(uli, slow(1), moment=moment).place == moment + timedelta(seconds=50)
    assert pace(uli, slow(2), moment=moment).place == moment + timedelta(seconds=30)
    assert pace(uli, slow(3), moment=moment).place == moment


def test_a_throttle_counts_the_texts_of_those_whom_it_is_on(uli, ben, mia):
    moment = now()
    wrote(ben, at=moment)
    wrote(mia, at=moment)
    assert pace(uli, slow(), moment=moment).place == moment
    assert pace(uli, slow(subject=Subject.ORGANIZATION), moment=moment).place == moment + MINUTE
    assert pace(mia, slow(), moment=moment).place == moment + MINUTE


def test_of_several_throttles_the_latest_place_counts(uli):
    moment = now()
    wrote(uli, at=moment)
    both = (slow(2, cause=Cause.VOLUME), slow(1, Subject.ORGANIZATION))
    for restrictions in (both, both[::-1]):
        assert pace(uli, *restrictions, moment=moment) == facts.Pace(1, moment + MINUTE, Cause.SPAM)


def test_what_goes_ahead_in_a_batch_moves_the_place(uli):
    moment, ahead = now(), {Subject.USER: 2, Subject.ORGANIZATION: 3}
    assert pace(uli, slow(2), moment=moment, ahead=ahead).place == moment + MINUTE
    assert pace(uli, slow(2, Subject.ORGANIZATION), moment=moment, ahead=ahead).place == moment + 1.5 * MINUTE


@pytest.mark.parametrize(("until", "place"), [(-MINUTE, timedelta()), (MINUTE / 2, MINUTE / 2), (2 * MINUTE, MINUTE)])
def test_nothing_waits_longer_than_the_throttle_lasts_and_nothing_leaves_in_the_past(uli, until, place):
    moment = now()
    wrote(uli, at=moment)
    assert pace(uli, slow(until=moment + until), moment=moment).place == moment + place


def test_by_when_texts_left_only_those_count_that_have(uli):
    moment = now()
    wrote(uli, at=moment)
    assert pace(uli, slow(), moment=moment, column="left_at").place == moment
    wrote(uli, at=moment - MINUTE, left_at=moment)
    assert pace(uli, slow(), moment=moment, column="left_at").place == moment + MINUTE


# --- looking before ------------------------------------------------------------------------------


@pytest.mark.parametrize(("theirs", "body"), [
    (FRESH, "Hello"), (FRESH, ""), ("911", "x" * 2000), ("nobody", "Hello"), (US, "Reply STOP, see bit.ly/x")])
def test_looking_says_what_sending_will_say_and_stores_nothing(uli, mia, begun, monkeypatch, theirs, body):
    moment = now()
    for module in (send_facts, sending):
        monkeypatch.setattr(module, "now", lambda: moment)
    for user in (uli, mia):
        begun.clear()
        looked = send_facts.preview_send(user, theirs, body, attachments=1)
        assert WRITES not in begun
        sent = sending.send_text(user, theirs, body, "key", attachments=1).decision
        assert [(one.id, one.effect) for one in looked.reasons] == [(one.id, one.effect) for one in sent.reasons]
        assert not looked.allowed


def test_looking_allows_what_sending_allows(uli, mia):
    for user, allowed in ((uli, True), (mia, False)):
        assert send_facts.preview_send(user, FRESH, "Hello").allowed is allowed
        assert sending.send_text(user, FRESH, "Hello", "key").decision.allowed is allowed
