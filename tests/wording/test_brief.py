"""Reasons in a few words: for rows, and beside a switch."""

from datetime import UTC, datetime

import pytest

from portal.rules import BY_ID, RULES, Act, Facts, UserState, decide, standing_from_facts
from portal.rules.switches import EffectiveSetting, Level
from portal.wording import brief
from tests.rules.examples import EXAMPLES

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
SHORT = [rule for rule in RULES if rule.id in brief.BRIEFLY]


@pytest.fixture(autouse=True)
def reading(app):
    """Somebody reads, so that sentences have a language."""
    with app.test_request_context():
        yield


def reason_of(rule):
    """The reason that the rule's own example gives."""
    facts = EXAMPLES[rule].breaks
    act = Act.USE if Act.USE in BY_ID[rule].acts else Act.SEND
    return next(one for one in decide(act, facts).reasons if one.id == rule)


@pytest.mark.parametrize("rule", [rule.id for rule in SHORT])
def test_every_short_word_prints_what_its_rule_gives(rule):
    said = brief.reason_in_brief(reason_of(rule))
    assert said
    assert "%" not in said
    assert not said.endswith(".")
    assert len(said) <= 45


def test_every_rule_that_decides_whether_a_user_has_texting_has_short_words():
    """But for the setting itself, which the switch shows, and a warning."""
    needed = {rule.id for rule in RULES if Act.USE in rule.acts} - {"texting-off", "number-leaving"}
    assert needed <= set(brief.BRIEFLY)


def test_a_rule_without_short_words_says_its_sentence():
    assert brief.reason_in_brief(reason_of("texting-off")).endswith(".")


def test_rules_as_a_list():
    assert brief.rules_in_brief(("calling-plan", "add-on", "retention-400")).startswith("no calling plan, no add-on, ")
    assert brief.rules_in_brief(()) == ""


def test_a_day_without_its_hour():
    assert brief.day_of_moment(NOON) == "1 Jun 2025"


def test_the_state_beside_a_switch_says_what_stops():
    facts = EXAMPLES["primary-number"].breaks
    label = brief.state_beside_switch(standing_from_facts(facts))
    assert (label.key, label.label) == (UserState.NOT_AVAILABLE.value, "Not available: no number")
    off = standing_from_facts(Facts(setting=EffectiveSetting(False, Level.USER)))
    assert brief.state_beside_switch(off).label == "Off"
