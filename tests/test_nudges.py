"""Workers of all machines hear through the server's database that something is due."""

import re
import threading

import pytest
from sqlalchemy import create_engine

from portal.databases import one_at_a_time
from portal.extensions import db, wake, writing
from portal.nudges import NudgeListener
from portal.processes.worker import WorkerThread
from tests import database_server
from tests.patience import LONG

pytestmark = pytest.mark.postgresql
LISTENS = "query LIKE 'LISTEN%' AND datname = current_database()"


@pytest.fixture
def listen(inside):
    """`listen(pass_on)`: a listener that hears, by now; all end with the test."""
    started = []

    def start(pass_on):
        started.append(NudgeListener(db.engine, pass_on))
        started[-1].start()
        assert started[-1].hearing.wait(LONG)
        return started[-1]

    with inside():
        yield start
        for each in started:
            each.stop()
            assert not each.is_alive()


@pytest.fixture
def server(database_environ):
    """A connection beside the portal's own, to the same database."""
    name = re.search(r"@/(\w+)", database_environ["DATABASE_URL"])[1]
    with database_server.connect(name) as connection:
        yield connection


class Heard:
    """Counts nudges; `wait()` waits for the next one."""

    def __init__(self):
        self.came = threading.Semaphore(0)

    def __call__(self):
        self.came.release()

    def wait(self):
        assert self.came.acquire(timeout=LONG)


def test_each_of_several_workers_hears(listen):
    machines = [Heard(), Heard()]
    for each in machines:
        listen(each)
        each.wait()
    wake()
    for each in machines:
        each.wait()


@pytest.mark.parametrize("leave", [wake, lambda: one_at_a_time(db.engine, "task").__enter__()], ids=["nudge", "turn"])
def test_who_reads_next_on_that_connection_reads_one_moment(inside, leave):
    """A nudge and a turn take a connection of the pool out of its transactions."""
    with inside():
        leave()
        db.session.rollback()
        assert db.session.execute(db.text("SHOW transaction_isolation")).scalar() == "repeatable read"
        assert db.session.execute(db.text("SHOW transaction_read_only")).scalar() == "on"


def test_the_settings_of_an_address_may_be_those_of_the_portal(listen, inside):
    """Somebody wrote `?connect_timeout=3` into DATABASE_URL."""
    with inside():
        engine = create_engine(db.engine.url.update_query_dict({"connect_timeout": "3"}))
    heard = Heard()
    listener = NudgeListener(engine, heard)
    listener.start()
    heard.wait()
    listener.stop()
    engine.dispose()


def test_a_server_that_was_never_there_is_told_once(log_lines):
    engine = create_engine("postgresql+psycopg://portal@/nowhere?host=/nowhere")
    listener = NudgeListener(engine, Heard())
    waits = threading.Semaphore(0)
    wait = listener.stopping.wait
    listener.stopping.wait = lambda _seconds: (waits.release(), wait(0.01))[1]
    listener.start()
    for _ in range(3):
        assert waits.acquire(timeout=LONG)
    listener.stop()
    assert [line for line in log_lines if "nudges_lost" in line] == log_lines[:1] != []


def test_whoever_is_nudged_finds_what_was_committed_before(listen):
    heard = Heard()
    listen(heard)
    heard.wait()
    with writing() as session:
        session.execute(db.text("INSERT INTO marks (name, value) VALUES ('nudged', 'here')"))
    wake()
    heard.wait()
    assert db.session.execute(db.text("SELECT value FROM marks WHERE name = 'nudged'")).scalar() == "here"


def test_it_listens_again_when_the_server_ended_its_connection(listen, server, log_lines):
    heard = Heard()
    listen(heard)
    heard.wait()
    assert server.execute(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {LISTENS}"
                          " AND pid <> pg_backend_pid()").fetchone()[0]
    heard.wait()
    wake()
    heard.wait()
    assert "nudges_lost" in log_lines[0]


def test_a_nudge_ends_the_sleep_of_a_worker(app, listen, monkeypatch):
    sender = WorkerThread(app, None)
    slept, woke = threading.Event(), threading.Event()

    def work():
        (woke if slept.is_set() else slept).set()
        return LONG

    monkeypatch.setattr(sender, "_work", work)
    sender.start()
    assert slept.wait(LONG)
    listen(sender.nudge)
    wake()
    assert woke.wait(LONG)
    sender.stopping.set()
    sender.nudge()
    sender.join(LONG)
    assert not sender.is_alive()
    sender.nudge()


def test_without_a_server_nobody_is_kept_from_going_on(inside, monkeypatch):
    with inside():
        monkeypatch.setattr(db.engine, "connect", lambda: (_ for _ in ()).throw(db.exc.OperationalError("", {}, None)))
        wake()
