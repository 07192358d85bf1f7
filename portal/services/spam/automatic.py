"""Automatic restrictions: verified reports slow a sender down, or block one for fraud, for a limited time.

Only verified reporters outside the slow lane count, each once, and never more of them than places they report from. So
one person with a list of numbers cannot stop a sender, nor can one organization with all its users. A block needs
reporters who quote the text. Automatic answers go on, nothing is deleted, and an operator decides in the end.

The thresholds are limits of the rule `reports-count`, which settings may replace.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.extensions import current_settings, db
from portal.marks import StoredWords
from portal.models import Case, Direction, Evidence, Message, Report
from portal.rules.cases import Lane, Match
from portal.rules.facts import Category, Cause, Restraint

from . import restrictions

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
RESTRICTION_NOTES = {
    Restraint.THROTTLE: StoredWords.REPORTED_BY_SEVERAL,
    Restraint.BLOCK: StoredWords.REPORTED_AS_FRAUD,
}


def report_thresholds() -> dict[str, int]:
    """The thresholds in force."""
    limits: dict[str, int] = current_settings().limits["reports-count"]
    return limits


def restrict_reported_sender(case: Case, moment: datetime) -> None:
    """Restrict the sender if verified reports of 24 hours reach a threshold, in the open write transaction."""
    verified, of_fraud = _reporters(case, moment)
    limits = report_thresholds()
    if verified < limits["few"] or not _are_enough(verified, limits["share"], case, moment):
        return
    block = verified >= limits["many"] and of_fraud >= limits["few"]
    restraint = Restraint.BLOCK if block else Restraint.THROTTLE
    if not restrictions.is_sender_restricted(case, restraint, moment):
        restrictions.add_restriction(
            None,
            restrictions.RestrictionTerms(restraint, Cause.FRAUD if block else Cause.SPAM, RESTRICTION_NOTES[restraint],
                                                moment + timedelta(hours=limits["hours"]), limits["rate"]),
            restrictions.scope_of_case(case), moment, case)


def _reporters(case: Case, moment: datetime) -> tuple[int, int]:
    """How many distinct verified reporters there were in 24 hours, and how many of them reported fraud."""
    rows = db.session.execute(select(Report.theirs_key, Report.place, Report.category, Report.body).where(
        Report.case_id == case.id, Report.matched == Match.VERIFIED, Report.lane == Lane.NORMAL,
        Report.repeated.is_(False), Report.at > moment - DAY)).all()
    return _people(rows), _people([row for row in rows if row.category is Category.SCAM and row.body.strip()])


def _people(rows: Sequence[Any]) -> int:
    return min(len({row.theirs_key for row in rows}), len({row.place for row in rows}))


def _are_enough(reporters: int, share: int, case: Case, moment: datetime) -> bool:
    """Whether the reporters are at least this share (percent) of the numbers that the sender texted in 24 hours, or
    since the first reported text, but a week at most. Texts are read only until that is known.
    """
    if share == 0:
        return True
    first = db.session.scalar(select(func.min(Evidence.at)).where(Evidence.case_id == case.id))
    since = max(min(first or moment, moment - DAY), moment - WEEK)
    most = 100 * reporters // share
    texted = select(Message.theirs).where(
        Message.number_id == case.number_id, Message.direction == Direction.OUT, Message.at >= since,
        Message.carrier_id != "", Message.automatic.is_(False)).distinct().limit(most + 1)
    return (db.session.scalar(select(func.count()).select_from(texted.subquery())) or 0) <= most
