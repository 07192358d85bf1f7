"""Backups in the folder that BACKUP_FOLDER names: each called by its moment, the old ones deleted."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from glob import escape
from pathlib import Path

from portal import stored_files
from portal.config import Settings
from portal.extensions import now

from . import backups, server_copies

NEWEST_KEPT = 3
MOMENT_FORMAT, MOMENT_LENGTH = "%Y%m%dT%H%M%SZ", 16


def copy_database(settings: Settings, target: Path) -> str:
    """Keep the database that the settings name in a new file; a sentence as from `backups.copy_database_file`."""
    if settings.embedded:
        return backups.copy_database_file(settings.database, target, settings.number_key)
    return server_copies.copy_server_to_file(target, settings.number_key)


def write_dated_backup(settings: Settings, folder: Path) -> str:
    """Write a backup into the folder, then delete those older than BACKUP_DAYS; returns a sentence about both.

    Raises BrokenBackup; then nothing is deleted.
    """
    database = settings.database
    target = stored_files.DATED_BACKUP.inside(folder, stem=database.stem, moment=f"{now():{MOMENT_FORMAT}}")
    said = copy_database(settings, target)
    gone = delete_old_backups(database, folder, settings.backup_days)
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
