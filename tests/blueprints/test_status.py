"""What machines ask: alive, ready, and the htmx file."""

import socket
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from portal.config import Settings
from portal.processes import htmx_file
from portal.services.upkeep import housekeeping, worker_marks


def test_alive(browse, statements):
    """The process answers without asking anything else."""
    with statements() as seen:
        answer = browse().get("/health/live")
    assert (answer.status_code, answer.json, seen) == (200, {"status": "alive"}, [])


def test_ready(browse, inside):
    """The database can be written and the background process has been heard of."""
    with inside():
        worker_marks.note_heartbeat()
    answer = browse().get("/health/ready")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "database": True, "worker": True})


def test_without_the_background_process(browse, inside, clock):
    """REL-25: three minutes of silence are too much."""
    clock.stop()
    with inside():
        worker_marks.note_heartbeat()
    clock.forward(minutes=2, seconds=59)
    assert browse().get("/health/ready").status_code == 200
    clock.forward(seconds=2)
    answer = browse().get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "database": True, "worker": False})


def test_one_worker_of_several_is_enough_and_the_silent_ones_are_named(app, browse, inside, clock, monkeypatch):
    """Only for programs on this machine, as everything else."""
    monkeypatch.setattr(Settings, "embedded", property(lambda _self: False))
    for host in ("worker-1", "worker-2"):
        monkeypatch.setattr(socket, "gethostname", lambda host=host: host)
        with inside():
            worker_marks.note_heartbeat()
        clock.forward(minutes=6)
    ready = {"status": "ready", "database": True, "worker": True}
    assert browse().get("/health/ready").status_code == 503
    with inside():
        worker_marks.note_heartbeat()
    answer = browse().get("/health/ready")
    silent = f"worker-1 ({app.config['SETTINGS'].instance.absolute()})"
    assert (answer.status_code, answer.json) == (200, {**ready, "silent_workers": [silent]})
    stranger = browse().get("/health/ready", headers={"X-Forwarded-For": "203.0.113.9"})
    assert stranger.json == {"status": "ready"}


@pytest.mark.parametrize(("source", "listens", "local"), [
    ("127.0.0.1", "10.0.0.11", True), ("10.0.0.11", "10.0.0.11", True), ("10.0.0.12", "10.0.0.11", False),
    ("10.0.0.11", "0.0.0.0", False),
])
def test_who_asks_on_the_machine_itself(app, browse, monkeypatch, source, listens, local):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], host=listens))
    answer = browse().get("/health/ready", environ_base={"REMOTE_ADDR": source})
    assert ("database" in answer.json) is local


@pytest.mark.parametrize(("path", "status"), [("/health/live", 200), ("/health/ready", 503)])
def test_without_any_database_who_is_signed_in_gets_an_answer_as_well(browse, monkeypatch, path, status):
    """The cookie of a session is looked up after the answer is made, too."""
    uli = browse("Uli")

    def gone(*_given, **_named):
        raise OperationalError("SELECT", {}, Exception("the connection is closed"))

    monkeypatch.setattr("portal.services.accounts.sessions.session_holder", gone)
    monkeypatch.setattr(housekeeping, "writing", gone)
    assert uli.get(path).status_code == status


def test_without_the_database(browse, monkeypatch):
    """REL-25: a write lock that cannot be had is no reason to break."""
    def locked():
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(housekeeping, "writing", locked)
    answer = browse().get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "database": False, "worker": False})


def test_the_question_writes_nothing(browse, statements):
    """REL-25: the lock is taken and given back."""
    with statements() as seen:
        browse().get("/health/ready")
    assert seen[0] == "SELECT 1"
    assert all(statement.startswith("SELECT") for statement in seen)


@pytest.mark.parametrize("elsewhere", [
    {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}, {"headers": {"X-Forwarded-For": "203.0.113.9"}},
])
def test_others_learn_no_details(browse, elsewhere):
    """REL-25: what is broken is for this machine to know, not for whoever asks through a proxy."""
    assert browse().get("/health/ready", **elsewhere).json == {"status": "not ready"}


def test_the_htmx_file(app, browse, monkeypatch, tmp_path):
    """Under its own name a browser asks every time whether it is the same; without the file there is none."""
    address = f"/{htmx_file.HTMX_NAME}"
    assert browse().get(address).status_code == 404
    file = tmp_path / "htmx.js"
    file.write_bytes(b"// htmx")
    monkeypatch.setattr(htmx_file, "path_of_htmx_file", lambda _instance: file)
    answer = browse().get(address, buffered=True)
    assert (answer.data, answer.mimetype) == (b"// htmx", "text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
