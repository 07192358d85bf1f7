"""Erasing texts that are older than the retention period, for good, and proving that they are gone.

A deleted row is not an erased text: SQLite overwrites what it frees (`secure_delete`), and the write-ahead
log is emptied afterwards, so that the words are in no file any more. Opt-outs and the audit log stay, and what a hold
keeps stays until the hold ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, false, func, or_, select

from portal import extensions
from portal.carriers.base import OfflineCarrier
from portal.extensions import current_carrier, current_settings, db, now, writing
from portal.models import (
    Arrival,
    Case,
    ConsentRecord,
    Conversation,
    Direction,
    Evidence,
    Message,
    Receipt,
    RecordsConcern,
    RecordsRequest,
    RefusedAddress,
    Report,
    RetentionHold,
    UnreadAnswer,
    WebAsk,
)
from portal.rules import BY_ID
from portal.rules.cases import Match
from portal.stored_files import CARRIER_FOLDER, ROLLBACK_JOURNAL, SHARED_MEMORY, WRITE_AHEAD_LOG

from .. import hashes
from ..records import holds

RETENTION_PERIOD = timedelta(hours=24) * BY_ID["retention-400"].limits["days"]
ROWS_PER_ERASURE = 500
PARKED = timedelta(hours=72)
# A report that matches no text has no use; it is kept long enough for questions about it.
UNMATCHED_KEPT = timedelta(days=30)
# So long an answer keeps the next one from being given.
ANSWERS_KEPT = timedelta(hours=BY_ID["answer-nobody-reads"].limits["hours"])
# Three years, for proof: the sender of a text may have to show that its recipient had agreed.
CONSENTS_KEPT = timedelta(days=1096)
ASKED_KEPT = timedelta(days=BY_ID["web-asked"].limits["days"])


@dataclass(frozen=True, slots=True)
class ErasureCounts:
    """The number of records that one run erased, by kind."""

    texts: int = 0
    conversations: int = 0
    arrivals: int = 0
    reports: int = 0


def erase_old_texts(moment: datetime | None = None) -> ErasureCounts:
    """Erase every text older than 400 × 24 hours, in small commits so that no other write waits long for the lock."""
    limit = (moment or now()) - RETENTION_PERIOD
    done = ErasureCounts(
        _in_batches(lambda: _texts(limit)),
        _in_batches(lambda: _conversations(limit)),
        _in_batches(lambda: _simple(Arrival, limit)),
        _in_batches(lambda: _reports(limit, (moment or now()) - UNMATCHED_KEPT)),
    )
    _in_batches(lambda: _simple(Receipt, (moment or now()) - PARKED, Receipt.message_id.is_(None)))
    _in_batches(lambda: _simple(RefusedAddress, limit))
    _in_batches(lambda: _records(limit))
    _in_batches(lambda: _simple(WebAsk, (moment or now()) - ASKED_KEPT))
    _in_batches(lambda: _simple(UnreadAnswer, (moment or now()) - ANSWERS_KEPT))
    _in_batches(lambda: _consents((moment or now()) - CONSENTS_KEPT))
    carrier = current_carrier()
    if isinstance(carrier, OfflineCarrier):
        carrier.forget(limit)
    extensions.checkpoint_database()
    return done


def _in_batches(erase: Callable[[], int]) -> int:
    total = 0
    while some := erase():
        total += some
    return total


def _texts(limit: datetime) -> int:
    """One batch of texts with their receipts."""
    with writing() as session:
        ids = session.scalars(select(Message.id).where(
            Message.at < limit, ~holds.is_kept_by_hold(Message)).order_by(Message.at).limit(ROWS_PER_ERASURE)).all()
        if ids:
            session.execute(delete(Receipt).where(Receipt.message_id.in_(ids)))
            session.execute(delete(Message).where(Message.id.in_(ids)))
    return len(ids)


def _conversations(limit: datetime) -> int:
    """One batch of conversations without texts; their names are personal data as well."""
    left = exists().where(Message.conversation_id == Conversation.id)
    with writing() as session:
        found = select(Conversation.id).where(
            Conversation.last_at < limit, ~left, ~holds.is_kept_by_hold(Conversation)).limit(ROWS_PER_ERASURE)
        ids = session.scalars(found).all()
        if ids:
            session.execute(delete(Conversation).where(Conversation.id.in_(ids)))
    return len(ids)


def _reports(limit: datetime, unmatched: datetime) -> int:
    """One batch of reports that matched nothing, and of reports and evidence of cases closed before the limit."""
    closed = select(Case.id).where(Case.closed_at < limit, ~_is_held_case())
    with writing() as session:
        kept = session.scalars(select(Evidence.id).where(
            Evidence.case_id.in_(closed), ~_is_about_held_number(Evidence)).limit(ROWS_PER_ERASURE)).all()
        session.execute(delete(Evidence).where(Evidence.id.in_(kept)))
        over = or_(and_(Report.case_id.in_(closed), ~_is_about_held_number(Report)),
                   and_(Report.matched == Match.UNMATCHED, Report.at < unmatched))
        reports = session.scalars(select(Report.id).where(over).limit(ROWS_PER_ERASURE)).all()
        session.execute(delete(Report).where(Report.id.in_(reports)))
    return len(kept) + len(reports)


def _is_held_case() -> ColumnElement[bool]:
    """Whether a case is about a user who is held."""
    return exists().where(RetentionHold.user_id == Case.user_id, RetentionHold.ended_at.is_(None))


def _is_about_held_number(kind: type[Evidence | Report]) -> ColumnElement[bool]:
    """Whether evidence or a report is about a held number: in a case of that organization, by the number's hash."""
    held = [and_(kind.theirs_key == hashes.keyed_hash(theirs, "reporter"), kind.case_id == Case.id,
                 Case.organization_id == organization_id)
            for organization_id, theirs in holds.list_held_numbers()]
    return exists().where(or_(*held)) if held else false()


