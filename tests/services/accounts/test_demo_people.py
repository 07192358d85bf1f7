"""Who a demo offers to sign in as."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import PortalMark, SignInSession, User
from portal.services.accounts import demo_people, sessions


@pytest.fixture
def here(inside):
    with inside():
        yield


@pytest.mark.usefixtures("here")
def test_the_people_of_the_mark_in_its_order(people):
    assert demo_people.list_demo_people() == []
    with writing() as session:
        session.add(PortalMark(name=demo_people.PEOPLE_MARK, value=f"{people['Uli'].ref} gone {people['Ada'].ref}"))
    assert [user.id for user in demo_people.list_demo_people()] == [people["Uli"].id, people["Ada"].id]
    assert demo_people.find_demo_person(people["Ada"].ref).id == people["Ada"].id
    assert demo_people.find_demo_person(people["Ben"].ref) is None
    assert demo_people.find_demo_person("gone") is None


@pytest.mark.usefixtures("here")
def test_a_session_begins_as_any_other(people):
    uli = db.session.get(User, people["Uli"].id)
    key = demo_people.begin_demo_session(uli, "Firefox, Linux")
    (row,) = db.session.scalars(select(SignInSession).where(SignInSession.user_id == uli.id))
    assert row.browser == "Firefox, Linux"
    assert sessions.is_current_session(row, key)
