"""The toggle: the truth table, and what holds for every combination of words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.switches import Effective, Level, Said, lock_above, resolve

ORGANIZATION, LOCATION, USER = Level
WORDS = {
    "on": Said(on=True), "off": Said(on=False),
    "ON": Said(on=True, locked=True), "OFF": Said(on=False, locked=True),
}

quick = settings(deadline=None)
anything = st.dictionaries(st.sampled_from(Level), st.builds(Said, st.booleans(), st.booleans()))
unlocked = st.dictionaries(st.sampled_from(Level), st.builds(Said, st.booleans()))


def said(words: str) -> dict[Level, Said]:
    """Words from the broadest to the narrowest level; `-` is silent, capitals are locked."""
    return {level: WORDS[word] for level, word in zip(Level, words.split(), strict=True) if word != "-"}


def narrower(level: Level, said: dict[Level, Said]) -> dict[Level, Said]:
    order = list(Level)
    return {other: word for other, word in said.items() if order.index(other) > order.index(level)}


@pytest.mark.parametrize(("words", "effective"), [
    ("-   -   -  ", Effective(on=False, level=None)),
    ("on  -   -  ", Effective(on=True, level=ORGANIZATION)),
    ("on  -   off", Effective(on=False, level=USER)),
    ("off -   on ", Effective(on=True, level=USER)),
    ("on  off -  ", Effective(on=False, level=LOCATION)),
    ("on  off on ", Effective(on=True, level=USER)),
    ("off on  -  ", Effective(on=True, level=LOCATION)),
    ("OFF on  on ", Effective(on=False, level=ORGANIZATION, locked=True)),
    ("ON  off off", Effective(on=True, level=ORGANIZATION, locked=True)),
    ("on  OFF on ", Effective(on=False, level=LOCATION, locked=True)),
    ("OFF ON  -  ", Effective(on=False, level=ORGANIZATION, locked=True)),
    ("-   ON  off", Effective(on=True, level=LOCATION, locked=True)),
    ("-   -   on ", Effective(on=True, level=USER)),
])
def test_truth_table(words, effective):
    assert resolve(said(words)) == effective


@quick
@given(unlocked)
def test_without_locks_the_narrowest_that_speaks_decides(said):
    spoken = [level for level in Level if level in said]
    effective = resolve(said)
    assert effective.level == (spoken[-1] if spoken else None)
    assert effective.on is (bool(spoken) and said[spoken[-1]].on)


@quick
@given(anything, st.sampled_from([ORGANIZATION, LOCATION]), st.booleans(), unlocked)
def test_under_a_lock_narrower_words_do_not_matter(above, level, on, below):
    """The broadest lock wins, so a lock still broader is not overruled either."""
    broader = {other: word for other, word in above.items() if other not in {level, *narrower(level, above)}}
    locked = {**broader, level: Said(on, locked=True)}
    assert resolve({**locked, **narrower(level, below)}) == resolve(locked)
    assert resolve(locked).locked


@quick
@given(anything)
def test_the_level_that_is_named_said_so(said):
    """And silence everywhere is off."""
    effective = resolve(said)
    if said:
        assert said[effective.level] == Said(effective.on, effective.locked)
    else:
        assert effective == Effective(on=False, level=None)


@quick
@given(anything)
def test_the_order_in_which_words_arrive_does_not_matter(said):
    assert resolve(dict(reversed(said.items()))) == resolve(said)


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
    spoken = {**said, level: Said(on)}
    if above := lock_above(level, said):
        assert resolve(spoken).level is above
        assert resolve(spoken) == resolve({other: spoken[other] for other in spoken if other != level})
    elif not narrower(level, said):
        assert resolve(spoken) == Effective(on, level)
