"""Which decision about a likely opt-out counts, which one can be undone, and how often people say No."""

from datetime import timedelta

import pytest

from portal.extensions import now, writing
from portal.models import OptOut, OptOutDecision, OptOutSource, OptOutState
from portal.rules.terms import NotMeantReason
from portal.services.texting import optout_decisions, optouts
from portal.services.texting.optout_decisions import (
    count_member_decisions,
    find_undoable_decision,
    latest_decision,
    was_denied_lately,
)
from tests.talks import THEIRS

JOKE = NotMeantReason.JOKE


@pytest.fixture
def decided(uli):
    """`decided(state, ages, ...)`: an opt-out, with decisions of these ages; negative ones lie ahead."""
    def make(state, *ages, meant=False, undone=False, theirs=THEIRS, user=uli):
        moment = now()
        with writing() as session:
            row = OptOut(organization_id=uli.organization_id, theirs=theirs, state=state, source=OptOutSource.WORDING,
                         said_at=moment - timedelta(days=200))
            session.add(row)
            session.flush()
            for age in ages:
                session.add(OptOutDecision(
                    organization_id=uli.organization_id, opt_out_id=row.id, user_id=user.id, meant=meant,
                    reason=None if meant else JOKE, at=moment - age, undone_at=moment if undone else None))
        return row, moment
    return make


@pytest.mark.parametrize(("age", "lately"), [
    (timedelta(), True), (timedelta(days=90, seconds=-1), True), (timedelta(days=90), False),
    # The clock was set back: it is still known that somebody said No.
    (timedelta(hours=-1), True)])
def test_a_no_counts_for_ninety_days(decided, age, lately):
    row, moment = decided(OptOutState.NOT_MEANT, age)
    assert was_denied_lately(row, moment) is lately


@pytest.mark.parametrize("state", [one for one in OptOutState if one is not OptOutState.NOT_MEANT])
def test_a_no_does_not_count_once_something_else_was_said(decided, state):
    row, moment = decided(state, timedelta())
    with writing():
        row.source = OptOutSource.STOP
    assert not was_denied_lately(row, moment)


@pytest.mark.parametrize("source", [OptOutSource.WORDING, OptOutSource.WEB, OptOutSource.MANUAL])
def test_an_opt_out_that_was_withdrawn_was_denied(decided, source):
    row, moment = decided(OptOutState.IN_AGAIN, timedelta(days=89))
    with writing():
        row.source = source
    assert was_denied_lately(row, moment)
    assert not was_denied_lately(row, moment + timedelta(days=1))


def test_what_was_undone_does_not_count(decided):
    row, moment = decided(OptOutState.NOT_MEANT, timedelta(), undone=True)
    assert not was_denied_lately(row, moment)
    assert find_undoable_decision(row, moment) is None
    assert count_member_decisions(row.organization_id, moment) == []


@pytest.mark.parametrize(("age", "can"), [
    (timedelta(), True), (timedelta(minutes=10, seconds=-1), True), (timedelta(minutes=10), False),
    (timedelta(seconds=-1), False)])
@pytest.mark.parametrize(("state", "meant"), [(OptOutState.OUT, True), (OptOutState.NOT_MEANT, False)])
def test_a_decision_can_be_undone_for_ten_minutes(decided, state, meant, age, can):
    row, moment = decided(state, age, meant=meant)
    assert (find_undoable_decision(row, moment) is not None) is can


@pytest.mark.parametrize(("state", "meant"), [
    (OptOutState.OUT, False), (OptOutState.NOT_MEANT, True), (OptOutState.IN_AGAIN, True),
    (OptOutState.LIKELY_OUT, False)])
def test_nothing_is_undone_that_has_changed_since(decided, state, meant):
    row, moment = decided(state, timedelta(minutes=1), meant=meant)
    assert find_undoable_decision(row, moment) is None


def test_words_that_came_later_count(decided, uli):
    row, moment = decided(OptOutState.OUT, timedelta(minutes=1), meant=True)
    with writing():
        row.said_at = moment
    assert find_undoable_decision(row, moment) is None


def test_an_erased_number_is_not_asked_about_again(decided, uli):
    row, moment = decided(OptOutState.OUT, timedelta(minutes=1), meant=True)
    optouts.erase_optout_number(uli.organization, THEIRS)
    assert find_undoable_decision(row, moment) is None
    assert find_undoable_decision(None, moment) is None


def test_the_newest_decision_is_the_one_that_counts(decided):
    row, moment = decided(OptOutState.NOT_MEANT, timedelta(days=3), timedelta(days=1))
    assert latest_decision(row).at == moment - timedelta(days=1)


def test_how_often_each_person_says_no(decided, uli, ben):
    decided(OptOutState.NOT_MEANT, timedelta(days=1), timedelta(days=89), timedelta(days=91))
    decided(OptOutState.OUT, timedelta(), meant=True, theirs="+16475550111")
    _, moment = decided(OptOutState.NOT_MEANT, timedelta(), timedelta(days=1), timedelta(days=2),
                        theirs="+16475550112", user=ben)
    assert count_member_decisions(uli.organization_id, moment) == [("Ben Okafor", 0, 3), ("Uli Brandt", 1, 2)]
    assert count_member_decisions(None, moment) == []


def test_the_limits_are_those_of_the_rule():
    assert timedelta(minutes=10) == optout_decisions.UNDO_WITHIN
    assert timedelta(days=90) == optout_decisions.AGAIN_WITHIN
