"""A thread for each carrier: it comes with the record, follows its changes, keeps its line, ends with the worker."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from portal.carriers.base import IncomingText, LineStanding
from portal.carriers.kinds import CarrierField, CarrierKind
from portal.extensions import db, now, writing
from portal.models import CarrierRecord, Direction, Message, TextState, User
from portal.processes import lanes
from portal.services.carriers import desk
from portal.services.texting import sending
from tests.patience import LONG, wait_for
from tests.services.carriers import records
from tests.services.carriers.records import add, kind  # noqa: F401 - fixtures

THEIRS, ULI = "+16475552110", "+14165550101"


class WithLine(records.Recorded):
    """A carrier with a line: it says what it is told to, and remembers how long it was kept."""

    def __init__(self, setup):
        super().__init__(setup)
        self.kept, self.left, self.heard = threading.Event(), threading.Event(), []

    def keep(self, tell, stopping):
        self.kept.set()
        for one in self.says:
            tell([one])
            self.heard.append(one)
        stopping.wait(60)
        self.left.set()

    def standing(self):
        return LineStanding(up=self.kept.is_set())

    says = (IncomingText("in-1", THEIRS, ULI, "Hello by the line"),)


@pytest.fixture
def running(app, carrier):
    """`running()` starts the lanes of a worker; they end with the test."""
    started = []

    def run():
        started.append(lanes.CarrierLanes(app, "test"))
        started[-1].heed()
        return started[-1]

    yield run
    for each in started:
        each.stop()
        assert not any(lane.is_alive() for lane in each.lanes.values())


@pytest.fixture
def one(add, people):  # noqa: F811 - a fixture
    """A carrier of all organizations; an open application context."""
    return add("one", by_default=True)


def send(people, body):
    user = db.session.get_one(User, people["Uli"].id)
    assert sending.send_text(user, THEIRS, body, body).decision.allowed


def state():
    db.session.rollback()
    return db.session.scalars(select(Message.state).where(Message.direction == Direction.OUT)).all()


def test_a_lane_sends_what_is_due_and_ends_when_its_carrier_goes(one, people, running):
    held = running()
    send(people, "Hello")
    held.nudge()
    wait_for(lambda: state() == [TextState.HANDED_OVER])
    assert held.are_working(timedelta(seconds=60))
    lane = held.lanes["one"]
    with writing() as session:
        session.execute(delete(CarrierRecord))
    held.looked_at = 0.0
    held.heed()
    lane.join(timeout=60)
    assert not lane.is_alive()
    assert held.lanes == {}


def test_a_carrier_that_comes_later_gets_a_lane(kind, add, running):  # noqa: F811 - fixtures
    held = running()
    assert held.lanes == {}
    add("late")
    held.looked_at = 0.0
    assert held.heed() == 1
    assert held.lanes["late"].is_alive()


def test_a_lane_that_is_stuck_is_seen(one, running):
    held = running()
    assert held.are_working(timedelta(seconds=60))
    assert not held.are_working(timedelta(seconds=-60))


def test_what_breaks_in_a_step_ends_no_lane(one, people, running, monkeypatch, log_lines):
    monkeypatch.setattr(lanes, "LONGEST_SLEEP", 0.01)
    broken = [True]

    def step(self):
        if broken:
            broken.clear()
            raise RuntimeError("disk")
        return original(self)

    original = lanes.outbox.OutboxWorker.step
    monkeypatch.setattr(lanes.outbox.OutboxWorker, "step", step)
    send(people, "Hello")
    running()
    wait_for(lambda: state() == [TextState.HANDED_OVER])
    assert any("lane_failed" in line for line in log_lines)


def test_what_comes_over_a_line_is_stored_before_the_other_side_hears_so(one, running, monkeypatch):
    monkeypatch.setattr(desk.carriers, "KINDS", {"recorded": lanes_kind(WithLine)})
    held = running()
    live = desk.find_carrier("one")
    wait_for(lambda: live.heard)
    db.session.rollback()
    assert db.session.scalars(select(Message.body).where(Message.direction == Direction.IN)).all() == [
        "Hello by the line"]
    with writing() as session:
        session.execute(update(CarrierRecord).values(active=False))
    held.nudge()
    lane = held.lanes["one"]
    wait_for(lambda: not lane.nudged.is_set())
    assert lane.line.carrier is live, "a STOP must not wait until it is on again"
    with writing() as session:
        session.execute(delete(CarrierRecord))
    held.nudge()
    wait_for(live.left.is_set)


@pytest.mark.parametrize("known", [LineStanding(up=True), LineStanding(up=False, code="unreachable")],
                         ids=["it is up", "it is down"])
def test_no_text_is_handed_over_before_anybody_knows_how_the_line_is(one, people, running, monkeypatch, known):
    class Opening(WithLine):
        says, stands, seen = (), [LineStanding(up=False)], threading.Semaphore(0)

        def standing(self):
            self.seen.release()
            return self.stands[-1]

    monkeypatch.setattr(desk.carriers, "KINDS", {"recorded": lanes_kind(Opening)})
    send(people, "Hello")
    running()
    for _ in range(3):
        assert Opening.seen.acquire(timeout=LONG)
    assert state() == [TextState.QUEUED]
    Opening.stands.append(known)
    wait_for(lambda: state() == [TextState.HANDED_OVER])


def lanes_kind(make):
    return CarrierKind("recorded", "Recorded", make, (CarrierField("password", "Password", secret=True),))


class Coming(WithLine):
    """A carrier whose line broke just now; `looks` counts who asked."""

    says, is_up, looks = (), False, 0

    def standing(self):
        self.looks += 1
        return LineStanding(up=self.is_up, since=now(), code="no-connection")


def test_texts_wait_for_a_line_that_broke_just_now(one, people, running, monkeypatch):
    monkeypatch.setattr(desk.carriers, "KINDS", {"recorded": lanes_kind(Coming)})
    monkeypatch.setattr(lanes, "LINE_COMES_WITHIN", timedelta(hours=1))
    send(people, "Hello")
    running()
    live = desk.find_carrier("one")
    wait_for(lambda: live.looks > 3)
    assert (live.asked, state()) == ([], [TextState.QUEUED])
    live.is_up = True
    wait_for(lambda: state() == [TextState.HANDED_OVER])


@pytest.mark.parametrize("changed", [{"refused": True}, {"since": now() - timedelta(hours=1)}], ids=["refused", "old"])
def test_nobody_waits_for_a_line_that_does_not_come(one, people, running, monkeypatch, changed):
    class Gone(Coming):
        def standing(self):
            return LineStanding(**{"up": False, "since": now(), "code": "no-connection", **changed})

    monkeypatch.setattr(desk.carriers, "KINDS", {"recorded": lanes_kind(Gone)})
    monkeypatch.setattr(lanes, "LINE_COMES_WITHIN", timedelta(minutes=30))
    send(people, "Hello")
    running()
    wait_for(lambda: desk.find_carrier("one").asked == ["Hello"])


class Refusable(Coming):
    """A carrier whose line the other side refuses from the beginning, until the test says otherwise."""

    refused = True

    def standing(self):
        return LineStanding(up=not self.refused, since=now(), code="account" if self.refused else "",
                            refused=self.refused)


def test_operators_hear_of_a_line_that_is_refused_although_no_text_waits(one, running, monkeypatch):
    def fault():
        db.session.rollback()
        return db.session.scalars(select(CarrierRecord.fault_code)).one()

    monkeypatch.setattr(desk.carriers, "KINDS", {"recorded": lanes_kind(Refusable)})
    held = running()
    wait_for(lambda: fault() == "account")
    desk.find_carrier("one").refused = False
    held.nudge()
    wait_for(lambda: not fault())


def test_a_change_opens_the_line_anew(one, running, monkeypatch):
    monkeypatch.setattr(desk.carriers, "KINDS", {"recorded": lanes_kind(WithLine)})
    held = running()
    first = desk.find_carrier("one")
    wait_for(first.kept.is_set)
    with writing() as session:
        session.execute(update(CarrierRecord).values(version=2))
    held.nudge()
    wait_for(first.left.is_set)
    second = desk.find_carrier("one")
    assert second is not first
    wait_for(second.kept.is_set)
