"""Calls to a carrier's address that do not prove to be the carrier's: counted, so that an operator sees them.

Anybody can call. So each process writes them down at most once a minute for each carrier, and keeps the rest in memory.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db, now, writing
from portal.models import CarrierRecord

WRITTEN_EACH = timedelta(minutes=1)
# They are shown for so long after the last one; the next one begins a new count.
SHOWN_FOR = timedelta(hours=24)
MOST_REFUSED = 999_999


@dataclass
class RefusedCalls:
    """What this process has refused, by ref of the carrier: how many are not written down, and when it wrote last."""

    unwritten: dict[str, int] = field(default_factory=dict)
    written_at: dict[str, datetime] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def add(self, ref: str, moment: datetime) -> int:
        """Count one more; returns how many are to be written down now, mostly none."""
        with self.lock:
            many = self.unwritten.get(ref, 0) + 1
            written = self.written_at.get(ref)
            # A clock that was set back must not make the minute a day long.
            if written and timedelta() <= moment - written < WRITTEN_EACH:
                self.unwritten[ref] = many
                return 0
            self.written_at[ref], self.unwritten[ref] = moment, 0
            return many


def note_refused_call(ref: str) -> None:
    """Count a call to the address of this carrier that was refused. Whoever called hears of no trouble."""
    counted: RefusedCalls = current_app.extensions.setdefault("refused_calls", RefusedCalls())
    moment = now()
    many = counted.add(ref, moment)
    if many:
        try:
            _write_refused_calls(ref, many, moment)
        except SQLAlchemyError:
            db.session.rollback()


def _write_refused_calls(ref: str, many: int, moment: datetime) -> None:
    with writing() as session:
        record = session.scalar(select(CarrierRecord).where(CarrierRecord.ref == ref))
        if record is None:
            return
        if record.refused_since is None or not has_refused_calls(record):
            record.refused_calls, record.refused_since = 0, moment
        record.refused_calls = min(record.refused_calls + many, MOST_REFUSED)
        record.refused_at = moment


def has_refused_calls(record: CarrierRecord) -> bool:
    """Whether calls to the address of a carrier were refused in the last 24 hours and since its form was saved."""
    return record.refused_at is not None and now() - record.refused_at < SHOWN_FOR
