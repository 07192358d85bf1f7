"""The portal with Telnyx behind it: from the first text to the first answer, and answers that get lost."""

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from portal.carriers.base import Webhook
from portal.extensions import db, now, writing
from portal.models import Direction, Message, TextState
from portal.services.texting import optouts, sending
from tests.carriers.http_peer import HttpReply
from tests.carriers.rigs.telnyx import TelnyxPeer, setup_at, sign
from tests.services.texting.behind import OURS, put_behind, send, take, work
from tests.talks import THEIRS, messages


@pytest.fixture
def peer(app, uli, monkeypatch):
    """Telnyx on loopback, which takes every text of this test."""
    with closing(TelnyxPeer()) as peer:
        put_behind(app, monkeypatch, "telnyx", setup_at(peer, settings={"answers_keywords": "1"}))
        yield peer


def tell(kind, **payload):
    """Telnyx tells something, and the portal takes it."""
    body = json.dumps({"data": {"event_type": kind, "payload": payload}}).encode()
    moment = datetime.now(UTC)
    take(Webhook(sign(body, int(moment.timestamp())), body, moment, "POST", "https://example.com"))


def report(peer, status, *errors):
    """Telnyx reports about the only text that it has."""
    ((asked, answer),) = peer.taken.values()
    tell("message.finalized", id=json.loads(answer.body)["data"]["id"], direction="outbound", errors=list(errors),
         webhook_url=json.loads(asked)["webhook_url"], to=[{"phone_number": THEIRS, "status": status}])


def hear(body, text_id):
    tell("message.received", id=text_id, direction="inbound", text=body, to=[{"phone_number": OURS}],
         **{"from": {"phone_number": THEIRS}})


def test_from_the_first_text_to_the_first_answer_and_stop(uli, peer):
    send(uli)
    work()
    assert messages()[0].state is TextState.HANDED_OVER
    report(peer, "sent")
    report(peer, "delivered")
    assert messages()[0].state is TextState.DELIVERED
    hear("Thanks, à demain ☕", "in-1")
    hear("Thanks, à demain ☕", "in-1")
    assert [one.body for one in messages(Direction.IN)] == ["Thanks, à demain ☕"]
    hear("STOP", "in-2")
    work(3)
    assert optouts.optout_of_number(uli.organization_id, THEIRS) is not None
    assert len(peer.taken) == 1, "Telnyx itself answers STOP"


def test_an_answer_that_is_lost_makes_no_second_text_and_leaves_nobody_to_decide(uli, peer):
    real, lost = peer.answer, iter([True, True, False])
    peer.answer = lambda request: HttpReply(504) if real(request) and next(lost) else real(request)
    send(uli)
    work(12)
    (text,) = messages()
    assert text.state is TextState.HANDED_OVER
    assert peer.count(text.ref) == len(peer.taken) == 1


def test_every_other_answer_is_lost_and_every_text_is_there_once(uli, peer):
    real = peer.answer
    peer.answer = lambda request: (real(request), HttpReply(504))[len(peer.requests) % 2]
    for number in range(8):
        send(uli, f"+164755501{number:02}")
    for _ in range(40):
        with writing() as session:
            # A text that was lost several times waits a little longer each time.
            session.execute(update(Message).where(Message.state == TextState.QUEUED).values(due_at=now()))
        work()
    rows = db.session.scalars(select(Message).where(Message.direction == Direction.OUT)).all()
    assert {one.state for one in rows} == {TextState.HANDED_OVER}
    assert sorted(peer.taken) == sorted(one.ref for one in rows)


def test_a_receipt_alone_settles_a_text_that_nobody_could_tell_of(uli, peer):
    real = peer.answer
    peer.answer = lambda request: (real(request), HttpReply(504))[1]
    send(uli)
    work()
    assert messages()[0].state in {TextState.CLAIMED, TextState.QUEUED}
    report(peer, "delivered")
    assert messages()[0].state is TextState.DELIVERED


def test_a_refusal_is_told_with_who_can_mend_it_and_stop_blocks_the_pair(uli, peer):
    send(uli)
    work()
    report(peer, "sending_failed", {"code": "40300", "title": "Blocked due to STOP message"})
    assert (messages()[0].state, messages()[0].code) == (TextState.UNDELIVERED, "opted-out")
    again = sending.send_text(uli, THEIRS, "Again", "k2")
    assert {one.id for one in again.decision.blocking} == {"opted-out", "carrier-blocked"}


def test_an_account_that_is_not_accepted_fails_no_text(uli, peer):
    peer.shut = True
    send(uli)
    work()
    assert (messages()[0].state, messages()[0].code) == (TextState.QUEUED, "account")
