"""Settings in words: who set what, when and where."""

from datetime import UTC, datetime

import pytest

from portal.marks import StoredWords
from portal.rules.facts import Lock
from portal.rules.switches import EffectiveSetting, Level
from portal.wording import switches

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
AT_TORONTO = EffectiveSetting(True, Level.LOCATION)
EVERYWHERE = EffectiveSetting(False, Level.ORGANIZATION)
NOWHERE = EffectiveSetting(False, None)


@pytest.fixture(autouse=True)
def reading(app):
    """Somebody reads, so that sentences have a language."""
    with app.test_request_context():
        yield


@pytest.mark.parametrize(("on", "word"), [(True, "on"), (False, "off"), (None, "off")])
def test_the_word_for_what_holds(on, word):
    assert switches.on_or_off(on) == word


@pytest.mark.parametrize(("effective", "said"), [
    (AT_TORONTO, "follows Toronto (on)"), (EVERYWHERE, "follows the organization (off)"),
    (NOWHERE, "nobody has turned texting on yet"),
])
def test_what_is_followed(effective, said):
    assert switches.followed_in_words(effective, "Toronto") == said


@pytest.mark.parametrize(("effective", "said"), [
    (AT_TORONTO, "would be on (setting of Toronto)"), (EVERYWHERE, "would be off (organization setting)"),
    (NOWHERE, "would be off (nobody has turned texting on yet)"),
])
def test_what_the_default_would_give(effective, said):
    assert switches.default_in_words(effective, "Toronto") == said


def test_who_set_it_and_on_which_day():
    assert switches.set_by_in_words(False, "Ada Keller", NOON) == "off, set by Ada Keller, 1 Jun 2025"
    assert switches.set_by_in_words(True, StoredWords.COMMAND_LINE, NOON) == "on, set by The command line, 1 Jun 2025"
    assert switches.set_by_in_words(None, "", None) == "off"


def test_who_locked_which_level():
    lock = Lock(Level.LOCATION, "Ada Keller", NOON, "Moving.", "Halifax")
    assert switches.lock_in_words(lock) == "Halifax is locked: Ada Keller locked it on 1 Jun 2025."


def test_who_turned_it_off():
    assert switches.turned_off_in_words("Uli", "Ada Keller", NOON, locked=False) == (
        "Texting is off. Ada Keller turned it off for Uli on 1 Jun 2025.")
    assert switches.turned_off_in_words("Halifax", "Ada Keller", NOON, locked=True) == (
        "Texting is off. Ada Keller turned it off for Halifax on 1 Jun 2025 and locked it.")


def test_what_stands_in_a_row():
    assert switches.override_in_brief(None) == "default settings"
    assert switches.override_in_brief(False) == "off"
    locked = EffectiveSetting(False, Level.LOCATION, locked=True)
    assert switches.locked_in_brief(locked, "Halifax", "Maple Clinic") == "Halifax is locked."
    assert switches.locked_in_brief(EVERYWHERE, "Halifax", "Maple Clinic") == ""
