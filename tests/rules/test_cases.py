"""ABU-05: every state and every move of a case, and by when somebody should have decided."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.cases import (
    CLOSED_CASE_STATES,
    CLOSES,
    OPEN_CASE_STATES,
    OPENS,
    CaseState,
    Move,
    deadline_of_case,
    state_after_move,
    weigh_reports,
)
from portal.rules.facts import Category

TABLE = """
              assign    uphold  clear       merge      reopen
open          assigned  upheld  not-upheld  duplicate  -
assigned      assigned  upheld  not-upheld  duplicate  -
upheld        -         -       -           -          open
not-upheld    -         -       -           -          open
duplicate     -         -       -           -          open
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
LEADS = {(state, move): to for state, *cells in ROWS[1:] for move, to in zip(ROWS[0], cells, strict=True)}
ZONES = [ZoneInfo(name) for name in ("UTC", "America/Toronto", "Asia/Kolkata", "Pacific/Auckland")]
TORONTO = ZoneInfo("America/Toronto")
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
quick = settings(deadline=None)


@pytest.mark.parametrize(("state", "move"), list(product(CaseState, Move)))
def test_every_move_from_every_state(state, move):
    found = state_after_move(state, move)
    assert (found.value if found else "-") == LEADS[state, move]


def test_a_state_is_open_or_closed():
    assert set(OPEN_CASE_STATES) | set(CLOSED_CASE_STATES) == set(CaseState)
    assert not set(OPEN_CASE_STATES) & set(CLOSED_CASE_STATES)


@pytest.mark.parametrize(("verified", "known", "expected"), [
    (0, 0, 0), (0, 1, 1), (0, 9, 9), (0, 500, 9), (1, 0, 10), (1, 500, 19), (3, 2, 32),
])
def test_known_wordings_never_weigh_as_much_as_one_verified_report(verified, known, expected):
    assert weigh_reports(verified, known) == expected


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO).astimezone(UTC)


# Monday is 2 March 2026; the clocks go forward on Sunday 8 March.
@pytest.mark.parametrize(("opened", "category", "verified", "expected"), [
    ("2026-03-02T10:00", Category.SCAM, 1, "2026-03-02T11:00"),
    ("2026-03-02T16:30", Category.SCAM, 1, "2026-03-03T09:30"),
    ("2026-03-02T16:00", Category.SCAM, 1, "2026-03-02T17:00"),
    ("2026-03-02T03:00", Category.THREATENING, 3, "2026-03-02T10:00"),
    ("2026-03-06T16:30", Category.SCAM, 1, "2026-03-09T09:30"),
    ("2026-03-07T12:00", Category.SCAM, 1, "2026-03-09T10:00"),
    ("2026-03-02T10:00", Category.ADVERTISING, 1, "2026-03-04T10:00"),
    ("2026-03-05T10:00", Category.OTHER, 1, "2026-03-09T10:00"),
    ("2026-03-02T10:00", Category.SCAM, 0, "2026-03-09T10:00"),
])
def test_targets(opened, category, verified, expected):
    assert deadline_of_case(local(opened), category, verified, TORONTO) == local(expected)


@quick
@given(moments, st.sampled_from(Category), st.integers(0, 3), st.sampled_from(ZONES))
def test_a_target_lies_ahead_in_working_hours(opened, category, verified, zone):
    due = deadline_of_case(opened, category, verified, zone)
    there = due.astimezone(zone)
    assert opened < due < opened + timedelta(days=10)
    assert there.weekday() < 5
    assert OPENS <= there.time() <= CLOSES


@quick
@given(moments, moments, st.sampled_from(Category), st.sampled_from(ZONES))
def test_who_came_first_is_due_first(one, other, category, zone):
    first, second = sorted((one, other))
    assert deadline_of_case(first, category, 1, zone) <= deadline_of_case(second, category, 1, zone)
    assert deadline_of_case(first, category, 1, zone) <= deadline_of_case(first, category, 0, zone)
