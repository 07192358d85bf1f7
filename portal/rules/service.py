"""Asking the table: one function, every reason."""

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from types import NoneType
from typing import Any

from .decision import FAILED, Act, Decision, Rule, deny_failed_rule
from .facts import Facts
from .questions import PARTS, list_parts
from .table import RULES

BY_ACT = {act: tuple(rule for rule in RULES if act in rule.acts) for act in Act}
BY_ID = {rule.id: rule for rule in (*RULES, FAILED)}
_NO_REASONS = Decision()
# A rule to be asked, its condition, and what the condition reads: one part at a place of PARTS, or several, picked.
_Asked = tuple[Rule, Callable[..., Any], int, Callable[..., Any] | None]


def decide(act: Act, facts: Facts, rules: tuple[Rule, ...] | None = None) -> Decision:
    """All reasons that hold against an act, in table order, so that people fix everything at once.

    `facts` are the parts that the caller knows; rules about other parts are not asked. A rule that
    raises is a denial and an alarm. `rules` replaces the table, for tests.
    """
    parts, reasons = list_parts(facts), []
    for rule, holds, place, pick in _list_asked(act, BY_ACT[act] if rules is None else rules, tuple(map(type, parts))):
        try:
            if holds(parts[place]) if pick is None else holds(*pick(parts)):
                reasons.append(rule.reason_under(facts))
        except Exception as error:  # noqa: BLE001 - a rule that raises denies
            reasons.extend(deny_failed_rule(rule.id, error).reasons)
    return Decision(tuple(reasons)) if reasons else _NO_REASONS


@lru_cache(maxsize=256)
def _list_asked(act: Act, rules: tuple[Rule, ...], kinds: tuple[type, ...]) -> tuple[_Asked, ...]:
    """The rules of an act that are asked about parts of these types; an absent part has the type of None.

    Callers know one of a few sets of parts, so this is worked out once for each of them.
    """
    asked: list[_Asked] = []
    for rule in rules:
        question = rule.questions.get("when")
        if question and act in rule.acts and not any(kinds[PARTS.index(part)] is NoneType for part in question.needs):
            places = [PARTS.index(part) for part in (*question.needs, *question.may)]
            asked.append((rule, question.ask, places[0], itemgetter(*places) if len(places) > 1 else None))
    return tuple(asked)
