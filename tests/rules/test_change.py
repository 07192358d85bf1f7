"""SWITCH: who may change a toggle, and when."""

from dataclasses import replace

import pytest

from portal.rules import Act, Effect, Facts, decide
from portal.rules.facts import ActorFacts, OrganizationFacts
from portal.rules.switches import EffectiveSetting, Level

from .examples import LOCK, changing, healthcare

ON = EffectiveSetting(on=True, level=Level.USER)


def effects(facts: Facts) -> dict[str, Effect]:
    return {reason.id: reason.effect for reason in decide(Act.SWITCH, facts).reasons}


@pytest.mark.parametrize(("on", "told"), [
    (True, {"locked-above": Effect.BLOCK}), (False, {"locked-above": Effect.BLOCK}), (None, {}),
])
def test_under_a_lock_a_word_can_only_be_taken_back(on, told):
    assert effects(changing(on=on, turns_on=False, lock=LOCK)) == told


@pytest.mark.parametrize("setting", [None, ON], ids=["effect unknown", "on already"])
@pytest.mark.parametrize(("turns_on", "told"), [(True, {"hipaa-unacknowledged": Effect.BLOCK}), (False, {})])
def test_healthcare_is_switched_on_only_after_the_notice_was_confirmed(turns_on, told, setting):
    """Whatever else is known, turning off is free and turning on is not softened to a warning."""
    unconfirmed = healthcare(acknowledged=False)
    facts = replace(unconfirmed, change=replace(unconfirmed.change, turns_on=turns_on), setting=setting)
    assert effects(facts) == told


def test_taking_a_word_back_may_turn_on_too():
    """The word of a broader level then takes effect, and the notice is needed as for any other."""
    facts = replace(changing(on=None), organization=OrganizationFacts(healthcare=True))
    assert effects(facts) == {"hipaa-unacknowledged": Effect.BLOCK}


def test_switching_on_somebody_who_cannot_text_is_allowed_with_a_warning():
    facts = replace(changing(idle=3, why=("add-on",)), actor=ActorFacts(administers=True))
    decision = decide(Act.SWITCH, facts)
    assert decision.allowed
    assert [(reason.id, reason.values["idle"]) for reason in decision.warnings] == [("no-effect-yet", 3)]
