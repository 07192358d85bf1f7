"""Checking a report: the background process compares it with the sent log and adds it to a case if it matches.

It does so after the commit of the report. It needs the reporter's number in clear only for this, then replaces it by a
keyed hash. A report that matches nothing never reaches the queue.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import Select, bindparam, func, literal, literal_column, select
from sqlalchemy.exc import SQLAlchemyError

from portal import lengths
from portal.dialects import DaysOf, Unindexed
from portal.extensions import db, now, writing
from portal.models import Direction, Message, Moment, Number, Report, User
from portal.rules.cases import Lane, Match

from .. import hashes
from ..people import number_days
from ..texting import web_requests
from ..texting.web_requests import WRITTEN
from . import intake
from .likeness import may_quote_text
from .reported_words import WordBudget

log = logging.getLogger("portal.matching")

REPORTS_PER_BATCH = 20
SENT_LOG_PERIOD = timedelta(days=60)
# People remember the day, more or less.
AROUND = timedelta(days=2)
MOST_TEXTS_MATCHED = 1000
SENT_LOG_COLUMNS = (Message.ref, Message.at, Message.body, Message.template, Message.theirs, Message.user_id)


# Seconds that texts wait for reports at most before the next one, and characters that are compared: more than any text
# has. In pairs of words, what reading one report closely may take: a text of full length that is quoted with a remark.
LONGEST_MATCHING, MOST_READ, MOST_WORK = 0.1, lengths.TEXT_BODY, 80_000
# Asked with every step of the sender, so built once, in the words of the index of what waits. Who asked to be left
# alone comes first, the slow lane last.
_WAITS: Any = literal_column("reports.matched = 'waiting'")
# The plus sign keeps SQLite from the index of all reports by their time, which holds many thousands.
_WAITING = select(Report).where(_WAITS, Unindexed(Report.at) <= bindparam("before", type_=Moment)).order_by(
    Report.stop.is_(False), Report.lane == Lane.SLOW, Report.id).limit(bindparam("most"))
_SOME = select(Report.id).where(_WAITS).limit(1)


@dataclass(frozen=True, slots=True)
class SentLogMatch:
    """What the sent log shows about a report: our number, how well it matches, and the texts it is about."""

    number: Number | None = None
    match: Match = Match.UNMATCHED
    texts: Sequence[Any] = field(default_factory=tuple)


def is_report_waiting() -> bool:
    """Whether any report waits to be checked."""
    found = db.session.scalar(_SOME) is not None
    db.session.rollback()
    return found


def match_waiting_reports(most: int = REPORTS_PER_BATCH, before: datetime | None = None) -> int:
    """Check waiting reports, first those that ask for no more texts; returns how many.

    Only those of the moment `before` and earlier, all without it. It stops early when it has taken long: texts that
    are due wait for it.
    """
    begun, found = monotonic(), {}
    for report in db.session.scalars(_WAITING, {"most": most, "before": before or now()}).all():
        found[report.id] = _look_safely(report)
        if monotonic() > begun + LONGEST_MATCHING:
            break
    db.session.rollback()
    if not found:
        return 0
    with writing() as session:
        moment = now()
        for report in session.scalars(select(Report).where(
                Report.id.in_(found), Report.matched == Match.WAITING).order_by(Report.id)):
            _apply(report, found[report.id], moment)
    return len(found)


def _look_safely(report: Report) -> SentLogMatch:
    """Check one report. If that fails, mark it and go on: it must not delay the others."""
    try:
        return compare_report(report)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - a stranger's words must not stop the comparison
        # Only the type: the error's own words may quote the report.
        log.error("report_not_compared", extra={"fields": {  # noqa: TRY400
            "report": report.ref, "error": type(error).__name__}})
        return SentLogMatch(_ours(report))


def _ours(report: Report) -> Number | None:
    """The number that the report names, of the organization that had it when the text came."""
    owned = number_days.find_owned_number(report.sender, report.got_at or report.at)
    return owned.number if owned else None


def compare_report(report: Report) -> SentLogMatch:
    """Compare a report with the texts that were sent, without writing anything.

    Verified: a text of this sender went to the reporter's number, around the time they say or with these words.
    Known: the words are this sender's, but nothing shows that the reporter got them; or the reporter got something and
    tells of it in words of their own.
    """
    number, worded = _ours(report), bool(report.body.strip())
    if number is None:
        return SentLogMatch()
    got, budget = _to_them(report, number) if report.theirs else [], WordBudget(MOST_WORK)
    theirs = _like(report.body, got, budget) if worded else got[:1]
    if theirs:
        return SentLogMatch(number, Match.VERIFIED, theirs)
    others = db.session.execute(_left(number, report.at)).all() if worded else []
    quoted = _like(report.body, others, budget)
    return SentLogMatch(number, Match.KNOWN if quoted or got else Match.UNMATCHED, quoted[:1])


def _left(number: Number, moment: datetime) -> Select[*tuple[Any, ...]]:
    """The latest texts of a number that a carrier took, one per wording."""
    latest = select(Message.id, Message.template).where(
        Message.number_id == number.id, Message.direction == Direction.OUT, *WRITTEN,
        Message.at > moment - SENT_LOG_PERIOD).order_by(Message.at.desc()).limit(MOST_TEXTS_MATCHED).subquery()
    return select(*SENT_LOG_COLUMNS).where(Message.id.in_(select(func.max(latest.c.id)).group_by(latest.c.template)))


def _to_them(report: Report, number: Number) -> list[Any]:
    """Texts of the sender to the reporter's number, the latest first; without words the nearest to the time."""
    sent = select(*SENT_LOG_COLUMNS).where(
        Message.organization_id == number.organization_id, Message.theirs == report.theirs,
        Message.direction == Direction.OUT, Message.at > report.at - SENT_LOG_PERIOD, Message.number_id == number.id,
        *WRITTEN)
    if report.got_at is not None and not report.body.strip():
        sent = sent.where(Message.at.between(report.got_at - AROUND, report.got_at + AROUND))
        sent = sent.order_by(func.abs(DaysOf(Message.at) - DaysOf(literal(report.got_at, Moment))))
    return list(db.session.execute(sent.order_by(Message.id.desc()).limit(MOST_TEXTS_MATCHED)).all())


