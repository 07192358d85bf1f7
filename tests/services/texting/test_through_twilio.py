"""The portal with Twilio behind it: from the first text to the first answer, and answers that get lost."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from portal.carriers.base import Webhook
from portal.models import Direction, TextState
from portal.services.texting import optouts, sending
from tests.carriers.rigs import HOOK
from tests.carriers.rigs.twilio import FakeTwilio, setup_at, signed
from tests.services.texting.behind import OURS, put_behind, send, take, work
from tests.talks import THEIRS, messages


@pytest.fixture
def twilio(app, uli, clock, monkeypatch):
    """Twilio on loopback, at the same time of day, which takes every text of this test."""
    with closing(FakeTwilio(clock=clock.now)) as twilio:
        put_behind(app, monkeypatch, "twilio", setup_at(twilio.peer.address))
        yield twilio


def tell(url, form):
    """Twilio posts a form, and the portal takes it."""
    headers, body = signed(form, url)
    take(Webhook(headers, body, datetime.now(UTC), "POST", url))


def report(twilio):
    """Twilio tells all that became of the only text that it has."""
    (one,) = twilio.texts
    for url, form in twilio.news_of(one):
        tell(url, form)


def hear(body, text_id):
    tell(HOOK, {"MessageSid": text_id, "From": THEIRS, "To": OURS, "Body": body, "NumMedia": "0"})


def test_from_the_first_text_to_the_first_answer_and_stop(uli, twilio):
    send(uli)
    work()
    assert messages()[0].state is TextState.HANDED_OVER
    report(twilio)
    assert messages()[0].state is TextState.DELIVERED
    hear("Thanks, à demain ☕", "SM1")
    hear("Thanks, à demain ☕", "SM1")
    assert [one.body for one in messages(Direction.IN)] == ["Thanks, à demain ☕"]
    hear("STOP\0", "SM2")
    work(3)
    assert optouts.optout_of_number(uli.organization_id, THEIRS) is not None
    assert len(twilio.texts) == 1, "Twilio itself answers STOP"


def test_an_answer_that_is_lost_is_settled_by_the_receipt(uli, twilio):
    twilio.mood = "cut"
    send(uli)
    work()
    report(twilio)
    assert messages()[0].state is TextState.DELIVERED
    assert len(twilio.texts) == 1


@pytest.mark.parametrize("arrived", [True, False], ids=["it arrived", "it never arrived"])
def test_an_answer_that_is_lost_makes_no_second_text(uli, twilio, clock, arrived):
    """Twilio's list may hold the text. Where it does not, nobody knows, and a person decides after the deadline."""
    send(uli)
    twilio.mood = "cut" if arrived else "broken"
    work()
    twilio.mood = ""
    for _ in range(12):
        clock.forward(minutes=30)
        work()
    assert len(twilio.texts) == arrived
    assert messages()[0].state in ({TextState.HANDED_OVER, TextState.UNKNOWN} if arrived else {TextState.UNKNOWN})


def test_a_refusal_because_of_a_stop_blocks_the_pair(uli, twilio):
    number = "+16475550157"
    send(uli, number)
    work()
    assert (messages()[0].state, messages()[0].code) == (TextState.FAILED, "opted-out")
    again = sending.send_text(uli, number, "Again", "k2")
    assert "carrier-blocked" in {one.id for one in again.decision.blocking}


def test_an_account_that_is_not_accepted_fails_no_text(uli, twilio):
    twilio.mood = "shut out"
    send(uli)
    work()
    assert (messages()[0].state, messages()[0].code) == (TextState.QUEUED, "account")
