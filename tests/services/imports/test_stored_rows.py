"""Rows in the database: what they ask for and what is said comes back as it was, in any language."""

import json
from datetime import UTC, datetime

import pytest

from portal import wording
from portal.models import ImportRow, RowOutcome
from portal.rules.numbers import NumberProblem
from portal.rules.sentences import make_plural
from portal.services.imports import RowProblem
from portal.services.imports.stored_rows import keep_problems, keep_step, read_asked, read_changes, read_problems
from tests.data import control_hub


def stored(step):
    """The row as the database would give it back."""
    columns = keep_step(step, 0)
    return ImportRow(**columns | {name: json.loads(json.dumps(columns[name])) for name in ("asked", "said")})


def test_every_row_of_an_export_comes_back(plan):
    steps = plan(content=control_hub.book().write()).steps
    assert {step.outcome for step in steps} == {RowOutcome.CREATED, RowOutcome.WRONG}
    for step in steps:
        row = stored(step)
        if step.good:
            again = read_asked(row.asked)
            assert [getattr(again, name) for name in ("key", "name", "number", "location", "active", "closed")] == [
                getattr(step.row, name) for name in ("key", "name", "number", "location", "active", "closed")]
            assert [(one.column, one.was, one.now) for one in read_changes(row.said)] == [
                (one.column, one.was, one.now) for one in step.changes]
            assert row.mark == step.mark
        else:
            say = [[wording.translate_sentence(one.sentence, one.values) for one in problems]
                   for problems in (read_problems(row.said), step.problems)]
            assert say[0] == say[1] != []
            with pytest.raises(ValueError, match="not imported"):
                read_asked(row.asked)


@pytest.mark.parametrize("problem", [
    RowProblem("A number.", {"problem": NumberProblem.SPREADSHEET}, "Do something."),
    RowProblem("A lock.", {"at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "who": "Ada", "many": 3, "none": None}),
    RowProblem(make_plural("%(n)s row", "%(n)s rows", "n"), {"n": 2})])
def test_values_come_back_as_what_they_are(problem):
    (again,) = read_problems(keep_problems([problem]))
    assert again == problem
    assert [type(value) for value in again.values.values()] == [type(value) for value in problem.values.values()]
