"""What the clock starts on all machines, one of them does."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.extensions import db, now, writing
from portal.models import PortalMark, User
from portal.processes import tasks
from portal.rules.cases import CaseState
from portal.services.spam import decisions
from portal.services.upkeep.machine_turns import turn_of_machine
from tests.mail_peer import open_mail_peer
from tests.patience import LONG
from tests.reports import case, number, sent, settle, told

EVERY = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _inside(inside):
    with inside():
        yield


def is_ours(task="task"):
    with turn_of_machine(task, EVERY) as ours:
        return ours


@pytest.mark.sqlite
def test_with_a_file_there_is_one_machine(statements):
    with statements() as seen:
        assert [is_ours(), is_ours()] == [True, True]
    assert seen == []


@pytest.mark.postgresql
def test_the_first_one_runs_and_the_next_one_when_it_is_time_again(clock):
    clock.stop()
    assert [is_ours(), is_ours(), is_ours("another task")] == [True, False, True]
    clock.forward(minutes=4)
    assert not is_ours(), "a machine that comes late"
    clock.forward(minutes=6)
    assert [is_ours(), is_ours()] == [True, False]


@pytest.mark.postgresql
def test_each_machine_forgets_what_its_own_carrier_was_handed(app, clock, monkeypatch):
    """Also the one whose turn it is not to erase in the database."""
    done = []
    monkeypatch.setattr(tasks.retention, "erase_old_texts", lambda: done.append("texts"))
    monkeypatch.setattr(tasks.retention, "forget_handed_texts", lambda: done.append("handed"))
    clock.stop()
    tasks.attach_app(app)
    tasks.run_cleanup.call_local()
    tasks.run_cleanup.call_local()
    assert done == ["texts", "handed"], "whoever erases texts in the database forgets what was handed over with them"


@pytest.mark.postgresql
def test_none_runs_while_another_one_does(clock):
    """However long it takes."""
    clock.stop()
    with turn_of_machine("task", EVERY) as ours:
        clock.forward(minutes=30)
        assert (ours, is_ours(), is_ours("another task")) == (True, False, True)
    assert is_ours()


@pytest.mark.postgresql
def test_a_task_that_breaks_gives_its_turn_back(clock):
    clock.stop()
    with pytest.raises(ZeroDivisionError), turn_of_machine("task", EVERY):
        raise ZeroDivisionError
    clock.forward(minutes=10)
    assert is_ours()


@pytest.mark.postgresql
def test_a_clock_that_was_set_back_keeps_nobody_from_running():
    with writing() as session:
        session.add(PortalMark(name="task task", value=(now() + timedelta(days=400)).isoformat()))
    assert [is_ours(), is_ours()] == [True, False]


@pytest.mark.postgresql
def test_of_machines_that_begin_at_once_one_writes_the_letter(app, people, monkeypatch):
    with open_mail_peer() as peer:
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail_server=peer.address))
        sent(people["Uli"].id, number(1))
        told(people["Uli"].number, number(1), email="jo@example.org")
        settle()
        olga = db.session.get_one(User, people["Olga"].id)
        decisions.decide_case(olga, case(), decisions.Verdict(CaseState.UPHELD))
        at_once = threading.Barrier(3)

        def run():
            at_once.wait(LONG)
            tasks.run_outcome_letters.call_local()

        machines = [threading.Thread(target=run) for _ in range(3)]
        for machine in machines:
            machine.start()
        for machine in machines:
            machine.join(LONG)
        assert [letter["To"] for letter in peer.letters] == ["jo@example.org"]
