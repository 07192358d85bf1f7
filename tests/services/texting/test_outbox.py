"""Accepting, handing over, and finding out after a crash."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.carriers.base import CarrierError, Certainty, Fault
from portal.extensions import db, now, writing
from portal.models import Direction, Message, Organization, TextState, User
from portal.services.texting import claims, optouts, outbox, sending, text_results
from tests.talks import THEIRS, hold, text_out


def send(user, body="Hello", theirs=THEIRS):
    return sending.send_text(user, theirs, body, f"key-{body}")


def states():
    db.session.rollback()
    sent = select(Message).where(Message.direction == Direction.OUT)
    return {one.body: one.state for one in db.session.scalars(sent)}


def only():
    db.session.rollback()
    return db.session.scalars(select(Message)).one()


def work(times=1):
    worker = outbox.OutboxWorker("test")
    for _ in range(times):
        worker.step()
    return worker


def test_an_accepted_text_is_handed_over_once(uli, carrier):
    assert send(uli).decision.allowed
    work(3)
    assert carrier.bodies == ["Hello"]
    assert only().state is TextState.HANDED_OVER
    assert only().carrier_id == f"id-{only().ref}"


def test_order_within_a_conversation(uli, carrier):
    """REL-19: a text is handed over when the one before it is."""
    for body in ("one", "two", "three"):
        send(uli, body)
    work(4)
    assert carrier.bodies == ["one", "two", "three"]


def test_a_failing_text_does_not_let_the_next_pass(uli, carrier):
    send(uli, "one")
    send(uli, "two")

    def fails(text):
        raise CarrierError("busy", Fault.LATER)

    carrier.does = fails
    work(2)
    assert set(carrier.asked) == {"one"}
    assert states() == {"one": TextState.QUEUED, "two": TextState.QUEUED}


def test_a_permanent_error_ends_a_text_and_frees_the_next(uli, carrier):
    send(uli, "one")
    send(uli, "two")

    def spam(text):
        if text.body == "one":
            raise CarrierError("spam", Fault.TEXT)

    carrier.does = spam
    work(3)
    assert states() == {"one": TextState.FAILED, "two": TextState.HANDED_OVER}


def lose(message_state=TextState.CLAIMED):
    """What a worker that died leaves behind: claimed rows whose lease has run out."""
    with writing() as session:
        session.execute(update(Message).values(state=message_state, lease_until=now() - timedelta(seconds=1)))


@pytest.mark.parametrize("certainty", [Certainty.KEY, Certainty.LOOK_UP])
@pytest.mark.parametrize("taken", [True, False])
def test_after_a_crash_nothing_is_lost_and_nothing_sent_twice(uli, carrier, certainty, taken):
    """REL-05: the worker died after or before the carrier took the text."""
    carrier.certainty = certainty
    send(uli)
    if taken:
        work()
    lose()
    work(3)
    assert carrier.bodies == ["Hello"]
    assert only().state is TextState.HANDED_OVER


def test_without_certainty_a_person_decides(uli, carrier):
    carrier.certainty = Certainty.NONE
    send(uli)
    work()
    lose()
    work(3)
    assert carrier.asked == ["Hello"]
    assert only().state is TextState.UNKNOWN


def test_a_lease_far_ahead_is_no_lease(uli, carrier):
    """A clock that was set back makes no text immortal."""
    send(uli)
    with writing() as session:
        session.execute(update(Message).values(state=TextState.CLAIMED, lease_until=now() + timedelta(days=1)))
    work(3)
    assert carrier.bodies == ["Hello"]


def test_what_may_have_been_taken_is_looked_into(uli, carrier):
    """A timeout after the request was written: the carrier is asked, the text not sent again."""
    carrier.certainty = Certainty.LOOK_UP

    def silent(text):
        carrier.taken[text.reference] = text
        raise CarrierError("timeout", Fault.UNSURE)

    carrier.does = silent
    send(uli)
    work(3)
    assert carrier.asked == ["Hello"]
    assert only().state is TextState.HANDED_OVER


def test_poison_is_put_aside_and_the_lane_goes_on(uli, carrier):
    """REL-18: three crashes of our own code, then the next text leaves."""
    send(uli, "poison")
    send(uli, "next")

    def explodes(text):
        if text.body == "poison":
            raise ZeroDivisionError

    carrier.does = explodes
    work(12)
    assert states() == {"poison": TextState.QUARANTINED, "next": TextState.HANDED_OVER}
    assert carrier.asked.count("poison") == text_results.CRASHES


def test_what_is_not_sent_in_time_ends(uli, carrier):
    """REL-20"""
    send(uli)
    with writing() as session:
        session.execute(update(Message).values(deadline=now() - timedelta(seconds=1)))
    work()
    assert carrier.asked == []
    assert only().state is TextState.EXPIRED


def test_what_is_late_is_never_handed_over_however_busy_the_worker_is(uli, carrier, clock):
    """Upkeep waits at most a second while there are texts to send; what is late is left for it meanwhile."""
    clock.stop()
    worker = work()
    send(uli, "late")
    with writing() as session:
        session.execute(update(Message).values(deadline=now() - timedelta(seconds=1)))
    for body, state in (("first", TextState.QUEUED), ("second", TextState.EXPIRED)):
        send(uli, body, theirs="+16475550111")
        worker.step()
        assert states()["late"] is state
        clock.forward(seconds=1.1)
    assert carrier.bodies == ["first", "second"]


def test_an_opt_out_stops_waiting_texts_of_everybody(uli, carrier, people):
    """REL-14: whichever of the organization's numbers it was said to."""
    ben = db.session.get_one(User, people["Ben"].id)
    send(uli, "from Uli")
    send(ben, "from Ben")
    maple = db.session.get_one(Organization, uli.organization_id)
    optouts.record_optout(uli, maple, THEIRS, "on the phone")
    work(2)
    assert states() == {"from Uli": TextState.REFUSED, "from Ben": TextState.REFUSED}
    assert [reason.id for reason in send(uli, "again").decision.blocking] == ["opted-out"]
    assert carrier.asked == []


