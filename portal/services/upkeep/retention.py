"""Erasing texts and drafts that are older than their period, for good, and proving that they are gone.

A deleted row is not an erased text: SQLite overwrites what it frees (`secure_delete`), and the write-ahead
log is emptied afterwards, so that the words are in no file any more. The audit log stays, opt-outs without the words
that made them, and what a hold keeps until the hold ends.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, and_, case, delete, exists, func, or_, select, update

from portal import extensions
from portal.carriers.base import OfflineCarrier
from portal.dialects import json_rows
from portal.extensions import current_carrier, current_settings, db, now, writing
from portal.models import (
    Arrival,
    Case,
    ConsentRecord,
    Conversation,
    Direction,
    Evidence,
    HandOver,
    KeptDraft,
    KeptForm,
    Message,
    OptOut,
    OptOutSource,
    OptOutState,
    Receipt,
    RecordsConcern,
    RecordsRequest,
    RefusedAddress,
    Report,
    RetentionHold,
    UndoOffer,
    UnreadAnswer,
    WebAsk,
)
from portal.rules import BY_ID
from portal.rules.cases import Match
from portal.rules.keywords import Meaning
from portal.stored_files import CARRIER_FOLDER, ROLLBACK_JOURNAL, SHARED_MEMORY, WRITE_AHEAD_LOG

from .. import hashes
from ..accounts.kept_forms import FORMS_KEPT
from ..records import holds
from ..texting.drafts import DRAFTS_KEPT

RETENTION_PERIOD = timedelta(hours=24) * BY_ID["retention-400"].limits["days"]
# So long, in seconds, the erasing of one commit should take; how many rows that is depends on the machine, and on what
# else it does. Then it leaves the disk to others for as long as the commit took.
SHORT_WRITE, LONGEST_PAUSE = 0.05, 1.0
FEWEST_ROWS, ROWS_PER_ERASURE = 50, 1000
PARKED = timedelta(hours=72)
# Drafts end with the next nightly run; only what outlives that as well is overdue.
NIGHTLY = timedelta(days=1)
# A report that matches no text has no use; it is kept long enough for questions about it.
UNMATCHED_KEPT = timedelta(days=30)
# So long an answer keeps the next one from being given.
ANSWERS_KEPT = timedelta(hours=BY_ID["answer-nobody-reads"].limits["hours"])
# Three years, for proof: the sender of a text may have to show that its recipient had agreed.
CONSENTS_KEPT = timedelta(days=1096)
STARTED = Meaning.START.value
ASKED_KEPT = timedelta(days=BY_ID["web-asked"].limits["days"])


@dataclass(frozen=True, slots=True)
class ErasureCounts:
    """The number of records that one run erased, by kind."""

    texts: int = 0
    conversations: int = 0
    arrivals: int = 0
    reports: int = 0


def erase_old_texts(moment: datetime | None = None) -> ErasureCounts:
    """Erase every text older than 400 × 24 hours, and drafts that nobody has changed for seven days.

    In short commits with pauses between them, so that no other write waits long and pages stay quick.
    """
    moment = moment or now()
    limit = moment - RETENTION_PERIOD
    _erase(KeptDraft, lambda: (KeptDraft.at < moment - DRAFTS_KEPT,), by=KeptDraft.at)
    done = ErasureCounts(
        _erase(Message, lambda: (Message.at < limit, ~holds.is_kept_by_hold(Message)), by=Message.at,
               with_it=(Receipt.message_id, HandOver.message_id)),
        _erase(Conversation, lambda: _is_empty_conversation(limit)),
        _erase(Arrival, lambda: (Arrival.at < limit,)),
        _erase_reports(limit, moment - UNMATCHED_KEPT),
    )
    _erase(Receipt, lambda: (Receipt.message_id.is_(None), Receipt.at < moment - PARKED))
    _erase(RefusedAddress, lambda: (RefusedAddress.at < limit,))
    # Both hold numbers of outsiders.
    _erase(RecordsRequest, lambda: (RecordsRequest.at < limit,), with_it=(RecordsConcern.request_id,))
    _erase(RetentionHold, lambda: (RetentionHold.ended_at < limit,))
    _erase(WebAsk, lambda: (WebAsk.at < moment - ASKED_KEPT,))
    _erase(UnreadAnswer, lambda: (UnreadAnswer.at < moment - ANSWERS_KEPT,))
    _erase(ConsentRecord, lambda: (_has_ended_before(moment - CONSENTS_KEPT),))
    _forget_words(limit)
    forget_handed_texts(moment)
    extensions.checkpoint_database()
    return done


def forget_handed_texts(moment: datetime | None = None) -> None:
    """Erase from the pretend carrier's file on this machine what it was handed more than 400 × 24 hours ago."""
    carrier = current_carrier()
    if isinstance(carrier, OfflineCarrier):
        carrier.forget((moment or now()) - RETENTION_PERIOD)


def _erase(kind: Any, conditions: Callable[[], Sequence[ColumnElement[bool]]], *, by: Any = None,
           with_it: Sequence[Any] = ()) -> int:
    """Erase the rows of a table that meet the conditions, and those whose columns `with_it` refer to them.

    It goes through the table once, in the order of `by` (without: of the ids), and looks for the next batch where the
    last one ended: rows that stay, because of a hold for example, are not looked at again. It looks without the
    write lock, so the conditions are asked once more when it erases. Returns how many rows it erased.
    """
    by, total, last = kind.id if by is None else by, 0, None
    rows = FEWEST_ROWS
    while True:
        after = () if last is None else (by >= last,)
        found = db.session.execute(select(kind.id, by).where(*conditions(), *after).order_by(by).limit(
            min(rows, ROWS_PER_ERASURE))).all()
        db.session.rollback()
        if not found:
            return total
        began = time.monotonic()
        with writing() as session:
            alone = time.monotonic()
            ids = session.scalars(select(kind.id).where(kind.id.in_([row[0] for row in found]), *conditions())).all()
            for column in with_it:
                session.execute(delete(column.class_).where(column.in_(ids)))
            session.execute(delete(kind).where(kind.id.in_(ids)))
            rows = next_batch_size(rows, time.monotonic() - alone)
        time.sleep(min(time.monotonic() - began, LONGEST_PAUSE))
        total, last = total + len(ids), found[-1][1]


