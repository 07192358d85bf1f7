"""Which workers are at work: one with a database in a file, several over that of a server."""

import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import cli, lengths
from portal.extensions import db, now, writing
from portal.models import CarrierRecord, PortalMark
from portal.services.upkeep import housekeeping, worker_marks
from portal.services.upkeep.worker_marks import (
    WorkerMark,
    admit_worker,
    forget_own_worker,
    is_worker_alive,
    list_hosts_at_work,
    list_pretending_hosts,
    list_silent_workers,
    list_workers,
    note_heartbeat,
)

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def beats(app, monkeypatch, on_server):
    """`beats("worker-2")`: the worker of that machine notes that it is alive; or another function of it runs."""
    def beat(host, act=note_heartbeat, folder="/srv/portal/instance"):
        with monkeypatch.context() as there:
            there.setattr(socket, "gethostname", lambda: host)
            settings = replace(app.config["SETTINGS"], instance=Path(folder))
            there.setattr(worker_marks, "current_settings", lambda: settings)
            return act()

    return beat


@pytest.fixture
def places():
    return lambda: [one.place for one in list_workers()]


def names():
    return set(db.session.scalars(select(PortalMark.name).where(PortalMark.name.startswith("worker"))))


# --- alive or not --------------------------------------------------------------------------------


@pytest.fixture(params=["a file", "a server"])
def either(request):
    """Over either kind of database, as the settings say."""
    if request.param == "a server":
        request.getfixturevalue("on_server")


@pytest.mark.usefixtures("either")
def test_a_worker_that_was_never_heard_of_is_not_alive():
    assert (is_worker_alive(), list_workers(), list_silent_workers()) == (False, [], [])


@pytest.mark.usefixtures("either")
def test_a_worker_is_alive_for_three_minutes_after_each_heartbeat(clock):
    for _ in range(2):
        note_heartbeat()
        clock.forward(minutes=2, seconds=50)
        assert is_worker_alive() is True
        clock.forward(seconds=10)
        assert is_worker_alive() is False


@pytest.mark.usefixtures("either")
def test_a_heartbeat_replaces_the_one_before(clock):
    note_heartbeat()
    clock.forward(minutes=4)
    note_heartbeat()
    assert [one.was_heard_within(timedelta(minutes=1)) for one in list_workers()] == [True]
    assert len(names()) == 1


@pytest.mark.usefixtures("either")
def test_a_worker_that_died_is_not_alive_for_a_day(clock):
    """Its last heartbeat lies ahead once the clock was set back."""
    note_heartbeat()
    clock.set(days=-1)
    assert is_worker_alive() is False
    note_heartbeat()
    assert is_worker_alive() is True


@pytest.mark.sqlite
def test_with_a_file_the_mark_is_the_one_that_it_always_was():
    """An older version reads it as well; where the worker runs nobody has to be told, nor does it ever leave."""
    note_heartbeat()
    mark = db.session.scalars(select(PortalMark).where(PortalMark.name == "worker")).one()
    assert mark.value == list_workers()[0].heard.isoformat()
    assert (admit_worker(), list_pretending_hosts(list_workers())) == ("", [])
    forget_own_worker()
    assert is_worker_alive() is True


# --- several -------------------------------------------------------------------------------------


def test_each_machine_and_each_folder_has_a_mark_of_its_own(beats, places):
    for host, folders in (("worker-2", "b"), ("worker-1", "ba"), ("worker-2", "b")):
        for folder in folders:
            beats(host, folder=f"/srv/{folder}")
    assert places() == ["worker-1 (/srv/a)", "worker-1 (/srv/b)", "worker-2 (/srv/b)"]
    assert list_hosts_at_work(list_workers()) == ["worker-1", "worker-2"]


def test_one_that_is_heard_of_is_enough_and_the_silent_one_is_named(beats, clock):
    beats("worker-1")
    clock.forward(minutes=6)
    beats("worker-2")
    assert is_worker_alive() is True
    assert list_silent_workers() == ["worker-1 (/srv/portal/instance)"]
    assert list_hosts_at_work(list_workers()) == ["worker-2"]
    clock.forward(minutes=6)
    assert is_worker_alive() is False
    assert len(list_silent_workers()) == 2


def test_silence_begins_after_five_minutes(clock):
    mark = WorkerMark(now(), "worker-1", "/srv")
    clock.forward(minutes=4, seconds=50)
    assert mark.silent is False
    clock.forward(seconds=11)
    assert mark.silent is True


