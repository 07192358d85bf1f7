"""What comes in: once, keywords first, shown to whom it is for."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.carriers.base import IncomingText
from portal.extensions import db, now, writing
from portal.models import (
    Arrival,
    ArrivalOutcome,
    Consent,
    Conversation,
    Direction,
    Message,
    OptOut,
    Organization,
    TextState,
    User,
)
from portal.rules.encoding import Alphabet, pack_text
from portal.rules.keywords import hear_request
from portal.services.people import numbers as held
from portal.services.texting import answers, inbound, optouts, outbox, sending
from portal.services.toggles import toggle

THEIRS = "+16475550110"
ULI = "+14165550101"


def come(body, theirs=THEIRS, ours=ULI, carrier_id="", **more):
    inbound.receive_text("scripted",
                         IncomingText(carrier_id or f"in-{body}-{theirs}-{ours}", theirs, ours, body, **more))
    db.session.rollback()


def lines(direction):
    db.session.rollback()
    return [one.body for one in db.session.scalars(select(Message).where(Message.direction == direction)
                                                   .order_by(Message.id))]


def outcomes():
    return [one.outcome for one in db.session.scalars(select(Arrival).order_by(Arrival.id))]


def consent(theirs=THEIRS):
    row = db.session.scalars(select(OptOut).where(OptOut.theirs == theirs)).first()
    return row and row.consent


def test_a_text_comes_into_the_conversation_and_is_unread(uli):
    come("Hello, is the clinic open?")
    come("Anybody there?")
    conversation = db.session.scalars(select(Conversation)).one()
    assert lines(Direction.IN) == ["Hello, is the clinic open?", "Anybody there?"]
    assert (conversation.user_id, conversation.theirs, conversation.unread) == (uli.id, THEIRS, 2)


def test_the_same_id_is_one_text(uli):
    """REL-07"""
    come("Hello", carrier_id="same")
    come("Hello", carrier_id="same")
    assert lines(Direction.IN) == ["Hello"]


def test_twenty_at_once_are_one_text(app, uli):
    """REL-07: all of them are answered, one row is there."""
    failures = []

    def deliver():
        with app.app_context():
            try:
                inbound.receive_text("scripted", IncomingText("same", THEIRS, ULI, "Hello"))
            except Exception as error:  # noqa: BLE001 - whatever it is, the test fails with it
                failures.append(error)

    threads = [threading.Thread(target=deliver) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert lines(Direction.IN) == ["Hello"]


@pytest.mark.parametrize(("word", "answer"), [
    ("STOP", "you will get no more texts from us"), ("ARRÊT", "vous ne recevrez plus de textos"),
    ("stop please", "you will get no more texts from us"),
])
def test_stop_counts_at_once_and_is_answered_once(uli, carrier, word, answer):
    sending.send_text(uli, THEIRS, "waiting", "k")
    come(word)
    come(word, carrier_id="again")
    outbox.OutboxWorker("test").step()
    assert consent() is Consent.OUT
    assert len(carrier.bodies) == 1
    assert answer in carrier.bodies[0]
    waiting = db.session.scalars(select(Message).where(Message.body == "waiting")).one()
    assert (waiting.state, waiting.why) == (TextState.REFUSED, ["opted-out"])
    assert [one.id for one in sending.send_text(uli, THEIRS, "more", "k2").decision.blocking] == ["opted-out"]


def test_start_brings_it_back_and_yes_does_not(uli):
    come("STOP")
    come("YES")
    assert consent() is Consent.OUT
    come("START")
    assert consent() is Consent.IN_AGAIN
    assert sending.send_text(uli, THEIRS, "Welcome back", "k").decision.allowed


def test_stop_to_one_number_stops_all_of_the_organization(uli, people):
    come("STOP", ours="+14165550102")
    assert [one.id for one in sending.send_text(uli, THEIRS, "Hi", "k").decision.blocking] == ["opted-out"]


def test_another_organization_is_not_stopped(uli, people):
    come("STOP")
    assert optouts.optout_of_number(db.session.get_one(User, people["Mia"].id).organization_id, THEIRS) is None


def test_free_wording_blocks_until_a_person_decides(uli, people):
    come("please remove me from your list")
    assert consent() is Consent.LIKELY_OUT
    assert [one.id for one in sending.send_text(uli, THEIRS, "Hi", "k").decision.blocking] == ["maybe-opted-out"]
    row = db.session.scalars(select(OptOut)).one()
    assert optouts.decide_likely_optout(uli, uli.organization, row, meant=False)
    assert sending.send_text(uli, THEIRS, "Hi", "k").decision.allowed


def test_undecided_for_two_days_is_an_opt_out(uli, clock):
    come("lose my number")
    assert optouts.decide_overdue_optouts() == 0
    clock.forward(days=2, minutes=1)
    assert optouts.decide_overdue_optouts() == 1
    assert consent() is Consent.OUT


def test_help_is_answered_once_an_hour_even_after_stop(uli, carrier, clock):
    come("STOP")
    outbox.OutboxWorker("test").step()
    for number in range(3):
        come("HELP", carrier_id=f"help-{number}")
    outbox.OutboxWorker("test").step()
    assert sum("for help" in body for body in carrier.bodies) == 1
    clock.forward(minutes=61)
    come("AIDE", carrier_id="later")
    outbox.OutboxWorker("test").step()
    assert "pour de l'aide" in carrier.bodies[-1]


def test_an_answer_too_late_is_not_given(uli, carrier):
    """Five minutes after the word; the word counts all the same."""
    come("STOP", at=now() - timedelta(minutes=6))
    outbox.OutboxWorker("test").step()
    assert (carrier.bodies, consent()) == ([], Consent.OUT)


def test_a_carrier_that_answers_by_itself_is_left_to_it(uli, carrier):
    carrier.answers_keywords = True
    come("STOP")
    outbox.OutboxWorker("test").step()
    assert (carrier.bodies, consent()) == ([], Consent.OUT)


@pytest.mark.parametrize(("theirs", "ours", "outcome"), [
    ("+447911123456", ULI, ArrivalOutcome.ABROAD), (THEIRS, "+14165550199", ArrivalOutcome.UNAVAILABLE),
    ("12345", ULI, ArrivalOutcome.SHOWN), ("+17875550123", ULI, ArrivalOutcome.SHOWN),
    ("+447700900123", ULI, ArrivalOutcome.ABROAD),
    ("+4412345", ULI, ArrivalOutcome.ABROAD), ("+999123456789", ULI, ArrivalOutcome.ABROAD),
    ("+14365550123", ULI, ArrivalOutcome.SHOWN),
    (THEIRS, "14165550101", ArrivalOutcome.SHOWN), (THEIRS, "416-555-0101", ArrivalOutcome.SHOWN),
])
def test_from_where_and_to_whom(uli, theirs, ours, outcome):
    come("Hello", theirs, ours)
    assert outcomes() == [outcome]
    assert lines(Direction.IN) == (["Hello"] if outcome is ArrivalOutcome.SHOWN else [])


@pytest.mark.parametrize("ours", ["14165550101", "4165550101", "tel:+14165550101", "+1 416 555 0101"])
def test_stop_counts_however_the_carrier_writes_our_number(uli, carrier, ours):
    come("STOP", ours=ours)
    outbox.OutboxWorker("test").step()
    assert (consent(), outcomes(), len(carrier.bodies)) == (Consent.OUT, [ArrivalOutcome.SHOWN], 1)


@pytest.mark.parametrize("theirs", ["+14365550123", "+12215550123"])
def test_who_writes_from_a_new_area_code_is_answered(uli, carrier, theirs):
    """The portal's own answer, and the user's."""
    come("HELP", theirs)
    outbox.OutboxWorker("test").step()
    assert len(carrier.bodies) == 1
    sent = sending.send_text(uli, theirs, "See you at nine", "k")
    assert sent.decision.allowed
    assert ("unknown-area-code" in [one.id for one in sent.decision.warnings]) is theirs.startswith("+1221")


def test_stop_from_abroad_is_honored_and_not_answered(uli, carrier):
    come("STOP", "+447911123456")
    outbox.OutboxWorker("test").step()
    assert (consent("+447911123456"), carrier.bodies) == (Consent.OUT, [])


def test_who_is_switched_off_gets_no_words_and_stop_counts(uli):
    with writing():
        toggle.write_setting(None, uli, toggle.SettingValue(False))
    come("secret words")
    come("STOP")
    assert outcomes() == [ArrivalOutcome.UNAVAILABLE] * 2
    assert lines(Direction.IN) == []
    assert consent() is Consent.OUT


def test_a_released_number_still_hears_stop(uli, people):
    ada = db.session.get_one(User, people["Ada"].id)
    held.remove_primary_number(ada, uli, ULI)
    come("STOP")
    assert (consent(), outcomes()) == (Consent.OUT, [ArrivalOutcome.UNAVAILABLE])


def test_who_gets_the_number_later_starts_empty(uli, people):
    come("to Uli")
    ada, ben = (db.session.get_one(User, people[name].id) for name in ("Ada", "Ben"))
    held.remove_primary_number(ada, uli, ULI)
    held.remove_primary_number(ada, ben, "+14165550102")
    held.assign_primary_number(ada, ben, ULI, "")
    come("to Ben")
    found = db.session.scalars(select(Conversation).order_by(Conversation.id)).all()
    assert [one.user_id for one in found] == [uli.id, ben.id]


@pytest.mark.parametrize("word", ["STOP", "ARRET", "START", "HELP", "AIDE"])
def test_answers_are_one_plain_segment(uli, word):
    """GSM-7 and one segment, even with the longest name and contact."""
    uli.organization.reply_name, uli.organization.help_contact = "x" * 30, "+1 416 555 0100"
    packed = pack_text(answers.answer_text(uli.organization, hear_request(word)))
    db.session.rollback()
    assert (packed.alphabet, packed.segments) == (Alphabet.GSM7, 1)


def test_how_many_did_not_arrive(uli, mia):
    lately, long_ago = now() - timedelta(days=29), now() - timedelta(days=31)
    mine, other = uli.organization_id, mia.organization_id
    rows = ((mine, ArrivalOutcome.UNAVAILABLE, lately), (mine, ArrivalOutcome.UNAVAILABLE, lately),
            (mine, ArrivalOutcome.UNAVAILABLE, long_ago), (mine, ArrivalOutcome.BLOCKED, lately),
            (mine, ArrivalOutcome.SHOWN, lately), (mine, ArrivalOutcome.ABROAD, lately),
            (other, ArrivalOutcome.UNAVAILABLE, lately))
    with writing() as session:
        session.add_all(Arrival(organization_id=one, outcome=outcome, at=at, carrier="pretend", carrier_id=str(index))
                        for index, (one, outcome, at) in enumerate(rows))
    assert [inbound.count_unseen_texts(db.session.get_one(Organization, one)) for one in (mine, other)] == [
        {ArrivalOutcome.UNAVAILABLE: 2, ArrivalOutcome.BLOCKED: 1},
        {ArrivalOutcome.UNAVAILABLE: 1, ArrivalOutcome.BLOCKED: 0}]