def _like(body: str, sent: Iterable[Any], budget: WordBudget) -> list[Any]:
    """Those of some texts that a report quotes. Few of them are read closely: the likest by a quick look, and no more
    than the budget has left.
    """
    rows, body = list({row.template: row for row in sent}.values()), body[:MOST_READ]
    likest = process.extract(body.casefold(), [row.body[:MOST_READ].casefold() for row in rows],
                             scorer=fuzz.token_set_ratio, limit=10, score_cutoff=40)
    return [rows[index] for _text, _score,
            index in likest if may_quote_text(body, rows[index].body[:MOST_READ], budget)]


def _apply(report: Report, found: SentLogMatch, moment: datetime) -> None:
    """Store the result of the comparison, in the open write transaction."""
    # What the place needs is asked first: all of the report is then written at once.
    theirs, place = report.theirs, _place(report, report.theirs)
    match = Match.UNMATCHED if _only_asks(report) else found.match
    report.theirs, report.theirs_key = "", hashes.keyed_hash(theirs, "reporter")
    report.matched, report.place = match, place
    if "report-not-ours" in intake.private_rule_ids(ours=found.number is not None) or found.number is None:
        return
    if report.stop and theirs:
        web_requests.take_web_ask(report, found.number, theirs, moment)
    if match is not Match.UNMATCHED:
        intake.add_report_to_case(report, found.number, found.texts, moment)


def _only_asks(report: Report) -> bool:
    """Whether it asks the business to stop and tells of no spam: patients who use the way out accuse nobody."""
    return report.stop and report.category is None and not report.body.strip()


def _place(report: Report, theirs: str) -> str:
    """Where a report counts as coming from: all users of an organization are one place, whichever door they take."""
    holder = number_days.find_number_in_use(theirs, report.at)
    user = db.session.get(User, report.user_id) if report.user_id else None
    organization_id = user.organization_id if user else holder and holder.organization_id
    return hashes.keyed_hash(f"organization:{organization_id}", "source") if organization_id else report.source