def next_batch_size(rows: int, took: float) -> int:
    """How many rows to erase in the next commit, when it took so many seconds to erase so many: up to twice, or half.

    What a commit costs by itself does not count, nor do a few rows less make it cheaper.
    """
    wanted = int(rows * min(max(SHORT_WRITE / max(took, 0.001), 0.5), 2.0))
    return max(FEWEST_ROWS, min(wanted, ROWS_PER_ERASURE))


def _forget_words(limit: datetime) -> None:
    """Erase by which words somebody opted out once their text is erased as well; the opt-out itself stays.

    Of a START the word stays: it tells the entry from one that only HELP has made.
    """
    held = exists().where(RetentionHold.organization_id == OptOut.organization_id,
                          RetentionHold.theirs == OptOut.theirs, RetentionHold.ended_at.is_(None))
    started = and_(OptOut.state == OptOutState.IN_AGAIN, OptOut.source == OptOutSource.STOP)
    with writing() as session:
        session.execute(update(OptOut).where(
            OptOut.said_at < limit, OptOut.said.not_in(("", STARTED)), OptOut.state != OptOutState.LIKELY_OUT, ~held,
        ).values(said=case((started, STARTED), else_="")).execution_options(synchronize_session=False))


def _is_empty_conversation(limit: datetime) -> Sequence[ColumnElement[bool]]:
    """The conditions for conversations without texts and drafts; their names are personal data as well."""
    texts, drafts = (exists().where(kind.conversation_id == Conversation.id) for kind in (Message, KeptDraft))
    return Conversation.last_at < limit, ~texts, ~drafts, ~holds.is_kept_by_hold(Conversation)


def _erase_reports(limit: datetime, unmatched: datetime) -> int:
    """Erase reports that matched nothing, and reports and evidence of cases closed before the limit."""
    closed = select(Case.id).where(Case.closed_at < limit, ~_is_held_case())
    return _erase(Evidence, lambda: (Evidence.case_id.in_(closed), ~_is_about_held_number(Evidence))) + _erase(
        Report, lambda: (or_(and_(Report.case_id.in_(closed), ~_is_about_held_number(Report)),
                             and_(Report.matched == Match.UNMATCHED, Report.at < unmatched)),))


def _is_held_case() -> ColumnElement[bool]:
    """Whether a case is about a user who is held."""
    return exists().where(RetentionHold.user_id == Case.user_id, RetentionHold.ended_at.is_(None))


def _is_about_held_number(kind: type[Evidence | Report]) -> ColumnElement[bool]:
    """Whether evidence or a report is about a held number: in a case of that organization, by the number's hash.

    The held numbers are one parameter, because an expression of SQLite cannot name a thousand of them.
    """
    held = json.dumps([[organization_id, hashes.keyed_hash(theirs, "reporter")]
                       for organization_id, theirs in holds.list_held_numbers()])
    _pair, (organization_id, theirs_key) = json_rows(held, "held", Integer, String)
    return exists().where(kind.case_id == Case.id, Case.organization_id == organization_id,
                          kind.theirs_key == theirs_key)


def _has_ended_before(limit: datetime) -> ColumnElement[bool]:
    """Whether a consent ended before the limit, by its time or by what the person said."""
    return or_(ConsentRecord.ended_at < limit, ConsentRecord.until < limit)


@dataclass(frozen=True, slots=True)
class ErasureProof:
    """The result of a check: how many texts are past the period, and which files still contain the `words`.

    `held` counts those past the period that a hold keeps; they are not overdue. `drafts` counts drafts past theirs that
    a nightly run should have erased, posted forms and offers to undo a change likewise.
    """

    overdue: int
    oldest: datetime | None
    found: tuple[str, ...]
    held: int = 0
    drafts: int = 0


def check_erasure(words: bytes = b"") -> ErasureProof:
    """Count texts past the period, and look for some words in the database's files, byte by byte."""
    past = select(func.count(Message.id)).where(Message.at < now() - RETENTION_PERIOD)
    overdue = db.session.scalar(past.where(~holds.is_kept_by_hold(Message))) or 0
    held = db.session.scalar(past.where(holds.is_kept_by_hold(Message))) or 0
    # An offer to undo a change says itself until when.
    ends = ((KeptDraft.at, DRAFTS_KEPT), (KeptForm.at, FORMS_KEPT), (UndoOffer.until, timedelta()))
    drafts = sum(db.session.scalar(select(func.count()).where(end < now() - kept - NIGHTLY)) or 0 for end, kept in ends)
    oldest = db.session.scalar(select(func.min(Message.at)).where(Message.direction != Direction.NOTE))
    db.session.rollback()
    database: Path = current_settings().database
    logs = [kind.beside(database) for kind in (WRITE_AHEAD_LOG, SHARED_MEMORY, ROLLBACK_JOURNAL)]
    files = [database, *logs, *CARRIER_FOLDER.beside(database).glob("*")]
    found = tuple(file.name for file in files if words and file.is_file() and words in file.read_bytes())
    return ErasureProof(overdue, oldest, found, held, drafts)
