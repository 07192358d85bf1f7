"""The order of the work: whoever gives a number up comes before who gets it, whatever the order of the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.numbers import NumberKind, NumberReading
from portal.services.imports.known_people import KnownClaim, KnownNumber, KnownUser
from portal.services.imports.number_holders import NumberHolders
from portal.services.imports.planning import ImportPlan
from portal.services.imports.rows import FileRow
from portal.services.imports.steps import RowPlan
from portal.services.imports.work_order import arrange_steps


def plan_of(wishes, kind=KnownNumber):
    """User n has number n and wants number wishes[n]; None gives it up for none, n keeps it."""
    users = [KnownUser(id=n + 1, name=f"U {n}") for n in range(len(wishes))]
    held = [kind(e164=str(n), kind=NumberKind.PLAIN, user_id=n + 1) for n in range(len(wishes))]
    holders = NumberHolders({one.e164: one for one in held}, {one.e164: "Somebody" for one in held})
    steps = []
    for n, wish in enumerate(wishes):
        step = RowPlan(FileRow(n + 2, f"u{n}@example.com", take_away=wish is None), users[n], None, held[n])
        step.wanted_number = NumberReading(NumberKind.PLAIN, str(n if wish is None else wish))
        holders.consider(step)
        steps.append(step)
    holders.settle()
    return ImportPlan(tuple(steps), holders)


WISHES = st.integers(1, 9).flatmap(lambda many: st.lists(
    st.none() | st.integers(0, many - 1), min_size=many, max_size=many))


@given(WISHES)
def test_every_number_is_free_when_its_commit_comes(wishes):
    plan = plan_of(wishes)
    holds = {str(n): n + 1 for n in range(len(wishes))}
    commits = []
    for step, together in arrange_steps(plan):
        commits[-1].append(step) if together else commits.append([step])
    for commit in commits:
        for step in commit:
            holds.pop(step.current_number.e164)
        for step in commit:
            wanted = step.changes[0].now
            assert holds.setdefault(wanted or f"none {step.user.id}", step.user.id) == step.user.id
    arranged = [step for commit in commits for step in commit]
    assert sorted(map(id, arranged)) == sorted(id(step) for step in plan.steps if step.writes)


@pytest.mark.parametrize(("wishes", "kind", "together"), [
    ([1, 2, None], KnownNumber, [False, False, False]), ([1, 0, 2], KnownNumber, [False, True]),
    ([1, None], KnownClaim, [False, True])])
def test_only_a_circle_and_a_claim_need_one_commit(wishes, kind, together):
    assert [one for _step, one in arrange_steps(plan_of(wishes, kind))] == together


def test_a_chain_as_long_as_a_file_may_be():
    many = 20_000
    steps = [step.row.line for step, _together in arrange_steps(plan_of([*range(1, many), None]))]
    assert steps == list(range(many + 1, 1, -1))
