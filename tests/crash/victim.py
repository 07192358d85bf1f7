"""Processes that are killed: they accept texts, or hand them over, until somebody pulls the plug.

`python -m tests.crash.victim INSTANCE CERTAINTY` reads `accept` or `work` from its input, begins such a
process as a copy of itself, which takes no time, and prints its id. Texts go to the pretend carrier of this certainty,
or to the carrier in the database if there is one.
"""

import itertools
import os
import signal
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from portal.app import create_app
from portal.carriers.base import Certainty
from portal.carriers.twilio import TwilioCarrier
from portal.extensions import db, writing
from portal.models import Message, TextState, User
from portal.processes import lanes, worker
from portal.rules import facts
from portal.services.carriers import desk
from portal.services.texting import claims, outbox, send_facts, sending
from tests.patience import wait_for

WAITING = (TextState.QUEUED, TextState.CLAIMED)
SETTINGS = {"CARRIER_NETWORKS": "127.0.0.0/8", "PORTAL_URL": "https://portal.example.com"}
# How long a text is left alone after a death.
LEASE, PATIENCE = timedelta(seconds=1), timedelta(seconds=3)


def application(instance, certainty):
    """The portal over this instance, with a pretend carrier of this certainty."""
    app = create_app(SETTINGS, Path(instance))
    app.extensions["carrier"].certainty = Certainty(certainty)
    return app


def accept(app, log):
    """Accept texts as fast as it goes; write down which ones, after the commit."""
    with app.app_context():
        users = db.session.scalars(select(User).where(User.email.in_(("uli@example.com", "ben@example.com")))).all()
        for number in itertools.count():
            user, key = users[number % 2], f"{os.getpid()}-{number}"
            answer = sending.send_text(user, f"+1647555{2000 + number % 50}", f"text {key}", key)
            assert answer.decision.allowed
            os.write(log, f"{key}\n".encode())
            threading.Event().wait(0.01)


def work(app, _log):
    """Hand over what is due."""
    sender(app).run()


def sender(app):
    """The part of the background process that hands texts over, to every carrier there is."""
    return worker.WorkerThread(app, app.config["SETTINGS"].database.with_suffix(".sock"))


def hurry():
    """Leave texts of the dead alone for a moment only, and sleep as briefly."""
    claims.LEASE = outbox.LEASE = LEASE
    TwilioCarrier.settles_after = PATIENCE
    worker.LONGEST_SLEEP = lanes.LONGEST_SLEEP = 0.02


@contextmanager
def working(app):
    """A sender, within the block."""
    held = sender(app)
    held.start()
    try:
        yield
    finally:
        held.stop()


def hand_over_everything(app):
    """Hand over whatever waits, also what was to wait for a while."""
    with app.app_context(), working(app):
        wait_for(is_nothing_left, lambda: "texts still wait")


def is_nothing_left():
    """Whether no text waits; what was to wait for a while need not any more."""
    with writing() as session:
        session.execute(update(Message).where(Message.state == TextState.QUEUED).values(due_at=Message.at))
    waiting = db.session.scalar(select(Message.id).where(Message.state.in_(WAITING)).limit(1))
    db.session.rollback()
    return waiting is None


def warm_up(app, log):
    """One text all the way, so that the copies need not learn their statements first; then let go of files."""
    send_facts.gather_usage = lambda *_: facts.Usage()  # the caps of honest people would end this too soon
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == "uli@example.com")).one()
        sending.send_text(user, "+16475552999", "text warm-up", "warm-up")
        os.write(log, b"warm-up\n")
        hand_over_everything(app)
        desk.open_desk().made.clear()
        db.session.remove()
        db.engine.dispose()


def nursery(instance, certainty):
    """Begin processes on demand."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    hurry()
    app = application(instance, certainty)
    log = os.open(Path(instance) / "accepted", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    warm_up(app, log)
    for line in sys.stdin:
        if pid := os.fork():
            print(pid, flush=True)
            continue
        {"accept": accept, "work": work}[line.strip()](app, log)


if __name__ == "__main__":
    nursery(*sys.argv[1:3])
