"""Processes that are killed: they accept texts, or hand them over, until somebody pulls the plug.

`python -m tests.crash.victim INSTANCE CERTAINTY` reads `accept` or `work` from its input, begins such a
process as a copy of itself, which takes no time, and prints its id.
"""

import itertools
import os
import signal
import sys
import threading
from pathlib import Path

from sqlalchemy import select

from portal.app import create_app
from portal.carriers.base import Certainty
from portal.extensions import db
from portal.models import User
from portal.processes import worker
from portal.rules import facts
from portal.services.texting import outbox, send_facts, sending


def application(instance, certainty):
    """The portal over this instance, with a carrier of this certainty."""
    app = create_app({}, Path(instance))
    app.extensions["carrier"].certainty = Certainty(certainty)
    return app


def accept(app, log):
    """Accept texts as fast as it goes; write down which ones, after the commit."""
    with app.app_context():
        users = db.session.scalars(select(User).where(User.email.in_(("uli@example.com", "ben@example.com")))).all()
        for number in itertools.count():
            user, key = users[number % 2], f"{os.getpid()}-{number}"
            answer = sending.send_text(user, f"+1647555{2000 + number % 90}", f"text {key}", key)
            assert answer.decision.allowed
            os.write(log, f"{key}\n".encode())
            threading.Event().wait(0.01)


def work(app, _log):
    """Hand over what is due."""
    outbox.LEASE = outbox.LEASE / 100
    worker.LONGEST_SLEEP = 0.02
    worker.WorkerThread(app, app.config["SETTINGS"].database.with_suffix(".sock")).run()


def warm_up(app, log):
    """One text all the way, so that the copies need not learn their statements first; then let go of files."""
    send_facts.gather_usage = lambda *_: facts.Usage()  # the caps of honest people would end this too soon
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == "uli@example.com")).one()
        sending.send_text(user, "+16475552999", "text warm-up", "warm-up")
        os.write(log, b"warm-up\n")
        outbox.OutboxWorker("warm-up").step()
        db.session.remove()
        db.engine.dispose()


def nursery(instance, certainty):
    """Begin processes on demand."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
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
