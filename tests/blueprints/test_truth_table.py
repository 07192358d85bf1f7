"""Who decides: every row of the truth table, said on the three pages and read on the user's page."""

import pytest

from tests.blueprints.reader import Seen, look, press, turn

# organization, location, user: what is said there; then what the user's page shows
TABLE = (
    ("on", "–", "–", "Can text", "follows the organization (on)"),
    ("on", "–", "off", "Off", "Override default settings: off, set by Ada Keller"),
    ("off", "–", "on", "Can text", "Override default settings: on, set by Ada Keller"),
    ("on", "off", "–", "Off", "follows Toronto (off)"),
    ("on", "off", "on", "Can text", "Override default settings: on, set by Ada Keller"),
    ("off", "on", "–", "Can text", "follows Toronto (on)"),
    ("off, locked", "on", "on", "Off", "Maple Clinic is locked: Ada Keller"),
    ("on, locked", "off", "off", "Can text", "Maple Clinic is locked: Ada Keller"),
    ("on", "off, locked", "on", "Off", "Toronto is locked: Ada Keller"),
    ("off, locked", "on, locked", "–", "Off", "Maple Clinic is locked: Ada Keller"),
)


def say_at(ada, page, said):
    """Say on or off on a page, and lock it there."""
    word, _, lock = said.partition(", ")
    seen = turn(ada, look(ada, page), word)
    confirm = [one for one in seen.buttons if one.startswith("Turn ")]
    seen = press(ada, seen, confirm[0]) if confirm else seen
    assert "Texting is " in seen.said
    if lock:
        label = next(one.text for one in seen.all("label") if one.text.endswith("cannot change this"))
        seen = press(ada, look(ada, page), "Save", {label: True, "Reason": "One for all here."})
        confirm = [one for one in seen.buttons if one.startswith("Lock for")]
        seen = press(ada, seen, confirm[0]) if confirm else seen
        assert "Texting is " in seen.said


def texting(seen: Seen) -> str:
    return seen.region("Business Texting").words


@pytest.mark.parametrize(("organization", "location", "user", "state", "because"), TABLE, ids=lambda said: said)
def test_the_narrowest_word_decides_unless_a_broader_one_is_locked(
        browse, people, locations, organization, location, user, state, because):
    ada, uli = browse("Ada"), f"/admin/users/{people['Uli'].ref}"
    # From the narrowest to the broadest, as a lock lets nobody below it speak.
    if user != "–":
        turn(ada, look(ada, uli), user)
    if location != "–":
        say_at(ada, f"/admin/locations/{locations['Toronto'].ref}", location)
    say_at(ada, "/admin/settings", organization)

    assert f" {state} " in texting(look(ada, uli))
    assert because in texting(look(ada, uli))


def test_silence_everywhere_is_off(browse, people):
    mia = look(browse("Otto"), f"/admin/users/{people['Mia'].ref}")

    assert " Off Use organization default settings: nobody has turned texting on yet." in texting(mia)
