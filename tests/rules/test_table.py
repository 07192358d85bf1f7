"""Every row of the table, whatever it says: examples, sentences, sources, order."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from enum import Enum
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules import BY_ACT, BY_ID, EDITIONS, FAILED, IN_SHORT, RULES, Act, Facts, decide
from portal.rules.decision import DocumentEdition, Rule
from portal.rules.facts import Contact, NumberFacts
from portal.rules.sentences import Plural, Sentence, list_placeholders

from .examples import EXAMPLES, ONE_OF, OTHER_WORDS, Contradiction, merged

PRINTED = str | int | date | time | Enum | tuple | NumberFacts | None
DECIDING = [rule for rule in RULES if rule.when]
TELLING = [rule for rule in RULES if not rule.when]
UNWANTED = re.compile(r"\bF\d+\b|\b(?:invalid|please|sorry|forbidden|oops)\b", re.IGNORECASE)

# What the portal gives the rules: moments in UTC, and time zones that there are.
st.register_type_strategy(datetime, st.integers(0, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC)))
st.register_type_strategy(Contact, st.builds(
    Contact, zones=st.lists(st.sampled_from(["America/Adak", "America/Toronto", "Pacific/Guam"])).map(tuple)))

row = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
deciding = pytest.mark.parametrize("rule", DECIDING, ids=lambda rule: rule.id)


def ids(act: Act, facts: Facts) -> list[str]:
    return [reason.id for reason in decide(act, facts).reasons]


def forms(sentence: Sentence) -> tuple[str, ...]:
    return (sentence.one, sentence.many) if isinstance(sentence, Plural) else (sentence,)


def sentences(rule: Rule) -> Iterator[str]:
    other = (said for words in rule.instead for said in (words.notice, words.remedy))
    for sentence in (rule.title, rule.limitation, rule.veiled, rule.notice, rule.remedy, *other):
        yield from forms(sentence)


# --- examples ----------------------------------------------------------------


def test_every_rule_that_decides_has_examples():
    assert {rule.id for rule in DECIDING} == set(EXAMPLES)


@deciding
def test_facts_that_break_a_rule_are_told(rule):
    for act in rule.acts:
        assert rule.id in ids(act, EXAMPLES[rule.id].breaks)


@deciding
def test_facts_that_almost_break_a_rule_do_not(rule):
    """The rule is asked all the same: every part it needs is there."""
    almost = EXAMPLES[rule.id].almost
    assert rule.is_asked(almost)
    for act in rule.acts:
        assert rule.id not in ids(act, almost)


@deciding
def test_a_rule_whose_part_is_absent_is_not_asked(rule):
    needed = rule.questions["when"].needs
    assert needed
    for part in needed:
        without = replace(EXAMPLES[rule.id].breaks, **{part: None})
        assert not rule.is_asked(without)
        assert not rule.is_broken_by(without)


@pytest.mark.parametrize("act", Act)
def test_no_rule_hides_another(act):
    """Any two rules of an act that can be broken together are both told."""
    for one, other in combinations([rule for rule in BY_ACT[act] if rule.when], 2):
        pair = {one.id, other.id}
        if not any(pair <= group for group in ONE_OF):
            assert pair <= set(ids(act, merged(EXAMPLES[one.id].breaks, EXAMPLES[other.id].breaks))), pair


@pytest.mark.parametrize("group", ONE_OF, ids=sorted)
def test_rules_said_to_exclude_each_other_do(group):
    for one, other in combinations(sorted(group), 2):
        try:
            both = merged(EXAMPLES[one].breaks, EXAMPLES[other].breaks)
        except Contradiction:
            continue
        assert not (BY_ID[one].is_broken_by(both) and BY_ID[other].is_broken_by(both))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(Act), st.from_type(Facts))
def test_whatever_the_facts_no_rule_fails_and_reasons_keep_the_order(act, facts):
    told = ids(act, facts)
    assert FAILED.id not in told
    assert told == [rule.id for rule in RULES if rule.id in told]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(Act), st.from_type(Facts))
def test_a_decision_is_what_the_rows_say_one_by_one(act, facts):
    broken = [rule for rule in BY_ACT[act] if rule.is_broken_by(facts)]
    assert decide(act, facts).reasons == tuple(
        (rule, rule.details(facts), rule.effect_under(facts), rule.words_under(facts)) for rule in broken)
    assert all(rule.is_asked(facts) for rule in broken)


# --- values and sentences ----------------------------------------------------


@deciding
def test_a_reason_carries_what_its_sentences_name_and_nothing_else(rule):
    values = rule.details(EXAMPLES[rule.id].breaks)
    assert set(values) == list_placeholders(rule.notice) | list_placeholders(rule.remedy)
    assert all(isinstance(value, PRINTED) for value in values.values())


@deciding
def test_a_row_that_decides_says_what_why_and_what_to_do(rule):
    assert all((rule.title, rule.limitation, rule.notice, rule.remedy))


def test_every_rule_with_other_words_has_an_example_of_them():
    assert {rule.id: len(rule.instead) for rule in RULES if rule.instead} == {
        name: len(others) for name, others in OTHER_WORDS.items()}


@pytest.mark.parametrize(("name", "place", "other"), [
    (name, place, other) for name, others in OTHER_WORDS.items() for place, other in enumerate(others)])
def test_each_of_several_notices_is_told_where_it_is_true(name, place, other):
    """The same rule holds in all cases; it tells another notice and another remedy, whose values are all there."""
    rule, words = BY_ID[name], BY_ID[name].instead[place]
    (usual,), (different,) = (
        [reason for reason in decide(next(iter(rule.acts)), facts).reasons if reason.id == name]
        for facts in (EXAMPLES[name].breaks, other))
    assert (usual.id, usual.notice, usual.remedy) == (name, rule.notice, rule.remedy)
    assert (different.id, different.notice, different.remedy) == (name, words.notice, words.remedy)
    assert different.notice and different.remedy
    assert list_placeholders(different.notice) | list_placeholders(different.remedy) == set(different.values)


@pytest.mark.parametrize("rule", TELLING, ids=lambda rule: rule.id)
def test_a_row_that_only_informs_belongs_to_no_act(rule):
    assert rule.acts == {Act.INFORM}
    assert rule.title and rule.limitation


@row
def test_the_general_sentences_print_limits_only(rule):
    assert list_placeholders(rule.limitation) | list_placeholders(rule.veiled) <= set(rule.limits)


@row
def test_every_limit_is_used(rule):
    """By a sentence or by the predicate; a number that nobody reads would mislead."""
    asked = {name for question in rule.questions.values() for name in question.limits}
    named = list_placeholders(rule.limitation) | list_placeholders(rule.notice) | list_placeholders(rule.remedy)
    assert set(rule.limits) <= asked | named


@row
def test_a_veiled_sentence_hides_the_numbers(rule):
    assert not re.search(r"\d{2,}", " ".join(forms(rule.veiled)))
    assert not list_placeholders(rule.veiled)


@pytest.mark.parametrize("rule", (*RULES, FAILED), ids=lambda rule: rule.id)
def test_sentences_are_plain_language(rule):
    for sentence in sentences(rule):
        assert not UNWANTED.search(sentence)
        assert "%" not in re.sub(r"%\(\w+\)s", "", sentence)


def test_a_limit_in_the_row_moves_the_sentence_and_the_enforcement():
    stricter = replace(BY_ID["too-long"], limits={"most": 9})
    facts = EXAMPLES["too-long"].almost
    assert [reason.values["most"] for reason in decide(Act.SEND, facts, (stricter,)).reasons] == [9]


# --- the table as a whole ----------------------------------------------------


def test_ids_are_unique_words_with_hyphens():
    names = [rule.id for rule in (*RULES, FAILED)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name) for name in names)


def test_emergency_numbers_come_first_when_sending():
    assert [rule.id for rule in BY_ACT[Act.SEND]][:2] == ["emergency", "crisis-line"]


@row
def test_every_row_names_its_source(rule):
    source = rule.source
    assert source.facts or source.law or source.portal
    assert bool(source.facts) == bool(source.editions)


def test_the_rows_cover_every_fact_of_the_help_document():
    assert {fact for rule in RULES for fact in rule.source.facts} == {f"F{number}" for number in range(1, 27)}


def test_facts_of_the_newer_edition_are_not_ascribed_to_the_older():
    newer = {"F4", "F7", "F8", "F9"}
    for rule in RULES:
        if rule.source.facts and set(rule.source.facts) <= newer:
            assert rule.source.editions == (DocumentEdition.POLISH,)


def test_in_short_has_seven_lines_about_existing_rules():
    assert len(IN_SHORT) == 7
    for line in IN_SHORT:
        assert line.rules
        limits = {name for rule in line.rules for name in BY_ID[rule].limits}
        assert list_placeholders(line.sentence) <= limits
        assert not any(map(UNWANTED.search, forms(line.sentence)))


def test_editions_are_numbered_and_dated_in_order():
    assert [edition.number for edition in EDITIONS] == list(range(1, len(EDITIONS) + 1))
    assert [edition.day for edition in EDITIONS] == sorted(edition.day for edition in EDITIONS)
    assert all(edition.what for edition in EDITIONS)
    assert {rule for edition in EDITIONS for rule in edition.rules} <= set(BY_ID)
