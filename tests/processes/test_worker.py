"""The sender's sleep: as long as nothing is due, and never longer than a second."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from portal.extensions import db, now, wake
from portal.models import TextState, User
from portal.processes import tasks, worker
from portal.processes.worker import LONGEST_SLEEP, SHORTEST_SLEEP, STUCK_AFTER, WorkerThread
from portal.services.texting import outbox, sending
from portal.services.upkeep import worker_marks
from tests.patience import LONG
from tests.talks import IN, hold, messages, text_out


@pytest.fixture
def sender(app, tmp_path):
    return WorkerThread(app, tmp_path / "sender.sock")


@pytest.fixture
def uli(app, people):
    with app.app_context():
        yield db.session.get_one(User, people["Uli"].id)


def rest(sender):
    """Work until there is nothing left to do; the seconds that it would sleep then."""
    while not (pause := sender._work()):
        pass
    return pause


def test_nothing_to_do_is_a_second_of_sleep(sender):
    assert rest(sender) == LONGEST_SLEEP


@pytest.mark.parametrize(("away", "pause"), [(0.4, 0.4), (30, LONGEST_SLEEP)])
def test_it_sleeps_until_the_next_text_is_due(sender, uli, monkeypatch, away, pause):
    """The sender's clock stands still: however busy the machine is, nothing falls due while it looks."""
    moment = now()
    for module in (worker, outbox):
        monkeypatch.setattr(module, "now", lambda: moment)
    hold(uli.id, text_out("later", TextState.QUEUED, due_at=moment + timedelta(seconds=away)))
    assert rest(sender) == pytest.approx(pause, abs=0.001)


def test_it_wakes_for_what_the_pretend_carrier_tells_later(sender, uli, clock):
    """The clock stands still: however slow the machine is, nothing is told before it was looked for."""
    clock.stop()
    sending.send_text(uli, "+15145550154", "Bonjour", "key-key-key-key-1")
    pause = rest(sender)
    assert SHORTEST_SLEEP <= pause <= 0.2
    assert messages(IN) == []
    clock.forward(seconds=pause)
    rest(sender)
    assert [one.body for one in messages(IN)] == ["Bonjour, merci de votre message."]


def test_stop_is_answered_once_and_nobody_answers_the_answer(sender, uli):
    """The pretend carrier's phone and our automatic answer do not talk to each other for ever."""
    sending.send_text(uli, "+14165550153", "Your shoes are ready.", "key-key-key-key-1")
    for _ in range(5):
        rest(sender)
        time.sleep(0.25)
    assert [one.body for one in messages(IN)] == ["STOP"]
    assert [one.automatic for one in messages()] == [False, True]
    assert {one.state for one in messages()} == {TextState.DELIVERED}


def test_a_database_that_does_not_answer_is_left_alone_for_a_second(sender, uli, monkeypatch, log_lines):
    def gone():
        raise OperationalError("", {}, Exception("locked"))

    monkeypatch.setattr(sender.worker, "step", gone)
    assert sender._work() == LONGEST_SLEEP
    assert "sender_failed" in log_lines[0]


def test_the_heartbeat_tells_of_a_thread_that_is_stuck(sender, inside, monkeypatch, log_lines):
    """The tasks go on beside it: without this nobody would hear that no text leaves."""
    with inside():
        stuck, free = threading.Event(), threading.Event()
        monkeypatch.setattr(sender, "_work", lambda: stuck.set() or (free.wait(LONG) and 0.01))
        monkeypatch.setattr(tasks, "_at_work", [])
        tasks.watch_sender(sender.is_working)
        heard = []
        monkeypatch.setattr(worker_marks, "note_heartbeat", lambda: heard.append(1))
        tasks.run_heartbeat.call_local()
        assert (heard, "sender_stuck" in log_lines[-1]) == ([], True), "it has not begun"
        sender.start()
        assert stuck.wait(LONG)
        tasks.run_heartbeat.call_local()
        assert heard == [1]
        sender.began_step -= STUCK_AFTER
        tasks.run_heartbeat.call_local()
        assert heard == [1]
        sender.stopping.set()
        free.set()
        sender.join(LONG)


def test_a_nudge_ends_the_sleep(sender, uli, monkeypatch):
    """Both ends of the datagram: a text leaves at once although nothing was due for a second."""
    monkeypatch.setattr("portal.extensions._worker", [sender.listen])
    slept, woke, rested = threading.Event(), threading.Event(), sender._work

    def work():
        (woke if slept.is_set() else slept).set()
        rested()
        return 60.0

    monkeypatch.setattr(sender, "_work", work)
    sender.start()
    assert slept.wait(5)
    time.sleep(0.1)
    wake()
    assert woke.wait(5)
    sender.stopping.set()
    wake()
    sender.join(5)
    assert not sender.is_alive()
