"""The supervisor, with real processes: one signal each, together up and together down."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from portal import stored_files
from portal.config import RefusedSetting, Settings
from portal.processes import serving
from portal.processes.serving import (
    address_for_links,
    commands_of_processes,
    describe_startup,
    note_address,
    refuse_demo_off_loopback,
    serve_until_stopped,
)
from tests.patience import LONG, wait_for
from tests.processes.standin import ROOT, start_web_server

PUBLIC = {"PORTAL_URL": "https://texting.example.com"}

# Writes a line per signal into the file named after it, and obeys unless told otherwise.
PROGRAM = r"""
import os, signal, sys, time
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
obeys, code = sys.argv[2] == "obeys", int(sys.argv[3])
asked = []
def hear(number, frame):
    os.write(log, f"{signal.Signals(number).name}\n".encode())
    asked.append(number)
signal.signal(signal.SIGTERM, hear)
signal.signal(signal.SIGINT, hear)
if sys.argv[2] == "forks" and not os.fork():
    os.write(log, f"worker {os.getpid()}\n".encode())
    time.sleep(60)
os.write(log, f"up {os.getpid()}\n".encode())
while not (asked and obeys):
    time.sleep(0.02)
time.sleep(0.2)
sys.exit(code)
"""
SUPERVISOR = """
import ast, os, sys
from functools import partial
from portal.processes.supervising import supervise_processes
programs = {name: partial(os.execv, words[0], words) for name, words in ast.literal_eval(sys.argv[1]).items()}
sys.exit(supervise_processes(programs, float(sys.argv[2])))
"""


class Supervised:
    """A supervisor in a process of its own, with two stand-ins that log what they hear."""

    def __init__(self, folder, *, web=("obeys", 0), work=("obeys", 0), grace=10):
        self.logs = {"web server": folder / "web", "background process": folder / "work"}
        programs = {
            name: [sys.executable, "-c", PROGRAM, str(self.logs[name]), manner, str(code)]
            for name, (manner, code) in zip(self.logs, (web, work), strict=True)
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, repr(programs), str(grace)],
            cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )
        self.pids = {name: self._pid(name) for name in self.logs}

    def _pid(self, name):
        wait_for(lambda: self.logs[name].exists() and "up" in self.logs[name].read_text().split()[:-1])
        return int(self.logs[name].read_text().split("up ")[1].split()[0])

    def heard(self, name):
        return self.logs[name].read_text().split()[2:]

    def end(self):
        """Exit code and words, once nothing is left running."""
        words = self.process.communicate(timeout=LONG)[1]
        assert not any(alive(pid) for pid in self.pids.values())
        return self.process.returncode, words


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def start(tmp_path):
    started = []

    def start(**manners):
        started.append(Supervised(tmp_path, **manners))
        return started[-1]

    yield start
    for supervised in started:
        for pid in (supervised.process.pid, *supervised.pids.values()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        supervised.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_each_hears_it_once(start, number):
    supervised = start()
    supervised.process.send_signal(number)
    assert supervised.end() == (0, "")
    assert supervised.heard("web server") == supervised.heard("background process") == ["SIGTERM"]


def test_ctrl_c_in_the_terminal_reaches_them_once(start):
    """A terminal signals the whole group in front; an impatient person does it again."""
    supervised = start()
    for _ in range(3):
        os.killpg(supervised.process.pid, signal.SIGINT)
        time.sleep(0.05)
    assert supervised.end()[0] == 0
    assert supervised.heard("web server") == supervised.heard("background process") == ["SIGTERM"]


def test_each_has_a_session_of_its_own(start):
    supervised = start()
    sessions = {os.getsid(pid) for pid in (supervised.process.pid, *supervised.pids.values())}
    assert len(sessions) == 3


@pytest.mark.parametrize(("first", "number", "code", "expected"), [
    ("web server", signal.SIGTERM, 3, 3),
    ("web server", signal.SIGKILL, 0, 137),
    ("background process", signal.SIGTERM, 0, 1),
    ("background process", signal.SIGKILL, 0, 137),
])
def test_when_one_ends_the_other_is_stopped(start, first, number, code, expected):
    supervised = start(web=("obeys", code), work=("obeys", code))
    os.kill(supervised.pids[first], number)
    returned, words = supervised.end()
    assert returned == expected
    assert f"The {first} ended by itself" in words
    (other,) = supervised.logs.keys() - {first}
    assert supervised.heard(other) == ["SIGTERM"]


def test_who_does_not_stop_is_killed_after_the_grace(start):
    supervised = start(work=("stays", 0), grace=0.5)
    supervised.process.terminate()
    assert supervised.end()[0] == 1
    assert supervised.heard("background process") == ["SIGTERM"]


def test_a_killed_server_does_not_leave_its_workers_at_the_port(start):
    supervised = start(web=("forks", 0))
    log = supervised.logs["web server"]
    wait_for(lambda: "worker" in log.read_text().split()[:-1])
    worker = int(log.read_text().split("worker ")[1].split()[0])
    os.kill(supervised.pids["web server"], signal.SIGKILL)
    supervised.end()
    wait_for(lambda: not alive(worker))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_a_killed_supervisor_leaves_nothing_behind(start):
    supervised = start()
    supervised.process.kill()
    wait_for(lambda: not any(alive(pid) for pid in supervised.pids.values()))
    assert supervised.heard("web server") == ["SIGTERM"]


# --- what is started ---------------------------------------------------------------

@pytest.fixture
def read(tmp_path):
    return lambda **environ: Settings.from_environ(environ, tmp_path)


def test_the_commands(read):
    programs = commands_of_processes(read(PORT="5080", PROCESSES="3", THREADS="64"))
    server = programs["web server"]
    assert server[:3] == [sys.executable, "-m", "gunicorn"]
    assert server[server.index("--bind") + 1] == "127.0.0.1:5080"
    assert server[server.index("--workers") + 1] == "3"
    assert server[server.index("--threads") + 1] == "22"
    assert programs["background process"][-1] == "work"
    assert "[::1]:5000" in commands_of_processes(read(HOST="::1"))["web server"]


def test_a_taken_port_is_said_at_once(read):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(RefusedSetting, match=rf"^PORT {port} at HOST 127\.0\.0\.1 cannot be used"):
            serve_until_stopped(read(PORT=port))


def test_the_web_server_alone_goes_on_in_the_process_of_the_command(read, monkeypatch, capsys):
    """A service manager then watches, and tells to stop, the very process that answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        settings = read(PORT=str(free.getsockname()[1]))
    became = []
    monkeypatch.setattr(serving, "run_module", lambda *words: became.append(words))
    monkeypatch.setattr("os.chdir", became.append)
    serving.serve_pages(settings)
    assert became == [ROOT, tuple(serving.commands_of_processes(settings)["web server"][2:])]
    assert settings.portal_url in capsys.readouterr().out


