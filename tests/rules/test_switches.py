"""The toggle: the truth table, and what holds for every combination of words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.switches import EffectiveSetting, Level, SettingValue, lock_above, resolve_settings

ORGANIZATION, LOCATION, USER = Level
WORDS = {
    "on": SettingValue(on=True), "off": SettingValue(on=False),
    "ON": SettingValue(on=True, locked=True), "OFF": SettingValue(on=False, locked=True),
}

quick = settings(deadline=None)
anything = st.dictionaries(st.sampled_from(Level), st.builds(SettingValue, st.booleans(), st.booleans()))
unlocked = st.dictionaries(st.sampled_from(Level), st.builds(SettingValue, st.booleans()))


def said(words: str) -> dict[Level, SettingValue]:
    """Words from the broadest to the narrowest level; `-` is silent, capitals are locked."""
    return {level: WORDS[word] for level, word in zip(Level, words.split(), strict=True) if word != "-"}


def narrower(level: Level, said: dict[Level, SettingValue]) -> dict[Level, SettingValue]:
    order = list(Level)
    return {other: word for other, word in said.items() if order.index(other) > order.index(level)}


@pytest.mark.parametrize(("words", "effective"), [
    ("-   -   -  ", EffectiveSetting(on=False, level=None)),
    ("on  -   -  ", EffectiveSetting(on=True, level=ORGANIZATION)),
    ("on  -   off", EffectiveSetting(on=False, level=USER)),
    ("off -   on ", EffectiveSetting(on=True, level=USER)),
    ("on  off -  ", EffectiveSetting(on=False, level=LOCATION)),
    ("on  off on ", EffectiveSetting(on=True, level=USER)),
    ("off on  -  ", EffectiveSetting(on=True, level=LOCATION)),
    ("OFF on  on ", EffectiveSetting(on=False, level=ORGANIZATION, locked=True)),
    ("ON  off off", EffectiveSetting(on=True, level=ORGANIZATION, locked=True)),
    ("on  OFF on ", EffectiveSetting(on=False, level=LOCATION, locked=True)),
    ("OFF ON  -  ", EffectiveSetting(on=False, level=ORGANIZATION, locked=True)),
    ("-   ON  off", EffectiveSetting(on=True, level=LOCATION, locked=True)),
    ("-   -   on ", EffectiveSetting(on=True, level=USER)),
])
def test_truth_table(words, effective):
    assert resolve_settings(said(words)) == effective


@quick
@given(unlocked)
def test_without_locks_the_narrowest_that_speaks_decides(said):
    spoken = [level for level in Level if level in said]
    effective = resolve_settings(said)
    assert effective.level == (spoken[-1] if spoken else None)
    assert effective.on is (bool(spoken) and said[spoken[-1]].on)


@quick
@given(anything, st.sampled_from([ORGANIZATION, LOCATION]), st.booleans(), unlocked)
def test_under_a_lock_narrower_words_do_not_matter(above, level, on, below):
    """The broadest lock wins, so a lock still broader is not overruled either."""
    broader = {other: word for other, word in above.items() if other not in {level, *narrower(level, above)}}
    locked = {**broader, level: SettingValue(on, locked=True)}
    assert resolve_settings({**locked, **narrower(level, below)}) == resolve_settings(locked)
    assert resolve_settings(locked).locked


@quick
@given(anything, st.sampled_from(Level))
def test_inherit_is_the_same_as_no_setting(said, level):
    absent = {other: setting for other, setting in said.items() if other is not level}
    assert resolve_settings({**absent, level: SettingValue(None)}) == resolve_settings(absent)


@quick
@given(anything)
def test_the_level_that_is_named_said_so(said):
    """And silence everywhere is off."""
    effective = resolve_settings(said)
    if said:
        assert said[effective.level] == SettingValue(effective.on, effective.locked)
    else:
        assert effective == EffectiveSetting(on=False, level=None)


@quick
@given(anything)
def test_the_order_in_which_words_arrive_does_not_matter(said):
    assert resolve_settings(dict(reversed(said.items()))) == resolve_settings(said)


@pytest.mark.parametrize(("words", "level", "above"), [
    ("OFF ON  -", USER, ORGANIZATION),
    ("on  ON  -", USER, LOCATION),
    ("on  ON  -", LOCATION, None),
    ("ON  on  -", LOCATION, ORGANIZATION),
    ("ON  on  -", ORGANIZATION, None),
    ("on  off -", USER, None),
    ("-   -   -", USER, None),
])
def test_the_broadest_lock_above_is_named(words, level, above):
    assert lock_above(level, said(words)) is above


@quick
@given(anything, st.sampled_from(Level), st.booleans())
def test_a_word_counts_only_where_nothing_above_is_locked(said, level, on):
    """Under a lock one's own word changes nothing; else it decides, unless somebody narrower speaks."""
    spoken = {**said, level: SettingValue(on)}
    if above := lock_above(level, said):
        assert resolve_settings(spoken).level is above
        assert resolve_settings(spoken) == resolve_settings({other: spoken[other] for other in spoken
                                                             if other != level})
    elif not narrower(level, said):
        assert resolve_settings(spoken) == EffectiveSetting(on, level)
