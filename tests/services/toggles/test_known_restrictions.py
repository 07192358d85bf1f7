"""Which restrictions count, and on whom."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now
from portal.models import Restriction
from portal.rules.facts import Restraint, Subject
from portal.services.toggles.known_restrictions import is_restriction_in_force, read_known_restrictions

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.mark.parametrize(("until", "lifted", "counts"), [
    (None, False, True), (1, False, True), (-1, False, False), (0, False, False),
    (None, True, False), (1, True, False), (-1, True, False),
])
@pytest.mark.parametrize("since", [-60, 60])
def test_which_restrictions_count(people, restrict, until, lifted, counts, since):
    """Until its end or until it is lifted; one that seems to begin later was made before the clock was set back."""
    moment = now()
    restrict(user_id=people["Uli"].id, since=moment + timedelta(minutes=since),
             until=None if until is None else moment + timedelta(minutes=until),
             lifted_at=moment - timedelta(days=1) if lifted else None)
    found = db.session.scalars(select(Restriction.id).where(is_restriction_in_force(moment))).all()
    assert bool(found) is counts


def test_they_are_read_by_user_in_one_statement(people, organizations, restrict, statements):
    """Those of a user are under their id, those of the organization under None, and nobody else's are there."""
    restrict(user_id=people["Uli"].id)
    restrict(Subject.ORGANIZATION, restraint=Restraint.THROTTLE, per_minute=3)
    restrict(user_id=people["Mia"].id, organization="Harbor")
    with statements() as seen:
        found = read_known_restrictions(organizations["Maple"].id)
    assert len(seen) == 1
    assert {user_id: [one.restraint for one in mine] for user_id, mine in found.items()} == {
        people["Uli"].id: [Restraint.BLOCK], None: [Restraint.THROTTLE]}
