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
    Conversation,
    Direction,
    Message,
    OptOut,
    OptOutState,
    TextState,
    User,
)
from portal.services import waiting
from portal.services.carriers import known_texts
from portal.services.people import numbers as held
from portal.services.texting import inbound, outbox, sending
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
    return row and row.state


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
    assert consent() is OptOutState.OUT
    assert len(carrier.bodies) == 1
    assert answer in carrier.bodies[0]
    waiting = db.session.scalars(select(Message).where(Message.body == "waiting")).one()
    assert (waiting.state, waiting.why) == (TextState.REFUSED, ["opted-out"])
    assert [one.id for one in sending.send_text(uli, THEIRS, "more", "k2").decision.blocking] == ["opted-out"]


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
    assert (consent(), outcomes(), len(carrier.bodies)) == (OptOutState.OUT, [ArrivalOutcome.SHOWN], 1)


@pytest.mark.parametrize("theirs", ["+14365550123", "+12215550123"])
def test_who_writes_from_a_new_area_code_is_answered(uli, carrier, theirs):
    """The portal's own answer, and the user's."""
    come("HELP", theirs)
    outbox.OutboxWorker("test").step()
    assert len(carrier.bodies) == 1
    sent = sending.send_text(uli, theirs, "See you at nine", "k")
    assert sent.decision.allowed
    assert ("unknown-area-code" in [one.id for one in sent.decision.warnings]) is theirs.startswith("+1221")


def test_who_is_switched_off_gets_no_words_and_stop_counts(uli):
    with writing():
        toggle.write_setting(None, uli, toggle.SettingValue(False))
    come("secret words")
    come("STOP")
    assert outcomes() == [ArrivalOutcome.UNAVAILABLE] * 2
    assert lines(Direction.IN) == []
    assert consent() is OptOutState.OUT


def test_a_released_number_still_hears_stop(uli, people):
    ada = db.session.get_one(User, people["Ada"].id)
    held.remove_primary_number(ada, uli, ULI)
    come("STOP")
    assert (consent(), outcomes()) == (OptOutState.OUT, [ArrivalOutcome.UNAVAILABLE])


def test_who_gets_the_number_later_starts_empty(uli, people):
    come("to Uli")
    ada, ben = (db.session.get_one(User, people[name].id) for name in ("Ada", "Ben"))
    held.remove_primary_number(ada, uli, ULI)
    held.remove_primary_number(ada, ben, "+14165550102")
    held.assign_primary_number(ada, ben, ULI, "")
    come("to Ben")
    found = db.session.scalars(select(Conversation).order_by(Conversation.id)).all()
    assert [one.user_id for one in found] == [uli.id, ben.id]


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
    counted = [waiting.count_for_overview(one, 0) for one in (mine, other)]
    assert [(one.unavailable, one.blocked) for one in counted] == [(2, 1), (1, 0)]


# --- our numbers ---------------------------------------------------------------------------------


def test_a_number_is_ours_while_a_user_of_any_organization_has_it(uli, mia, people, bring):
    bring("+14165550177")
    asked = (ULI, people["Mia"].number, "+14165550177", THEIRS, "", "4165550101")
    is_ours = known_texts.make_number_finder()
    assert [is_ours(e164) for e164 in asked] == [True, True, False, False, False, False]
    held.remove_primary_number(db.session.get_one(User, people["Ada"].id), uli, ULI)
    assert not is_ours(ULI)


def test_the_question_for_our_number_leaves_no_transaction_open(uli):
    """Carriers ask while they send."""
    db.session.rollback()
    assert known_texts.make_number_finder()(ULI)
    assert db.engine.pool.checkedout() == 0
