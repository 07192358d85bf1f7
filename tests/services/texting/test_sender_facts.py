"""What concerns one sender is read in one statement, and is what the whole organization says about them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import NoResultFound

from portal.extensions import db, now, writing
from portal.models import Acknowledgement, Location, Organization, Restriction, User
from portal.rules.facts import Cause, Registration, Restraint, Subject
from portal.services.people import notices
from portal.services.texting import sender_facts
from portal.services.toggles.eligibility import OrganizationSnapshot
from tests.services.toggles.houses import QUICK, found_small, furnished, house


@pytest.fixture
def small(inside):
    """The ids of an organization with two locations and five users, in a context that stays open."""
    with inside():
        yield found_small()


def facts_of_each(organization_id):
    """By user: the facts and the sender as read alone, and as read with the organization and all its users."""
    users = db.session.scalars(select(User.id).where(User.organization_id == organization_id)).all()
    whole, senders = OrganizationSnapshot.read(organization_id), sender_facts.read_text_senders(users)
    for user_id in users:
        _id, sender, mine = sender_facts.read_text_sender(user_id, now())
        yield ((mine.facts_of(sender.profile, user_id, sender.e164), sender),
               (whole.facts_of(senders[user_id].profile, user_id, senders[user_id].e164), senders[user_id]))


@QUICK
@given(drawn=house, countries=st.lists(st.sampled_from(["CA", "US"]), min_size=2, max_size=2),
       registration=st.sampled_from([None, Registration.ALL]), placeless=st.integers(0, 4))
def test_a_sender_alone_is_known_as_within_the_organization(small, drawn, countries, registration, placeless):
    """Whatever is set, locked, restricted or missing, and whichever countries the other locations lie in."""
    with furnished(small, drawn):
        for place, country in zip(small[1], countries, strict=True):
            db.session.execute(update(Location).where(Location.id == place).values(country=country))
        db.session.execute(update(Organization).where(Organization.id == small[0]).values(registration=registration))
        who = select(User.id).where(User.organization_id == small[0]).offset(placeless).limit(1).scalar_subquery()
        db.session.execute(update(User).where(User.id == who).values(location_id=None))
        pairs = list(facts_of_each(small[0]))
        assert [alone for alone, _whole in pairs] == [whole for _alone, whole in pairs]


def test_a_confirmed_notice_and_a_restriction_of_everybody_are_seen(uli):
    with writing() as session:
        session.add(Acknowledgement(user_id=uli.id, organization_id=uli.organization_id, notice=notices.HIPAA.id,
                                    version=notices.HIPAA.version, as_admin=True))
        session.add(Restriction(organization_id=uli.organization_id, subject=Subject.ORGANIZATION,
                                restraint=Restraint.THROTTLE, per_minute=3, cause=Cause.SPAM))
    pairs = list(facts_of_each(uli.organization_id))
    assert [alone for alone, _whole in pairs] == [whole for _alone, whole in pairs]
    assert {(facts.organization.hipaa_acknowledged, len(facts.restrictions)) for (facts, _sender), _ in pairs} == {
        (True, 1)}


def test_one_statement_and_another_one_only_where_somebody_is_restricted(uli, statements):
    def count():
        db.session.rollback()
        with statements() as seen:
            sender_facts.read_text_sender(user_id, now())
        return len(seen)

    user_id, organization_id = uli.id, uli.organization_id
    assert count() == 1
    with writing() as session:
        session.add(Restriction(organization_id=organization_id, subject=Subject.ORGANIZATION, cause=Cause.SPAM,
                                restraint=Restraint.BLOCK, until=now() - timedelta(hours=1)))
    assert count() == 1
    with writing() as session:
        session.execute(update(Restriction).values(until=now() + timedelta(hours=1)))
    assert count() == 2


def test_who_belongs_to_no_organization_sends_nothing(people, uli):
    with pytest.raises(NoResultFound):
        sender_facts.read_text_sender(people["Olga"].id, now())
