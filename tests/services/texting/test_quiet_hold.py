"""Texts in quiet hours: an organization is warned, or its texts wait for the first minute allowed where they go."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from portal.extensions import db, writing
from portal.models import Organization, TextState
from portal.rules import Effect
from portal.rules.facts import QuietRule
from portal.services.texting import outbox, outcomes, recheck, sending
from portal.services.texting.outbox import OutboxWorker
from tests.talks import messages

NEW_YORK, TORONTO = "+12125550123", "+16475550110"
# Monday, 23 November 2026, when the hours begin at eight in New York and at nine in Toronto.
OPENS = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def at(monkeypatch):
    """`at(moment)` sets the clock of accepting and handing over."""
    def stop_the_clock(moment):
        for module in (sending, outbox, outcomes):
            monkeypatch.setattr(module, "now", lambda: moment)

    return stop_the_clock


@pytest.fixture
def holding(uli):
    """Uli, whose organization's texts wait in quiet hours."""
    choose(QuietRule.HOLD)
    return uli


def choose(rule):
    with writing() as session:
        session.execute(update(Organization).values(quiet_rule=rule))


def send(user, theirs=NEW_YORK, key="key"):
    return sending.send_text(user, theirs, "Hello", key).decision


def step(at, moment):
    at(moment)
    OutboxWorker("worker").step()
    return [(one.state, one.why) for one in messages()]


def test_unless_it_is_chosen_a_text_leaves_at_night_with_a_warning(uli, at, carrier):
    at(OPENS - MINUTE)
    assert [(one.id, one.effect) for one in send(uli).reasons if one.id == "quiet-hours"] == [
        ("quiet-hours", Effect.WARN)]
    assert step(at, OPENS - MINUTE) == [(TextState.HANDED_OVER, [])]


def test_a_held_text_leaves_in_the_first_minute_allowed(holding, at, carrier):
    at(OPENS - 3 * MINUTE)
    assert send(holding).until == OPENS
    assert [(one.due_at, one.why) for one in messages()] == [(OPENS, ["quiet-hours"])]
    assert step(at, OPENS - timedelta(seconds=1)) == [(TextState.QUEUED, ["quiet-hours"])]
    assert carrier.taken == {}
    assert step(at, OPENS) == [(TextState.HANDED_OVER, [])]


def test_a_text_that_waits_for_the_whole_of_its_time_still_has_minutes_to_leave(holding, at, carrier):
    """The worker may be busy or down in the second in which the hours begin."""
    at(OPENS - timedelta(hours=4))
    assert send(holding).until == OPENS
    assert step(at, OPENS + 4 * MINUTE) == [(TextState.HANDED_OVER, [])]


def test_a_text_that_waits_for_a_short_while_is_worth_sending_no_longer_for_it(holding, at, carrier):
    at(OPENS - MINUTE)
    send(holding)
    assert [one.deadline for one in messages()] == [OPENS - MINUTE + timedelta(hours=4)]


def test_each_place_has_its_own_minute(holding, at):
    at(OPENS - MINUTE)
    assert send(holding, TORONTO).until == OPENS + timedelta(hours=1)


def test_a_text_that_could_not_leave_in_time_is_refused_and_says_when_it_could(holding, at):
    at(OPENS - timedelta(hours=4) - MINUTE)
    decision = send(holding)
    assert [(one.id, one.values["until"], one.values["opens"]) for one in decision.blocking] == [
        ("quiet-hours", OPENS, time(8))]
    assert messages() == []


def test_what_was_still_waiting_when_quiet_hours_began_is_decided_again(holding, at, carrier, monkeypatch):
    """A text that the carrier did not take before nine in the evening is refused: the morning comes too late."""
    evening = OPENS - timedelta(hours=11)
    at(evening - MINUTE)
    assert send(holding).until is None
    assert step(at, evening) == [(TextState.REFUSED, ["quiet-hours"])]
    assert carrier.taken == {}


def test_a_choice_that_changes_frees_what_waits(holding, at):
    at(OPENS - 3 * MINUTE)
    send(holding)
    choose(None)
    decision = recheck.recheck_texts(messages(), OPENS - 2 * MINUTE)[messages()[0].id]
    assert (decision.allowed, decision.until) == (True, None)
    db.session.rollback()
