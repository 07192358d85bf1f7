"""What differs between the two databases the portal can use: SQLite, a file of this machine, and PostgreSQL, a server.

With both, a connection writes only where it was asked to, a reader sees one moment as long as it reads, and those who
write about the same come one after the other.
"""

import select
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.pool import NullPool

from portal import write_turns
from portal.database_urls import is_server_url
from portal.stored_files import WRITE_TURN
from portal.write_scopes import ROWS_ALONE

# Under this name a connection of the pool knows whether it may write just now.
MAY_WRITE = "may write"
DATABASE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
)
# Milliseconds: how long a statement waits for a lock, how long it runs, how long a transaction does nothing.
SESSION_SETTINGS = (
    "SET lock_timeout = 5000",
    "SET statement_timeout = 30000",
    "SET idle_in_transaction_session_timeout = 60000",
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO'",
    "SET client_encoding = 'UTF8'",
)
# How long a server may take to answer a new connection, in seconds, and before one that does not answer at all any more
# is given up, in milliseconds.
SERVER_ANSWERS_WITHIN = {"connect_timeout": 5, "tcp_user_timeout": 15_000}
# Migrations and copies may wait until those of another machine are done, and may change many rows.
PATIENT_SETTINGS = ("SET lock_timeout = 0", "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0")
# Locks of PostgreSQL's; the numbers are the portal's choice. Everybody who writes has the first one: alone, or together
# with all who say what they write about. Of the others there is one for each organization, and for each name.
# `dialects.ShareLock` is 7005.
_WRITE_LOCK, _ORGANIZATION_LOCK, _NAME_LOCK = 7001, 7002, 7004
# The group of locks that one machine holds while it does what all could do.
_ONE_AT_A_TIME = 7003
# By the engine that reads, the one that writes.
_writers: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def engine_options(url: str) -> dict[str, Any]:
    """What every engine for the database of a URL gets besides it."""
    # A failed statement must not print the numbers and names that it carried.
    # Of the connections those are used that were used last: they have in memory what is asked for again and again.
    # Without the last one nobody knows on PostgreSQL how many rows an INSERT has stored.
    options: dict[str, Any] = {"hide_parameters": True, "pool_use_lifo": True,
                               "execution_options": {"preserve_rowcount": True}}
    if is_server_url(url):
        options |= {"connect_args": SERVER_ANSWERS_WITHIN, "pool_events": [(_refuse_ended, "checkout")]}
    return options


def _refuse_ended(connection: Any, _record: object, _proxy: object) -> None:
    """Take another connection from the pool where the server has ended this one, by a restart for example.

    A server says so to a connection that rests, which can be seen without a word to it. To ask the server each time
    would cost every transaction a way there and back.
    """
    silent = select.poll()
    silent.register(connection.fileno(), select.POLLIN)
    if silent.poll(0):
        raise DisconnectionError


def set_up_connection(connection: Any) -> None:
    """Prepare a new connection of the driver."""
    if isinstance(connection, sqlite3.Connection):
        # The driver's own transactions begin too late and as readers; ours begin in `begin_transaction`.
        connection.isolation_level = None
        for pragma in DATABASE_PRAGMAS:
            connection.execute(pragma).close()
    else:
        connection.execute("; ".join(SESSION_SETTINGS))
        connection.commit()
        connection.adapters.register_loader("numeric", _numeric_loader())


def _numeric_loader() -> type:
    """PostgreSQL adds up whole numbers to exact ones of any length. Here they come as from SQLite: int, or else float.

    The driver is imported where it is used: the portal runs on SQLite without it.
    """
    from psycopg.adapt import Loader

    class PlainNumberLoader(Loader):
        """Reads a number without a Decimal."""

        def load(self, data: Any) -> int | float:
            """The number of its digits in ASCII."""
            digits = bytes(data)
            return int(digits) if digits.lstrip(b"-").isdigit() else float(digits)

    return PlainNumberLoader


def begin_transaction(connection: Connection, *, writes: bool, about: int | None = None) -> None:
    """Readers cannot write, and writers take their turn at the beginning.

    `about`: the id of the organization that is written about, ROWS_ALONE, or None for everything.
    """
    if connection.dialect.name == "sqlite":
        _begin_in_file(connection, writes=writes)
        return
    _begin_on_server(connection, writes=writes)
    if writes:
        connection.exec_driver_sql(_taking_turn(about))


def _taking_turn(about: int | None) -> str:
    """Organizations do not wait for each other; who writes about everything waits for all of them, and they for it.

    All take the two locks in this order, so nobody waits for somebody who waits for them.
    """
    if about is None:
        return f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})"
    together = f"SELECT pg_advisory_xact_lock_shared({_WRITE_LOCK})"
    alone = f", pg_advisory_xact_lock({_ORGANIZATION_LOCK}, {about % 2**31})"
    return together if about == ROWS_ALONE else together + alone


