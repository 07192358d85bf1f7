"""Adding reports to cases: one case per sender and week, with evidence and weight."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select

from portal.dialects import upsert
from portal.extensions import current_settings, db
from portal.models import Case, CaseEntry, Evidence, Number, Report
from portal.rules import Act, Effect, Facts, decide, facts
from portal.rules.cases import OPEN_CASE_STATES, Lane, Match, deadline_of_case, weigh_reports
from portal.rules.facts import Category

from .. import hashes
from . import automatic

TOGETHER = timedelta(days=7)
# A case keeps so many copies of texts, fewer from weak reports, so that nobody can fill it with harmless texts.
MOST_EVIDENCE, MOST_WEAK, MOST_OF_ONE = 20, 5, 2
# From the gravest to the least; a case is as grave as its gravest verified report.
GRAVITY = (Category.SCAM, Category.THREATENING, Category.IGNORED_STOP, Category.ADVERTISING, Category.OTHER,
           Category.WRONG_PERSON)


def add_report_to_case(report: Report, number: Number, texts: Sequence[Any], moment: datetime) -> Case:
    """Add a matched report to the open case about its sender, or to a new case, in the open write transaction."""
    user_id = next((text.user_id for text in texts), number.user_id)
    case = _open_case(number, user_id, moment) or _new(number, user_id, moment)
    report.repeated = "report-again" in private_rule_ids(ours=True, again=_replace_weaker(report, case))
    report.case_id = case.id
    _keep(report, case, texts)
    db.session.flush()
    weigh_case(case)
    if report.matched is Match.VERIFIED:
        automatic.restrict_reported_sender(case, moment)
    return case


def _open_case(number: Number, user_id: int | None, moment: datetime) -> Case | None:
    found = select(Case).where(Case.number_id == number.id, Case.state.in_(OPEN_CASE_STATES),
                               Case.opened_at > moment - TOGETHER)
    same = Case.user_id.is_(None) if user_id is None else Case.user_id == user_id
    return db.session.scalars(found.where(same).order_by(Case.id.desc())).first()


def _new(number: Number, user_id: int | None, moment: datetime) -> Case:
    case = Case(organization_id=number.organization_id, number_id=number.id, user_id=user_id, opened_at=moment,
                target_at=moment)
    db.session.add(case)
    db.session.flush()
    db.session.add(CaseEntry(case_id=case.id, at=moment, what="opened"))
    return case


def _replace_weaker(report: Report, case: Case) -> bool:
    """Whether the same person reported this sender before; marks weaker earlier reports of theirs as repeated.

    Without a number, the source of the report stands for the person. A stronger report replaces a weaker one: otherwise
    a sender could file weak reports in the names of recipients, and the genuine reports would not count.
    """
    same = Report.theirs_key == report.theirs_key if report.theirs_key else and_(
        Report.source == report.source, Report.theirs_key == "")
    earlier = db.session.scalars(select(Report).where(
        Report.case_id == case.id, Report.id != report.id, Report.repeated.is_(False), same)).all()
    if any(_proves(one) >= _proves(report) for one in earlier):
        return True
    for one in earlier:
        one.repeated = True
    return False


def _proves(report: Report) -> tuple[bool, bool]:
    return report.lane is Lane.NORMAL, report.matched is Match.VERIFIED


def _keep(report: Report, case: Case, texts: Iterable[Any]) -> None:
    """Copy the reported texts, because texts are erased earlier than the evidence of a case."""
    kept = db.session.scalar(select(func.count()).where(Evidence.case_id == case.id)) or 0
    most = MOST_EVIDENCE if _proves(report) == (True, True) else MOST_WEAK
    for text in list(texts)[:min(MOST_OF_ONE, max(0, most - kept))]:
        values = {"case_id": case.id, "message_ref": text.ref, "at": text.at, "body": text.body,
                  "template": text.template, "theirs_key": hashes.keyed_hash(text.theirs, "reporter")}
        db.session.execute(upsert(Evidence).values(values).on_conflict_do_nothing())


def weigh_case(case: Case) -> None:
    """Work out weight, category, lane and deadline of a case from its reports, in the open write transaction."""
    rows = db.session.execute(select(Report.matched, Report.lane, Report.category, func.count()).where(
        Report.case_id == case.id, Report.repeated.is_(False)).group_by(
        Report.matched, Report.lane, Report.category)).all()
    verified = [row for row in rows if row[0] is Match.VERIFIED]
    prompt = [row for row in verified if row[1] is Lane.NORMAL]
    case.verified = _many(verified)
    case.known = _many(rows) - case.verified
    case.weight = weigh_reports(case.verified, case.known)
    case.lane = min((row[1] for row in rows), key=list(Lane).index, default=Lane.NORMAL)
    case.category = _gravest(prompt or verified or rows)
    case.target_at = deadline_of_case(_begun(case), case.category, len(prompt), time_zone_of_desk())


def _begun(case: Case) -> datetime:
    """When the time to decide began: when the case was opened, or last reopened."""
    again = select(func.max(CaseEntry.at)).where(CaseEntry.case_id == case.id, CaseEntry.what == "reopened")
    return db.session.scalar(again) or case.opened_at


def _many(rows: Iterable[Any]) -> int:
    return sum(row[3] for row in rows)


def _gravest(rows: Iterable[Any]) -> Category:
    reported = {row[2] for row in rows}
    return next((one for one in GRAVITY if one in reported), Category.OTHER)


def time_zone_of_desk() -> ZoneInfo:
    """The time zone of the operators who decide cases."""
    return ZoneInfo(current_settings().desk_zone)


def private_rule_ids(*, ours: bool | None = None, again: bool | None = None) -> frozenset[str]:
    """The ids of the rules that hold for a report once the portal knows whose number it names, or of an earlier one."""
    decision = decide(Act.REPORT, Facts(report=facts.ReportFacts(ours=ours, again=again)))
    return frozenset(reason.id for reason in decision.having(Effect.NOTICE))
