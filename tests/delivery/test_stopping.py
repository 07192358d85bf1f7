"""Stopping the background process in the middle of its work: it ends in time and loses nothing (REL-22)."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from portal.app import create_app
from portal.extensions import db, make_ref, now, writing
from portal.models import Conversation, Message, TextState
from portal.services.texting import outbox, outcomes
from portal.variables import SETTINGS
from tests.patience import LONG, wait_for
from tests.talks import hold, text_out

ROOT = Path(__file__).parent.parent.parent
TEXTS, LANES = 360, 120
# `flask work` as it is, with a carrier that takes its time: for each text, or for all that it takes at once.
PROGRAM = """
import sys, time
from flask.cli import main
from portal.carriers.pretend import PretendCarrier
name, pause = sys.argv.pop(), float(sys.argv.pop())
hand_over = getattr(PretendCarrier, name)
if name == "send":
    del PretendCarrier.send_many
setattr(PretendCarrier, name, lambda self, texts: (time.sleep(pause), hand_over(self, texts))[1])
main()
"""


@pytest.fixture
def place(app, people, tmp_path):
    """A portal of its own with three texts to each of many people, all due; (its settings, its application)."""
    with app.app_context():
        hold(people["Uli"].id, text_out("text 0", TextState.QUEUED))
        fill()
        db.engine.dispose()
    settings = app.config["SETTINGS"]
    settings.database.rename(tmp_path / "portal.db")
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/portal.db", "SECRET_KEY": "0123456789abcdef-of-the-tests",
             "CSRF_KEY": "0123456789abcdef-of-the-forms"}
    other = create_app(given, tmp_path)
    yield given, other
    with other.app_context():
        db.engine.dispose()
    (tmp_path / "portal.db").rename(settings.database)


def fill():
    """Copies of the one text that is there, to other people."""
    columns = {table: {name: value for name, value in db.session.execute(select(*table.__table__.columns)).mappings()
                       .one().items() if name != "id"} for table in (Conversation, Message)}
    with writing() as session:
        for lane in range(LANES):
            theirs = f"+1647555{2000 + lane}"
            where = {**columns[Conversation], "ref": make_ref(), "theirs": theirs}
            held = session.execute(insert(Conversation).values(where)).inserted_primary_key[0]
            session.execute(insert(Message), [
                {**columns[Message], "conversation_id": held, "theirs": theirs, "ref": make_ref(), "due_at": now(),
                 "submission_key": make_ref(), "body": f"text {lane}-{n}"} for n in range(TEXTS // LANES)])


def start(given, name, pause):
    environ = {name: value for name, value in os.environ.items() if name not in {one.name for one in SETTINGS}}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, "--app", "wsgi", "work", str(pause), name], cwd=ROOT,
                            env=environ | given, stderr=subprocess.PIPE, text=True)


def taken(app):
    return Counter(text.body for _id, text in app.extensions["carrier"].ledger.texts())


def states(app):
    with app.app_context():
        found = Counter(db.session.scalars(select(Message.state)))
        db.session.rollback()
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pause"), [("send", 0.0), ("send", 0.3), ("send_many", 1.0)], ids=[
    "as fast as it goes", "a batch longer than the lease", "a batch at once"])
def test_asked_to_stop_under_load_it_ends_in_time_and_loses_nothing(place, name, pause):
    """REL-22"""
    given, app = place
    process = start(given, name, pause)
    wait_for(lambda: len(taken(app)) >= 15)
    process.send_signal(signal.SIGTERM)
    asked = len(taken(app))
    words = process.communicate(timeout=LONG)[1]
    before, left = len(taken(app)), states(app)
    assert process.returncode == 0, words
    assert before - asked <= LANES + 1, "it went on"
    assert left[TextState.CLAIMED] == 0
    assert before < TEXTS, "it was done before it was asked to stop: this says nothing"
    assert left[TextState.QUEUED] == TEXTS + 1 - before
    follow(app)
    assert set(taken(app).values()) == {1}
    assert len(taken(app)) == TEXTS + 1


def follow(app):
    """The next process takes over."""
    worker = outbox.OutboxWorker("the next")
    with app.app_context():
        wait_for(lambda: not worker.step() and db.session.scalar(
            select(Message.id).where(Message.state.in_(outcomes.WAITING_STATES)).limit(1)) is None)
        db.session.rollback()
