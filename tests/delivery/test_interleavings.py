"""Three workers in any order, with a carrier that fails in every way and workers that die: nobody overtakes.

A worker's step is cut in two, where it really is: what it has claimed, and handing that over. Between the two
the others work and time passes; on a clock of the test's own.
"""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from portal import databases
from portal.carriers.base import CarrierError, Certainty, Fault, WebhookAnswer
from portal.extensions import db, now, writing
from portal.models import Conversation, HandOver, Message, TextState
from portal.services.texting import outbox, outcomes
from tests.talks import hold, messages, text_out

LANES = ("+16475550110", "+16475550111")
# After this long a text has ended: its deadline, and as long as a worker's sleep and lease may add.
SWEEP = timedelta(minutes=1)


class Died(BaseException):
    """The worker's process is gone, at this very moment."""


# What the carrier does with a text: does it take it, and what does the worker see.
MOODS = {
    "takes it": (True, None), "takes it and is silent": (True, CarrierError("timeout", Fault.UNSURE)),
    "is silent": (False, CarrierError("timeout", Fault.UNSURE)), "is busy": (False, CarrierError("busy", Fault.LATER)),
    "breaks": (False, ZeroDivisionError()), "refuses": (False, CarrierError("spam", Fault.TEXT)),
    "takes it and the worker dies": (True, Died()), "the worker dies": (False, Died()),
}


class Moody:
    """A carrier in a mood for every text; where its mood is over it takes everything."""

    ref, real, answers_keywords, takes_crisis_line = "moody", False, False, False
    tells, settles_after, at_once, thanks = False, timedelta(), 1, WebhookAnswer()

    def __init__(self, certainty, moods):
        self.certainty, self.moods = certainty, iter(moods)
        self.taken, self.asked = [], []

    def send(self, outgoing):
        self.asked.append(outgoing.reference)
        takes, error = MOODS[next(self.moods, "takes it")]
        known = outgoing.reference in self.taken
        assert not (known and self.certainty is not Certainty.KEY), "sent twice"
        if takes and not known:
            self.taken.append(outgoing.reference)
        if error:
            raise error
        return f"id-{outgoing.reference}"

    def look_up(self, text, since):
        if self.certainty is Certainty.NONE:
            raise CarrierError("no-look-up", Fault.UNSURE)
        return f"id-{text.reference}" if text.reference in self.taken else None


class Halves:
    """A worker whose step comes in two halves; one that died begins anew and knows nothing."""

    def __init__(self, name):
        self.name, self.held = name, None
        self.worker = outbox.OutboxWorker(name)

    def turn(self):
        try:
            self.hand_over() if self.held else self.take()
        except Died:
            db.session.rollback()
            self.held, self.worker = None, outbox.OutboxWorker(self.name)

    def take(self):
        """The first half of a step, up to the claim, which is remembered instead of worked on."""
        original = outbox.claim_texts

        def claim(*given):
            self.held = (original(*given), given[2])
            return []

        outbox.claim_texts = claim
        try:
            self.worker.step()
        finally:
            outbox.claim_texts = original

    def hand_over(self):
        """The second half: the step as it is, with what was claimed before."""
        (claimed, moment), self.held = self.held, None
        replaced = {"claim_texts": lambda *_: claimed, "expire_texts": lambda _: 0, "now": after_a_pause(moment)}
        kept = {name: getattr(outbox, name) for name in replaced}
        recover, self.worker.recover = self.worker.recover, lambda _: 0
        for name, value in replaced.items():
            setattr(outbox, name, value)
        try:
            self.worker.step()
        finally:
            self.worker.recover = recover
            for name, value in kept.items():
                setattr(outbox, name, value)


def after_a_pause(began):
    """The clock of a step that was stopped after its beginning: first the old moment, then the present."""
    present, moments = outbox.now, iter([began])
    return lambda: next(moments, None) or present()


@pytest.fixture
def quick(app, carrier, monkeypatch):
    """No waiting for the disk: here nobody pulls the plug. Afterwards the carrier is the one from before."""
    monkeypatch.setattr(databases, "DATABASE_PRAGMAS", (*databases.DATABASE_PRAGMAS, "PRAGMA synchronous=OFF"))
    with app.app_context():
        db.engine.dispose()


def begin_anew(app, certainty, moods):
    """No texts, no time passed, another carrier."""
    with writing() as session:
        for table in (HandOver, Message, Conversation):
            session.execute(delete(table))
    app.extensions["carrier"] = Moody(certainty, moods)
    return app.extensions["carrier"]