def _records(limit: datetime) -> int:
    """One batch of records requests and ended holds past the period: both hold numbers of outsiders."""
    with writing() as session:
        asked = session.scalars(select(RecordsRequest.id).where(
            RecordsRequest.at < limit).limit(ROWS_PER_ERASURE)).all()
        session.execute(delete(RecordsConcern).where(RecordsConcern.request_id.in_(asked)))
        session.execute(delete(RecordsRequest).where(RecordsRequest.id.in_(asked)))
        ended = session.scalars(select(RetentionHold.id).where(
            RetentionHold.ended_at < limit).limit(ROWS_PER_ERASURE)).all()
        session.execute(delete(RetentionHold).where(RetentionHold.id.in_(ended)))
    return len(asked) + len(ended)


def _consents(limit: datetime) -> int:
    """One batch of consents that ended before the limit, by their time or by what the person said."""
    with writing() as session:
        over = or_(ConsentRecord.ended_at < limit, ConsentRecord.until < limit)
        ids = session.scalars(select(ConsentRecord.id).where(over).limit(ROWS_PER_ERASURE)).all()
        session.execute(delete(ConsentRecord).where(ConsentRecord.id.in_(ids)))
    return len(ids)


def _simple(kind: Any, limit: datetime, *more: Any) -> int:
    with writing() as session:
        ids = session.scalars(select(kind.id).where(kind.at < limit, *more).limit(ROWS_PER_ERASURE)).all()
        if ids:
            session.execute(delete(kind).where(kind.id.in_(ids)))
    return len(ids)


@dataclass(frozen=True, slots=True)
class ErasureProof:
    """The result of a check: how many texts are past the period, and which files still contain the `words`.

    `held` counts those past the period that a hold keeps; they are not overdue.
    """

    overdue: int
    oldest: datetime | None
    found: tuple[str, ...]
    held: int = 0


def check_erasure(words: bytes = b"") -> ErasureProof:
    """Count texts past the period, and look for some words in the database's files, byte by byte."""
    past = select(func.count(Message.id)).where(Message.at < now() - RETENTION_PERIOD)
    overdue = db.session.scalar(past.where(~holds.is_kept_by_hold(Message))) or 0
    held = db.session.scalar(past.where(holds.is_kept_by_hold(Message))) or 0
    oldest = db.session.scalar(select(func.min(Message.at)).where(Message.direction != Direction.NOTE))
    db.session.rollback()
    database: Path = current_settings().database
    logs = [kind.beside(database) for kind in (WRITE_AHEAD_LOG, SHARED_MEMORY, ROLLBACK_JOURNAL)]
    files = [database, *logs, *CARRIER_FOLDER.beside(database).glob("*")]
    found = tuple(file.name for file in files if words and file.is_file() and words in file.read_bytes())
    return ErasureProof(overdue, oldest, found, held)
