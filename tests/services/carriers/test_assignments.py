"""Carriers of organizations and numbers."""

import pytest
from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import Number, Organization
from portal.services import audit
from portal.services.carriers import assignments, desk
from portal.services.refusals import Clash
from portal.wording import log


@pytest.fixture
def maple(olga, organizations):
    return db.session.get_one(Organization, organizations["Maple"].id)


def told(organization):
    return [log.event_in_words(*audit.event_sentence(one)) for one in audit.list_events(organization.id)]


def test_an_organization_gets_a_carrier_and_loses_it(olga, maple, north):
    assert assignments.choose_organization_carrier(olga, maple, north.ref)
    assert not assignments.choose_organization_carrier(olga, maple, north.ref)
    assert assignments.list_assigned(north) == [(maple, True, 0)]
    assert assignments.is_carrier_assigned(north)
    assert assignments.choose_organization_carrier(olga, maple, "")
    assert not assignments.is_carrier_assigned(north)
    assert told(maple)[:2] == ["Olga Weiss assigned Maple Clinic to no carrier of its own any more.",
                               "Olga Weiss assigned Maple Clinic to the carrier North."]


def test_numbers_of_the_organization_and_no_others(olga, maple, organizations, north):
    with writing() as session:
        session.add(Number(organization_id=organizations["Harbor"].id, e164="+14165550199", kind="plain"))
    chosen = ["+14165550101", "+14165550199", "+14165550000"]
    assert assignments.choose_number_carrier(olga, maple, chosen, north.ref) == 1
    assert assignments.choose_number_carrier(olga, maple, chosen, north.ref) == 0
    assert assignments.list_assigned(north) == [(maple, False, 1)]
    found = db.session.scalars(select(Number).where(Number.carrier_id.is_not(None))).all()
    assert [one.e164 for one in found] == ["+14165550101"]
    assert desk.carriers_of_numbers([found[0].id]) == {found[0].id: north.ref}
    assert assignments.choose_number_carrier(olga, maple, chosen, "") == 1
    assert told(maple)[:2] == [
        "Olga Weiss assigned a number of Maple Clinic to no carrier of its own any more: +1 416 555 0101.",
        "Olga Weiss assigned a number of Maple Clinic to the carrier North: +1 416 555 0101."]


def test_a_carrier_that_is_gone(olga, maple):
    for choose in (lambda: assignments.choose_organization_carrier(olga, maple, "gone"),
                   lambda: assignments.choose_number_carrier(olga, maple, ["+14165550101"], "gone")):
        with pytest.raises(Clash, match="not there any more"):
            choose()
