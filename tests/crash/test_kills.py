"""Two hundred random kills of server and worker while texts flow: nothing lost, nothing sent twice (REL-05).

A third as many without the full products of tests/products.py.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import Message, TextState
from tests.crash.victim import application
from tests.products import WHOLE

ROOT = Path(__file__).parent.parent.parent
KILLS = {"key": 70, "look-up": 70, "none": 60} if WHOLE else {"key": 24, "look-up": 24, "none": 20}
ENOUGH = 20
WAITING = (TextState.QUEUED, TextState.CLAIMED)


class Nursery:
    """Begins processes and kills them."""

    def __init__(self, instance, certainty):
        command = [sys.executable, "-m", "tests.crash.victim", str(instance), certainty]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, role):
        self.process.stdin.write(f"{role}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def place(app, tmp_path):
    """A portal of its own, with the cast."""
    settings = app.config["SETTINGS"]
    shutil.copyfile(settings.database, tmp_path / "portal.db")
    for name in ("secret_key", "csrf_key"):
        shutil.copyfile(settings.instance / name, tmp_path / name)
    return tmp_path


def settle(app):
    """Let the last worker finish: leases run out, then everything waiting is handed over."""
    from portal.services.texting import outbox

    worker = outbox.OutboxWorker("the last")
    with app.app_context():
        for _ in range(2000):
            with writing() as session:
                session.execute(update(Message).where(Message.state == TextState.QUEUED).values(due_at=Message.at))
            moved = worker.step()
            waiting = db.session.scalar(select(Message.id).where(Message.state.in_(WAITING)).limit(1))
            db.session.rollback()
            if waiting is None:
                return
            if not moved:
                time.sleep(0.05)
    raise AssertionError("texts still wait")


def kills(place, certainty):
    """Numbers of kills: on a slow machine more of them, until enough was accepted between them."""
    for number in range(10 * KILLS[certainty]):
        accepted = place / "accepted"
        if number >= KILLS[certainty] and accepted.exists() and accepted.read_text().count("\n") > ENOUGH:
            return
        yield number


@pytest.mark.slow
@pytest.mark.parametrize("certainty", list(KILLS))
def test_nothing_is_lost_and_nothing_sent_twice(place, certainty, capsys):
    nursery, alive = Nursery(place, certainty), {}
    for number in kills(place, certainty):
        alive |= {role: nursery.begin(role) for role in ("accept", "work") if role not in alive}
        time.sleep(random.uniform(0.05, 0.5))
        os.kill(alive.pop(("accept", "work")[number % 2]), signal.SIGKILL)
    for left in alive.values():
        os.kill(left, signal.SIGKILL)
    nursery.close()
    app = application(place, certainty)
    settle(app)
    promised = set((place / "accepted").read_text().split())
    taken = Counter(text.body.removeprefix("text ") for _id, text in app.extensions["carrier"].ledger.texts())
    with app.app_context():
        states = {one.submission_key: one.state for one in db.session.scalars(select(Message))}
    unknown = {key for key, state in states.items() if state is TextState.UNKNOWN}
    with capsys.disabled():
        print(f"\n{certainty}: {number + 1} kills, {len(promised)} accepted, {len(taken)} taken,"
              f" {len(unknown)} unknown")
    assert len(promised) > ENOUGH
    assert promised <= set(states), "an accepted text is gone"
    assert [key for key, times in taken.items() if times > 1] == []
    assert set(states) - set(taken) <= unknown, "a text was lost"
    assert unknown == set() or certainty == "none"
