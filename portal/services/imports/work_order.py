"""In which order rows are imported: a user gives a number up before another user gets it. No database."""

from collections.abc import Iterator, Mapping

from .known_people import KnownClaim
from .planning import ImportPlan
from .steps import RowPlan


def arrange_steps(plan: ImportPlan) -> Iterator[tuple[RowPlan, bool]]:
    """The steps of a plan that write, each with whether it must be stored in one commit with the step before.

    That is so for users who swap numbers in a circle, and for a claim that is handed on, which takes its source along.
    The order is else that of the file.
    """
    handed_on = [(step, plan.holders.givers[holder]) for step, holder, _name in plan.holders.waiting if step.good]
    givers, takers = {id(step): giver for step, giver in handed_on}, {id(giver): step for step, giver in handed_on}
    arranged: set[int] = set()
    for step in filter(lambda one: one.writes, plan.steps):
        if id(step) not in arranged:
            first = _first_giver(step, givers)
            for one in _down(first, takers):
                arranged.add(id(one))
                yield one, one is not first and _belongs_to_before(givers[id(one)], circle=id(first) in givers)


def _belongs_to_before(giver: RowPlan, *, circle: bool) -> bool:
    return circle or isinstance(giver.current_number, KnownClaim)


def _first_giver(step: RowPlan, givers: Mapping[int, RowPlan]) -> RowPlan:
    """Who gives a number up without waiting for another; in a circle the one from whom this step gets its number last.
    """
    first = step
    while (giver := givers.get(id(first))) is not None and giver is not step:
        first = giver
    return first


def _down(first: RowPlan, takers: Mapping[int, RowPlan]) -> Iterator[RowPlan]:
    at: RowPlan | None = first
    while at is not None:
        yield at
        at = takers.get(id(at))
        if at is first:
            return
