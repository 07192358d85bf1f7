"""What the tests of the toggle share."""

import pytest

from portal.extensions import writing
from portal.models import Restriction
from portal.rules.facts import Cause, Restraint, Subject

from . import houses


@pytest.fixture
def small(inside):
    """The ids of an organization with two locations and five users, in a context that stays open."""
    with inside():
        yield houses.found_small()


@pytest.fixture
def restrict(organizations):
    """`restrict(user_id=...)` blocks a sender of Maple Clinic."""

    def block(subject=Subject.USER, organization="Maple", **more):
        with writing() as session:
            session.add(Restriction(organization_id=organizations[organization].id, subject=subject,
                                    **{"restraint": Restraint.BLOCK, "cause": Cause.SPAM, **more}))

    return block
