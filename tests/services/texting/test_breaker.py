"""A carrier that keeps failing is left alone for a while, never for longer, and pages say that it fails."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.carriers.base import CarrierError, Fault
from portal.extensions import db, now
from portal.models import TextState
from portal.services.texting import breaker, outbox
from portal.services.texting.breaker import FAILURES_THAT_TELL, LATELY, TEXTS_PER_BULK_CLAIM, CarrierBreaker
from tests.talks import hold, text_out

NOON = datetime(2026, 7, 15, 19, 0, tzinfo=UTC)
SECOND, PAUSE = timedelta(seconds=1), timedelta(seconds=15)
outcomes = st.lists(st.tuples(st.booleans(), st.integers(-100_000, 100_000)), max_size=20)


def after(*failed, **more):
    """A breaker that has seen texts fail or succeed, all at noon."""
    one = CarrierBreaker(**more)
    for each in failed:
        one.note(each, NOON)
    return one


# --- how many texts may go -----------------------------------------------------------------------


@pytest.mark.parametrize("failures", range(8))
def test_five_failures_in_a_row_pause_it(failures):
    assert after(*[True] * failures).allows(NOON) == (TEXTS_PER_BULK_CLAIM if failures < 5 else 0)


def test_a_success_in_between_begins_the_count_anew():
    assert after(*[True] * 4, False, *[True] * 4).allows(NOON) == TEXTS_PER_BULK_CLAIM
    assert after(*[True] * 4, False, *[True] * 5).allows(NOON) == 0


@pytest.mark.parametrize(("moment", "texts"), [
    (NOON, 0), (NOON + PAUSE - SECOND, 0), (NOON + PAUSE, 1), (NOON + timedelta(days=400), 1),
    (NOON - SECOND, 1), (NOON - timedelta(days=400), 1),
])
def test_the_pause_ends_and_one_text_tries(moment, texts):
    """Also when the clock is set back in the meantime."""
    assert after(*[True] * 5).allows(moment) == texts


def test_a_trial_that_fails_begins_the_next_pause_and_one_that_succeeds_ends_them():
    one, later = after(*[True] * 5), NOON + PAUSE
    one.note(failed=True, moment=later)
    assert [one.allows(later), one.allows(later + PAUSE - SECOND), one.allows(later + PAUSE)] == [0, 0, 1]
    one.note(failed=False, moment=later + PAUSE)
    assert one.allows(later + PAUSE) == TEXTS_PER_BULK_CLAIM


def test_count_and_length_of_the_pause_can_be_others():
    one = after(True, True, most=2, pause=timedelta(minutes=1))
    assert [one.allows(NOON), one.allows(NOON + PAUSE), one.allows(NOON + timedelta(minutes=1))] == [0, 0, 1]


@given(outcomes, st.integers(-100_000, 100_000))
def test_no_pause_is_longer_than_it_should_be(seen, seconds):
    """Whatever came before and however the clock was set: it waits only within a pause of the last failure."""
    one, last = CarrierBreaker(), NOON
    for failed, ahead in seen:
        last = NOON + ahead * SECOND
        one.note(failed, last)
    moment = NOON + seconds * SECOND
    in_a_row = next((count for count, (failed, _) in enumerate(reversed(seen)) if not failed), len(seen))
    if in_a_row < one.most:
        assert one.allows(moment) == TEXTS_PER_BULK_CLAIM
    else:
        assert one.allows(moment) == (0 if last <= moment < last + PAUSE else 1)


@given(outcomes, st.integers(-100_000, 100_000))
def test_a_success_ends_whatever_was_before(seen, seconds):
    one = CarrierBreaker()
    for failed, ahead in seen:
        one.note(failed, NOON + ahead * SECOND)
    one.note(failed=False, moment=NOON)
    assert one == CarrierBreaker()
    assert one.allows(NOON + seconds * SECOND) == TEXTS_PER_BULK_CLAIM


# --- whether it fails ----------------------------------------------------------------------------


@pytest.fixture
def wait(uli, monkeypatch):
    """`wait(user, count)` lets so many texts wait that a carrier has refused just now; it is noon."""
    def fill(user=uli, count=FAILURES_THAT_TELL, state=TextState.QUEUED, **more):
        failed = {"code": "busy", "tries": 1, "changed_at": NOON, "due_at": NOON + SECOND, **more}
        hold(user.id, *(text_out("waits", state, **failed) for _ in range(count)))

    monkeypatch.setattr(breaker, "now", lambda: NOON)
    return fill


def test_without_texts_no_carrier_fails(wait):
    assert breaker.is_carrier_failing() is False


def test_five_texts_that_failed_lately_tell(wait):
    wait(count=4)
    assert breaker.is_carrier_failing() is False
    wait(count=1)
    assert breaker.is_carrier_failing() is True
    wait(count=5)
    assert breaker.is_carrier_failing() is True


def test_texts_of_all_organizations_tell_together(wait, uli, ben, mia):
    """The carrier is one for all of them."""
    for user, count in ((uli, 2), (ben, 1), (mia, 1)):
        wait(user, count)
    assert breaker.is_carrier_failing() is False
    wait(mia, 1)
    assert breaker.is_carrier_failing() is True


@pytest.mark.parametrize("state", TextState)
def test_only_texts_that_wait_for_another_try_tell(wait, state):
    wait(state=state)
    assert breaker.is_carrier_failing() is (state is TextState.QUEUED)


@pytest.mark.parametrize(("more", "tells"), [
    ({"code": ""}, False), ({"tries": 0}, False), ({"tries": 9}, True),
    ({"changed_at": NOON - LATELY}, False), ({"changed_at": NOON - LATELY + SECOND}, True),
    ({"changed_at": None}, False), ({"due_at": NOON - LATELY}, False), ({"due_at": NOON + timedelta(minutes=5)}, True),
])
def test_texts_that_wait_for_other_reasons_do_not_tell(wait, more, tells):
    """They wait for their turn, were never tried, or failed long ago."""
    wait(**more)
    assert breaker.is_carrier_failing() is tells


def test_it_says_what_the_breaker_does(uli, ben, carrier, clock):
    """From the first failures until the carrier takes texts again."""
    def busy(_text):
        raise CarrierError("busy", Fault.LATER)

    carrier.does = busy
    for number in range(6):
        hold(ben.id, text_out("goes", TextState.QUEUED), theirs=f"+1647555011{number}")
    worker = outbox.OutboxWorker("test")
    worker.step()
    assert (breaker.is_carrier_failing(), worker.breaker.allows(now())) == (True, 0)
    carrier.does = lambda _text: None
    for _ in range(8):
        clock.forward(seconds=16)
        worker.step()
    assert (breaker.is_carrier_failing(), worker.breaker.allows(now())) == (False, TEXTS_PER_BULK_CLAIM)


@pytest.mark.sqlite
def test_the_question_costs_no_walk_through_all_texts(uli):
    asked = str(breaker._FAILED.compile(db.engine))
    plan = db.session.connection().exec_driver_sql(
        f"EXPLAIN QUERY PLAN {asked}", tuple("2026-01-01" for _ in range(asked.count("?")))).all()
    assert "USING INDEX ix_messages_due" in str(plan)
