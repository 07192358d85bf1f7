"""The pretend carrier's own file: the texts that it took, and what it still has to tell."""

import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from portal.stored_files import LEDGER_LOCK

from ..base import OutgoingText

# Durable before it answers, as a carrier is; what is forgotten is overwritten.
LEDGER_PRAGMAS = "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON"
# `key` is the reference where that makes two tries one text, else NULL. An event without a due time was given up.
TABLES = """
CREATE TABLE IF NOT EXISTS texts (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, key TEXT UNIQUE,
    sender TEXT NOT NULL, recipient TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS ix_texts_reference ON texts (reference);
CREATE TABLE IF NOT EXISTS failures (reference TEXT PRIMARY KEY, many INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY, body BLOB NOT NULL, due REAL, at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS ix_events_due ON events (due)
"""
# Seconds between one try and the next: ten times again, over just under five hours.
DELAYS = (1, 5, 30, 60, 300, 900, 1800, 3600, 3600, 7200)
EVENTS_PER_BATCH = 500
# No event is put off for so long. One that seems to be was put off before the clock was set back, and is due.
NEVER = timedelta(seconds=2 * max(DELAYS))


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """Something to tell: its id, which stays over all tries, the body of its webhook, and when (UTC)."""

    id: str
    body: bytes
    due: datetime
    tries: int = 0


# A text with the id that it gets, and what will be told about it.
NewText = tuple[str, OutgoingText, Sequence[LedgerEvent]]


class _Connection(sqlite3.Connection):
    """Closes with the thread it belongs to; Python 3.13 warns of connections that nobody closes."""

    def __del__(self) -> None:
        # One that could not be opened has nothing to close.
        with suppress(sqlite3.ProgrammingError):
            self.close()


