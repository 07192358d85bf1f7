"""The rules for sending, as rule libraries get them, are those of the table."""

from collections.abc import Mapping
from dataclasses import fields, replace

import pytest

from bench.deciding import MAY_LEAVE, REFUSED
from bench.rules_elsewhere import CONDITIONS, decided_here, flatten_facts, text_for_rule_engine
from portal.rules import BY_ACT, Act
from tests.rules.examples import EXAMPLES

IDS = [rule.id for rule in BY_ACT[Act.SEND]]


def value_of(logic, flat):
    """What a condition in JsonLogic comes to."""
    if not isinstance(logic, Mapping):
        return logic
    ((operator, given),) = logic.items()
    if operator == "var":
        return flat[given]
    parts = [value_of(one, flat) for one in given]
    return {
        "and": all, "or": any, "!": lambda parts: not parts[0], "==": lambda parts: parts[0] == parts[1],
        "!=": lambda parts: parts[0] != parts[1], "<": lambda parts: parts[0] < parts[1],
        "<=": lambda parts: parts[0] <= parts[1], ">": lambda parts: parts[0] > parts[1],
        ">=": lambda parts: parts[0] >= parts[1], "in": lambda parts: parts[0] in parts[1],
    }[operator](parts)


def decided_elsewhere(facts):
    flat = flatten_facts(facts)
    return [name for name, logic in CONDITIONS.items() if value_of(logic, flat)]


def over_whole(facts):
    """The facts of an example over those of a text that may leave, so that every rule is asked."""
    return replace(MAY_LEAVE, **{one.name: part for one in fields(facts)
                                 if (part := getattr(facts, one.name)) is not None})


def test_no_rule_is_left_out_and_they_come_in_the_same_order():
    assert list(CONDITIONS) == IDS


@pytest.mark.parametrize("name", IDS)
def test_each_comes_to_the_same_on_either_side_of_its_edge(name):
    for facts in map(over_whole, EXAMPLES[name]):
        assert decided_elsewhere(facts) == decided_here(facts)
    assert name in decided_elsewhere(over_whole(EXAMPLES[name].breaks))


def test_what_is_measured_is_what_it_is_called():
    assert decided_here(MAY_LEAVE) == []
    assert len(decided_here(REFUSED)) == 9


def test_the_language_of_rule_engine():
    logic = {"and": [{"var": "assigned"}, {"!": [{"in": [{"var": "kind"}, ["plain", "territory"]]}]},
                     {"<": [{"var": "days"}, 14]}]}
    assert text_for_rule_engine(logic) == '(assigned and (not (kind in ["plain", "territory"])) and (days < 14))'
