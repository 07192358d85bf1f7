"""The queue of spam cases: what it holds, in which order, page by page."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from werkzeug.exceptions import NotFound

from portal.extensions import db, make_ref, now, writing
from portal.models import Case, CaseEntry, Evidence, Number, Organization, Report, User
from portal.rules.cases import CaseState, Lane, Match
from portal.rules.facts import Category
from portal.services.spam import cases
from tests.reports import case, number, reported, sent, settle, told

ALL = cases.CaseFilters()


@pytest.fixture
def olga(people, inside):
    with inside():
        yield db.session.get_one(User, people["Olga"].id)


def open_case(minutes=60, weight=10, about="+14165550101", **more):
    """A case that is due in so many minutes."""
    number = db.session.scalars(select(Number).where(Number.e164 == about)).one()
    with writing() as session:
        made = Case(**{"organization_id": number.organization_id, "number_id": number.id, "user_id": number.user_id,
                       "target_at": now() + timedelta(minutes=minutes), "weight": weight, **more})
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


# --- one case ------------------------------------------------------------------------------------


@pytest.fixture
def found(olga):
    """`found(ref)` is a case by its ref."""
    return cases.find_case_for_operator


def test_a_case_is_found_by_its_ref_alone(found):
    ref = open_case()
    assert found(ref).ref == ref
    for wrong in ("", "x", ref[:-1], ref.swapcase() + "x"):
        with pytest.raises(NotFound):
            found(wrong)


def test_a_row_has_the_names_of_whom_it_is_about_and_who_took_it(found, olga):
    one, other = open_case(assigned_id=olga.id), open_case(about="+12065550160", user_id=None)
    assert cases.read_case_row(found(one)) == (found(one), "+14165550101", "Uli Brandt", "Maple Clinic", "Olga Weiss")
    assert cases.read_case_row(found(other)) == (found(other), "+12065550160", "", "Harbor Health", "")
    assert [cases.read_case_row(found(ref)) for ref in (one, other)] == cases.list_case_rows(ALL, olga)[0]


def test_other_cases_of_a_sender_are_those_of_the_user_and_of_the_number_newest_first(found, people, bring):
    """In the same organization: a number that was another's before tells nothing about whom it belongs to now."""
    bring("+14165550177")
    one = open_case()
    same_number = open_case(user_id=None, state=CaseState.UPHELD, closed_at=now())
    same_user = open_case(about="+14165550177", user_id=people["Uli"].id)
    open_case(about="+14165550102")
    elsewhere = open_case(about="+12065550160", user_id=people["Uli"].id)
    assert [other.ref for other in cases.other_cases_of_sender(found(one))] == [same_user, same_number]
    assert [other.ref for other in cases.other_cases_of_sender(found(one), most=1)] == [same_user]
    assert [other.ref for other in cases.other_cases_of_sender(found(same_number))] == [one]
    assert cases.other_cases_of_sender(found(elsewhere)) == []


def test_a_duplicate_leads_to_the_case_that_it_repeats(found):
    original = found(open_case())
    duplicate = found(open_case(state=CaseState.DUPLICATE, duplicate_of_id=original.id))
    assert cases.original_of_duplicate(duplicate) is original
    assert cases.original_of_duplicate(original) is None


def test_whether_lists_name_the_organization(olga, organizations, database_store):
    assert cases.has_several_organizations() is True
    with writing() as session:
        database_store.let_dangle(session)
        session.execute(delete(Organization).where(Organization.id != organizations["Maple"].id))
        assert cases.has_several_organizations() is False
        session.rollback()


@pytest.mark.parametrize(("about", "user", "me", "expected"), [
    ("+14165550101", "Uli", "Uli", True), ("+14165550101", None, "Uli", True), ("+14165550101", "Ben", "Uli", False),
    ("+14165550101", "Uli", "Olga", False), ("+14165550101", None, "Olga", False), ("+14165550102", None, "Uli", False),
    ("+14165550102", "Uli", "Uli", True)])
def test_whether_a_case_is_about_an_operator(found, people, about, user, me, expected):
    """By the account that had the number when the text was sent; by the number only if nobody had it."""
    one = found(open_case(about=about, user_id=people[user].id if user else None))
    assert cases.is_case_about(one, db.session.get_one(User, people[me].id)) is expected


# --- what is kept with a case --------------------------------------------------------------------


def filed(case_id=None, **more):
    """A report as it was compared; its ref."""
    with writing() as session:
        one = Report(**{"ref": make_ref()[:9], "token": make_ref(), "sender": "+14165550101", "case_id": case_id,
                        "matched": Match.VERIFIED, **more})
        session.add(one)
    return one.ref


def test_reports_are_read_verified_ones_first_and_those_that_count_for_nothing_last(found):
    one, other = found(open_case()), found(open_case())
    repeated = filed(one.id, repeated=True)
    slow = filed(one.id, lane=Lane.SLOW)
    known = filed(one.id, matched=Match.KNOWN)
    first, second = filed(one.id), filed(one.id)
    filed(other.id)
    expected = [first, second, known, slow, repeated]
    assert [held.ref for held in cases.list_case_reports(one)] == expected
    assert [held.ref for held in cases.list_case_reports(one, most=2)] == expected[:2]
    assert [held.ref for held in cases.each_case_report(one, batch=2)] == [repeated, slow, known, first, second]
    assert cases.list_case_reports(found(open_case())) == []


def test_unmatched_reports_of_the_last_thirty_days_are_counted(olga, clock):
    for matched in Match:
        filed(matched=matched)
    filed(matched=Match.UNMATCHED, at=now() - timedelta(days=29))
    filed(matched=Match.UNMATCHED, at=now() - timedelta(days=31))
    assert cases.count_unmatched_reports() == 2
    clock.forward(days=30, minutes=1)
    assert cases.count_unmatched_reports() == 0


def test_evidence_is_read_from_the_oldest_text_on(found):
    one, other = found(open_case()), found(open_case())
    moment = now()
    with writing() as session:
        session.add_all(Evidence(case_id=at.id, message_ref=make_ref(), at=moment - timedelta(hours=hours), body=body,
                                 template="", theirs_key="")
                        for at, hours, body in ((one, 1, "newer"), (one, 2, "older"), (other, 3, "another")))
    assert [kept.body for kept in cases.evidence_of_case(one)] == ["older", "newer"]
    assert cases.evidence_of_case(found(open_case())) == []


def test_the_history_tells_who_did_what_the_newest_first(found, olga):
    one, other = found(open_case()), found(open_case())
    with writing() as session:
        session.add_all([CaseEntry(case_id=one.id, what="opened"),
                         CaseEntry(case_id=one.id, what="note", note="Wait", actor_id=olga.id),
                         CaseEntry(case_id=other.id, what="opened")])
    history = cases.history_of_case(one)
    assert [(entry.what, entry.note, name) for entry, name in history] == [
        ("note", "Wait", "Olga Weiss"), ("opened", "", "")]
    with writing() as session:
        session.add_all(CaseEntry(case_id=one.id, what="seen", actor_id=olga.id) for _ in range(100))
    assert {entry.what for entry, _name in cases.history_of_case(one)} == {"seen"}
    assert len(cases.history_of_case(one)) == 100