def test_one_that_was_silent_for_a_week_is_forgotten(beats, clock, places):
    beats("worker-1")
    clock.forward(days=6, hours=23)
    beats("worker-2")
    housekeeping.erase_outdated_records()
    assert len(places()) == 2
    clock.forward(hours=2)
    assert places() == ["worker-2 (/srv/portal/instance)"]
    assert len(names()) == 2
    housekeeping.erase_outdated_records()
    assert len(names()) == 1


def test_a_mark_of_a_clock_that_was_years_ahead_is_forgotten(clock, beats, places):
    clock.set(days=400)
    beats("worker-1")
    clock.set(days=-400)
    assert places() == []
    housekeeping.erase_outdated_records()
    assert names() == set()


def test_one_that_was_asked_to_stop_is_missed_by_nobody(beats, places):
    beats("worker-1")
    beats("worker-2")
    beats("worker-1", forget_own_worker)
    assert places() == ["worker-2 (/srv/portal/instance)"]


def test_one_that_stops_while_the_database_is_away_just_stops(beats, monkeypatch):
    def gone(_about):
        raise worker_marks.SQLAlchemyError

    monkeypatch.setattr(worker_marks, "writing", gone)
    beats("worker-1", forget_own_worker)


@pytest.mark.usefixtures("on_server")
def test_the_mark_of_a_file_that_moved_to_a_server_is_nobodys(places):
    with writing() as session:
        session.add(PortalMark(name="worker", value=now().isoformat()))
    assert places() == []


def test_long_and_odd_names_find_room(beats):
    """The end of a folder tells it from others; blanks and bytes that are no letters are names, too."""
    beats("a b" * 100, folder="/" + "deep/" * 100 + "the end")
    beats("c\udcff", folder="/\udcff")
    cut, odd = list_workers()
    assert (len(cut.host), " " in cut.host, cut.folder[0], cut.folder[-12:]) == (64, False, "…", "deep/the end")
    assert (odd.host, odd.folder) == ("c\ufffd", "/\ufffd")
    assert {len(value) <= lengths.MARK_VALUE for value in db.session.scalars(select(PortalMark.value))} == {True}


# --- the pretend carrier -------------------------------------------------------------------------


def add_carrier(by_default=True):
    with writing() as session:
        session.add(CarrierRecord(kind="recorded", name="North", settings={}, by_default=by_default))


def test_the_first_worker_is_let_in_and_one_of_another_machine_is_not(beats, places):
    assert beats("worker-1", admit_worker) == ""
    assert "(worker-1)" in beats("worker-2", admit_worker)
    assert beats("worker-1", admit_worker, folder="/srv/other") == ""
    assert places() == ["worker-1 (/srv/other)", "worker-1 (/srv/portal/instance)"]


def test_where_a_carrier_takes_all_texts_any_machine_may_work(beats, places):
    add_carrier()
    assert [beats(host, admit_worker) for host in ("worker-1", "worker-2")] == ["", ""]
    assert len(places()) == 2
    assert list_pretending_hosts(list_workers()) == []


def test_a_carrier_that_takes_some_texts_leaves_the_others_to_the_pretend_one(beats):
    add_carrier(by_default=False)
    beats("worker-1")
    assert beats("worker-2", admit_worker) != ""


def test_after_one_that_died_another_machine_may_begin(beats, clock):
    beats("worker-1")
    clock.forward(minutes=5, seconds=1)
    assert beats("worker-2", admit_worker) == ""


def test_after_one_that_was_asked_to_stop_it_may_at_once(beats):
    beats("worker-1")
    beats("worker-1", forget_own_worker)
    assert beats("worker-2", admit_worker) == ""


def test_machines_that_both_work_with_the_pretend_carrier_are_named(beats):
    beats("worker-1", folder="/srv/a")
    beats("worker-1", folder="/srv/b")
    assert list_pretending_hosts(list_workers()) == []
    beats("worker-2")
    assert list_pretending_hosts(list_workers()) == ["worker-1", "worker-2"]


@pytest.mark.usefixtures("on_server")
def test_the_command_refuses_and_says_why(app, beats, monkeypatch):
    begun = []
    monkeypatch.setattr(cli.background, "work_until_stopped", begun.append)
    for flaw in ("_refuse_other_tables", "_refuse_lost_key"):
        monkeypatch.setattr(cli, flaw, lambda: None)
    beats("worker-1")
    refused = app.test_cli_runner().invoke(args=["work"])
    assert (refused.exit_code, begun) == (1, [])
    assert refused.output.startswith("Error: A worker runs on another machine (worker-1), and the pretend carrier, ")
    add_carrier()
    assert app.test_cli_runner().invoke(args=["work"]).exit_code == 0
    assert begun == [app]