def lanes():
    """Refs of all texts by conversation, in the order in which they were written."""
    found = defaultdict(list)
    for one in messages():
        found[one.theirs].append(one.ref)
    return found


def in_order(refs, taken):
    places = [taken.index(ref) for ref in refs if ref in taken]
    return all(one < other for one, other in pairwise(places))


def waiting():
    db.session.rollback()
    return db.session.scalar(select(func.count(Message.id)).where(Message.state.in_(outcomes.WAITING_STATES)))


STEPS = st.lists(st.one_of(
    st.integers(0, 2).map(lambda n: ("turn", n)),
    st.sampled_from(LANES).map(lambda number: ("write", number)),
    st.sampled_from((1, 11, 31, 61)).map(lambda seconds: ("pass", seconds)),
), min_size=4, max_size=30)


def play(steps, workers, user_id, clock):
    for what, with_what in steps:
        if what == "turn":
            workers[with_what].turn()
        elif what == "write":
            hold(user_id, text_out("text", TextState.QUEUED, at=now(), due_at=now()), theirs=with_what)
        else:
            clock.forward(seconds=with_what)


def finish(clock, carrier):
    """A healthy worker for as long as texts are worth sending, and a little longer."""
    carrier.moods, last = iter(()), outbox.OutboxWorker("the last")
    for _ in range(200):
        if not waiting():
            return
        last.step()
        clock.forward(seconds=31)


# The first worker stops between claiming and sending until another one has found out and sent.
LATE = [("turn", 0), ("pass", 31), *[("turn", 1)] * 4, ("turn", 0), *[("turn", 1)] * 4]


@given(steps=STEPS, certainty=st.sampled_from(Certainty), moods=st.lists(st.sampled_from(sorted(MOODS)), max_size=12))
@example(steps=LATE, certainty=Certainty.LOOK_UP, moods=[])
@example(steps=LATE, certainty=Certainty.KEY, moods=[])
@example(steps=LATE, certainty=Certainty.NONE, moods=[])
@example(steps=[*LATE[:5], ("turn", 0), *[("turn", 1)] * 4], certainty=Certainty.LOOK_UP, moods=[])
@settings(max_examples=20, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_three_workers_keep_the_order_of_every_conversation(app, people, quick, clock, steps, certainty, moods):
    """REL-19, REL-05: in order, none twice, none lost, whatever the carrier and the workers do."""
    with app.app_context():
        clock.ahead, carrier = timedelta(), begin_anew(app, certainty, moods)
        hold(people["Uli"].id, *[text_out(f"text {n}", TextState.QUEUED) for n in range(2)], theirs=LANES[0])
        play(steps, [Halves(f"worker {n}") for n in range(3)], people["Uli"].id, clock)
        finish(clock, carrier)
        assert all(in_order(refs, carrier.taken) for refs in lanes().values())
        assert len(carrier.taken) == len(set(carrier.taken))
        states = {one.ref: one.state for one in messages()}
        lost = {ref for ref, state in states.items() if state is TextState.HANDED_OVER} - set(carrier.taken)
        assert lost == set(), "shown as handed over and never taken"
        assert waiting() == 0


@given(steps=STEPS, certainty=st.sampled_from(Certainty),
       moods=st.lists(st.sampled_from(sorted(MOODS)), min_size=5, max_size=12), down=st.booleans())
@example(steps=[("turn", 0)] * 2, certainty=Certainty.LOOK_UP, moods=["is silent"], down=True)
@example(steps=[("turn", 0)] * 2, certainty=Certainty.KEY, moods=["takes it and is silent"], down=False)
@settings(max_examples=12, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_text_waits_longer_than_its_deadline(app, people, quick, clock, steps, certainty, moods, down):
    """REL-20: after any run, a carrier that answers nothing any more included."""
    with app.app_context():
        clock.ahead, carrier = timedelta(), begin_anew(app, certainty, moods)
        hold(people["Uli"].id, *[text_out(f"text {n}", TextState.QUEUED) for n in range(2)], theirs=LANES[0])
        play(steps, [Halves(f"worker {n}") for n in range(3)], people["Uli"].id, clock)
        if down:
            carrier.send = carrier.look_up = broken
        sent = len(carrier.asked)
        with writing() as session:
            session.execute(update(Message).values(deadline=now() - timedelta(seconds=1)))
        last = outbox.OutboxWorker("the last")
        for _ in range(4):
            clock.forward(seconds=SWEEP.total_seconds() / 4 + outbox.LEASE.total_seconds())
            last.step()
        assert waiting() == 0
        assert len(carrier.asked) == sent, "sent after its deadline"


def broken(*_given):
    raise CarrierError("down", Fault.LATER)
