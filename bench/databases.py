"""The databases that are measured: files or, with DB=postgresql, those of a PostgreSQL server of the run's own.

The server runs on this machine and writes as durably as it does by default. Programs hear of it by the environment.
"""

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from portal.config import Settings
from portal.database_urls import complete_database_url
from portal.services.upkeep.server_copies import move_to_server
from tests import database_server

DURABLE = ("shared_buffers=256MB", "max_connections=200", "max_wal_size=4GB", "listen_addresses=",
           "log_min_messages=fatal")
# What workers and web servers of several machines have in common.
KEYS = {name: f"0123456789abcdef-of-measurements-{place}"
        for place, name in enumerate(("SECRET_KEY", "CSRF_KEY", "NUMBER_KEY", "CARRIER_KEY"))}
_numbers = count(1)


def is_on_server() -> bool:
    """Whether this run measures PostgreSQL."""
    return database_server.wanted()


@contextlib.contextmanager
def server_of_run() -> Iterator[None]:
    """The server, for the block and for the programs that start in it; nothing where files are measured."""
    if not is_on_server():
        yield
        return
    with database_server.running(DURABLE):
        yield


@contextlib.contextmanager
def new_database(template: str = "template1") -> Iterator[dict[str, str]]:
    """The settings of a portal over an empty database, or one like `template`; of a file, which it makes, none."""
    if not is_on_server():
        yield {}
        return
    name = f"bench_{os.getpid()}_{next(_numbers)}"
    _on_server(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield {"DATABASE_URL": database_server.url_of(name)}
    finally:
        _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def keep_on_server(file: Path) -> str:
    """The name of the server's database with everything of a portal's file; moved there once in a run."""
    name = "kept_" + re.sub(r"\W", "_", file.stem)
    with database_server.connect() as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return name
    draft = f"draft_{name}"
    # A program that was ended has left it.
    _on_server(f"DROP DATABASE IF EXISTS {draft}")
    _on_server(f"CREATE DATABASE {draft}")
    move_to_server(file, complete_database_url(database_server.url_of(draft), file.parent))
    with database_server.connect(draft) as server:
        server.execute("VACUUM ANALYZE")
    _on_server(f"ALTER DATABASE {draft} RENAME TO {name}")
    return name


def _on_server(statement: str) -> None:
    with database_server.connect() as server:
        server.execute(statement)


@contextlib.contextmanager
def onlooker(settings: Settings) -> Iterator[Callable[[str], int]]:
    """Who counts in a portal's database, by a statement, beside the portal and with little work."""
    if settings.embedded:
        with contextlib.closing(sqlite3.connect(settings.database)) as rows:
            yield lambda asked: int(rows.execute(asked).fetchone()[0])
        return
    with database_server.connect(settings.database_url.partition("@/")[2].partition("?")[0]) as server:
        yield lambda asked: int(server.execute(asked).fetchone()[0])
