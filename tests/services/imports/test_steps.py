"""The plan for one row: what becomes of it, and the hash that stands for what it would do."""

from itertools import product

import pytest

from portal.models import AccountState, User
from portal.services.imports import reading, rows
from portal.services.imports.columns import ImportColumn
from portal.services.imports.known_people import KnownUser
from portal.services.imports.rows import FileRow, RowProblem
from portal.services.imports.steps import MARK, PLAIN_COLUMNS, STATUS, RowChange, RowOutcome, RowPlan
from tests.data.files import EMAIL, user_csv

ROW = FileRow(2, "uli@example.com")


def step(*changes, user=True, wrong=False, conflict=False):
    """A step with these changes: (column, was, now)."""
    made = RowPlan(ROW, KnownUser(1, "Uli") if user else None, conflict=conflict,
                   problems=[RowProblem("This is wrong.")] * wrong)
    for column, was, now in changes:
        made.to(column, was, now, now)
    return made


MOVED = (ImportColumn.LOCATION, "Toronto", "Halifax")


@pytest.mark.parametrize(("user", "changed", "wrong", "conflict"), list(product([False, True], repeat=4)))
def test_what_becomes_of_a_row(user, changed, wrong, conflict):
    """What is wrong with a row is told first; a row that is not good never writes anything."""
    made = step(*[MOVED] * changed, user=user, wrong=wrong, conflict=conflict)
    if wrong:
        expected = RowOutcome.WRONG
    elif conflict:
        expected = RowOutcome.CONFLICT
    elif not user:
        expected = RowOutcome.CREATED
    else:
        expected = RowOutcome.CHANGED if changed else RowOutcome.UNCHANGED
    assert made.outcome is expected
    assert made.good is not (wrong or conflict)
    assert made.writes is (expected in {RowOutcome.CREATED, RowOutcome.CHANGED})


def test_only_a_value_that_differs_is_a_change():
    made = step()
    made.to(ImportColumn.LOCATION, "Toronto", "Toronto", 1)
    made.to(ImportColumn.LANGUAGE, "", "de", "de")
    assert made.changes == [RowChange(ImportColumn.LANGUAGE, "", "de", "de")]


def test_a_change_is_found_by_its_column():
    made = step(MOVED, (ImportColumn.APP_VERSION, "43.2", "44"))
    assert made.change(ImportColumn.APP_VERSION) == RowChange(ImportColumn.APP_VERSION, "43.2", "44", "44")
    assert made.change(ImportColumn.LANGUAGE) is None


def test_two_rows_that_would_do_the_same_are_two_steps():
    """Rows that wait for a number are told apart by who they are, not by what they hold."""
    one, other = step(MOVED), step(MOVED)
    waiting = [one, other]
    waiting.remove(other)
    assert waiting == [one] != [other]


# --- the hash ------------------------------------------------------------------------------------

PLANS = [
    step(), step(MOVED), step(MOVED, user=False), step(MOVED, wrong=True), step(MOVED, conflict=True),
    step((ImportColumn.LOCATION, "Toronto", "Seattle")), step((ImportColumn.LOCATION, "", "Halifax")),
    step((ImportColumn.LOCATION, "Halifax", "Toronto")), step((ImportColumn.LANGUAGE, "Toronto", "Halifax")),
    step(MOVED, (ImportColumn.APP_VERSION, "43.2", "44")), step((ImportColumn.APP_VERSION, "43.2", "44"), MOVED),
    # Cells that would be one text if nothing stood between them.
    step((ImportColumn.LOCATION, "a", "bc")), step((ImportColumn.LOCATION, "ab", "c")),
    step((ImportColumn.LOCATION, "a', 'b", "c")), step((ImportColumn.LOCATION, "a", "b', 'c")),
]


def test_another_plan_for_a_row_has_another_hash():
    marks = [made.mark for made in PLANS]
    assert {len(mark) for mark in marks} == {MARK}
    assert len(set(marks)) == len(PLANS)


def test_the_same_plan_has_the_same_hash_whatever_is_stored():
    """The reader saw words. Which records stand behind them is none of what was shown."""
    one, other = step(), step()
    one.to(ImportColumn.LOCATION, "Toronto", "Halifax", 1)
    other.to(ImportColumn.LOCATION, "Toronto", "Halifax", 2)
    other.user.name = "Ben"
    assert one.mark == other.mark


# --- columns and words ---------------------------------------------------------------------------


def test_plain_columns_are_attributes_of_the_row_and_of_the_user():
    assert all(hasattr(ROW, name) and hasattr(User, name) for name in PLAIN_COLUMNS.values())


@pytest.mark.parametrize(("account", "active", "closed"), [
    (AccountState.ACTIVE, True, False), (AccountState.INVITED, False, False), (AccountState.DEACTIVATED, False, True)])
def test_the_words_for_accounts_are_read_back_as_they_were_meant(account, active, closed):
    row, = rows.read_rows(reading.read_sheet(user_csv({EMAIL: "a@example.com", "User Status": STATUS[account]})),
                          (), ())
    assert (row.active, row.closed, row.notes) == (active, closed, ())


def test_every_account_has_a_word_of_its_own():
    assert len({STATUS[account] for account in AccountState}) == len(AccountState)
