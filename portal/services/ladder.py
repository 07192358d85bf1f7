"""What verified reports lead to by themselves: a sender is slowed down, or blocked for fraud, for a limited time.

Only verified reporters count, each once, and only outside the slow lane: whoever can post a form cannot stop a
sender. Automatic answers go on, nothing is deleted, and an operator decides in the end. The thresholds are limits of
the rule `reports-count`, which settings may replace.
"""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import distinct, func, select

from portal.extensions import db
from portal.models import Case, Direction, Message, Report
from portal.rules.cases import Lane, Match
from portal.rules.facts import Category, Cause, Restraint

from . import restrictions

DAY = timedelta(hours=24)
NOTES = {
    Restraint.THROTTLE: "Several people who got these texts reported them.",
    Restraint.BLOCK: "Many people who got these texts reported fraud.",
}


def thresholds() -> dict[str, int]:
    """The limits in force."""
    limits: dict[str, int] = current_app.config["SETTINGS"].limits["reports-count"]
    return limits


def climb(case: Case, moment: datetime) -> None:
    """Restrain the sender of a case if its verified reports of 24 hours call for it, in the open write transaction."""
    verified, of_fraud = _reporters(case, moment)
    limits = thresholds()
    if verified < limits["few"] or 100 * verified < limits["share"] * _recipients(case, moment):
        return
    block = verified >= limits["many"] and of_fraud >= limits["few"]
    restraint = Restraint.BLOCK if block else Restraint.THROTTLE
    if not restrictions.restrained(case, restraint, moment):
        restrictions.put(
            None, restrictions.Terms(restraint, Cause.FRAUD if block else Cause.SPAM, NOTES[restraint],
                                     moment + timedelta(hours=limits["hours"]), limits["rate"]),
            restrictions.of_sender(case), moment, case)


def _reporters(case: Case, moment: datetime) -> tuple[int, int]:
    """Distinct verified reporters of 24 hours, and how many of them say it was fraud."""
    counted = select(Report.category, func.count(distinct(Report.theirs_key))).where(
        Report.case_id == case.id, Report.matched == Match.VERIFIED, Report.lane == Lane.NORMAL,
        Report.repeated.is_(False), Report.at > moment - DAY).group_by(Report.category)
    by_category = {row[0]: row[1] for row in db.session.execute(counted)}
    return sum(by_category.values()), by_category.get(Category.SCAM, 0)


def _recipients(case: Case, moment: datetime) -> int:
    """How many different numbers the sender texted within 24 hours."""
    sent = select(func.count(distinct(Message.theirs))).where(
        Message.number_id == case.number_id, Message.direction == Direction.OUT, Message.at > moment - DAY,
        Message.carrier_id != "")
    return db.session.scalar(sent) or 0
