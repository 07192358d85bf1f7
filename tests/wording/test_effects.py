"""What a change for a whole place is called, asks and tells."""

import pytest

from portal.rules.switches import SettingValue
from portal.wording import effects
from portal.wording.effects import UnitAct

ON, OFF, NOTHING = SettingValue(True), SettingValue(False), SettingValue(None)


@pytest.fixture(autouse=True)
def reading(app):
    """Somebody reads, so that sentences have a language."""
    with app.test_request_context():
        yield


@pytest.mark.parametrize(("was", "wish", "act"), [
    (ON, OFF, UnitAct.OFF), (OFF, ON, UnitAct.ON), (NOTHING, OFF, UnitAct.OFF), (ON, NOTHING, UnitAct.INHERIT),
    (ON, SettingValue(True, True, "Why"), UnitAct.LOCK), (SettingValue(True, True, "Why"), ON, UnitAct.UNLOCK),
])
def test_what_a_change_is_called(was, wish, act):
    assert effects.act_of_change(was, wish) is act


@pytest.mark.parametrize("act", list(UnitAct))
def test_every_act_has_its_question_and_its_button(act):
    assert "Boston" in effects.question_of_act(act, "Boston")
    assert effects.button_of_act(act, 1).endswith("for 1 person")
    assert effects.button_of_act(act, 1200).endswith("for 1,200 people")
    assert "for" not in effects.button_of_act(act, 0)


def test_what_was_done():
    assert effects.done_in_words("Boston", True, 3) == "Texting is on for Boston. It changed for 3 people."
    assert effects.done_in_words("Boston", False, 0) == "Texting is off for Boston."
