"""How many texts may leave: never more than the pace over any stretch of time, whatever the clock does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.extensions import db
from portal.models import CarrierRecord
from portal.services.carriers import pace

AT = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def record(most=None, **more):
    return CarrierRecord(pace=most, **{"tokens": 0.0, **more})


def test_without_a_pace_all_may_leave():
    assert pace.pace_at(record(), AT) is None
    assert pace.count_tokens(record(), AT) == float("inf")


@given(st.integers(1, 50), st.lists(st.tuples(st.floats(0, 3), st.integers(0, 60)), max_size=40))
@settings(deadline=None)
def test_over_any_stretch_no_more_leave_than_the_pace_allows(most, steps):
    """Each step: some seconds pass, and somebody wants some texts to leave."""
    kept, moment, left = record(most), AT, []
    for seconds, wanted in steps:
        moment += timedelta(seconds=seconds)
        tokens = pace.count_tokens(kept, moment)
        taken = min(int(tokens), wanted)
        kept.tokens, kept.tokens_at = tokens - taken, moment
        left += [moment] * taken
    for first in range(len(left)):
        for last in range(first, len(left)):
            stretch = (left[last] - left[first]).total_seconds()
            assert last - first + 1 <= most * (stretch + 1) + 1e-6


@pytest.mark.parametrize("before", [AT + timedelta(days=1), AT - timedelta(days=1)])
def test_a_clock_that_was_set_stops_nothing_and_gives_no_burst(before):
    assert pace.count_tokens(record(5, tokens=0.0, tokens_at=before), AT) == 5


def test_a_slower_pace_holds_for_a_minute_and_grows_by_a_tenth_a_second():
    slow = record(10, pace_now=4.0, slowed_at=AT)
    assert [pace.pace_at(slow, AT + timedelta(seconds=one)) for one in (0, 30, 60)] == [4.0] * 3
    assert pace.pace_at(slow, AT + timedelta(seconds=61)) == pytest.approx(4.4)
    assert pace.pace_at(slow, AT + timedelta(seconds=65)) == pytest.approx(4 * 1.1 ** 5)
    assert pace.pace_at(slow, AT + timedelta(seconds=70)) == 10.0
    assert pace.pace_at(slow, AT + timedelta(days=365)) == 10.0
    assert pace.pace_at(slow, AT - SECOND) == 10.0, "slowed down by a clock that was set back since"
    assert pace.pace_at(record(None, pace_now=4.0, slowed_at=AT), AT + timedelta(minutes=3)) is None


def test_each_sign_halves_the_pace_once_a_second(add):
    add("one", pace=10)
    assert pace.slow_down("one", 100.0, AT) == 5.0
    assert pace.slow_down("one", 100.0, AT + SECOND / 2) is None
    assert pace.slow_down("one", 100.0, AT + SECOND) == 2.5
    for turn in range(2, 10):
        pace.slow_down("one", 100.0, AT + turn * SECOND)
    kept = db.session.scalars(db.select(CarrierRecord)).one()
    assert (kept.pace_now, kept.tokens) == (pace.LEAST_PACE, 0.0)
    assert pace.slow_down("nobody", 1.0, AT) is None


def test_where_no_pace_is_set_half_of_what_went_through_is_the_first(add):
    add("one")
    assert pace.slow_down("one", 30.0, AT) == 15.0


def test_spending_without_a_bound_writes_nothing(add):
    one = add("one")
    pace.spend_tokens(one.id, float("inf"), AT)
    assert db.session.get_one(CarrierRecord, one.id).tokens_at is None


def test_numbers_with_a_pace_of_their_own_take_turns():
    candidates = [(1, 10, 1, None), (2, 10, 1, None), (3, 20, 3, None), (4, 30, 1, AT + SECOND),
                  (5, 40, 1, AT - SECOND), (6, 50, 1, AT + timedelta(days=1))]
    chosen, busy = pace.choose_by_number(candidates, 1, 10, AT)
    assert chosen == [1, 3, 5, 6], "one text of each number that is free; a day ahead is no time"
    assert busy == {10: AT + SECOND, 20: AT + 3 * SECOND, 40: AT + SECOND, 50: AT + SECOND}
    assert pace.choose_by_number(candidates, 2, 2, AT) == ([1, 3], {10: AT + SECOND / 2, 20: AT + 1.5 * SECOND})
