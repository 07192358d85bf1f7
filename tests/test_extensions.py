"""Connections are set up alike, readers cannot write, writers take turns, and no update is lost."""

import multiprocessing
import threading
from itertools import pairwise

import pytest
from sqlalchemy import Engine, event, select, text

from portal import databases, extensions, write_turns
from portal.app import create_app
from portal.extensions import db, writing
from portal.models import AuditEvent, Location, PortalMark, Setting, User
from portal.services.toggles import toggle
from portal.services.toggles.toggle import SettingValue, StaleSetting
from portal.stored_files import WRITE_TURN
from portal.write_turns import turn_to_write
from tests.patience import LONG, PATIENT, PATIENT_SERVER
from tests.stores import READ_ONLY, READS, REFUSED_TO_READERS, WRITES

PROFILE = {
    "journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1, "secure_delete": 1,
    "trusted_schema": 0,
}
SERVER_PROFILE = {
    "lock_timeout": "5s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "1min", "TimeZone": "UTC",
    "client_encoding": "UTF8",
}
READER, WRITER = "BEGIN", "BEGIN IMMEDIATE"


@pytest.fixture
def told():
    """What SQLite is told at the beginning of every transaction of the test."""
    seen = []

    def see(_connection, _cursor, statement, *_rest):
        if statement.startswith(("BEGIN", "PRAGMA query_only")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield seen
    event.remove(Engine, "before_cursor_execute", see)


@pytest.fixture
def meanwhile(app):
    """`meanwhile(work)` does work in another thread of the portal and waits for its answer."""

    def run(work):
        answers = []

        def inside():
            with app.app_context():
                answers.append(work())

        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        return answers[0]

    return run


def mark(value):
    with writing() as session:
        session.merge(PortalMark(name="mark", value=value))


def marked():
    found = db.session.get(PortalMark, "mark")
    return found and found.value


# --- connections ---------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_every_connection_of_the_pool_is_set_up(inside, monkeypatch):
    """REL-01"""
    own = tuple(pragma for pragma in databases.DATABASE_PRAGMAS if pragma not in PATIENT)
    monkeypatch.setattr(databases, "DATABASE_PRAGMAS", own)
    with inside():
        db.engine.dispose()
        connections = [db.engine.connect() for _ in range(4)]
        for connection in connections:
            assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PROFILE} == PROFILE
        for connection in connections:
            connection.close()


@pytest.mark.postgresql
def test_every_connection_to_a_server_is_set_up(inside, monkeypatch):
    own = tuple(setting for setting in databases.SESSION_SETTINGS if setting not in PATIENT_SERVER)
    monkeypatch.setattr(databases, "SESSION_SETTINGS", own)
    with inside():
        db.engine.dispose()
        connections = [db.engine.connect() for _ in range(4)]
        for connection in connections:
            assert {name: connection.exec_driver_sql(f"SHOW {name}").scalar()
                    for name in SERVER_PROFILE} == SERVER_PROFILE
        for connection in connections:
            connection.close()


def test_readers_begin_as_readers_and_writers_as_writers(inside, begun):
    """REL-01"""
    with inside():
        marked()
        mark("here")
    assert begun == [READS, WRITES]


@pytest.mark.sqlite
def test_writers_take_the_lock_at_once(inside, told):
    """REL-01"""
    with inside():
        db.engine.dispose()
        marked()
        mark("here")
    assert told == ["PRAGMA query_only=ON", READER, "PRAGMA query_only=OFF", WRITER]


@pytest.mark.sqlite
def test_readers_and_writers_ask_for_nothing_by_which_sqlite_forgets_its_statements(inside, told):
    """They do not change places: each writes or reads by connections that did so before."""
    with inside():
        marked()
        mark("here")
        told.clear()
        for value in "abc":
            mark(value)
            marked()
            db.session.rollback()
    assert told == [WRITER, READER] * 3


@pytest.mark.sqlite
def test_connections_that_write_are_closed_with_those_that_read(inside):
    with inside():
        mark("here")
        writers = databases.engine_of_writers(db.engine)
        assert writers.pool.checkedin() == 1
        db.engine.dispose()
        assert writers.pool.checkedin() == 0
        assert databases.engine_of_writers(db.engine) is not writers


def test_looking_at_a_page_only_reads(browse, begun):
    ada = browse("Ada")
    begun.clear()
    assert ada.get("/admin/").status_code == 200
    assert READS in begun
    assert WRITES not in begun


def test_one_service_call_is_one_write_transaction(inside, people, begun):
    with inside():
        ada, uli = (db.session.get_one(User, people[name].id) for name in ("Ada", "Uli"))
        assert toggle.change_setting(ada, uli, SettingValue(False), 0).allowed
    assert begun.count(WRITES) == 1


def test_outside_writing_nothing_can_be_written(inside):
    """Not even by the connection that wrote just before."""
    with inside():
        mark("here")
        db.session.add(PortalMark(name="other", value="there"))
        with pytest.raises(REFUSED_TO_READERS, match=READ_ONLY):
            db.session.commit()
        db.session.rollback()
        with db.engine.connect() as connection, pytest.raises(REFUSED_TO_READERS, match=READ_ONLY):
            connection.execute(text("DELETE FROM marks"))