def allows_overlap(engine: Engine) -> bool:
    """Whether two write at the same moment, each about something else. On SQLite one writes after the other."""
    return engine.dialect.name != "sqlite"


def hold_names(connection: Connection, names: Iterable[str]) -> None:
    """Wait until nobody else holds one of these names, and hold them until the transaction ends.

    All who want several take them in the same order.
    """
    if allows_overlap(connection.engine):
        for name in sorted(set(names)):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_NAME_LOCK}, hashtext(%(name)s))",
                                       {"name": name})


def _begin_in_file(connection: Connection, *, writes: bool) -> None:
    """On SQLite a transaction that reads first and writes later fails at once if another one wrote in between, even
    with a busy timeout. And if two transactions read the same row, one of their updates is lost without an error.

    With this PRAGMA a connection forgets every statement that it has prepared, even where nothing changes by it. So it
    is asked only where it does, which is seldom: `engine_of_writers`.
    """
    if connection.info.get(MAY_WRITE) is not writes:
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
        connection.info[MAY_WRITE] = writes
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_on_server(connection: Connection, *, writes: bool) -> None:
    """The driver sends its BEGIN together with the first statement.

    A reader sees the moment of that statement until it ends. A writer sees what others have committed: nothing of what
    it writes about, from the moment on at which it has its turn.
    """
    from psycopg import IsolationLevel

    driver: Any = connection.connection.dbapi_connection
    level = IsolationLevel.READ_COMMITTED if writes else IsolationLevel.REPEATABLE_READ
    # The driver is asked, not what is known of it: whoever had the connection for AUTOCOMMIT has left it otherwise.
    if driver.read_only is writes or driver.isolation_level is not level:
        driver.read_only, driver.isolation_level = not writes, level
    connection.info[MAY_WRITE] = writes


def engine_of_writers(engine: Engine) -> Engine:
    """The engine of the connections that write to the database of this one; whoever asks has the turn to write.

    On SQLite it is another one, so that no connection reads now and writes then: between the two it would forget what
    it has prepared, and plan every statement anew. It is gone when the first one is disposed of.
    """
    if engine.dialect.name != "sqlite":
        return engine
    if engine not in _writers:
        _writers[engine] = create_engine(engine.url, **engine_options(engine.url.render_as_string()))
    return _writers[engine]


def make_patient_engine(url: URL | str) -> Engine:
    """An engine of its own for work that takes long; each connection is closed after its use."""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _wait_long)
    return engine


def _wait_long(connection: Any, _record: object) -> None:
    connection.execute("; ".join(PATIENT_SETTINGS))
    connection.commit()


@event.listens_for(Engine, "engine_disposed")
def _dispose_of_writers(engine: Engine) -> None:
    if (writers := _writers.pop(engine, None)) is not None:
        writers.dispose()


@contextmanager
def turn_among_writers(engine: Engine, file: Path) -> Iterator[None]:
    """A turn in the queue of those who write to the database in this file; PostgreSQL's writers queue at their lock.

    Raises OperationalError when the turn does not come, as SQLite does when its lock does not come.
    """
    with ExitStack() as held:
        if engine.dialect.name == "sqlite":
            try:
                held.enter_context(write_turns.turn_to_write(WRITE_TURN.beside(file), write_turns.PATIENCE))
            except OSError as error:
                raise OperationalError("BEGIN IMMEDIATE", {}, error) from error
        yield


@contextmanager
def one_at_a_time(engine: Engine, what: str) -> Iterator[bool]:
    """Whether nobody else, on any machine that uses this server's database, is within this just now: for the block.

    A machine that dies, or loses the server, is no longer within it.
    """
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        named: Any = {"group": _ONE_AT_A_TIME, "what": what}
        alone = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:group, hashtext(:what))"), named))
        try:
            yield alone
        finally:
            if alone:
                with suppress(DBAPIError):
                    connection.execute(text("SELECT pg_advisory_unlock(:group, hashtext(:what))"), named)


def empty_write_ahead_log(connection: Connection) -> None:
    """Move everything into SQLite's main file. PostgreSQL's server does it of its own accord; here nothing is done."""
    if connection.dialect.name != "sqlite":
        return
    # A checkpoint runs outside of transactions; the driver commits each statement.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA query_only=OFF")
    connection.info[MAY_WRITE] = True
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    cursor.close()


@contextmanager
def without_triggers(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Let rows go into these tables of a server as they are. A file gets its triggers when its rows are there."""
    names = tables if connection.dialect.name != "sqlite" else ()
    for name in names:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
    yield
    for name in names:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')


def continue_ids(connection: Connection, tables: Sequence[str]) -> None:
    """Have a server count on after the highest `id` in each of these tables. SQLite looks for it by itself."""
    for name in tables if connection.dialect.name != "sqlite" else ():
        highest = "coalesce(max(id), 1), max(id) IS NOT NULL"
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {highest}) FROM \"{name}\"")  # noqa: S608 - ours
