"""What the checks of the portal's own parts find, and what they tell a person to do."""

import re
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from portal import carriers
from portal.carriers.base import CarrierError, Certainty, Fault
from portal.extensions import db, now, writing
from portal.models import CarrierRecord
from portal.services.carriers import carrier_secrets
from portal.services.texting import breaker
from portal.services.upkeep import worker_marks
from portal.services.upkeep.backup_folder import MOMENT_FORMAT
from portal.services.upkeep.health import (
    Health,
    check_backup,
    check_carrier,
    check_database,
    check_worker,
    print_moment,
)
from tests.services.carriers.recorded import KIND

from .findings import wrong

pytestmark = pytest.mark.usefixtures("open_app")


def test_a_moment_in_a_finding_is_in_utc_to_the_minute():
    assert print_moment(datetime(2028, 2, 29, 2, 30, 59, tzinfo=UTC)) == "2028-02-29 02:30 UTC"


# --- the database --------------------------------------------------------------------------------


@pytest.fixture
def database(app):
    db.engine.dispose()
    return app.config["SETTINGS"].database


def change(database, statement):
    db.engine.dispose()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def test_a_sound_database(database):
    assert check_database().health is Health.GOOD
    assert "the tables of this version" in check_database().found


def test_one_that_is_not_there_is_not_made(settle, tmp_path):
    settle(database_url=f"sqlite:///{tmp_path}/none.db")
    assert "db upgrade" in wrong(check_database(), "does not exist").remedy
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite
def test_one_of_another_version(database):
    change(database, "UPDATE alembic_version SET version_num = '0001'")
    assert "db upgrade" in wrong(check_database(), "0001").remedy


def test_one_without_tables(settle, tmp_path):
    settle(database_url=f"sqlite:///{tmp_path}/empty.db")
    change(tmp_path / "empty.db", "CREATE TABLE notes (words)")
    wrong(check_database(), "none")


@pytest.mark.sqlite
def test_one_that_somebody_changed(database):
    change(database, "CREATE TRIGGER users_rise AFTER UPDATE ON users BEGIN SELECT 1; END")
    wrong(check_database(), "trigger users_rise")


@pytest.mark.sqlite
def test_one_whose_rows_refer_to_nothing(database):
    change(database, "UPDATE users SET organization_id = 4711 WHERE organization_id IS NOT NULL")
    assert "restore" in wrong(check_database(), "users refer to nothing").remedy


def test_one_that_is_no_database(settle, tmp_path):
    (tmp_path / "words.db").write_text("These are words. " * 100)
    settle(database_url=f"sqlite:///{tmp_path}/words.db")
    wrong(check_database(), "cannot be read")


# --- the worker ----------------------------------------------------------------------------------


def test_a_worker_that_was_never_heard_of():
    wrong(check_worker(), "never")


def test_a_worker_that_falls_silent(clock):
    worker_marks.note_heartbeat()
    clock.forward(minutes=4)
    assert check_worker().health is Health.GOOD
    db.session.rollback()
    clock.forward(minutes=1, seconds=1)
    assert "portal-worker" in wrong(check_worker(), "since").remedy


def test_a_sign_of_life_far_ahead_is_none(clock):
    clock.set(hours=1)
    worker_marks.note_heartbeat()
    clock.set(hours=-1)
    wrong(check_worker())


@pytest.fixture
def beat(monkeypatch, on_server):
    """`beat("worker-1", "worker-2")`: the workers of these machines are alive."""
    def note(*hosts):
        for host in hosts:
            monkeypatch.setattr(socket, "gethostname", lambda host=host: host)
            worker_marks.note_heartbeat()

    return note


def test_workers_of_several_machines_are_named(beat):
    beat("worker-1", "worker-2")
    found = check_worker()
    assert found.health is Health.GOOD
    assert re.search(r"at work: worker-1 \(/.*\), worker-2 \(/.*\)", found.found)


def test_one_that_is_silent_is_wrong_though_another_works(beat, clock):
    beat("worker-1", "worker-2")
    clock.forward(minutes=6)
    beat("worker-2")
    found = wrong(check_worker(), "not all of them", "worker-1 (", " since ", "At work: worker-2 (")
    assert "a week" in found.remedy


