"""The queue of spam cases: what it holds, in which order, page by page."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import Case, Number, User
from portal.rules.cases import CaseState
from portal.rules.facts import Category
from portal.services.spam import cases
from tests.reports import case, number, reported, sent, settle, told

ALL = cases.CaseFilters()


@pytest.fixture
def olga(people, inside):
    with inside():
        yield db.session.get_one(User, people["Olga"].id)


def open_case(minutes=60, weight=10, **more):
    """A case that is due in so many minutes."""
    number = db.session.scalars(select(Number).where(Number.e164 == "+14165550101")).one()
    with writing() as session:
        made = Case(organization_id=number.organization_id, number_id=number.id, user_id=number.user_id,
                    target_at=now() + timedelta(minutes=minutes), weight=weight, **more)
        session.add(made)
    return made.ref


def listed(filters, me, after=""):
    return [row.case.ref for row in cases.list_case_rows(filters, me, after)[0]]


def test_the_shortest_time_left_comes_first_then_the_heaviest(olga):
    moment = now()
    later, soon = open_case(600), open_case(-60)
    light, heavy = (open_case(weight=weight) for weight in (10, 30))
    with writing() as session:
        for one in session.scalars(select(Case).where(Case.ref.in_([light, heavy]))):
            one.target_at = moment + timedelta(hours=1)
    assert listed(ALL, olga) == [soon, heavy, light, later]
    assert (cases.count_open_cases(), cases.count_overdue_cases()) == (4, 1)


def test_every_case_stands_on_exactly_one_page(olga):
    """Also where many are due at the same moment."""
    moment = now()
    made = [open_case(weight=index % 3) for index in range(120)]
    with writing() as session:
        for one in session.scalars(select(Case)):
            one.target_at = moment + timedelta(hours=one.id % 2)
    found, after, more = [], "", True
    while more:
        rows, more = cases.list_case_rows(ALL, olga, after)
        found += [row.case.ref for row in rows]
        after = found[-1]
    assert sorted(found) == sorted(made)
    assert len(found) == 120


def test_filters(olga):
    mine = open_case(assigned_id=olga.id, state=CaseState.ASSIGNED)
    fraud = open_case(category=Category.SCAM)
    done = open_case(state=CaseState.UPHELD, closed_at=now(), assigned_id=olga.id)
    assert listed(cases.CaseFilters(whose="me"), olga) == [mine]
    assert listed(cases.CaseFilters(whose="nobody"), olga) == [fraud]
    assert listed(cases.CaseFilters(Category.SCAM), olga) == [fraud]
    assert listed(cases.CaseFilters(closed=True), olga) == [done]
    assert listed(cases.CaseFilters(closed=True, whose="nobody"), olga) == []


def test_decided_cases_are_paged_newest_first_and_a_reopened_one_is_no_place(olga):
    made = [open_case(state=CaseState.UPHELD, closed_at=now() + timedelta(seconds=index)) for index in range(60)]
    first, more = cases.list_case_rows(cases.CaseFilters(closed=True), olga)
    assert ([row.case.ref for row in first], more) == (made[:9:-1], True)
    assert listed(cases.CaseFilters(closed=True), olga, made[10]) == made[9::-1]
    assert len(listed(cases.CaseFilters(closed=True), olga, open_case())) == cases.CASES_PER_PAGE


def test_a_genuine_report_comes_before_any_number_of_unverified_ones(olga, people):
    """ABU-05: nothing that strangers can post makes them overtake."""
    sent(people["Uli"].id, number(1))
    sent(people["Ben"].id, number(2), "Come to our spring sale at the shop on Main Street this week")
    for index in range(60):
        told(people["Uli"].number, "", source=f"place {index}")
    told(people["Ben"].number, number(2), "Come to our spring sale at the shop on Main Street this week")
    settle()
    first, second = cases.list_case_rows(ALL, olga)[0]
    assert (first.user, first.case.verified) == ("Ben Okafor", 1)
    assert (second.user, second.case.weight) == ("Uli Brandt", 9)


def test_the_next_one_is_never_about_the_operator(olga):
    here, soon, later = (open_case(minutes) for minutes in (10, 20, 30))
    with writing() as session:
        session.scalars(select(Case).where(Case.ref == soon)).one().user_id = olga.id
    assert cases.find_next_case(cases.find_case_for_operator(here), olga).ref == later


def test_reports_are_read_in_batches(olga, people):
    reported(people["Uli"].id, people["Uli"].number, 7)
    assert len(list(cases.each_case_report(case(), batch=3))) == 7
