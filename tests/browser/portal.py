"""A real portal for the browser: web server and background process over a database of its own."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from portal.variables import SETTINGS
from tests.patience import LONG

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
CALL_IN = """
import sys
from wsgi import app
with app.app_context():
    app.extensions["carrier"].call_in(*sys.argv[1:])
"""
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


class Portal:
    """The portal under test, with further settings by name; its database can be put back to a kept state.

    `program`: what Python runs as the server.
    """

    def __init__(self, folder: Path, *, program: tuple[str, ...] = FLASK[1:], **settings: str) -> None:
        self.settings, self.program = settings, program
        self.folder, self.database = folder, folder / "portal.db"
        # Where its processes start: the wsgi.py of this folder is the application.
        self.home = ROOT
        self.address = f"http://127.0.0.1:{_free_port()}"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its processes."""
        given = {name: value for name, value in os.environ.items() if name not in {one.name for one in SETTINGS}}
        return given | {
            "DATABASE_URL": f"sqlite:///{self.database}", "PORT": self.address.rpartition(":")[2],
            "SECRET_KEY": "0123456789abcdef-signs-the-sessions", "CSRF_KEY": "0123456789abcdef-signs-the-forms",
            "DEMO_PASSWORD": PASSWORD, "PROVIDER": "Cisco", "HTMX": "cdn", "THREADS": "8",
            "REPORT_DELAY": "0",
        } | self.settings

    def flask(self, *words: str, **environ: str) -> str:
        """Run a command of the portal, and give back what it prints."""
        done = subprocess.run([*FLASK, *words], cwd=self.home, env=self.environ | environ, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def text_in(self, sender: str, recipient: str, body: str) -> None:
        """A text comes in from outside, by the pretend carrier."""
        self.python(CALL_IN, sender, recipient, body)

    def python(self, program: str, *words: str) -> None:
        """Run a few lines beside the portal, over its database."""
        subprocess.run((sys.executable, "-c", program, *words), cwd=self.home, env=self.environ, check=True)

    def start(self, *words: str) -> None:
        """Start as `make run DEMO=0` does, or by another command, and come back when it answers."""
        with (self.folder / "serve.log").open("wb") as log:
            self._child = subprocess.Popen([sys.executable, *self.program, *(words or ("start",))], cwd=self.home,
                                           env=self.environ | {"DEMO": "0"},
                                           stdout=log, stderr=log)
        end = time.monotonic() + LONG
        while not self._answers():
            assert self._child.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to stop, as Ctrl-C does, and wait."""
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)
            self._child.wait(60)

    def log(self) -> str:
        """What the server has printed."""
        return (self.folder / "serve.log").read_text(encoding="utf-8", errors="replace")

    def keep(self, name: str) -> None:
        """Keep the database as it is now under a name."""
        with _opened(self.database) as live, _opened(self.folder / f"{name}.kept") as kept:
            live.backup(kept)

    def put_back(self, name: str) -> None:
        """Put a kept state in place, under the running server."""
        with _opened(self.folder / f"{name}.kept") as kept, _opened(self.database) as live:
            kept.backup(live)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health/live", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
