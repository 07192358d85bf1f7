"""CANCEL, END, QUIT, REMOVE and FIN: their answer, and texts that ask for such a word."""

import pytest
from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import Message, Organization, TextState
from portal.services.texting import outbox, sending
from tests.talks import THEIRS, come

ULI = "+14165550101"
ASKS = "Your appointment is at 9. Reply CANCEL to cancel."


def set_up(**values):
    with writing() as session:
        session.execute(update(Organization).where(Organization.name == "Maple Clinic").values(**values))


def answers(carrier):
    outbox.OutboxWorker("test").step()
    return carrier.bodies


@pytest.mark.parametrize(("word", "told"), [
    ("CANCEL", "About an appointment? Call +1 416 555 0100."), ("end", "About an appointment? Call +1 416 555 0100."),
    ("Quit", "About an appointment? Call +1 416 555 0100."), ("REMOVE", "About an appointment? Call +1 416 555 0100."),
    ("FIN", "Pour un rendez-vous : Call +1 416 555 0100."),
])
def test_words_that_also_answer_a_reminder_are_told_whom_to_call(uli, carrier, word, told):
    set_up(help_contact="Call +1 416 555 0100")
    come(word, ULI)
    (answer,) = answers(carrier)
    assert told in answer


@pytest.mark.parametrize(("word", "told"), [("CANCEL", "About an appointment? Call us."),
                                            ("FIN", "Pour un rendez-vous, appelez-nous.")])
def test_without_a_contact_they_are_asked_to_call(uli, carrier, word, told):
    come(word, ULI)
    (answer,) = answers(carrier)
    assert told in answer


@pytest.mark.parametrize("word", ["STOP", "ARRET", "unsubscribe"])
def test_words_that_mean_nothing_else_are_answered_without_appointment(uli, carrier, word):
    set_up(help_contact="Call +1 416 555 0100")
    come(word, ULI)
    (answer,) = answers(carrier)
    assert "appointment" not in answer
    assert "rendez-vous" not in answer


def refusals(sent):
    return [one.id for one in sent.decision.blocking]


def test_a_text_that_asks_for_such_a_word_is_refused_new_and_as_a_reply(uli):
    assert refusals(sending.send_text(uli, THEIRS, ASKS, "new")) == ["asks-for-keyword"]
    come("Hello", ULI)
    assert refusals(sending.send_text(uli, THEIRS, ASKS, "reply")) == ["asks-for-keyword"]
    assert db.session.scalars(select(Message).where(Message.body == ASKS)).all() == []


def test_an_operator_can_allow_it_and_then_it_is_a_warning(uli):
    set_up(keyword_blocks=False)
    sent = sending.send_text(uli, THEIRS, ASKS, "new")
    assert sent.decision.allowed
    assert "asks-for-keyword" in [one.id for one in sent.decision.warnings]


def test_a_text_that_waits_is_looked_at_again_when_it_is_handed_over(uli, carrier):
    set_up(keyword_blocks=False)
    sending.send_text(uli, THEIRS, ASKS, "waits")
    set_up(keyword_blocks=True)
    outbox.OutboxWorker("test").step()
    db.session.rollback()
    kept = db.session.scalars(select(Message).where(Message.body == ASKS)).one()
    assert (kept.state, kept.why, carrier.bodies) == (TextState.REFUSED, ["asks-for-keyword"], [])


def test_saying_how_to_get_no_more_texts_is_allowed(uli):
    assert sending.send_text(uli, THEIRS, "Maple Clinic. Text STOP to end texts.", "k").decision.allowed
