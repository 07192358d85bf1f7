"""Copies of the database: made while the portal runs, checked, and put back."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from portal import stored_files
from portal.extensions import now
from portal.stored_files import NUMBER_KEY_MARK

from . import schemas

COUNTED_TABLES = ("organizations", "locations", "users", "numbers", "audit_events")
COPIES_KEPT = 3


class BrokenBackup(Exception):
    """A backup cannot be made, is damaged, or cannot be restored. Nothing was changed."""


def copy_database_file(database: Path, target: Path, key: str = "") -> str:
    """Copy the database to `target` (mode 0600), while others read and write it, and check the copy.

    `key`: the number key, without which nobody finds erased numbers again; it is kept in the copy. Returns a
    sentence with the size and the rows. Raises BrokenBackup when `target` exists already or the copy
    is not sound; then there is no `target`.
    """
    return f"Copied to {target} and checked: {_copy_to(database, target, key)}"


def _copy_to(database: Path, target: Path, key: str = "") -> str:
    if target.exists():
        raise BrokenBackup(f"{target} exists already. Choose another name; a backup never replaces a file.")
    with _draft_of(target) as draft:
        _copy(database, draft)
        _put_key(draft, key)
        summary = _summary(draft)
        draft.rename(target)
    _keep_names(target.parent)
    return summary


def backup_before_migration(database: Path, goal: object) -> Path | None:
    """Copy a database that a migration takes to the revision `goal` beside itself; the newest three are kept.

    Returns the copy, or None when there is nothing to put aside: no tables yet, or it is there already.
    Raises BrokenBackup.
    """
    database = database.resolve()
    present = _revisions(database) if database.exists() else set()
    if not present or present == {goal}:
        return None
    kept = _beside(database, stored_files.UPGRADE_COPY)
    for left in stored_files.drafts_of_upgrade_copies(database):
        left.unlink(missing_ok=True)  # of an upgrade that was killed
    _copy_to(database, kept)
    for older in sorted(stored_files.UPGRADE_COPY.all_beside(database, moment="*"))[:-COPIES_KEPT]:
        older.unlink()
    return kept


def restore_database_file(source: Path, database: Path, key_file: Path | None = None, key: str = "") -> str:
    """Replace the database by a backup; everybody has to sign in again.

    The number key that came with the backup goes to `key_file`, unless it is the present `key`. The database that
    was there is kept beside it. Returns a sentence with the size, the rows and the kept file. Raises BrokenBackup
    when the source is not a sound database of this portal, or the portal is running.

    Killed at any moment, it leaves the old database or the new one, whole; run again, it goes all the way. The key
    comes first: a portal with another key than its database's refuses to start, and says so.
    """
    database = database.resolve()
    with _draft_of(database) as draft:
        _copy(source, draft, trusted=False)
        _end_sessions(draft)
        carried = _take_key(draft)
        _refuse_other_key(carried, key_file, key)
        summary = _summary(draft)
        with _alone_with(database):
            _install_key(carried, key_file, key)
            kept = _set_aside(database, draft)
            draft.replace(database)
    _keep_names(database.parent)
    _clear_drafts(database, key_file)
    before = f" What was there before is kept as {kept}." if kept else ""
    return f"Restored and checked: {summary}{before} Everybody signs in again."


def _put_key(draft: Path, key: str) -> None:
    if key:
        with closing(_open(draft, "rw")) as connection:
            connection.execute("INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", (NUMBER_KEY_MARK, key))


def _take_key(draft: Path) -> str:
    """Take the key out of a copy: the database in use never holds both the hashes and their key."""
    with closing(_open(draft, "rw")) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        row = connection.execute("SELECT value FROM marks WHERE name = ?", (NUMBER_KEY_MARK,)).fetchone()
        connection.execute("DELETE FROM marks WHERE name = ?", (NUMBER_KEY_MARK,))
    return str(row[0]) if row else ""


def _refuse_other_key(carried: str, key_file: Path | None, key: str) -> None:
    """Raise BrokenBackup for another key in the environment: it wins over the key file that a restore replaces."""
    from_file = key_file is not None and key_file.exists() and key_file.read_text(encoding="ascii").strip() == key
    if carried and key and carried != key and not from_file:
        raise BrokenBackup(
            "NUMBER_KEY is not the one that this backup was made with: set it to that, or leave it empty.")


def _install_key(carried: str, key_file: Path | None, key: str) -> None:
    if not carried or carried == key or key_file is None:
        return
    with _draft_of(key_file) as draft:
        draft.write_text(carried + "\n", encoding="ascii")
        if key_file.exists():
            os.link(key_file, _beside(key_file, stored_files.RESTORE_COPY))
        draft.replace(key_file)
    _keep_names(key_file.parent)


@contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """An empty file beside `target`, readable only by its owner; it is deleted unless it was renamed."""
    draft = stored_files.FILE_DRAFT.beside(target, random=secrets.token_hex(8))
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield draft
    except OSError as error:
        raise BrokenBackup(f"{error.filename or target} cannot be used: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise BrokenBackup(f"{target} cannot be written: {error}.") from error
    finally:
        for left in (draft, stored_files.ROLLBACK_JOURNAL.beside(draft)):
            left.unlink(missing_ok=True)


def _clear_drafts(*targets: Path | None) -> None:
    """Remove files that a killed restore left beside these files: they hold people's data."""
    for target in (one for one in targets if one is not None):
        for left in stored_files.FILE_DRAFT.all_beside(target, random="[0-9a-f]" * 16 + "*"):
            left.unlink(missing_ok=True)


