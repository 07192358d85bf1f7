"""One user is read in one statement, and the rules say the same about them as within the organization."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import NoResultFound

from portal.extensions import db, now, writing
from portal.models import Location, Restriction, User
from portal.rules.facts import Subject
from portal.services.toggles import toggle
from portal.services.toggles.eligibility import OrganizationSnapshot, kept_answers, standing_of_user
from portal.services.toggles.one_user import read_one_user
from portal.services.toggles.toggle import SettingValue

from .houses import QUICK, furnished, house


@QUICK
@given(drawn=house, countries=st.lists(st.sampled_from(["CA", "US"]), min_size=2, max_size=2),
       wish=st.sampled_from([None, True, False]))
def test_the_rules_say_the_same_as_within_the_organization(small, people, drawn, countries, wish):
    """Facts, standing, and whether their texting may be switched, whatever is set, locked or restricted."""
    with furnished(small, drawn):
        for place, country in zip(small[1], countries, strict=True):
            db.session.execute(update(Location).where(Location.id == place).values(country=country))
        whole, actor = OrganizationSnapshot.read(small[0]), db.session.get_one(User, people["Ada"].id)
        for user in db.session.scalars(select(User).where(User.organization_id == small[0])):
            profile, e164, alone, _more = read_one_user(user.id)
            assert alone.facts_of(profile, user.id, e164) == whole.facts_of(profile, user.id, e164)
            assert alone.standing(profile, user.id, e164) == standing_of_user(user, whole)
            assert toggle.judge_change(actor, user, SettingValue(wish)) == toggle.judge_change(
                actor, user, SettingValue(wish), whole)


def test_one_statement_and_another_one_only_where_somebody_is_restricted(restrict, people, inside, statements):
    def count():
        db.session.rollback()
        with statements() as seen:
            read_one_user(people["Uli"].id)
        return len(seen)

    with inside():
        assert count() == 1
        restrict(Subject.ORGANIZATION, until=now() - timedelta(hours=1))
        assert count() == 1
        with writing() as session:
            session.execute(update(Restriction).values(until=now() + timedelta(hours=1)))
        assert count() == 2


def test_what_is_remembered_of_organizations_stays(people, inside):
    """What is found for one user takes no place in that memory."""
    with inside():
        kept_answers.cache_clear()
        known = read_one_user(people["Uli"].id)
        known.snapshot.standing(known.profile, people["Uli"].id)
        assert kept_answers.cache_info().currsize == 0


def test_what_the_session_has_still_to_write_is_read(people, inside):
    with inside(), writing() as session:
        session.get_one(User, people["Uli"].id).app_version = "44.0"
        assert read_one_user(people["Uli"].id).profile.app_version == "44.0"


def test_who_belongs_to_no_organization_is_not_found(people, inside):
    with inside(), pytest.raises(NoResultFound):
        read_one_user(people["Olga"].id)