def test_more_than_fifteen_a_minute_leave_one_after_the_other(uli, carrier):
    for number in range(17):
        assert send(uli, f"text {number}", f"+1647555{1100 + number}").decision.allowed
    work(2)
    assert len(carrier.asked) == 15
    late = [one for one in db.session.scalars(select(Message)) if one.state is TextState.QUEUED]
    assert [one.why for one in late] == [["burst"], ["burst"]]
    assert all(one.due_at > now() + timedelta(seconds=30) for one in late)


def test_a_carrier_that_keeps_failing_is_left_alone_for_a_while(uli, carrier):
    for number in range(12):
        send(uli, f"text {number}", f"+1647555{1100 + number}")

    def down(text):
        raise CarrierError("down", Fault.LATER)

    carrier.does = down
    worker = work()
    asked = len(carrier.asked)
    with writing() as session:
        session.execute(update(Message).values(due_at=now()))
    worker.step()
    assert len(carrier.asked) == asked


# --- when the worker wakes up ----------------------------------------------------------------------

MINUTE = timedelta(minutes=1)


def wait_until(user, *dues, state=TextState.QUEUED):
    hold(user.id, *(text_out(f"at {due}", state, due_at=due) for due in dues))


def test_the_worker_sleeps_until_the_next_text_is_due(uli, ben):
    """Of all users; what is due already is no reason to sleep until then, and no reason to stay awake."""
    moment = now()
    assert claims.find_next_due_time(moment) is None
    wait_until(uli, moment - MINUTE, moment)
    assert claims.find_next_due_time(moment) is None
    wait_until(uli, moment + 3 * MINUTE)
    wait_until(ben, moment + 2 * MINUTE)
    assert claims.find_next_due_time(moment) == moment + 2 * MINUTE
    assert claims.find_next_due_time(moment + 2 * MINUTE) == moment + 3 * MINUTE
    assert not db.session.registry().in_transaction()


@pytest.mark.parametrize("state", TextState)
def test_only_a_text_in_the_queue_wakes_the_worker(uli, state):
    due = now() + MINUTE
    wait_until(uli, due, state=state)
    assert claims.find_next_due_time(now()) == (due if state is TextState.QUEUED else None)
