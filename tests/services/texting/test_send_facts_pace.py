"""How fast texts leave under a throttle: of a user alone, or of an organization together."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.carriers.base import CarrierReceipt, CarrierStatus
from portal.extensions import db, now, writing
from portal.models import Direction, Message, Restriction, TextState, User
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.spam import restrictions
from portal.services.texting import outbox, receipts, sending

MINUTE = timedelta(minutes=1)


@pytest.fixture
def two(people, inside, carrier):
    """Uli and Ben, in an open context."""
    with inside():
        yield [db.session.get_one(User, people[name].id) for name in ("Uli", "Ben")]


def slow(user, subject, per_minute=1, cause=Cause.VOLUME, ends=timedelta(hours=72)):
    """Put a throttle on a user or on their organization."""
    terms = restrictions.RestrictionTerms(Restraint.THROTTLE, cause, "Too many.", now() + ends, per_minute)
    whom = restrictions.RestrictionScope(subject, user.organization_id, user.id if subject is Subject.USER else None)
    with writing():
        restrictions.add_restriction(None, terms, whom, now())


def send(user, index):
    return sending.send_text(user, f"+1647555{index:04}", f"Text {index}", f"key-{user.id}-{index}").decision


def left(carrier):
    return sorted(carrier.bodies)


def work():
    outbox.OutboxWorker("test").step()
    db.session.rollback()


def due():
    """Minutes after which each text may leave, by its words."""
    db.session.rollback()
    rows = db.session.execute(select(Message.body, Message.due_at)
                              .where(Message.direction == Direction.OUT).order_by(Message.id))
    return {body: round((at - now()) / MINUTE) for body, at in rows}


def test_a_throttle_on_one_leaves_the_other_alone(two, carrier):
    uli, ben = two
    slow(uli, Subject.USER)
    for index in (1, 2, 3):
        assert send(uli, index).allowed
    assert send(ben, 4).until is None
    assert due() == {"Text 1": 0, "Text 2": 1, "Text 3": 2, "Text 4": 0}


def test_a_throttle_on_all_counts_them_together(two):
    uli, ben = two
    slow(uli, Subject.ORGANIZATION)
    assert [send(user, index).allowed for index, user in enumerate((uli, ben, uli, ben))] == [True] * 4
    assert due() == {"Text 0": 0, "Text 1": 1, "Text 2": 2, "Text 3": 3}


def test_the_strictest_wins_and_gives_its_reason(two):
    uli, _ben = two
    slow(uli, Subject.ORGANIZATION, 6)
    slow(uli, Subject.USER, 1, Cause.SPAM)
    send(uli, 1)
    held = next(reason for reason in send(uli, 2).reasons if reason.id == "throttled")
    assert (held.values["per_minute"], held.values["cause"]) == (1, Cause.SPAM)
    assert round((held.values["until"] - now()) / MINUTE) == 1


def test_texts_that_wait_already_leave_one_a_minute(two, carrier, clock):
    """Decided again at hand-over: of both users together, each in their turn."""
    uli, ben = two
    for index, user in enumerate((uli, ben, uli, ben)):
        send(user, index)
    slow(uli, Subject.ORGANIZATION)
    for many in (1, 2, 3, 4):
        work()
        work()
        assert len(left(carrier)) == many
        clock.forward(minutes=1)
    assert left(carrier) == ["Text 0", "Text 1", "Text 2", "Text 3"]


def test_a_late_receipt_does_not_slow_the_next(two, carrier, clock):
    """A pace counts when texts left, not when a receipt changed them."""
    uli, _ben = two
    slow(uli, Subject.USER)
    send(uli, 1)
    work()
    clock.forward(minutes=3)
    receipts.take_receipts("scripted", [CarrierReceipt(raw="delivered", status=CarrierStatus.DELIVERED,
                                                       reference=next(iter(carrier.taken)))])
    send(uli, 2)
    work()
    assert left(carrier) == ["Text 1", "Text 2"]


def test_lifting_lets_them_go_at_once(two, people, carrier):
    uli, _ben = two
    olga = db.session.get_one(User, people["Olga"].id)
    slow(uli, Subject.USER)
    for index in (1, 2, 3):
        send(uli, index)
    work()
    assert left(carrier) == ["Text 1"]
    restrictions.end_restriction(olga, db.session.scalars(select(Restriction)).one(), "A mistake.")
    work()
    assert left(carrier) == ["Text 1", "Text 2", "Text 3"]


def test_nobody_waits_longer_than_the_throttle_lasts(two):
    uli, _ben = two
    slow(uli, Subject.USER, ends=timedelta(minutes=2, seconds=30))
    for index in range(5):
        send(uli, index)
    assert list(due().values()) == [0, 1, 2, 2, 2]


def test_nothing_is_counted_that_never_left(two, carrier, clock):
    uli, _ben = two
    slow(uli, Subject.USER)
    send(uli, 1)
    with writing() as session:
        session.scalars(select(Message)).one().state = TextState.CANCELED
    assert send(uli, 2).until is None
