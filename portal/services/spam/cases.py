"""Spam cases: reports that belong together, in the order in which operators should look at them.

This module reads the queue. `intake` adds reports to a case, `decisions` records what operators decide.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select

from portal.extensions import db, now
from portal.models import Case, CaseEntry, Evidence, Number, Organization, Report, User
from portal.rules.cases import Lane, Match
from portal.rules.facts import Category

CASES_PER_PAGE = 50
UNMATCHED_FOR = timedelta(days=30)
# The condition repeats the words of the index: with parameters instead, SQLite would not use it.
_IS_OPEN: Any = literal_column("cases.state IN ('open', 'assigned')")


class CaseRow(NamedTuple):
    """A row of the queue."""

    case: Case
    sender: str
    user: str
    organization: str
    assigned: str


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """The filters of the queue: category, operator, and whether to show decided cases."""

    category: Category | None = None
    whose: str = ""
    closed: bool = False


def list_case_rows(filters: CaseFilters, me: User, after: str = "") -> tuple[list[CaseRow], bool]:
    """A page of the queue: the earliest deadline first, then the heaviest case; True if more follow.

    Decided cases come newest first. `after` is the ref of the last case of the page before.
    """
    found = _rows().where(*_wanted(filters, me))
    last = db.session.scalars(select(Case).where(Case.ref == after)).first() if after else None
    # A decided case may have been reopened since and left this list.
    if last is not None and (last.closed_at is not None or not filters.closed):
        found = found.where(_behind(last, closed=filters.closed))
    order = (Case.closed_at.desc(), Case.id.desc()) if filters.closed else ORDER
    rows = _named(db.session.execute(found.order_by(*order).limit(CASES_PER_PAGE + 1)).all())
    return rows[:CASES_PER_PAGE], len(rows) > CASES_PER_PAGE


def read_case_row(case: Case) -> CaseRow:
    """One case with the names that a row of the queue shows."""
    return _named(db.session.execute(_rows().where(Case.id == case.id)).all())[0]


def _rows() -> Select[*tuple[Any, ...]]:
    return select(Case, Number.e164, func.coalesce(User.name, ""), Organization.name).join(
        Number, Number.id == Case.number_id).join(
        Organization, Organization.id == Case.organization_id).outerjoin(User, User.id == Case.user_id)


def _named(rows: Sequence[Any]) -> list[CaseRow]:
    names = _names(one[0].assigned_id for one in rows)
    return [CaseRow(one[0], one[1], one[2], one[3], names.get(one[0].assigned_id or 0, "")) for one in rows]


def other_cases_of_sender(case: Case, most: int = 10) -> Sequence[Case]:
    """The other cases about the sender of a case, the newest first; at most so many."""
    same = Case.number_id == case.number_id
    if case.user_id is not None:
        same = or_(same, Case.user_id == case.user_id)
    found = select(Case).where(Case.organization_id == case.organization_id, Case.id != case.id, same)
    return db.session.scalars(found.order_by(Case.id.desc()).limit(most)).all()


def original_of_duplicate(case: Case) -> Case | None:
    """The case that a duplicate repeats."""
    return db.session.get(Case, case.duplicate_of_id) if case.duplicate_of_id else None


def has_several_organizations() -> bool:
    """Whether the portal has more than one organization, so that lists name them."""
    return len(db.session.scalars(select(Organization.id).limit(2)).all()) > 1


ORDER = (Case.target_at, Case.weight.desc(), Case.id)


def _wanted(filters: CaseFilters, me: User) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [_IS_OPEN if not filters.closed
                                         else Case.closed_at.is_not(None)]
    if filters.category:
        wanted.append(Case.category == filters.category)
    if filters.whose == "me":
        wanted.append(Case.assigned_id == me.id)
    if filters.whose == "nobody":
        wanted.append(Case.assigned_id.is_(None))
    return wanted


def _behind(last: Case, *, closed: bool) -> ColumnElement[bool]:
    if closed:
        return or_(Case.closed_at < last.closed_at, and_(Case.closed_at == last.closed_at, Case.id < last.id))
    return or_(
        Case.target_at > last.target_at,
        and_(Case.target_at == last.target_at, Case.weight < last.weight),
        and_(Case.target_at == last.target_at, Case.weight == last.weight, Case.id > last.id))


def _names(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    return {row.id: row.name for row in db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))}


def find_next_case(case: Case, me: User) -> Case | None:
    """The first case in the queue, except this one and cases about the operator who asks."""
    found = select(Case).where(_IS_OPEN, Case.id != case.id,
                               or_(Case.user_id.is_(None), Case.user_id != me.id))
    return db.session.scalars(found.order_by(*ORDER)).first()


def select_open_cases() -> Select[int]:
    """The cases that wait for a decision, the earliest deadline first, not asked yet."""
    # In the order of its index, which holds these cases alone; in no order SQLite might read all of them.
    return select(Case.id).where(_IS_OPEN).order_by(Case.target_at)


def count_open_cases() -> int:
    """How many cases wait for a decision; counts up to 1,000."""
    some = select_open_cases().limit(1000)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def count_overdue_cases() -> int:
    """How many open cases are past their deadline; counts up to 1,000."""
    some = select(Case.id).where(_IS_OPEN, Case.target_at < now()).limit(1000)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def count_unmatched_reports() -> int:
    """How many reports of the last 30 days match no text that was sent from here; counts up to 1,000."""
    some = select(Report.id).where(Report.matched == Match.UNMATCHED, Report.at > now() - UNMATCHED_FOR).limit(1000)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def find_case_for_operator(ref: str) -> Case:
    """A case by its ref; 404 when there is none."""
    found: Case = db.one_or_404(select(Case).where(Case.ref == ref))
    return found


def is_case_about(case: Case, me: User) -> bool:
    """Whether a case is about this operator: about their number or account. They see no more of it than that."""
    if case.user_id is None:
        return me.number is not None and me.number.id == case.number_id
    return case.user_id == me.id


def list_case_reports(case: Case, most: int = 100) -> Sequence[Report]:
    """The reports of a case: verified ones first, the slow lane last, then by time; at most so many."""
    found = select(Report).where(Report.case_id == case.id).order_by(
        Report.repeated, Report.lane == Lane.SLOW, Report.matched != Match.VERIFIED, Report.id)
    return db.session.scalars(found.limit(most)).all()


def each_case_report(case: Case, batch: int = 100) -> Iterator[Report]:
    """Every report of a case in the order in which they came, read in batches."""
    last = 0
    while found := db.session.scalars(select(Report).where(Report.case_id == case.id, Report.id > last).order_by(
            Report.id).limit(batch)).all():
        yield from found
        last = found[-1].id


def evidence_of_case(case: Case) -> Sequence[Evidence]:
    """The texts of the sender that are kept with a case, the oldest first."""
    return db.session.scalars(select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.at)).all()


def history_of_case(case: Case) -> Sequence[tuple[CaseEntry, str]]:
    """Who did what with a case, the newest first; "" is the portal itself. The latest hundred."""
    found = select(CaseEntry, func.coalesce(User.name, "")).outerjoin(User, User.id == CaseEntry.actor_id).where(
        CaseEntry.case_id == case.id).order_by(CaseEntry.id.desc()).limit(100)
    return [(row[0], row[1]) for row in db.session.execute(found)]
