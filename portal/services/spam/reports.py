"""Reports of spam. Every visitor can file one; the commit takes the same work for every sender.

While the reporter waits, nothing is looked up. Afterwards the background process finds out (`matching`) whether the
number is ours, whether the text was sent and whether it was reported before. So neither the page nor the time it takes
says anything about a number.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, insert, select

from portal import lengths
from portal.dialects import DaysOf
from portal.extensions import db, draw_letters, now, writing
from portal.models import Case, CaseEntry, Conversation, Direction, Message, Number, Report, User
from portal.rules import Act, Decision, Facts, copied, decide, facts
from portal.rules.cases import CaseState, Lane, Match
from portal.rules.facts import Category

from .. import hashes
from ..texting.inbox_rows import ListedLine

HOUR = timedelta(hours=1)
# No vowels, so that no words come about, and nothing that looks like something else.
REFERENCE_LETTERS = "BCDFGHJKMNPQRTVWXZ2346789"


@dataclass(frozen=True, slots=True)
class ReportInput:
    """The filled-in form. `theirs` is E.164 or ""; `suspect` says what looked like a machine."""

    sender: str
    body: str = ""
    theirs: str = ""
    got_at: datetime | None = None
    category: Category | None = None
    stop: bool = False
    email: str = ""
    suspect: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The answer to a report: the decision, and its secret for the link when it was accepted."""

    decision: Decision
    token: str = ""


def file_report(report: ReportInput, source: str, reporter: User | None = None) -> ReportAnswer:
    """Accept a report, or say what is missing or when to try again.

    `source` is where it comes from, such as a network; only a keyed hash of it is kept. `reporter` is the user who
    reports out of a conversation.
    """
    ours = copied.find_copied_number(report.sender)
    origin, token = hashes.keyed_hash(source, "source"), draw_letters(24)
    with writing():
        moment = now()
        decision = decide(Act.REPORT, Facts(report=_facts(report, ours, origin, moment)))
        if not decision.allowed:
            return ReportAnswer(decision)
        slow = bool(decision.reasons) or bool(report.suspect)
        db.session.execute(insert(Report).values(
            ref=_new_ref(), token=hashes.token_hash(token), at=moment, lane=Lane.SLOW if slow else Lane.NORMAL,
            suspect=report.suspect, sender=ours or report.sender.strip()[:lengths.TYPED_NUMBER], body=report.body,
            got_at=report.got_at, category=report.category, stop=report.stop, theirs=report.theirs, theirs_key="",
            email=report.email, language=report.language, source=origin, place=origin,
            user_id=reporter.id if reporter else None, matched=Match.WAITING, repeated=False))
    return ReportAnswer(decision, token)


def _facts(report: ReportInput, number: str, origin: str, moment: datetime) -> facts.ReportFacts:
    lately = select(func.count(), func.min(Report.at)).where(Report.source == origin, Report.at > moment - HOUR)
    many, oldest = db.session.execute(lately).one()
    return facts.ReportFacts(
        sender=bool(report.sender.strip()), number=bool(number), words=bool(report.body.strip()),
        category=report.category is not None, stop=report.stop, own=bool(report.theirs), many=many + 1,
        free_at=(oldest or moment) + HOUR)


def _new_ref() -> str:
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def find_report_by_token(token: str) -> Report:
    """The report that a secret link leads to; 404 for anything else, also for the reference."""
    found: Report = db.one_or_404(select(Report).where(Report.token == hashes.token_hash(token)))
    return found


class ReportProgress:
    """What a reporter reads of a report: four words, and nothing about the sender."""

    RECEIVED, LOOKED_AT, ACTED, NO_VIOLATION = "received", "looked-at", "acted", "no-violation"


PROGRESS_OF_CASE_STATE = {
    CaseState.OPEN: ReportProgress.RECEIVED, CaseState.ASSIGNED: ReportProgress.LOOKED_AT,
    CaseState.UPHELD: ReportProgress.ACTED,
    CaseState.NOT_UPHELD: ReportProgress.NO_VIOLATION,
}


def progress_of_report(report: Report) -> str:
    """Where a report stands. One that joined no case stays "received": more would tell about the sender."""
    case = _case_of_report(report)
    if case is None or (case.state is CaseState.ASSIGNED and _taken_since(case, report) is None):
        return ReportProgress.RECEIVED
    return PROGRESS_OF_CASE_STATE.get(case.state, ReportProgress.LOOKED_AT)


def steps_of_report(report: Report) -> tuple[datetime, datetime | None, datetime | None]:
    """When a report was received, looked at and decided (UTC); None for what has not happened as far as is told."""
    case, progress = _case_of_report(report), progress_of_report(report)
    if case is None or progress == ReportProgress.RECEIVED:
        return report.at, None, None
    decided = None if progress == ReportProgress.LOOKED_AT else case.closed_at
    return report.at, _taken_since(case, report) or decided, decided


def _case_of_report(report: Report) -> Case | None:
    """The case that decides about a report: that of the original, where its own is a duplicate."""
    case = db.session.get(Case, report.case_id) if report.case_id else None
    if case is not None and case.state is CaseState.DUPLICATE and case.duplicate_of_id:
        return db.session.get(Case, case.duplicate_of_id)
    return case


def _taken_since(case: Case, report: Report) -> datetime | None:
    """When an operator took the case after this report; None if nobody has.

    The progress of a report that joins a taken case must not change at once: that would show whose number it is.
    """
    taken = select(CaseEntry.at).where(CaseEntry.case_id == case.id, CaseEntry.what == "assigned",
                                       CaseEntry.at > report.at)
    return db.session.scalar(taken.order_by(CaseEntry.id).limit(1))


def days_to_outcome(since: timedelta = timedelta(days=365)) -> int | None:
    """Median days, at least 1, from the opening of a case to its decision; None before anything was decided."""
    closed = select(Case.opened_at, Case.closed_at).where(Case.closed_at > now() - since)
    many = db.session.scalar(select(func.count()).select_from(closed.subquery())) or 0
    if not many:
        return None
    took = DaysOf(Case.closed_at) - DaysOf(Case.opened_at)
    middle = select(took).where(Case.closed_at > now() - since).order_by(took).offset(many // 2).limit(1)
    return max(1, round(db.session.scalar(middle) or 0))


def report_incoming_text(reporter: User, conversation: Conversation, line: Message) -> ReportAnswer:
    """Report a text that came in over a conversation, from its reader's own number."""
    ours = db.session.get_one(Number, conversation.number_id).e164
    report = ReportInput(conversation.theirs, line.body, ours, line.at, Category.OTHER)
    return file_report(report, f"user:{reporter.id}", reporter)


# Built once: every conversation that is opened asks it.
_REPORTS_OF_MEMBER = select(Report.body, Report.got_at, Report.ref).where(
    Report.sender == bindparam("sender"), Report.user_id == bindparam("user_id"),
    Report.got_at.in_(bindparam("moments", expanding=True)))


def report_refs_by_text(reporter: User, conversation: Conversation,
                        lines: Iterable[Message | ListedLine]) -> dict[str, str]:
    """The references of the reports that a member made out of a conversation, by the refs of the texts."""
    came = [line for line in lines if line.direction == Direction.IN]
    found = db.session.execute(_REPORTS_OF_MEMBER, {
        "sender": conversation.theirs, "user_id": reporter.id, "moments": [line.at for line in came]})
    known = {(row.body, row.got_at): row.ref for row in found}
    return {line.ref: known[line.body, line.at] for line in came if (line.body, line.at) in known}
