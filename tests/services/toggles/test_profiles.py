"""The facts about a user in one text: written by the database, read here."""

from hypothesis import given
from hypothesis import strategies as st

from portal.extensions import db
from portal.models import AccountState, ProfileCount
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind
from portal.services.toggles import eligibility, profiles
from portal.services.toggles.profiles import UserProfile

from .houses import QUICK, furnished, house


@given(profile=st.builds(
    UserProfile, st.just(1), st.sampled_from(AccountState), st.text(max_size=5),
    st.none() | st.sampled_from(NumberKind), st.none() | st.sampled_from(NumberSource), st.none() | st.booleans(),
    st.booleans(), st.none() | st.dates(), st.none() | st.dates()))
def test_a_profile_is_read_as_it_was_written(profile):
    assert profiles.read_profile(1, profiles.write_profile(profile)) == profile


@QUICK
@given(drawn=house)
def test_the_database_writes_the_profiles_that_users_have(small, drawn):
    with furnished(small, drawn):
        kept = db.session.query(ProfileCount).filter_by(organization_id=small[0])
        counted = {profiles.read_profile(one.location_id, one.facts): one.many for one in kept}
        users = db.session.query(eligibility.User).filter_by(organization_id=small[0])
        found = [eligibility.profile_of_user(user) for user in users]
        assert counted == {profile: found.count(profile) for profile in found}
