"""Reports and cases for tests: texts that really left, and people who report them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.extensions import db, make_ref, now
from portal.models import Case, Report, TextState
from portal.rules import texts
from portal.rules.facts import Category
from portal.services.spam import matching, reports

from . import talks

SPAM = "You have won a parcel! Pay 2.99 at parcel-fees.example to get it"


def number(index: int) -> str:
    """A recipient's number, one for each index."""
    return f"+1647556{index:04}"


def sent(user_id: int, theirs: str, body: str = SPAM, at: datetime | None = None, **more: Any) -> str:
    """A text of a user that a carrier took and delivered; the ref of its conversation."""
    at = at or now()
    return talks.hold(user_id, talks.text_out(
        body, TextState.DELIVERED, carrier="scripted", carrier_id=make_ref(), template=texts.hash_of_template(body),
        at=at, left_at=at, **more), theirs=theirs)


def told(sender: str, theirs: str = "", body: str = SPAM, category: Category | None = Category.SCAM,
         source: str = "", **more: Any) -> reports.ReportAnswer:
    """File a report of a text, from a source of its own unless `source` names one."""
    said = reports.ReportInput(sender, body, theirs, None, category, **more)
    return reports.file_report(said, source or f"from {theirs or make_ref()}")


def settle() -> None:
    """Let the background process look into everything that waits."""
    while matching.match_waiting_reports():
        pass
    db.session.rollback()


def case() -> Case:
    """The only case that there is."""
    db.session.rollback()
    return db.session.scalars(select(Case)).one()


def report(filed: reports.ReportAnswer) -> Report:
    """What was stored of a report."""
    db.session.rollback()
    return reports.find_report_by_token(filed.token)


def reported(user_id: int, ours: str, many: int, recipients: int = 0, **more: Any) -> list[reports.ReportAnswer]:
    """So many people get the same text of a user, and so many of them report it; everything is looked into."""
    for index in range(max(many, recipients)):
        sent(user_id, number(index), at=now() - timedelta(minutes=1))
    filed = [told(ours, number(index), **more) for index in range(many)]
    settle()
    return filed