def test_after_a_checkpoint_the_same_connection_only_reads(inside):
    with inside():
        marked()
        extensions.checkpoint_database()
        with db.engine.connect() as connection, pytest.raises(REFUSED_TO_READERS, match=READ_ONLY):
            connection.execute(text("DELETE FROM marks"))
        mark("here")
        assert marked() == "here"


def test_writing_inside_writing_is_a_mistake(inside):
    with inside(), writing(), pytest.raises(RuntimeError, match="exactly one"), writing():
        pass


def test_what_failed_is_taken_back_and_so_is_the_lock(inside):
    with inside():
        with pytest.raises(ZeroDivisionError), writing() as session:
            session.add(PortalMark(name="mark", value="half"))
            session.flush()
            _ = 1 / 0
        assert marked() is None
        mark("whole")
        assert marked() == "whole"


def test_a_writer_forgets_what_was_read_before(inside, meanwhile):
    """Between reading a page and writing to it another person may have written."""
    with inside():
        mark("mine")
        held = db.session.get_one(PortalMark, "mark")
        assert held.value == "mine"
        meanwhile(lambda: mark("theirs"))
        with writing():
            assert held.value == "theirs"


def test_readers_do_not_wait_for_a_writer_and_see_only_what_is_done(inside, meanwhile):
    with inside():
        mark("before")
        with writing() as session:
            session.merge(PortalMark(name="mark", value="after"))
            session.flush()
            assert meanwhile(marked) == "before"
        assert meanwhile(marked) == "after"


def test_who_waits_too_long_is_told_so_and_nothing_is_saved(browse, inside, people, monkeypatch, database_store):
    ada = browse("Ada")
    database_store.give_up_at_once(monkeypatch)
    with inside():
        db.engine.dispose()
    with database_store.locked():
        answer = ada.post("/account", data={"language": "", "time_zone": "America/Toronto"})
    assert answer.status_code == 503
    assert "so nothing was saved" in answer.text
    with inside():
        assert db.session.get_one(User, people["Ada"].id).time_zone == ""


@pytest.mark.sqlite
def test_whose_turn_does_not_come_is_told_so_and_nothing_is_saved(app, browse, inside, people, monkeypatch):
    ada = browse("Ada")
    monkeypatch.setattr(write_turns, "PATIENCE", 0.01)
    with turn_to_write(WRITE_TURN.beside(app.config["SETTINGS"].database), LONG):
        answer = ada.post("/account", data={"language": "", "time_zone": "America/Toronto"})
        assert ada.get("/account").status_code == 200
    assert answer.status_code == 503
    assert "so nothing was saved" in answer.text
    with inside():
        assert db.session.get_one(User, people["Ada"].id).time_zone == ""


# --- nothing is lost -----------------------------------------------------------------------------


def turn_often(environ, instance, times, start, turned):
    """One process: turn whatever comes next, from whatever it says now, and count."""
    databases.DATABASE_PRAGMAS = (*databases.DATABASE_PRAGMAS, *PATIENT)
    databases.SESSION_SETTINGS = (*databases.SESSION_SETTINGS, *PATIENT_SERVER)
    write_turns.PATIENCE = LONG
    with create_app(environ, instance).app_context():
        ada = db.session.scalars(select(User).where(User.email == "ada@example.com")).one()
        units = [*db.session.scalars(select(User).where(User.email.in_(["uli@example.com", "ben@example.com"]))),
                 *db.session.scalars(select(Location).where(Location.name == "Toronto"))]
        start.wait()
        try:
            turned.put(sum(turn_once(ada, units[n % len(units)]) for n in range(times)))
        except Exception as error:
            turned.put(repr(error))
            raise
        finally:
            db.session.remove()
            db.engine.dispose()


def turn_once(ada, unit):
    there = toggle.current_setting(unit)
    with writing():
        number = db.session.get(PortalMark, "count")
        number.value = str(int(number.value) + 1)
    try:
        # Where another process was faster, what is asked for may hold already.
        return int(bool(toggle.change_setting(ada, unit, SettingValue(not there.value.on), there.version).undo))
    except StaleSetting:
        return 0


@pytest.mark.slow
def test_processes_that_turn_the_same_switches_lose_nothing(inside, instance, database_environ):
    """REL-02: every turn that was accepted is a version and an event, and begins where the last one ended."""
    with inside(), writing() as session:
        session.add(PortalMark(name="count", value="0"))
    spawn = multiprocessing.get_context("spawn")
    start, turned, times = spawn.Barrier(4), spawn.Queue(), 40
    given = database_environ, instance, times, start, turned
    processes = [spawn.Process(target=turn_often, args=given) for _ in range(4)]
    for process in processes:
        process.start()
    counts = [turned.get(timeout=240) for _ in processes]
    for process in processes:
        process.join()
    assert all(isinstance(count, int) for count in counts), counts
    done = sum(counts)
    with inside():
        words = list(db.session.scalars(select(Setting).where(Setting.level != "organization")))
        assert db.session.get_one(PortalMark, "count").value == str(4 * times)
        assert sum(word.version for word in words) == done
        assert 0 < done < 4 * times, "they never met"
        told = list(db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "texting", AuditEvent.subject != "organization")
            .order_by(AuditEvent.subject_ref, AuditEvent.id)))
        assert len(told) == done
        assert all(one.details["now"] == other.details["was"] for one, other in pairwise(told)
                   if one.subject_ref == other.subject_ref)
