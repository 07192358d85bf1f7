"""SQLite files that hold a database of the portal: opened, copied, checked, and held alone."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from portal import stored_files
from portal.extensions import now

from . import schemas

# What SQLite may leave beside a file that it had open.
_COMPANIONS = (stored_files.ROLLBACK_JOURNAL, stored_files.WRITE_AHEAD_LOG, stored_files.SHARED_MEMORY)
COUNTED_TABLES = ("organizations", "locations", "users", "numbers", "audit_events")


class BrokenBackup(Exception):
    """A backup cannot be made, is damaged, or cannot be restored. Nothing was changed."""


def open_file(database: Path, mode: str = "ro") -> sqlite3.Connection:
    """Open a file with Python's own SQLite, to read it unless `mode` says otherwise."""
    address = f"file:{quote(str(database.absolute()))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=5)
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """An empty file beside `target`, readable only by its owner; it is deleted unless it was renamed.

    What SQLite left beside it is deleted in any case.
    """
    draft = stored_files.FILE_DRAFT.beside(target, random=secrets.token_hex(8))
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield draft
    except OSError as error:
        raise BrokenBackup(f"{error.filename or target} cannot be used: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise BrokenBackup(f"{target} cannot be written: {error}.") from error
    finally:
        for left in (draft, *(kind.beside(draft) for kind in _COMPANIONS)):
            left.unlink(missing_ok=True)


def copy_file(database: Path, draft: Path, *, trusted: bool = True) -> None:
    """Copy one consistent state of the database, without the space of erased rows; flush it to disk and check it.

    Of one that is not `trusted` nothing is used before its tables, indexes and triggers are known to be ours.
    Raises BrokenBackup.
    """
    try:
        with closing(open_file(database)) as connection:
            _write_out(connection, draft)
        if not trusted:
            _refuse_strange(draft)
        _check(draft)
    except sqlite3.Error as error:
        raise BrokenBackup(f"{database} cannot be copied: {error}.") from error


def copy_held_file(held: sqlite3.Connection, draft: Path) -> None:
    """The same of a database that `alone_with` holds: it stays held."""
    held.execute("COMMIT")
    _write_out(held, draft)
    _refuse_strange(draft)
    _check(draft)


def _write_out(connection: sqlite3.Connection, draft: Path) -> None:
    connection.execute("VACUUM INTO ?", (str(draft),))
    with draft.open("rb") as written:
        os.fsync(written.fileno())


def _check(database: Path) -> None:
    if damage := find_damage(database):
        raise BrokenBackup(f"The copy is not sound: {damage}.")


def _refuse_strange(draft: Path) -> None:
    """A trigger in a file can change rows while it is put back, or let the audit log be rewritten afterwards."""
    with closing(open_file(draft)) as connection:
        found = schemas.read_schema(connection)
    present = revisions_of(draft) if schemas.VERSION_TABLE in found else set()
    if not present:
        raise BrokenBackup("This is no database of the portal.")
    if not present <= schemas.known_revisions():
        raise BrokenBackup("This database belongs to a newer version of the portal. Install that version first.")
    if len(present) > 1 or (strange := schemas.find_schema_difference(found, schemas.expected_schema(*present))):
        raise BrokenBackup(
            "This file is not as the portal makes its databases, so nothing of it was used. Somebody may have"
                           f" changed it: {strange if len(present) == 1 else 'several revisions'}. Use another backup.")


def find_damage(database: Path) -> str:
    """What is damaged in a database file, or "". Reads all of it. Raises sqlite3.Error when it cannot be read."""
    with closing(open_file(database)) as connection:
        found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        orphans = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok":
        return found
    return f"rows in {orphans[0]} refer to nothing" if orphans else ""


def find_outdated_schema(database: Path) -> str:
    """How the tables of a database file differ from those of this version, or "". Raises sqlite3.Error."""
    with closing(open_file(database)) as connection:
        found = schemas.read_schema(connection)
    if other := find_other_revision(database):
        return other
    strange = schemas.find_schema_difference(found, schemas.expected_schema(schemas.newest_revision()))
    return f"the portal did not make this as it is: {strange}" if strange else ""


def find_other_revision(database: Path) -> str:
    """How the revision of a database file differs from that of this version, or "". Raises BrokenBackup."""
    present, newest = revisions_of(database), schemas.newest_revision()
    return "" if present == {newest} else (
        f"they are at revision {', '.join(sorted(present)) or 'none'}, and this version needs {newest}")


def revisions_of(database: Path) -> set[str]:
    """The revisions of a database; none if it has no tables of the portal."""
    try:
        with closing(open_file(database)) as connection:
            return {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
            return set()
        raise BrokenBackup(f"{database} cannot be read: {error}.") from error


def count_rows(database: Path) -> str:
    """The size of a file and how many rows its main tables hold, as a sentence."""
    with closing(open_file(database)) as connection:
        rows = [(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], table)  # noqa: S608 - ours
                for table in COUNTED_TABLES]
    counts = ", ".join(f"{many} {table.replace('_', ' ')}" for many, table in rows)
    return f"{database.stat().st_size / 1024:,.0f} kB; {counts}."


@contextmanager
def alone_with(database: Path) -> Iterator[sqlite3.Connection | None]:
    """Hold the database so that no other process has it open or can open it; its write-ahead log is merged into it.

    Gives the connection that holds it; None for a file that does not exist or is too damaged. Raises BrokenBackup when
    somebody has it open.
    """
    if not database.exists():
        yield None
        return
    held = None
    with closing(open_file(database, "rw")) as connection:
        try:
            connection.execute("PRAGMA busy_timeout=500")
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            # Leaving the write-ahead log needs every other connection closed, idle ones included.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            held = connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise BrokenBackup("The portal is running. Stop it first; nothing was changed.") from error
            if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
                raise BrokenBackup(f"{database} cannot be put aside: {error}. Nothing was changed.") from error
            # The database is too damaged to open: a restore must still work.
        yield held


def name_beside(file: Path, kind: stored_files.StoredFile) -> Path:
    """A name beside a file that tells the moment."""
    return kind.beside(file, moment=f"{now():%Y%m%dT%H%M%S%fZ}")


def keep_names(folder: Path) -> None:
    """Flush the folder to disk: only then does a rename survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