def test_commands_link_to_where_the_portal_was_last_started(read):
    assert address_for_links(read(), {}) == "http://127.0.0.1:5000"
    note_address(read(PORT="5067"))
    assert address_for_links(read(), {"DEMO": "0", "PORT": " "}) == "http://127.0.0.1:5067"
    said = read(PORT="5099")
    assert address_for_links(said, {"PORT": "5099"}) == "http://127.0.0.1:5099"
    note_address(read(**PUBLIC))
    assert address_for_links(read(), {}) == PUBLIC["PORTAL_URL"]


@pytest.mark.parametrize("noted", [b"", b"javascript:alert(1)", b"http://127.0.0.1:5067/path", b"\xff"])
def test_a_note_that_is_no_address_leads_nowhere(read, noted):
    stored_files.ADDRESS_FILE.beside(read().database).write_bytes(noted)
    assert address_for_links(read(), {}) == "http://127.0.0.1:5000"


def test_what_it_says_of_itself(read):
    assert describe_startup(read()) == "Business Texting: http://127.0.0.1:5000 (Ctrl-C stops it)"
    said = describe_startup(read(**PUBLIC))
    assert "https://texting.example.com" in said
    assert "Listening at http://127.0.0.1:5000." in said
    assert "PROXY_HOPS is 0" in said
    assert "PROXY_HOPS" not in describe_startup(read(PROXY_HOPS="1", **PUBLIC))
    assert "DEBUG is on" in describe_startup(read(DEBUG="1"))


def test_demo_people_stay_on_this_machine(read):
    refuse_demo_off_loopback(read(), is_demo=True)
    refuse_demo_off_loopback(read(**PUBLIC), is_demo=False)
    with pytest.raises(RefusedSetting, match=r"^DATABASE_URL leads to a demo database"):
        refuse_demo_off_loopback(read(**PUBLIC), is_demo=True)


# --- gunicorn as it is really started -------------------------------------------------

APPLICATION = """
import os, pathlib, time
def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        pathlib.Path(os.environ["HOME"], "begun").touch()
        time.sleep(1)
    seen = [environ["wsgi.url_scheme"], environ["REMOTE_ADDR"], environ.get("HTTP_X_FORWARDED_FOR", "")]
    body = " ".join(seen).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
"""


def ask(port, path="/"):
    with closing(socket.create_connection(("127.0.0.1", port), timeout=LONG)) as line:
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            "X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Proto: https\r\n\r\n".encode()
        )
        return b"".join(iter(lambda: line.recv(4096), b"")).decode()


@pytest.fixture
def gunicorn(tmp_path):
    """The web server's own command with another application; (process, port)."""
    process, port = start_web_server(tmp_path, APPLICATION, HOME=str(tmp_path), PROCESSES="1")
    yield process, port
    process.terminate()
    process.communicate()


def test_gunicorn_does_not_name_itself_nor_believe_forwarded_headers(gunicorn, tmp_path):
    head, body = ask(gunicorn[1]).split("\r\n\r\n")
    assert "gunicorn" not in head
    assert body == "http 127.0.0.1 192.0.2.9"
    assert not (tmp_path / ".gunicorn").exists()


def test_gunicorn_ends_what_it_began(gunicorn, tmp_path):
    process, port = gunicorn
    with closing(socket.create_connection(("127.0.0.1", port), timeout=LONG)) as line:
        line.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        wait_for((tmp_path / "begun").exists)
        process.terminate()
        assert line.recv(4096).startswith(b"HTTP/1.1 200")
    assert process.wait(LONG) == 0


def test_gunicorn_writes_down_nothing_that_strangers_send(gunicorn):
    process, port = gunicorn
    for request in (b"GET / HTTP/1.1\r\nBad \x1b[31mName: x\r\n\r\n", b"X\x1b /welcome/token HTTP/9.9\r\n\r\n"):
        with closing(socket.create_connection(("127.0.0.1", port), timeout=LONG)) as line:
            line.sendall(request)
            assert line.recv(4096).startswith(b"HTTP/1.1 400")
    process.terminate()
    assert process.stderr.read() == b""
