"""An organization with its locations and settings is read as values, the same as its records have them."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.extensions import db, writing
from portal.models import Location, Organization
from portal.rules.switches import Level, SettingValue
from portal.services.toggles import toggle
from portal.services.toggles.known_units import KnownLocation, KnownOrganization, KnownSetting, read_known_units

pytestmark = pytest.mark.usefixtures("open_app")
LOCKED = SettingValue(False, locked=True, reason="Until May")


def as_read(kind, record):
    return kind(*(getattr(record, name) for name in kind._fields))


def test_the_values_are_those_of_the_records(row, organizations, locations):
    """A location without a setting has none; one that was taken back is there, and says nothing."""
    with writing():
        toggle.write_setting(row("Ada"), db.session.get_one(Location, locations["Toronto"].id), LOCKED)
        toggle.write_setting(row("Ada"), db.session.get_one(Location, locations["Toronto"].id), SettingValue(None))
    maple = db.session.get_one(Organization, organizations["Maple"].id)
    places = db.session.scalars(select(Location).where(Location.organization_id == maple.id)).all()
    known = read_known_units(maple.id)
    assert known.organization == as_read(KnownOrganization, maple)
    assert known.locations == {place.id: as_read(KnownLocation, place) for place in places}
    assert known.settings.keys() == {(Level.ORGANIZATION, maple.id), (Level.LOCATION, locations["Toronto"].id)}
    taken_back = known.settings[Level.LOCATION, locations["Toronto"].id]
    assert isinstance(taken_back, KnownSetting)
    assert (taken_back.value, taken_back.version, taken_back.said_by) == (SettingValue(None), 2, row("Ada").name)


def test_what_the_session_has_still_to_write_is_read(row, organizations):
    """Within a change whose settings were given, but not stored yet."""
    with writing():
        row("Ada").organization.name = "Birch"
        assert read_known_units(organizations["Maple"].id).organization.name == "Birch"


def test_two_statements_and_nothing_about_an_organization_that_is_not_there(organizations, statements):
    with statements() as seen:
        read_known_units(organizations["Maple"].id)
    assert len(seen) == 2
    with pytest.raises(NoResultFound):
        read_known_units(0)
