"""Groups: everybody once, of one standing each, and the same from the kept counts as from the users themselves."""

from collections import Counter
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import true, update

from portal.extensions import db
from portal.models import AccountState, Location, User
from portal.rules import standing_from_facts
from portal.rules.facts import Campaign, Pstn, Restraint
from portal.services.toggles import eligibility, groups, profiles
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.groups import users_at_location
from portal.services.toggles.toggle import SettingValue

from .houses import QUICK, furnished, house, one_by_one


@QUICK
@given(drawn=house)
def test_groups_select_their_own_users_and_together_everybody_once(small, drawn):
    """NULL columns and restricted users included."""
    with furnished(small, drawn):
        maple = OrganizationSnapshot.read(small[0])
        selected = Counter()
        for group in maple.groups():
            inside = eligibility.users_in_groups(maple, [group])
            found = profiles.add_profile_columns(maple.members([inside])).add_columns(User)
            rows = [profiles.split_profile(one) for one in db.session.execute(found)]
            assert len(rows) == group.many
            assert {profiles.write_profile(held) for held, _rest in rows} == {profiles.write_profile(group.profile)}
            assert {held.location_id for held, _rest in rows} == set(group.places)
            assert {maple.standing(held, user.id).state for held, (user,) in rows} == {
                maple.standing(group.profile, group.user_id).state}
            selected.update(user.id for _held, (user,) in rows)
        assert sorted(selected.items()) == [(user_id, 1) for user_id in sorted(one_by_one(maple))]


def test_a_location_where_only_a_restricted_user_has_the_facts_is_not_one_of_the_group(small):
    """A lock there concerns nobody in the group."""
    same = {"account": AccountState.ACTIVE, "app": "", "number": None, "source": None, "word": None, "claimed": False,
            "restraint": None, "ends": False, "day": None}
    drawn = {"people": [{**same, "location": 0, "restraint": Restraint.BLOCK}, *[{**same, "location": 1}] * 4],
             "pstn": [Pstn.PROVIDER, Pstn.PROVIDER], "words": [SettingValue(True)] * 3, "add_on": True,
             "campaign": Campaign.ACTIVE}
    first, second = small[1]
    with furnished(small, drawn):
        alone, others = sorted(OrganizationSnapshot.read(small[0]).groups(), key=lambda group: group.many)
        assert (alone.many, alone.places) == (1, [first])
        assert (others.many, others.places, others.profile.location_id) == (4, [second], second)


@QUICK
@given(drawn=house, place=st.integers(0, 1))
def test_kept_counts_and_counting_users_find_the_same_groups(small, drawn, place):
    """Of everybody, of a location and of some groups; a condition that is always true has users counted."""
    with furnished(small, drawn):
        maple = OrganizationSnapshot.read(small[0])
        half = eligibility.users_in_groups(maple, maple.groups()[::2])
        here = users_at_location(db.session.get_one(Location, small[1][place]))
        for where in ([], [here], [half], [here, half]):
            kept, counted = ({(maple.grouping.key_of(*one[:2]), one.many) for one in maple.groups(one_way)}
                             for one_way in (where, [*where, true()]))
            assert kept == counted


@QUICK
@given(drawn=house)
def test_what_is_remembered_is_what_the_rules_say_now(small, drawn):
    """One example after the other changes what the rules know about the same users."""
    with furnished(small, drawn):
        maple = OrganizationSnapshot.read(small[0])
        for group in maple.groups():
            assert maple.standing(group.profile, group.user_id) == standing_from_facts(
                maple.facts_of(group.profile, group.user_id))


@QUICK
@given(drawn=house, now=st.sampled_from(list(AccountState)))
def test_groups_that_are_remembered_are_those_of_now(small, drawn, now):
    """Asked for twice, and again after every user has another account; longer counts are never remembered."""
    with furnished(small, drawn):
        for _again in range(2):
            maple = OrganizationSnapshot.read(small[0])
            with mock.patch.object(groups, "LONGEST_REMEMBERED", 0):
                anew = maple.groups()
            assert maple.groups() == maple.groups() == anew
            db.session.execute(update(User).where(User.organization_id == small[0]).values(account=now))


def test_the_same_counts_are_grouped_once(small):
    groups._remember_groups.cache_clear()
    for _again in range(3):
        OrganizationSnapshot.read(small[0]).groups()
    assert groups._remember_groups.cache_info().misses == 1