class Ledger:
    """One file, with one connection for each thread. Every method raises sqlite3.Error when it cannot be used."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mine = threading.local()

    def take_all(self, texts: Sequence[NewText], at: datetime, *,
                 once: bool) -> list[str]:
        """Keep texts, each with its new id and what will be told about it, in one commit; returns their ids.

        `once`: of a text whose reference was taken before nothing is kept, and the id is the earlier one's.
        """
        with self._writing() as rows:
            ids = _ids_to_give(rows, texts) if once else [text_id for text_id, *_rest in texts]
            new = [one for one, text_id in zip(texts, ids, strict=True) if one[0] == text_id]
            rows.executemany("INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?, ?)", [
                (text_id, text.reference, text.reference if once else None, text.sender, text.recipient, text.body,
                 at.timestamp()) for text_id, text, _events in new])
            _add(rows, chain.from_iterable(events for _id, _text, events in new))
        return ids

    def add(self, event: LedgerEvent) -> None:
        """Keep something to tell."""
        with self._writing() as rows:
            _add(rows, [event])

    def fails(self, reference: str, most: int, at: datetime) -> bool:
        """Whether this try is one of the first `most` of a reference; counts it."""
        with self._writing() as rows:
            rows.execute("INSERT INTO failures VALUES (?, 1, ?)"
                         " ON CONFLICT (reference) DO UPDATE SET many = many + 1", (reference, at.timestamp()))
            many = rows.execute("SELECT many FROM failures WHERE reference = ?", (reference,)).fetchone()[0]
        return bool(many <= most)

    def id_of(self, reference: str) -> str | None:
        """The id of the first text with this reference, if there is one."""
        row = self._rows().execute(
            "SELECT id FROM texts WHERE reference = ? ORDER BY rowid LIMIT 1", (reference,)).fetchone()
        return str(row[0]) if row else None

    def texted(self, sender: str, recipient: str, since: datetime) -> bool:
        """Whether a text of this sender to this recipient was taken since a moment."""
        return self._rows().execute("SELECT 1 FROM texts WHERE sender = ? AND recipient = ? AND at > ? LIMIT 1",
                                    (sender, recipient, since.timestamp())).fetchone() is not None

    def texts(self) -> list[tuple[str, OutgoingText]]:
        """Every text that was taken, with its id, in their order."""
        rows = self._rows().execute("SELECT id, sender, recipient, body, reference FROM texts ORDER BY rowid")
        return [(row[0], OutgoingText(*row[1:])) for row in rows]

    def due(self, moment: datetime) -> list[LedgerEvent]:
        """What is to be told by this moment, the longest due first; at most `EVENTS_PER_BATCH`."""
        rows = self._rows().execute("SELECT id, body, due, tries FROM events WHERE due <= ? OR due > ?"
                                    " ORDER BY due, rowid LIMIT ?",
                                    (moment.timestamp(), (moment + NEVER).timestamp(), EVENTS_PER_BATCH))
        return [LedgerEvent(row[0], row[1], datetime.fromtimestamp(row[2], UTC), row[3]) for row in rows]

    def next_due(self) -> datetime | None:
        """When the first thing is to be told, over or not; None when there is nothing to tell."""
        due = self._rows().execute("SELECT min(due) FROM events").fetchone()[0]
        return None if due is None else datetime.fromtimestamp(due, UTC)

    def told(self, events: Iterable[LedgerEvent]) -> None:
        """The portal took them: do not send them again."""
        with self._writing() as rows:
            rows.executemany("DELETE FROM events WHERE id = ?", [(event.id,) for event in events])

    def put_off(self, event: LedgerEvent, moment: datetime) -> bool:
        """The portal did not take it: try later, or give up after the last delay. True if another try follows."""
        again = event.tries < len(DELAYS)
        due = (moment + timedelta(seconds=DELAYS[event.tries])).timestamp() if again else None
        with self._writing() as rows:
            rows.execute("UPDATE events SET due = ?, tries = ? WHERE id = ?", (due, event.tries + 1, event.id))
        return again

    def given_up(self) -> int:
        """How many events the portal took in none of their tries."""
        return int(self._rows().execute("SELECT count(*) FROM events WHERE due IS NULL").fetchone()[0])

    def forget(self, before: datetime) -> int:
        """Erase texts and events from before this moment, from the log of the file too; returns how many."""
        with self._writing() as rows:
            gone = [rows.execute(f"DELETE FROM {table} WHERE at < ?", (before.timestamp(),)).rowcount  # noqa: S608
                    for table in ("texts", "events", "failures")]
        self._rows().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return sum(gone[:2])

    def _writing(self) -> sqlite3.Connection:
        """A connection in a write transaction; used in `with`, it commits, or rolls back after an error."""
        rows = self._rows()
        rows.execute("BEGIN IMMEDIATE")
        return rows

    def _rows(self) -> sqlite3.Connection:
        # A connection must not cross a fork.
        if getattr(self._mine, "process", None) != os.getpid():
            self._mine.rows, self._mine.process = _opened(self._file), os.getpid()
        rows: sqlite3.Connection = self._mine.rows
        return rows


def _ids_to_give(rows: sqlite3.Connection, texts: Sequence[NewText]) -> list[str]:
    """The id of each text: that of the first one with its reference."""
    keys = json.dumps([text.reference for _id, text, _events in texts])
    known = dict(rows.execute("SELECT key, id FROM texts WHERE key IN (SELECT value FROM json_each(?))", (keys,)))
    return [known.setdefault(text.reference, text_id) for text_id, text, _events in texts]


def _add(rows: sqlite3.Connection, events: Iterable[LedgerEvent]) -> None:
    rows.executemany("INSERT INTO events (id, body, due, at) VALUES (?, ?, ?, ?)", [
        (event.id, event.body, event.due.timestamp(), event.due.timestamp()) for event in events])


def _opened(file: Path) -> sqlite3.Connection:
    """A connection to the file, which only its owner can read: it holds what people wrote."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise sqlite3.OperationalError(f"{file} cannot be used: {error.strerror}") from error
    # The owner thread's end may be noticed in another one.
    rows = sqlite3.connect(file, isolation_level=None, factory=_Connection, check_same_thread=False)
    with _alone(file):
        for statement in f"{LEDGER_PRAGMAS};{TABLES}".split(";"):
            rows.execute(statement)
    return rows


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One after the other, over threads and processes: SQLite does not wait while a journal is changed to WAL."""
    beside = LEDGER_LOCK.beside(file)
    beside.touch(mode=0o600)
    with beside.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
