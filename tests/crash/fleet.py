"""Machines over one database as tests begin and kill them, and somebody who watches what becomes visible."""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from tests import database_server
from tests.browser.portal import _free_port
from tests.patience import LONG, wait_for

ROOT = Path(__file__).parents[2]
ROLES = ("serve", "work")


class Machine:
    """Begins its web server and its worker, and kills them; `port` is where pages are."""

    def __init__(self, folder, environ):
        folder.mkdir()
        self.port, self.log, self.alive = _free_port(), folder / "log", {}
        command = [sys.executable, "-m", "tests.crash.machines", str(folder)]
        with self.log.open("wb") as log:
            self.nursery = subprocess.Popen(command, cwd=ROOT, env=os.environ | environ | {"PORT": str(self.port)},
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)

    def begin(self, *roles):
        """Begin what does not run."""
        for role in roles or ROLES:
            if role not in self.alive:
                self.nursery.stdin.write(f"{role}\n")
                self.nursery.stdin.flush()
                told = self.nursery.stdout.readline()
                assert told, self.log.read_text()
                self.alive[role] = int(told)

    def wait(self, role):
        """Until it has ended by itself."""
        wait_for(lambda: not Path(f"/proc/{self.alive[role]}").exists())
        del self.alive[role]

    def kill(self, role):
        """End it, and wait until nobody listens where it did."""
        os.killpg(self.alive.pop(role), signal.SIGKILL)
        wait_for(lambda: role != "serve" or self._is_port_free())

    def _is_port_free(self):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", self.port))
            except OSError:
                return False
            return True

    def close(self):
        for role in list(self.alive):
            self.kill(role)
        self.nursery.stdin.close()
        self.nursery.wait(LONG)
        self.nursery.stdout.close()


class Watcher(threading.Thread):
    """Asks for what came after the last id that it has seen, as open pages do.

    `seen`: the ids that it saw, by organization.
    """

    def __init__(self, database):
        super().__init__(daemon=True)
        self.database, self.stopping, self.seen = database, threading.Event(), {}

    def run(self):
        with closing(database_server.connect(self.database)) as server:
            self.seen = {row[0]: [] for row in server.execute("SELECT id FROM organizations")}
            while not self.stopping.wait(0.01):
                self._look(server)

    def _look(self, server):
        for one, ids in self.seen.items():
            ids += [row[0] for row in server.execute(
                "SELECT id FROM messages WHERE organization_id = %s AND id > %s ORDER BY id",
                (one, ids[-1] if ids else 0))]

    def stop(self):
        self.stopping.set()
        self.join(LONG)
