"""SEND: the rows whose effect or reach shifts with the facts."""

from dataclasses import replace

import pytest

from portal.rules import Act, Effect, Facts, decide
from portal.rules.facts import BrandCap, Campaign, OrganizationFacts, Policy, Registration, Restraint
from portal.rules.numbers import NumberKind, read_number

from .examples import EXAMPLES, HOURS, MOMENT, NOON, brand, restricted, same, to


def effects(facts: Facts) -> dict[str, Effect]:
    return {reason.id: reason.effect for reason in decide(Act.SEND, facts).reasons}


@pytest.mark.parametrize(("recipients", "told"), [
    (14, {}), (15, {"repeated": Effect.WARN}),
    (25, {"repeated": Effect.WARN}), (26, {"repeated": Effect.BLOCK}),
])
def test_the_same_text_to_many_is_warned_about_before_it_is_refused(recipients, told):
    assert effects(same(recipients)) == told


@pytest.mark.parametrize(("segments", "cap", "told"), [
    (800, BrandCap.BLOCK, {}), *((segments, cap, {"daily-brand": Effect.WARN}) for segments in (801, 1000)
                                 for cap in BrandCap),
    *((1001, cap, {"daily-brand": Effect(cap)}) for cap in BrandCap),
])
def test_what_the_brand_cap_does_is_a_setting(segments, cap, told):
    assert effects(brand(segments, cap)) == told


@pytest.mark.parametrize(("left", "tomorrow", "effect"), [
    (MOMENT, 1000, Effect.HOLD), (HOURS, 1000, Effect.HOLD), (HOURS + MOMENT, 1000, Effect.BLOCK),
    (MOMENT, 1001, Effect.BLOCK),
])
def test_a_text_waits_for_midnight_pacific_while_it_is_worth_sending_and_there_is_room(left, tomorrow, effect):
    decision = decide(Act.SEND, brand(1001, left=left, tomorrow=tomorrow))
    assert [(reason.id, reason.effect) for reason in decision.reasons] == [("daily-brand", effect)]
    assert decision.headline.values == {"used": 1001, "tier": 1000, "until": NOON + left}
    assert decision.until == (NOON + left if effect is Effect.HOLD else None)


def test_the_brand_cap_is_about_us_numbers():
    """T-Mobile US counts what goes to the US; a text to Canada is neither counted nor warned about."""
    assert effects(replace(brand(1001, BrandCap.BLOCK), recipient=read_number("+1 416 555 0123"))) == {}


def test_an_organization_can_have_its_own_number_of_equal_texts():
    assert effects(same(26, most=40)) == {"repeated": Effect.WARN}
    assert effects(same(5, most=5)) == {}
    assert effects(same(6, most=5)) == {"repeated": Effect.BLOCK}


@pytest.mark.parametrize(("registration", "raw", "told"), [
    (Registration.ALL, "+1 416 555 0123", True),
    (Registration.US_RECIPIENTS, "+1 416 555 0123", False),
    (Registration.US_RECIPIENTS, "+1 212 555 0123", True),
    (Registration.US_RECIPIENTS, "+1 787 555 0123", True),
    (Registration.NONE, "+1 212 555 0123", False),
])
def test_whose_texts_need_an_active_campaign(registration, raw, told):
    facts = to(raw, organization=OrganizationFacts(campaign=Campaign.SUSPENDED, registration=registration))
    assert ("campaign" in effects(facts)) is told


@pytest.mark.parametrize(("raw", "told"), [("+1 787 555 0123", True), ("+1 671 555 0123", False)])
def test_the_setting_names_the_territories_that_can_be_texted(raw, told):
    policy = Policy(territories=frozenset({"GU"}))
    assert ("territory" in effects(to(raw, policy=policy))) is told


@pytest.mark.parametrize("kind", NumberKind)
def test_a_number_of_any_kind_gives_one_reason_at_most(kind):
    """So 911 is not also unreadable; a number in a territory depends on the setting."""
    told = effects(Facts(recipient=replace(read_number("+1 416 555 0123"), kind=kind)))
    assert len(told) == (kind not in {NumberKind.PLAIN, NumberKind.TERRITORY})
    assert set(told.values()) <= {Effect.BLOCK}


def test_a_code_is_nobodys_own_number():
    """Neither has a full form; two empty ones are not the same number."""
    number = EXAMPLES["primary-number"].breaks.number
    assert "own-number" not in effects(to("411", number=number))


def test_a_burst_waits_for_its_place():
    decision = decide(Act.SEND, EXAMPLES["burst"].breaks)
    assert decision.allowed
    assert decision.until == NOON


def test_a_block_is_found_among_throttles_and_says_until_when():
    both = restricted(Restraint.THROTTLE).restrictions + restricted(Restraint.BLOCK).restrictions
    (reason,) = decide(Act.SEND, Facts(restrictions=both)).reasons
    assert (reason.id, reason.values["until"]) == ("blocked", NOON)
