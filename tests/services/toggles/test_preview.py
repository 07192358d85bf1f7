"""What is shown before a change is what happens, whoever said what (UX-06)."""

import dataclasses
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.extensions import db
from portal.models import Location, Organization, User
from portal.services.toggles import preview, toggle, user_list
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import SettingValue, ToggleOutcome
from portal.services.toggles.user_list import UserChoice

from .houses import QUICK, furnished, house, locked, one_by_one

WORDS = {"on": SettingValue(True), "off": SettingValue(False), "on-locked": SettingValue(True, locked=True),
         "off-locked": SettingValue(False, locked=True), "inherit": SettingValue(None)}

# Which unit changes: the organization, a location, or a user; and what it says then.
change = st.tuples(st.sampled_from(["organization", 0, 1, "user"]), locked)


def unit_of(small, which):
    """The unit that changes."""
    organization_id, places, _event = small
    if which == "organization":
        return db.session.get_one(Organization, organization_id)
    if which == "user":
        return db.session.scalars(select(User).where(User.organization_id == organization_id)).first()
    return db.session.get_one(Location, places[which])


def difference(before, after, users):
    """What really happened to these users."""
    counted = Counter()
    for user in users:
        (_, was, eligible), (_, now_on, _) = before[user], after[user]
        if not eligible:
            counted[ToggleOutcome.NOT_AVAILABLE] += 1
        elif was != now_on:
            counted[ToggleOutcome.TURN_ON if now_on else ToggleOutcome.TURN_OFF] += 1
        else:
            counted["same"] += 1
    return counted


@QUICK
@given(drawn=house, chosen=change)
def test_the_effect_shown_before_is_what_happens(small, drawn, chosen):
    """UX-06: for every unit and every wish, exactly those turn on and off who were counted and listed."""
    with furnished(small, drawn):
        unit = unit_of(small, chosen[0])
        wish = toggle.tidy_setting(unit, chosen[1])
        snapshot = OrganizationSnapshot.read(small[0])
        before, shown = one_by_one(snapshot), toggle.preview_change(unit, wish, snapshot)
        level, word = toggle.level_of_unit(unit), toggle.setting_word(wish)
        listed = {outcome: ids(snapshot, unit, UserChoice(level=level, wish=word, outcome=outcome))
                  for outcome in ToggleOutcome}
        toggle.write_setting(None, unit, wish)
        compare(before, one_by_one(OrganizationSnapshot.read(small[0])), shown, listed)


def compare(before, after, shown, listed):
    """What was counted and listed before against everybody's state before and after."""
    assert {outcome: shown.counts[outcome] for outcome in ToggleOutcome} == {
        outcome: len(users) for outcome, users in listed.items()}
    concerned = {one for users in listed.values() for one in users}
    really = difference(before, after, concerned)
    for outcome in (ToggleOutcome.TURN_ON, ToggleOutcome.TURN_OFF, ToggleOutcome.NOT_AVAILABLE):
        assert shown.counts[outcome] == really[outcome]
        assert all(difference(before, after, [one])[outcome] for one in listed[outcome])
    assert shown.counts[ToggleOutcome.OWN_WORD] + shown.counts[ToggleOutcome.UNCHANGED] == really["same"]
    assert shown.idle == sum(after[one][1] and not before[one][2] for one in concerned)
    others = before.keys() - concerned
    assert all(before[one] == after[one] for one in others), "nobody else is touched"


def ids(snapshot, unit, choice):
    """The users whom the list shows for a choice among those whom a unit's word concerns."""
    where = [*choice.conditions(snapshot), toggle.users_under_unit(unit)]
    return {row.user.id for row in user_list.list_user_rows(snapshot, where).rows}


@pytest.mark.parametrize("word", WORDS)
def test_the_audit_logs_word_for_a_setting_is_read_again(word):
    assert preview.setting_word(WORDS[word]) == word
    assert preview.read_setting_word(word) == WORDS[word]


@pytest.mark.parametrize("word", ["", "ON", "locked", "nothing", "on-"])
def test_any_other_word_means_inherit(word):
    """An address that a person has changed by hand filters for nothing worse."""
    assert preview.read_setting_word(word) == SettingValue(None)


@given(locked)
def test_a_reason_is_no_part_of_the_word(setting):
    assert preview.setting_word(dataclasses.replace(setting, reason="Trial run")) == preview.setting_word(setting)
    assert preview.read_setting_word(preview.setting_word(setting)) == setting
