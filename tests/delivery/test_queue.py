"""Whoever is slowed down knows when their texts leave, and is told at once when it would be too late."""

import re
from datetime import timedelta

import pytest

from portal.extensions import db, now, writing
from portal.models import Restriction, TextState, User
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.texting import outbox, sending
from portal.services.texting.send_facts import VALID_FOR
from tests.talks import hold, key, messages, text_out, words

THEIRS = "+16475550110"
MINUTES = int(VALID_FOR.total_seconds() / 60)


@pytest.fixture
def slowed(inside, people):
    """Uli may send one text a minute; `slowed(waiting)` lets so many wait, each in its minute."""

    def slow(waiting):
        with inside():
            uli = people["Uli"].id
            with writing() as session:
                session.add(Restriction(
                    organization_id=session.get_one(User, uli).organization_id, subject=Subject.USER, user_id=uli,
                    restraint=Restraint.THROTTLE, cause=Cause.VOLUME, per_minute=1, until=now() + timedelta(days=2)))
            return hold(uli, *(
                text_out(f"waits {n}", TextState.QUEUED, due_at=now() + timedelta(minutes=n), why=["throttled"])
                for n in range(waiting)))

    return slow


def send(browser, body="One more"):
    form = {"number": THEIRS, "body": body, "key": key(browser.get("/messages/new"))}
    return browser.post("/messages/new", data=form)


def test_what_could_not_leave_in_time_is_refused_with_the_time_to_try_again(browse, inside, slowed):
    """REL-26: four hours' worth wait already."""
    slowed(MINUTES + 30)
    answer = send(browse("Uli"))
    said = words(answer.text)
    assert answer.status_code == 422
    found = re.search(r"Too many texts wait before this one\. Its turn would come at (.+?), and a text is worth sending"
                      r" for 4 hours only\. Send it again from (.+?) on\.", said)
    assert found, said
    assert found[1] != found[2]
    assert "\nOne more</textarea>" in answer.text
    with inside():
        assert all(one.body != "One more" for one in messages())


def test_when_enough_have_left_it_is_accepted(uli, slowed, clock):
    """REL-26: from the time on that was said."""
    slowed(MINUTES + 30)
    db.session.rollback()  # as a request that comes after it
    blocking = sending.send_text(uli, THEIRS, "One more", "one").decision.blocking
    assert [one.id for one in blocking] == ["queue-full"]
    clock.ahead = blocking[0].values["again"] - now() - timedelta(minutes=1)
    assert not sending.send_text(uli, THEIRS, "One more", "two").decision.allowed
    clock.ahead += timedelta(minutes=2)
    assert sending.send_text(uli, THEIRS, "One more", "three").decision.allowed


def test_what_waits_says_why_and_until_when(browse, inside, slowed, carrier):
    """REL-26: before it is sent, and as long as it waits."""
    ref, uli = slowed(5), browse("Uli")
    looked = uli.post("/messages/consider", data={"number": THEIRS, "body": "One more"}, part=True)
    assert "Texts are slowed to 1 a minute" in words(looked.text)
    assert send(uli).status_code == 303
    with inside():
        message = messages()[-1]
        db.session.refresh(message)
        ahead = (message.due_at - now()).total_seconds() / 60
        assert (message.state, message.why) == (TextState.QUEUED, ["throttled"])
        assert 3.9 < ahead <= 5.1
        outbox.OutboxWorker("test").step()
        assert carrier.bodies == ["waits 0"]
    assert "leaves about" in words(uli.get(f"/messages/{ref}").text)


def test_texts_that_wait_leave_one_a_minute(uli, carrier, slowed, clock):
    """REL-26: what was promised is kept, and nothing that was accepted is too late."""
    slowed(0)
    accepted = [sending.send_text(uli, f"+1647555{2000 + n}", f"text {n}", f"key {n}") for n in range(5)]
    assert all(one.decision.allowed for one in accepted)
    worker = outbox.OutboxWorker("test")
    for minute in range(5):
        for _ in range(3):
            worker.step()
        assert carrier.bodies == [f"text {n}" for n in range(minute + 1)]
        clock.forward(seconds=61)
