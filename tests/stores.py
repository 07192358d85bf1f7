"""The few things that tests ask of the database beside the portal, in words of either: fixture `database_store`."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import InternalError, OperationalError

from portal import databases
from portal.extensions import db
from tests import database_server
from tests.kept_databases import KeptRows

# How a transaction began, as the fixture `begun` lists it.
READS, WRITES = "reads", "writes"
# What whoever only reads gets for writing: SQLite says "readonly", PostgreSQL "read-only".
REFUSED_TO_READERS = (OperationalError, InternalError)
READ_ONLY = "read-?only"


@contextmanager
def seen_to_begin() -> Iterator[list[str]]:
    """How every transaction in the block began: READS or WRITES."""
    seen: list[str] = []

    def see(connection: Any) -> None:
        # The portal's own listener stands before this one, and has begun.
        seen.append(WRITES if connection.info[databases.MAY_WRITE] else READS)

    event.listen(Engine, "begin", see)
    try:
        yield seen
    finally:
        event.remove(Engine, "begin", see)


class FileStore:
    """A SQLite file."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    @contextmanager
    def other(self) -> Iterator[Any]:
        """A connection of another program, which commits every statement and waits for nobody: `.execute(sql)`."""
        file = self._app.config["SETTINGS"].database
        with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
            yield other

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another program writes in the block, and nobody else; an error where somebody else does."""
        with self.other() as other:
            other.execute("BEGIN IMMEDIATE")
            yield

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that the database holds, by table."""
        with self.other() as other:
            names = [name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: other.execute(f"SELECT {_columns(name)} FROM {name}").fetchall() for name in names}

    def content(self) -> bytes:
        """All that the database holds; on SQLite also what is left of erased rows, and what stands only in the log."""
        file: Path = self._app.config["SETTINGS"].database
        return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))

    def keep(self, name: str) -> None:
        """Keep all rows as they are now under a name, for any test that comes."""
        file = self._closed()
        shutil.copyfile(file, file.with_suffix(f".{name}"))

    def put_back(self, name: str) -> None:
        """Make all rows as they were kept."""
        file = self._closed()
        shutil.copyfile(file.with_suffix(f".{name}"), file)

    def _closed(self) -> Path:
        """The last connection that closes puts everything into the one file."""
        with self._app.app_context():
            db.engine.dispose()
        file: Path = self._app.config["SETTINGS"].database
        return file

    @staticmethod
    def give_up_at_once(monkeypatch: Any) -> None:
        """From now on whoever has to wait for the turn to write gives up."""
        monkeypatch.setattr(databases, "DATABASE_PRAGMAS", (*databases.DATABASE_PRAGMAS, "PRAGMA busy_timeout=20"))

    @staticmethod
    def let_dangle(session: Any) -> None:
        """In this transaction rows may refer to what is gone."""
        session.execute(text("PRAGMA defer_foreign_keys = ON"))

    @staticmethod
    def read_only(connection: Any) -> None:
        """This transaction, which has just begun, cannot write."""
        connection.exec_driver_sql("PRAGMA query_only=ON")
        del connection.info[databases.MAY_WRITE]

    @staticmethod
    def without_trigger(session: Any, name: str) -> None:
        """This transaction does what a trigger would refuse."""
        session.execute(text(f"DROP TRIGGER {name}"))


class ServerStore:
    """A database of PostgreSQL."""

    def __init__(self, app: Flask) -> None:
        self._name = app.config["SETTINGS"].database_url.partition("@/")[2].partition("?")[0]

    @contextmanager
    def other(self) -> Iterator[Any]:
        """As with a file."""
        with database_server.connect(self._name) as other:
            other.execute("SET lock_timeout = 1")
            yield other

    @contextmanager
    def locked(self) -> Iterator[None]:
        """As with a file."""
        with self.other() as other, other.transaction():
            other.execute(f"SELECT pg_advisory_xact_lock({databases._WRITE_LOCK})")
            yield

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """As with a file, in one order."""
        with self.other() as other:
            # The server itself cleans up after other tests meanwhile.
            other.execute("SET lock_timeout = 0")
            names = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            return {name: sorted(other.execute(f"SELECT {_columns(name)} FROM public.{name}").fetchall(), key=repr)
                    for (name,) in names}

    def content(self) -> bytes:
        """As with a file, but for what was erased."""
        return repr(self.rows()).encode()

    def keep(self, name: str) -> None:
        """As with a file."""
        if (self._name, name) in _kept:
            _kept[self._name, name].keep()
        else:
            _kept[self._name, name] = KeptRows(self._name, name)

    def put_back(self, name: str) -> None:
        """As with a file."""
        _kept[self._name, name].put_back()

    @staticmethod
    def give_up_at_once(monkeypatch: Any) -> None:
        """As with a file."""
        monkeypatch.setattr(databases, "SESSION_SETTINGS", (*databases.SESSION_SETTINGS, "SET lock_timeout = 20"))

    @staticmethod
    def let_dangle(session: Any) -> None:
        """As with a file."""
        session.execute(text("SET LOCAL session_replication_role = replica"))

    @staticmethod
    def read_only(connection: Any) -> None:
        """As with a file."""
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    @staticmethod
    def without_trigger(session: Any, name: str) -> None:
        """As with a file; what was dropped would be missing in the next test."""
        session.execute(text("SET LOCAL session_replication_role = replica"))


def store_of(app: Flask) -> FileStore | ServerStore:
    """The database of an application beside the portal, whichever of the two it is."""
    return ServerStore(app) if database_server.wanted() else FileStore(app)


# By database and name what is kept on the server, as long as the process lives.
_kept: dict[tuple[str, str], KeptRows] = {}


def _columns(name: str) -> str:
    """In the order of the model: what a migration adds comes last in the database."""
    table = db.metadata.tables.get(name)
    return "*" if table is None else ", ".join(
        f'"{column}"' for column in table.columns.keys())  # noqa: SIM118 - iterating gives columns, not names
