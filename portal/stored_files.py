"""Every file and folder that the portal writes: its name, what it holds, how long it is kept, whether it is a secret.

They lie in the instance folder; those of the database lie beside it, wherever DATABASE_URL puts it. Files that people
upload lie in the database. A backup lies where the person who makes it says, and holds the number key: a secret, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file or folder.

    In `name`, {name} and {stem} are those of the file that it belongs to; `beside` gets the other parts. Only the
    account that runs the portal can read a `secret` file; a folder is as secret as the files in it.
    """

    name: str
    holds: str
    kept: str
    secret: bool = True

    def inside(self, folder: Path, **parts: str) -> Path:
        """Its path in a folder."""
        return folder / self.name.format(**parts)

    def beside(self, file: Path, **parts: str) -> Path:
        """Its path beside the file that it belongs to."""
        return file.with_name(self.name.format(name=file.name, stem=file.stem, **parts))

    def all_beside(self, file: Path, **patterns: str) -> Iterator[Path]:
        """Those that exist beside a file, in no order; each other part of the name is given as a pattern of glob."""
        return file.parent.glob(self.name.format(name=escape(file.name), stem=escape(file.stem), **patterns))


DATABASE_FILE = StoredFile(
    "portal.db", "People, texts, reports and the audit log, with the files that administrators uploaded.",
    "As long as the portal; what is in it is erased row by row.")
WRITE_AHEAD_LOG = StoredFile(
    "{name}-wal", "What was written to a database and does not stand in its file yet.",
    "Until the last connection closes; it is emptied each night.")
SHARED_MEMORY = StoredFile(
    "{name}-shm", "SQLite's index of the write-ahead log.", "Until the last connection closes.")
WRITE_TURN = StoredFile(
    "{name}-turn", "Nothing: whoever writes to the database takes turns by it.", "As long as the portal.")
ROLLBACK_JOURNAL = StoredFile(
    "{name}-journal", "What a copy of a database held before the change that is being made.", "Until the change ends.")
UPGRADE_COPY = StoredFile(
    "{name}.before-upgrade-{moment}", "The database as it was before an upgrade changed its tables.",
    "The newest three; older ones are deleted at the next upgrade.")
RESTORE_COPY = StoredFile(
    "{name}.before-restore-{moment}", "The database, or the number key, in whose place a backup was put.",
    "Until the people who run the portal delete it.")
DATED_BACKUP = StoredFile(
    "{stem}-{moment}.db", "A backup in the folder of backups, with the number key.",
    "As many days as BACKUP_DAYS says; the newest three stay.")
SEALED_BACKUP = StoredFile(
    "{name}.age", "A backup that only the holder of another key can open; its copy lies on another machine.",
    "As long as the backup that it was made from.")
FILE_DRAFT = StoredFile(
    ".{name}.{random}", "A file that is being written and gets its name once it is whole.",
    "For moments; what a killed command left of a database goes with the next restore or upgrade.")


def drafts_of_upgrade_copies(database: Path) -> Iterator[Path]:
    """What upgrades that were killed left beside a database."""
    copy = UPGRADE_COPY.name.format(name=escape(database.name), moment="*")
    return database.parent.glob(FILE_DRAFT.name.format(name=copy, random="*"))


QUEUE_FILE = StoredFile(
    "{stem}.queue.db", "Which background tasks are to be run.", "As long as the portal; a task goes once it has run.")
WORKER_SOCKET = StoredFile(
    "{stem}.sock", "Nothing: the worker listens here to be told that something is due.",
    "Until the next start puts a new one in its place.")
ADDRESS_FILE = StoredFile(
    "{stem}.address", "The address at which the portal was last started, for the links that commands print.",
    "Until the next start puts a new one in its place.", secret=False)

SECRET_KEY_FILE = StoredFile(
    "secret_key", "The key that signs sessions.", "As long as the portal; without it everybody signs in anew.")
CSRF_KEY_FILE = StoredFile(
    "csrf_key", "The key that signs forms.", "As long as the portal; without it open forms are refused once.")
NUMBER_KEY_FILE = StoredFile(
    "number_key", "The key of the hashes that stand for erased numbers and for reporters' numbers.",
    "As long as the portal; without it nobody finds those numbers again, so backups hold it.")
# In a backup the number key lies in the table of marks, under this name; in the database it never does.
NUMBER_KEY_MARK = "number_key"

CARRIER_KEY_FILE = StoredFile(
    "carrier_key", "The key that encrypts the secrets of carriers.",
    "As long as the portal; it is in no backup, and without it operators type the secrets of carriers again.")
CARRIER_FOLDER = StoredFile(
    "{stem}.carrier", "The files of the carrier in use.", "As long as the portal.", secret=False)
WEBHOOK_KEY_FILE = StoredFile(
    "webhook_key", "The key that signs the webhooks of the pretend carrier.",
    "As long as the portal; without it webhooks on their way are refused.")
PRETEND_LEDGER = StoredFile(
    "pretend.db", "The texts that the pretend carrier took, and what it has still to tell.",
    "As long as the portal; texts are erased from it as they are from the database.")
LEDGER_LOCK = StoredFile(
    "{stem}.lock", "Nothing: processes that open the ledger take turns by it.", "As long as the portal.")

HTMX_FILE = StoredFile(
    "htmx-{version}.min.js", "The htmx file that browsers get with HTMX=self.",
    "Until the people who run the portal delete it.", secret=False)


def list_stored_files() -> list[StoredFile]:
    """Every row of this module."""
    return [row for row in globals().values() if isinstance(row, StoredFile)]
