"""Copies of the database: made while the portal runs, checked, and put back."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from portal import stored_files
from portal.extensions import now
from portal.stored_files import NUMBER_KEY_MARK

from . import database_files
from .database_files import BrokenBackup

COPIES_KEPT = 3


def copy_database_file(database: Path, target: Path, key: str = "") -> str:
    """Copy the database to `target` (mode 0600), while others read and write it, and check the copy.

    `key`: the number key, without which nobody finds erased numbers again; it is kept in the copy. Returns a
    sentence with the size and the rows. Raises BrokenBackup when `target` exists already or the copy
    is not sound; then there is no `target`.
    """
    return f"Copied to {target} and checked: {_copy_to(database, target, key)}"


def _copy_to(database: Path, target: Path, key: str = "") -> str:
    return write_copy(target, lambda draft: database_files.copy_file(database, draft), key)


def write_copy(target: Path, fill: Callable[[Path], None], key: str = "") -> str:
    """Name a copy `target` once `fill` has filled it, with the key in it; returns its size and rows."""
    if target.exists():
        raise BrokenBackup(f"{target} exists already. Choose another name; a backup never replaces a file.")
    with database_files.draft_of(target) as draft:
        fill(draft)
        _put_key(draft, key)
        summary = database_files.count_rows(draft)
        draft.rename(target)
    database_files.keep_names(target.parent)
    return summary


def backup_before_migration(database: Path, goal: object) -> Path | None:
    """Copy a database that a migration takes to the revision `goal` beside itself; the newest three are kept.

    Returns the copy, or None when there is nothing to put aside: no tables yet, or it is there already.
    Raises BrokenBackup.
    """
    database = database.resolve()
    present = database_files.revisions_of(database) if database.exists() else set()
    if not present or present == {goal}:
        return None
    kept = database_files.name_beside(database, stored_files.UPGRADE_COPY)
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
    with database_files.draft_of(database) as draft:
        carried = prepare_restore(source, draft, key_file, key)
        summary = database_files.count_rows(draft)
        with database_files.alone_with(database):
            install_key(carried, key_file, key)
            kept = _set_aside(database, draft)
            draft.replace(database)
    database_files.keep_names(database.parent)
    _clear_drafts(database, key_file)
    before = f" What was there before is kept as {kept}." if kept else ""
    return f"Restored and checked: {summary}{before} Everybody signs in again."


def prepare_restore(source: Path, draft: Path, key_file: Path | None, key: str) -> str:
    """Copy a backup into `draft`, where nobody is signed in; returns the number key that came with it, or "".

    Raises BrokenBackup when it is not a sound database of this portal, or NUMBER_KEY is another one.
    """
    database_files.copy_file(source, draft, trusted=False)
    end_sessions(draft)
    carried = _take_key(draft)
    _refuse_other_key(carried, key_file, key)
    return carried


def _put_key(draft: Path, key: str) -> None:
    if key:
        with closing(database_files.open_file(draft, "rw")) as connection:
            connection.execute("INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", (NUMBER_KEY_MARK, key))


def _take_key(draft: Path) -> str:
    """Take the key out of a copy: the database in use never holds both the hashes and their key."""
    with closing(database_files.open_file(draft, "rw")) as connection:
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


def install_key(carried: str, key_file: Path | None, key: str) -> None:
    """Put the key that came with a backup in place of the key file, which is kept beside it."""
    if not carried or carried == key or key_file is None:
        return
    with database_files.draft_of(key_file) as draft:
        draft.write_text(carried + "\n", encoding="ascii")
        if key_file.exists():
            os.link(key_file, database_files.name_beside(key_file, stored_files.RESTORE_COPY))
        draft.replace(key_file)
    database_files.keep_names(key_file.parent)


def _clear_drafts(*targets: Path | None) -> None:
    """Remove files that a killed restore left beside these files: they hold people's data."""
    for target in (one for one in targets if one is not None):
        for left in stored_files.FILE_DRAFT.all_beside(target, random="[0-9a-f]" * 16 + "*"):
            left.unlink(missing_ok=True)


def end_sessions(draft: Path) -> None:
    """End every session in a copy, and make sign-in links too old."""
    # A session that ended, or a sign-in link that was used, after the backup was made must not open again.
    moment = now().replace(tzinfo=None).isoformat(" ")
    with closing(database_files.open_file(draft, "rw")) as connection:
        connection.execute("UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL", (moment,))
        connection.execute("UPDATE sign_in_links SET expires_at = ? WHERE expires_at > ?", (moment, moment))


def _set_aside(database: Path, draft: Path) -> Path | None:
    """Give the present file a second name, and the draft its owner."""
    if not database.exists():
        return None
    kept = database_files.name_beside(database, stored_files.RESTORE_COPY)
    os.link(database, kept)
    log = stored_files.WRITE_AHEAD_LOG.beside(database)
    if log.exists():
        log.rename(stored_files.WRITE_AHEAD_LOG.beside(kept))
    stored_files.SHARED_MEMORY.beside(database).unlink(missing_ok=True)
    owner = database.stat()
    if os.geteuid() == 0:
        os.chown(draft, owner.st_uid, owner.st_gid)
    return kept
