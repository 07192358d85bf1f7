"""Everything in the database of a PostgreSQL server: moved there, kept in a file, and put back.

A backup of a server is a database file of the portal like any other: it needs no programs of PostgreSQL, can be
put back into either kind of database, and is checked in the same way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from portal import databases
from portal.extensions import as_writer, db

from . import backups, database_files, row_copies, schemas, server_tables
from .database_files import BrokenBackup
from .row_copies import RefusedCopy


def move_to_server(database: Path, url: str) -> str:
    """Copy everything in a database file into an empty database of a server; returns a sentence with the counts.

    While it copies nobody else can open the file, which stays as it is; on the server everybody has to sign in again.
    Raises BrokenBackup when the portal is running, the server cannot be used or its database is not empty; then the
    server holds nothing.
    """
    with database_files.alone_with(database) as held, database_files.draft_of(database) as draft:
        if held is None:
            raise BrokenBackup(f"{database} does not exist or cannot be read, so there is nothing to move.")
        database_files.copy_held_file(held, draft)
        backups.end_sessions(draft)
        return f"Moved: {_fill_server(draft, url)}"


def restore_to_server(source: Path, url: str, beside: Path, key_file: Path, key: str) -> str:
    """Put a backup into an empty database of a server; returns a sentence with the counts.

    A draft of it lies for that time `beside` a file. The number key goes the same way as when a file is restored.
    Raises BrokenBackup; then the server holds nothing.
    """
    with database_files.draft_of(beside) as draft:
        carried = backups.prepare_restore(source, draft, key_file, key)
        # As with a file the key comes first: a portal with another key than its database's refuses to start.
        said = _fill_server(draft, url, lambda: backups.install_key(carried, key_file, key))
    return f"Restored: {said} Everybody signs in again."


def copy_server_to_file(target: Path, key: str = "") -> str:
    """Keep the server's database in a file (mode 0600) as it is at one moment, and check the file.

    `key`: the number key, as for `backups.copy_database_file`, whose sentence and errors these are, too.
    """
    return f"Copied to {target} and checked: {backups.write_copy(target, _copy_server, key)}"


def _copy_server(draft: Path) -> None:
    with database_files.draft_of(draft) as full:
        try:
            _fill_file(full)
        except DBAPIError as error:
            raise BrokenBackup("The PostgreSQL server broke off while its rows were copied"
                               f" ({type(error.orig).__name__}). Nothing was kept; try again.") from error
        database_files.copy_file(full, draft)


def _fill_server(draft: Path, url: str, before_commit: Callable[[], None] = lambda: None) -> str:
    if other := database_files.find_other_revision(draft):
        raise BrokenBackup(f"Its tables are not those of this version: {other}. Put it back as a file, run"
                           " `flask db upgrade`, then `flask move-to`.")
    try:
        with _opened(URL.create("sqlite", database=str(draft))) as source, as_writer(), _opened(url) as target:
            _refuse_filled_server(target)
            many = row_copies.copy_rows(source, target)
            before_commit()
            target.commit()
    except OperationalError as error:
        raise BrokenBackup(f"The PostgreSQL server cannot be used: {error.orig}") from error
    except (RefusedCopy, server_tables.UnfitServer) as refused:
        raise BrokenBackup(str(refused)) from refused
    except DBAPIError as error:
        kind = type(error.orig).__name__
        raise BrokenBackup(f"The PostgreSQL server refused what the file holds: {kind}.") from error
    return f"{many} rows, table by table as many as in the file: {database_files.count_rows(draft)}"


def _refuse_filled_server(target: Connection) -> None:
    """Make the tables where there are none; raise UnfitServer where they are others, or hold a row."""
    found = server_tables.revisions_on_server(target)
    if not found:
        server_tables.make_tables_on_server(target)
    elif found != (schemas.newest_revision(),):
        raise server_tables.UnfitServer(f"The tables on the server are at revision {', '.join(found)}, and this version"
                                        f" needs {schemas.newest_revision()}. Name an empty database.")
    if filled := row_copies.find_filled_table(target):
        raise server_tables.UnfitServer(f"The database on the server is not empty: {filled} has rows. Nothing there was"
                                        " changed. Create a new database and name that.")


def _fill_file(file: Path) -> None:
    """Everything in the server's database, at one moment, into an empty file."""
    tables, others = schemas.statements_of_schema()
    with _opened(db.engine.url) as source, as_writer(), _opened(URL.create("sqlite", database=str(file))) as target:
        for statement in tables:
            target.exec_driver_sql(statement)
        for revision in server_tables.revisions_on_server(source):
            target.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
        row_copies.copy_rows(source, target)
        for statement in others:
            target.exec_driver_sql(statement)
        target.commit()


@contextmanager
def _opened(url: URL | str) -> Iterator[Connection]:
    """A connection in a transaction, which is gone at the end unless it was committed."""
    engine = databases.make_patient_engine(url)
    with engine.connect() as connection:
        connection.begin()
        yield connection
    engine.dispose()
