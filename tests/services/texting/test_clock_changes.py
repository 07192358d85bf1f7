"""A clock that is set back or forward by a day loses no text, sends none twice, and locks nobody out for a day."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.carriers.base import CarrierError, Certainty, Fault
from portal.extensions import db, now, writing
from portal.models import Direction, Message, OptOut, OptOutState, Restriction, TextState, User
from portal.processes import tasks
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.accounts import attempts, sessions
from portal.services.texting import clock_changes, outbox
from portal.services.toggles.eligibility import standing_of_user
from portal.services.toggles.known_restrictions import is_restriction_in_force
from tests.talks import come

from .test_outbox import send, states

DAYS = pytest.mark.parametrize("days", [-1, 1])


def settle(worker, clock, steps=6):
    """The worker goes on for some seconds after the clock was set."""
    for _ in range(steps):
        worker.step()
        clock.forward(seconds=11)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("days", [-1, -365, 1])
def test_what_waits_leaves_once(uli, carrier, clock, days, restarted):
    """Accepted before the clock was set, handed over after it, within seconds."""
    worker = outbox.OutboxWorker("before")
    worker.step()
    for number in range(3):
        assert send(uli, f"text {number}", f"+1647555011{number}").decision.allowed
    clock.set(days=days)
    send(uli, "later", "+16475550119")
    worker = outbox.OutboxWorker("anew") if restarted and days < 0 else worker
    settle(worker, clock)
    assert sorted(carrier.bodies) == ["later", "text 0", "text 1", "text 2"]
    assert set(states().values()) == {TextState.HANDED_OVER}


def test_after_a_start_what_is_too_late_is_told_and_not_lost(uli, carrier, clock):
    """A process that was not there cannot tell a day that passed from a clock that was set."""
    send(uli)
    clock.set(days=1)
    settle(outbox.OutboxWorker("anew"), clock)
    assert (states(), carrier.bodies) == ({"Hello": TextState.EXPIRED}, [])


def test_a_text_on_hold_keeps_its_wait(uli, carrier, clock):
    """Set back by a day it waits its ten minutes, not a day."""
    send(uli)
    with writing() as session:
        session.execute(update(Message).values(due_at=now() + timedelta(minutes=10)))
    clock.set(days=-1)
    worker = outbox.OutboxWorker("w")
    settle(worker, clock)
    assert carrier.bodies == []
    clock.forward(minutes=10)
    settle(worker, clock)
    assert carrier.bodies == ["Hello"]


def test_set_forward_and_back_again(uli, carrier, clock):
    worker = outbox.OutboxWorker("w")
    worker.step()
    carrier.does = busy
    send(uli)
    clock.set(days=1)
    worker.step()
    send(uli, "second", "+16475550119")
    clock.set(days=-1)
    worker.step()
    carrier.does = lambda _text: None
    clock.forward(minutes=5)
    settle(worker, clock)
    assert sorted(carrier.bodies) == ["Hello", "second"]


def busy(_text):
    raise CarrierError("busy", Fault.LATER)


@pytest.mark.parametrize("certainty", list(Certainty))
@DAYS
def test_a_claimed_text_is_neither_lost_nor_sent_twice(uli, carrier, clock, days, certainty):
    """A worker dies with claimed texts, taken by the carrier or not, and the clock is set before the next one comes."""
    carrier.certainty = certainty
    send(uli, "taken", "+16475550111")
    send(uli, "not taken", "+16475550112")
    claimed = outbox.claim_texts("dead", 10, now())
    assert len(claimed) == 2
    carrier.send(outbox.texts_for_carrier([one for one in claimed if one.body == "taken"])[0])
    clock.set(days=days)
    settle(outbox.OutboxWorker("next"), clock, 8)
    assert carrier.bodies.count("taken") == 1
    known = {Certainty.KEY: TextState.HANDED_OVER, Certainty.LOOK_UP: TextState.HANDED_OVER,
             Certainty.NONE: TextState.UNKNOWN}
    if days < 0 or certainty is Certainty.NONE:
        assert states() == {"taken": known[certainty], "not taken": known[certainty]}
    assert not {TextState.QUEUED, TextState.CLAIMED} & set(states().values()), "no lease lasts for ever"


@DAYS
def test_whoever_is_slow_when_the_clock_is_set_gives_the_rest_back(uli, carrier, clock, days):
    for number in range(3):
        send(uli, f"text {number}", f"+1647555011{number}")
    set_once = [days]
    carrier.does = lambda _text: set_once and clock.set(days=set_once.pop())
    worker = outbox.OutboxWorker("w")
    worker.step()
    assert len(carrier.bodies) == 1
    settle(worker, clock)
    assert sorted(carrier.bodies) == ["text 0", "text 1", "text 2"]


def test_what_was_sent_before_the_clock_was_set_back_holds_nothing_up(uli, carrier, clock):
    """Neither the burst nor a slow-down counts texts of a time that has not come yet."""
    for number in range(12):
        send(uli, f"{number}", f"+164755501{number:02}")
    settle(outbox.OutboxWorker("w"), clock)
    clock.set(days=-1)
    with writing() as session:
        session.add(Restriction(organization_id=uli.organization_id, subject=Subject.USER, user_id=uli.id,
                                restraint=Restraint.THROTTLE, cause=Cause.SPAM, per_minute=2, since=now(),
                                until=now() + timedelta(days=3)))
    assert send(uli, "after", "+16475550119").decision.until is None


@pytest.mark.parametrize("days", [-1, -3])
def test_a_restriction_made_before_goes_on(uli, clock, days):
    with writing() as session:
        session.add(Restriction(organization_id=uli.organization_id, subject=Subject.USER, user_id=uli.id,
                                restraint=Restraint.BLOCK, cause=Cause.SPAM, since=now()))
    clock.set(days=days)
    assert not standing_of_user(db.session.get_one(User, uli.id)).send.allowed
    assert db.session.scalar(select(Restriction.id).where(is_restriction_in_force(now())))


ALLOWANCE = attempts.Allowance("tries", 3, timedelta(minutes=15))


@pytest.mark.parametrize("days", [-1, -30, 1])
def test_nobody_is_locked_out_for_a_day(app, clock, days):
    """An empty bucket fills again as fast as ever."""
    with app.app_context():
        assert [attempts.take_tokens((ALLOWANCE, "somebody")) is None for _ in range(4)] == [True, True, True, False]
        clock.set(days=days)
        if days < 0:
            assert attempts.take_tokens((ALLOWANCE, "somebody"))
        clock.forward(minutes=5, seconds=1)
        assert attempts.take_tokens((ALLOWANCE, "somebody")) is None


@DAYS
def test_sessions_end_rather_than_last(browse, clock, days):
    ada = browse("Ada")
    clock.set(days=days)
    assert ada.get("/account").status_code == 303


def test_nobody_knows_how_old_a_session_of_the_future_is(app, people, clock):
    with app.app_context():
        with writing() as session:
            key = sessions.begin_session(session.get_one(User, people["Ada"].id), "Test")
        assert sessions.session_holder(key, clock.now())
        clock.set(days=-1)
        assert sessions.session_holder(key, clock.now()) is None


def test_help_is_answered_after_the_clock_was_set_back(uli, carrier, clock):
    come("HELP", uli.number.e164)
    clock.set(days=-1)
    come("HELP", uli.number.e164)
    settle(outbox.OutboxWorker("w"), clock)
    assert len(carrier.bodies) == 2


def test_what_cannot_be_taken_back_is_not_done_because_the_clock_was_set(app, uli, clock):
    """Texts a day short of their time are not erased, likely opt-outs not decided; when time passes, they are."""
    come("lose my number", uli.number.e164)
    with writing() as session:
        row = session.scalars(select(OptOut)).one()
        row.step, row.due_at = 2, now() + timedelta(hours=12)
        row.said_at = now() - timedelta(days=30)
        session.execute(update(Message).where(Message.direction == Direction.IN).values(at=now() - timedelta(days=399)))
    tasks.attach_app(app)
    clock.set(days=1, hours=1)
    tasks.run_cleanup.call_local()
    tasks.run_likely_optouts.call_local()
    db.session.rollback()
    assert db.session.scalars(select(OptOut.state)).one() is OptOutState.LIKELY_OUT
    assert db.session.scalars(select(Message.body).where(Message.direction == Direction.IN)).all() == ["lose my number"]
    db.session.rollback()
    clock.set(days=-1, hours=-1)
    clock.forward(days=1, hours=1)
    tasks.run_cleanup.call_local()
    tasks.run_likely_optouts.call_local()
    db.session.rollback()
    assert db.session.scalars(select(OptOut.state)).one() is OptOutState.OUT
    assert db.session.scalars(select(Message.body).where(Message.direction == Direction.IN)).all() == []


def test_time_that_passes_is_not_taken_for_a_setting_of_the_clock(clock):
    watch = clock_changes.ClockWatch()
    assert watch.set_by(clock.now()) == timedelta()
    clock.forward(days=9)
    assert watch.set_by(clock.now()) == timedelta()
    clock.set(days=-1)
    assert -timedelta(days=1, seconds=5) < watch.set_by(clock.now()) < -timedelta(hours=23)
    clock.set(minutes=59)
    assert watch.set_by(clock.now()) == timedelta()
