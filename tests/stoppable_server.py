"""A PostgreSQL server that a test stops and starts again; the others of the run do not notice."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import database_server


class StoppableServer:
    """It listens at a socket in `folder`; `url` is the DATABASE_URL of its one database."""

    def __init__(self, folder: Path) -> None:
        found = database_server.find_programs()
        assert found is not None, "run: python -m tests.database_server --install"
        self.programs, self.folder = found, folder
        self.account = database_server._own_account(folder)
        self._run("initdb", "-U", "portal", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.url = f"postgresql://portal@/postgres?host={folder}"

    @property
    def runs(self) -> bool:
        """Whether it was started, and not stopped since."""
        return (self.folder / "data" / "postmaster.pid").exists()

    def start(self) -> None:
        """Come back when it answers; at once if it runs."""
        if self.runs:
            return
        options = " ".join(f"-c {one}" for one in (*database_server.QUICK, f"unix_socket_directories={self.folder}"))
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """End every connection, as a restart for an update does."""
        self._run("pg_ctl", "-w", "-m", "fast", "stop")

    def ask(self, statement: str) -> Any:
        """The first row of what a statement gives."""
        import psycopg

        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchone()

    def _run(self, program: str, *words: str) -> None:
        subprocess.run([self.programs / program, "-D", self.folder / "data", *words], check=True, cwd="/",
                       stdout=subprocess.DEVNULL, **self.account)


@contextmanager
def stoppable_server() -> Iterator[StoppableServer]:
    """A server that runs, and is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="portal-server-") as folder:
        server = StoppableServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            if server.runs:
                server.stop()
