"""Backups in the folder that BACKUP_FOLDER names: each called by its moment, the old ones deleted."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from glob import escape
from pathlib import Path

from portal import stored_files
from portal.extensions import now

from . import backups

NEWEST_KEPT = 3
MOMENT_FORMAT, MOMENT_LENGTH = "%Y%m%dT%H%M%SZ", 16


def write_dated_backup(database: Path, folder: Path, days: int, key: str = "") -> str:
    """Write a backup into the folder, then delete those older than `days`; returns a sentence about both.

    Raises BrokenBackup; then nothing is deleted.
    """
    target = stored_files.DATED_BACKUP.inside(folder, stem=database.stem, moment=f"{now():{MOMENT_FORMAT}}")
    said = backups.copy_database_file(database, target, key)
    gone = delete_old_backups(database, folder, days)
    return f"{said} Older ones deleted: {gone}."


def delete_old_backups(database: Path, folder: Path, days: int) -> int:
    """Delete backups older than `days`, sealed ones as well, but for the newest three; returns how many moments."""
    moments = sorted({moment for moment, _file in _backups_in(database, folder)}, reverse=True)
    old = {moment for moment in moments[NEWEST_KEPT:] if now() - moment > timedelta(days=days)}
    for moment, file in _backups_in(database, folder):
        if moment in old:
            file.unlink(missing_ok=True)
    return len(old)


def newest_backup(database: Path, folder: Path) -> datetime | None:
    """The moment of the newest backup in the folder that is not ahead of the clock; None if there is none."""
    return max((moment for moment, file in _backups_in(database, folder)
                if moment <= now() and file.stat().st_size), default=None)


def _backups_in(database: Path, folder: Path) -> Iterator[tuple[datetime, Path]]:
    """Moment and file of each backup. The name tells the moment: copying a file changes its date."""
    plain = stored_files.DATED_BACKUP.name.format(stem=escape(database.stem), moment="*")
    for pattern in (plain, stored_files.SEALED_BACKUP.name.format(name=plain)):
        for file in list(folder.glob(pattern)):
            with suppress(ValueError):
                yield _moment_of(file.name.removeprefix(f"{database.stem}-")), file


def _moment_of(name: str) -> datetime:
    """Raises ValueError for the name of a file that is no backup of the folder."""
    return datetime.strptime(name[:MOMENT_LENGTH], MOMENT_FORMAT).replace(tzinfo=UTC)
