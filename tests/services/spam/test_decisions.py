"""ABU-05: what operators do with a case, once, and never with one about themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import Case, CaseEntry, Number, Restriction, User
from portal.rules.cases import CaseState
from portal.rules.facts import Cause, Restraint, Subject
from portal.services.refusals import Clash
from portal.services.spam import decisions, reports, restrictions
from portal.services.spam.decisions import Verdict
from tests.reports import case, report, reported

UPHELD, NOT_UPHELD, DUPLICATE = Verdict(CaseState.UPHELD), Verdict(CaseState.NOT_UPHELD), CaseState.DUPLICATE


@pytest.fixture
def operators(people, inside):
    with inside():
        yield [db.session.get_one(User, people[name].id) for name in ("Olga", "Oskar")]


@pytest.fixture
def olga(operators):
    return operators[0]


@pytest.fixture
def filed(people, olga):
    return reported(people["Uli"].id, people["Uli"].number, 1)


def another(**more):
    number = db.session.scalars(select(Number).where(Number.e164 == "+14165550102")).one()
    with writing() as session:
        made = Case(organization_id=number.organization_id, number_id=number.id, user_id=number.user_id,
                    target_at=now(), **more)
        session.add(made)
    return made


def done(one):
    return db.session.scalars(select(CaseEntry.what).where(CaseEntry.case_id == one.id).order_by(CaseEntry.id)).all()


def terms(**more):
    return restrictions.RestrictionTerms(**{"restraint": Restraint.THROTTLE, "cause": Cause.SPAM, "note": "Ask first",
                                            "until": now() + timedelta(days=3), "per_minute": 2, **more})


def test_a_case_is_decided_once(operators, filed):
    """Whoever comes second is told, and nothing of theirs is written."""
    olga, oskar = operators
    one = case()
    decisions.take_case(oskar, one)
    decisions.decide_case(olga, one, Verdict(CaseState.UPHELD, "So it was", terms=terms()))
    with pytest.raises(Clash, match="Another operator has decided"):
        decisions.decide_case(oskar, one, NOT_UPHELD)
    with pytest.raises(Clash, match="Another operator has decided"):
        decisions.take_case(oskar, one)
    assert (one.state, one.assigned_id) == (CaseState.UPHELD, oskar.id)
    assert done(one) == ["opened", "assigned", "upheld", "restricted"]
    (made,) = db.session.scalars(select(Restriction))
    assert (made.user_id, made.per_minute, made.case_id, made.made_by_id) == (one.user_id, 2, one.id, olga.id)


@pytest.mark.parametrize(("subject", "held"), [
    (Subject.USER, "user_id"), (Subject.NUMBER, "number_id"), (Subject.ORGANIZATION, "organization_id"),
])
def test_whom_a_decision_restrains(olga, filed, subject, held):
    decisions.decide_case(olga, case(), Verdict(CaseState.UPHELD, terms=terms(), subject=subject))
    (made,) = db.session.scalars(select(Restriction))
    assert made.subject is subject
    assert getattr(made, held) == getattr(case(), held)


@pytest.mark.parametrize("days", [-1, 366])
def test_a_restriction_ends_within_a_year(olga, filed, days):
    with pytest.raises(Clash):
        decisions.decide_case(olga, case(), Verdict(CaseState.UPHELD, terms=terms(until=now() + timedelta(days=days))))
    assert case().state is CaseState.OPEN


def test_nobody_handles_a_case_about_themselves(people, operators, filed):
    """An operator who is a user as well: every move is refused, and the bulk move passes the case by."""
    with writing() as session:
        session.get_one(User, people["Uli"].id).operator = True
    uli, one = db.session.get_one(User, people["Uli"].id), case()
    for move in (lambda: decisions.take_case(uli, one), lambda: decisions.add_case_note(uli, one, "Not me"),
                 lambda: decisions.decide_case(uli, one, NOT_UPHELD),
                 lambda: decisions.reopen_decided_case(uli, one, "Again")):
        with pytest.raises(Clash, match="about you"):
            move()
    assert decisions.clear_open_cases(uli, [one.ref]) == 0
    assert done(one) == ["opened"]


def test_clearing_ends_what_reports_brought_about_by_themselves(people, olga):
    """And nothing else: what an operator has put on the sender stays."""
    reported(people["Uli"].id, people["Uli"].number, 3)
    with writing():
        restrictions.add_restriction(olga, terms(), restrictions.scope_of_case(case()), now(), case())
    (ladder, operator) = db.session.scalars(select(Restriction).order_by(Restriction.id))
    assert ladder.made_by_id is None
    decisions.decide_case(olga, case(), NOT_UPHELD)
    assert (ladder.lifted_at is not None, operator.lifted_at) == (True, None)


def test_several_are_cleared_at_once(people, olga):
    reported(people["Uli"].id, people["Uli"].number, 3)
    ladder, reported_ref = db.session.scalars(select(Restriction)).one(), case().ref
    other, decided = another(), another(state=CaseState.UPHELD, closed_at=now())
    assert decisions.clear_open_cases(olga, [other.ref, decided.ref, reported_ref, "nothing"]) == 2
    assert ladder.lifted_at is not None
    assert decided.state is CaseState.UPHELD


def test_a_duplicate_needs_another_case_that_is_none_itself(olga, filed):
    one, other = case(), another()
    for ref in ("", "nothing", one.ref):
        with pytest.raises(Clash) as clash:
            decisions.decide_case(olga, one, Verdict(DUPLICATE, duplicate_of=ref))
        assert clash.value.field == "duplicate_of"
    decisions.decide_case(olga, one, Verdict(DUPLICATE, duplicate_of=f" {other.ref} "))
    assert one.duplicate_of_id == other.id
    with pytest.raises(Clash, match="duplicate itself"):
        decisions.decide_case(olga, other, Verdict(DUPLICATE, duplicate_of=one.ref))


def test_reporters_of_a_duplicate_of_a_duplicate_get_an_answer(olga, filed):
    one, middle, last = case(), another(), another()
    decisions.decide_case(olga, one, Verdict(DUPLICATE, duplicate_of=middle.ref))
    decisions.decide_case(olga, middle, Verdict(DUPLICATE, duplicate_of=last.ref))
    decisions.decide_case(olga, last, UPHELD)
    assert reports.progress_of_report(report(filed[0])) == "acted"


def test_reopening(operators, filed, clock):
    olga, oskar = operators
    one = case()
    with pytest.raises(Clash, match="open already"):
        decisions.reopen_decided_case(oskar, one, "Why not")
    decisions.decide_case(olga, one, NOT_UPHELD)
    assert decisions.can_reopen_case(one)
    decisions.reopen_decided_case(oskar, one, "There is more")
    assert (one.state, one.closed_at) == (CaseState.OPEN, None)
    decisions.decide_case(olga, one, UPHELD)
    clock.forward(days=91)
    assert not decisions.can_reopen_case(one)
    with pytest.raises(Clash, match="can be reopened"):
        decisions.reopen_decided_case(oskar, one, "Too late")
    assert one.state is CaseState.UPHELD


def test_a_reopened_case_has_time_again(olga, filed, clock):
    one = case()
    decisions.decide_case(olga, one, UPHELD)
    clock.forward(days=30)
    decisions.reopen_decided_case(olga, one, "There is more")
    assert one.target_at > clock.now()


def test_opening_and_exporting_are_written_down_once_an_hour(operators, filed, clock):
    one = case()
    for me in (*operators, *operators):
        decisions.note_case_view(me, one)
        decisions.note_case_export(me, one)
    assert done(one) == ["opened", "seen", "exported", "seen", "exported"]
    # A day and some minutes later as well.
    clock.forward(hours=24, minutes=10)
    decisions.note_case_view(operators[0], one)
    assert done(one)[5:] == ["seen"]
