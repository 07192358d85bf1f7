"""Two hundred random kills of server and worker while texts flow: nothing lost, nothing sent twice (REL-05).

So for the pretend carrier, with all that a carrier may promise, for a message center by SMPP, and for a carrier like
Twilio. A third as many without the full products of tests/products.py.
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
from sqlalchemy import select

from portal.carriers.twilio import TwilioCarrier
from portal.extensions import db
from portal.models import Message, TextState
from tests.crash import victim
from tests.crash.other_sides import center, like_twilio, pretend
from tests.products import WHOLE

ROOT = Path(__file__).parent.parent.parent
# What is at the other end, what the pretend carrier promises, and how many die.
TRIALS = {"key": (pretend, "key", 70), "look-up": (pretend, "look-up", 70), "none": (pretend, "none", 60),
          "smpp": (center, "key", 200), "twilio": (like_twilio, "key", 200)}
ENOUGH = 20
ROLES = ("accept", "work")


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
    for name in ("secret_key", "csrf_key", "carrier_key"):
        shutil.copyfile(settings.instance / name, tmp_path / name)
    return tmp_path


def kills(place, least):
    """Numbers of kills: on a slow machine more of them, until enough was accepted between them."""
    for number in range(10 * least):
        accepted = place / "accepted"
        if number >= least and accepted.exists() and accepted.read_text().count("\n") > ENOUGH:
            return
        yield number


def kill_at_random(place, certainty, least):
    """Let texts flow while somebody kills, now the server and now the worker; how many of each died."""
    nursery, alive, died = Nursery(place, certainty), {}, Counter()
    for number in kills(place, least):
        alive |= {role: nursery.begin(role) for role in ROLES if role not in alive}
        time.sleep(random.uniform(0.05, 0.5))
        role = ROLES[number % 2]
        os.kill(alive.pop(role), signal.SIGKILL)
        died[role] += 1
    for role, left in alive.items():
        os.kill(left, signal.SIGKILL)
        died[role] += 1
    nursery.close()
    return died


@pytest.mark.slow
@pytest.mark.parametrize("trial", list(TRIALS))
def test_nothing_is_lost_and_nothing_sent_twice(place, trial, monkeypatch, capsys):
    monkeypatch.setattr(TwilioCarrier, "settles_after", victim.PATIENCE)
    other_side, certainty, least = TRIALS[trial]
    app, began = victim.application(place, certainty), time.monotonic()
    with other_side(app, place) as other:
        died = kill_at_random(place, certainty, least if WHOLE else least // 3)
        victim.hand_over_everything(app)
        taken = Counter(words.removeprefix("text ") for words in other.taken())
    promised = set((place / "accepted").read_text().split())
    with app.app_context():
        states = {one.submission_key: one.state for one in db.session.scalars(select(Message))}
    unknown = {key for key, state in states.items() if state is TextState.UNKNOWN}
    with capsys.disabled():
        print(f"\n{trial}: {died.total()} kills, {len(promised)} accepted, {len(taken)} taken, {len(unknown)} unknown,"
              f" {len(unknown & set(taken))} of them taken, {time.monotonic() - began:.0f} s")
    assert len(promised) > ENOUGH
    assert promised <= set(states), "an accepted text is gone"
    assert [key for key, times in taken.items() if times > 1] == []
    assert set(states) - set(taken) <= unknown, "a text was lost"
    assert len(unknown) <= other.unclear * died["work"], "more texts are unclear than were on their way"