def test_no_worker_runs_only_where_none_is_heard_of(beat, clock):
    wrong(check_worker(), "never")
    beat("worker-1", "worker-2")
    clock.forward(minutes=6)
    wrong(check_worker(), "No worker runs", "worker-1 (", "worker-2 (")


# --- backups -------------------------------------------------------------------------------------


def test_no_folder_is_wrong(app):
    """Of machines that share a database one makes the backups, and only there a folder is named."""
    shared = not app.config["SETTINGS"].embedded
    assert ("another machine" in wrong(check_backup(), "BACKUP_FOLDER").remedy) is shared


@pytest.mark.parametrize(("hours", "health"), [(None, Health.WRONG), (27, Health.WRONG), (25, Health.GOOD)])
def test_a_backup_is_younger_than_26_hours(settle, tmp_path, hours, health):
    settle(backup_folder=tmp_path)
    if hours:
        (tmp_path / f"portal-{now() - timedelta(hours=hours):{MOMENT_FORMAT}}.db").write_text("x")
    assert check_backup().health is health
    assert str(tmp_path) in check_backup().found


# --- the carrier ---------------------------------------------------------------------------------


@pytest.mark.parametrize("certainty", list(Certainty))
def test_a_carrier_that_refuses_texts(carrier, monkeypatch, certainty):
    carrier.certainty = certainty
    monkeypatch.setattr(breaker, "is_carrier_failing", lambda: True)
    wrong(check_carrier(), "scripted", "refuses")


def test_one_that_does_not_answer(carrier, monkeypatch):
    def silent():
        raise CarrierError("timeout", Fault.LATER)

    assert check_carrier().health is Health.NOTE
    carrier.real = True
    assert check_carrier().health is Health.GOOD
    monkeypatch.setattr(carrier, "check", silent)
    wrong(check_carrier(), "does not answer", "timeout")


def test_the_pretend_carrier_is_refused_on_several_machines(beat, carrier):
    """Not the moment it is there, but as long as it takes texts: a real one may stay with as many as there are."""
    beat("worker-1", "worker-2")
    assert "Add a carrier" in wrong(check_carrier(), "several machines (worker-1, worker-2)").remedy
    carrier.real = True
    assert check_carrier().health is Health.GOOD


@pytest.fixture
def north(monkeypatch):
    """`north(fault_code="account")` adds a carrier that takes all texts, or changes it."""
    monkeypatch.setattr(carriers, "KINDS", {**carriers.KINDS, "recorded": KIND})

    def make(**values):
        with writing() as session:
            found = session.scalars(db.select(CarrierRecord)).first() or CarrierRecord(
                kind="recorded", name="North", settings={}, by_default=True,
                secrets=carrier_secrets.encrypt_secrets({"token": "t"}))
            session.add(found)
            for name, value in values.items():
                setattr(found, name, value)

    return make


def test_carriers_that_operators_added(north):
    north()
    assert "North takes all texts" in check_carrier().found
    assert check_carrier().health is Health.GOOD
    north(active=False)
    assert (check_carrier().health, "turned off" in check_carrier().found) == (Health.NOTE, True)


@pytest.mark.parametrize(("changed", "said"), [
    ({"fault_code": "account"}, "does not accept the account"), ({"secrets": None}, "have to be typed again"),
    ({"secrets": b"of another key"}, "have to be typed again"), ({"kind": "pigeon"}, "does not know its kind")])
def test_a_carrier_whose_texts_wait(north, changed, said):
    north(by_default=False, **changed)
    wrong(check_carrier(), "North", said)
    north(active=False)
    assert check_carrier().health is Health.NOTE


def test_calls_to_a_carrier_that_were_refused(north):
    north(refused_calls=3, refused_since=now(), refused_at=now())
    wrong(check_carrier(), "3 calls to the address of the carrier North were refused since")
    north(refused_at=now() - timedelta(hours=25))
    assert check_carrier().health is Health.GOOD
