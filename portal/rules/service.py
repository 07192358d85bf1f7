"""Asking the table: one function, every reason."""

from .decision import FAILED, Act, Decision, Rule, list_reasons
from .facts import Facts
from .table import RULES

BY_ACT = {act: tuple(rule for rule in RULES if act in rule.acts) for act in Act}
BY_ID = {rule.id: rule for rule in (*RULES, FAILED)}


def decide(act: Act, facts: Facts, rules: tuple[Rule, ...] | None = None) -> Decision:
    """All reasons that hold against an act, in table order, so that people fix everything at once.

    `facts` are the parts that the caller knows; rules about other parts are not asked. A rule that
    raises is a denial and an alarm. `rules` replaces the table, for tests.
    """
    return Decision(list_reasons(act, facts, BY_ACT[act] if rules is None else rules))
