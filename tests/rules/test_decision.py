"""What a decision answers, and what becomes of a rule that breaks."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.rules import BY_ID, FAILED, Act, Decision, Effect, Facts, Reason, Rule, Source, decide
from portal.rules.decision import OtherWords
from portal.rules.facts import NumberFacts, Text, Usage
from portal.rules.numbers import NumberKind

from .examples import EXAMPLES, NOON

CANARY = "+14165550177"
FACTS = Facts(number=NumberFacts(CANARY, NumberKind.PLAIN), text=Text(segments=11))


def rule(**parts):
    whole = {"id": "made-up", "title": "Made up", "acts": {Act.SEND}, "effect": Effect.WARN,
             "source": Source(portal=True), "limitation": "Made up.", "when": lambda number: number.assigned}
    return Rule(**{**whole, **parts})


def raising(number):
    raise ValueError(f"cannot judge {number.e164}")


def reason(effect, **values):
    return Reason(rule(id=f"{effect}-{len(values)}"), values, effect)


BLOCK, HOLD, WARN = reason(Effect.BLOCK), reason(Effect.HOLD, until=NOON), reason(Effect.WARN)


def test_a_decision_has_no_truth_value():
    with pytest.raises(TypeError, match="allowed"):
        bool(Decision())


@pytest.mark.parametrize(("reasons", "allowed", "headline"), [
    ((), True, None),
    ((WARN, HOLD), True, WARN),
    ((WARN, BLOCK), False, BLOCK),
], ids=["nothing", "no block", "block"])
def test_only_a_block_stops_and_it_makes_the_headline(reasons, allowed, headline):
    decision = Decision(reasons)
    assert (decision.allowed, decision.headline) == (allowed, headline)


def test_reasons_are_sorted_by_their_effect():
    decision = Decision((WARN, BLOCK, HOLD))
    assert decision.blocking == (BLOCK,)
    assert decision.warnings == (WARN,)
    assert decision.having(Effect.HOLD) == (HOLD,)


def test_the_longest_hold_says_until_when():
    """A block's end is not a hold's, and a hold may not know its end."""
    later, latest = NOON + timedelta(hours=1), NOON + timedelta(days=1)
    holds = (reason(Effect.HOLD, until=later), HOLD, reason(Effect.HOLD, until=None))
    assert Decision((*holds, reason(Effect.BLOCK, until=latest))).until == later
    assert Decision((WARN,)).until is None


@pytest.mark.parametrize("broken", [
    {"when": raising},
    {"values": raising, "notice": "%(seen)s"},
    {"effect_by": raising},
    {"notice": "%(seen)s"},
    {"instead": (OtherWords(raising, "Another notice.", "Another remedy."),)},
], ids=["predicate", "values", "effect", "value missing", "other words"])
def test_a_rule_that_raises_denies_and_raises_an_alarm_without_facts(broken, caplog):
    """The other rules are still asked, and nothing that the facts hold gets into the log."""
    with caplog.at_level(logging.DEBUG):
        decision = decide(Act.SEND, FACTS, (rule(**broken), BY_ID["too-long"]))
    assert [reason.id for reason in decision.blocking] == [FAILED.id, "too-long"]
    assert decision.headline.values == {}
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("portal.rules", "ERROR")
    assert "made-up" in record.getMessage()
    assert CANARY not in repr(record.__dict__)
    assert not record.exc_info


def test_rules_of_other_acts_are_not_asked():
    assert decide(Act.SEND, FACTS, (rule(acts={Act.USE}, when=raising),)).allowed


def test_a_part_with_a_default_may_be_absent():
    asked = rule(when=lambda number, recipient=None: recipient is None)
    assert asked.is_broken_by(FACTS)
    assert not asked.is_broken_by(replace(FACTS, recipient=EXAMPLES["emergency"].breaks.recipient))


@pytest.mark.parametrize("ask", [
    lambda usgae: True,
    lambda usage, more: True,
    lambda most, usage: True,
], ids=["misspelled part", "unknown limit", "limit first"])
def test_a_rule_that_asks_for_what_does_not_exist_fails_at_import(ask):
    with pytest.raises(TypeError, match="part"):
        rule(when=ask, limits={"most": 5})


def test_rules_and_values_cannot_be_changed():
    burst = BY_ID["burst"]
    (held,) = decide(Act.SEND, Facts(usage=Usage(texts_minute=16, next_place=NOON))).reasons
    for mapping in (burst.limits, held.values):
        with pytest.raises(TypeError):
            mapping["most"] = 1_000