def _open(database: Path, mode: str = "ro") -> sqlite3.Connection:
    address = f"file:{quote(str(database.absolute()))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=5)
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


def _copy(database: Path, draft: Path, *, trusted: bool = True) -> None:
    """Copy one consistent state of the database, without the space of erased rows; flush it to disk and check it.

    Of one that is not `trusted` nothing is used before its tables, indexes and triggers are known to be ours.
    """
    try:
        with closing(_open(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(draft),))
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        if not trusted:
            _refuse_strange(draft)
        _check(draft)
    except sqlite3.Error as error:
        raise BrokenBackup(f"{database} cannot be copied: {error}.") from error


def _check(database: Path) -> None:
    if damage := find_damage(database):
        raise BrokenBackup(f"The copy is not sound: {damage}.")


def find_damage(database: Path) -> str:
    """What is damaged in a database file, or "". Reads all of it. Raises sqlite3.Error when it cannot be read."""
    with closing(_open(database)) as connection:
        found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        orphans = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok":
        return found
    return f"rows in {orphans[0]} refer to nothing" if orphans else ""


def find_outdated_schema(database: Path) -> str:
    """How the tables of a database file differ from those of this version, or "". Raises sqlite3.Error."""
    with closing(_open(database)) as connection:
        found = schemas.read_schema(connection)
    if other := find_other_revision(database):
        return other
    strange = schemas.find_schema_difference(found, schemas.expected_schema(schemas.newest_revision()))
    return f"the portal did not make this as it is: {strange}" if strange else ""


def find_other_revision(database: Path) -> str:
    """How the revision of a database file differs from that of this version, or "". Raises BrokenBackup."""
    return schemas.describe_other_revision(_revisions(database))


def _revisions(database: Path) -> set[str]:
    """The revisions of a database; none if it has no tables of the portal."""
    try:
        with closing(_open(database)) as connection:
            return {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
            return set()
        raise BrokenBackup(f"{database} cannot be read: {error}.") from error


def _refuse_strange(draft: Path) -> None:
    """A trigger in a file can change rows while it is put back, or let the audit log be rewritten afterwards."""
    with closing(_open(draft)) as connection:
        found = schemas.read_schema(connection)
    present = _revisions(draft) if schemas.VERSION_TABLE in found else set()
    if not present:
        raise BrokenBackup("This is no database of the portal.")
    if not present <= schemas.known_revisions():
        raise BrokenBackup("This database belongs to a newer version of the portal. Install that version first.")
    if len(present) > 1 or (strange := schemas.find_schema_difference(found, schemas.expected_schema(*present))):
        raise BrokenBackup(
            "This file is not as the portal makes its databases, so nothing of it was used. Somebody may have"
                           f" changed it: {strange if len(present) == 1 else 'several revisions'}. Use another backup.")


def _end_sessions(draft: Path) -> None:
    # A session that ended, or a sign-in link that was used, after the backup was made must not open again.
    moment = now().replace(tzinfo=None).isoformat(" ")
    with closing(_open(draft, "rw")) as connection:
        connection.execute("UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL", (moment,))
        connection.execute("UPDATE sign_in_links SET expires_at = ? WHERE expires_at > ?", (moment, moment))


def _summary(database: Path) -> str:
    with closing(_open(database)) as connection:
        rows = [(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], table)  # noqa: S608 - ours
                for table in COUNTED_TABLES]
    counts = ", ".join(f"{many} {table.replace('_', ' ')}" for many, table in rows)
    return f"{database.stat().st_size / 1024:,.0f} kB; {counts}."


@contextmanager
def _alone_with(database: Path) -> Iterator[None]:
    """Hold the database so that no other process has it open or can open it; its write-ahead log is merged into it."""
    if not database.exists():
        yield
        return
    with closing(_open(database, "rw")) as connection:
        try:
            connection.execute("PRAGMA busy_timeout=500")
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            # Leaving the write-ahead log needs every other connection closed, idle ones included.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise BrokenBackup("The portal is running. Stop it first; nothing was changed.") from error
            if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
                raise BrokenBackup(f"{database} cannot be put aside: {error}. Nothing was changed.") from error
            # The database is too damaged to open: a restore must still work.
        yield


def _set_aside(database: Path, draft: Path) -> Path | None:
    """Give the present file a second name, and the draft its owner."""
    if not database.exists():
        return None
    kept = _beside(database, stored_files.RESTORE_COPY)
    os.link(database, kept)
    log = stored_files.WRITE_AHEAD_LOG.beside(database)
    if log.exists():
        log.rename(stored_files.WRITE_AHEAD_LOG.beside(kept))
    stored_files.SHARED_MEMORY.beside(database).unlink(missing_ok=True)
    owner = database.stat()
    if os.geteuid() == 0:
        os.chown(draft, owner.st_uid, owner.st_gid)
    return kept


def _beside(file: Path, kind: stored_files.StoredFile) -> Path:
    return kind.beside(file, moment=f"{now():%Y%m%dT%H%M%S%fZ}")


def _keep_names(folder: Path) -> None:
    """Flush the folder to disk: only then does a rename survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
