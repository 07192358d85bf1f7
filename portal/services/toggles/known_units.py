"""What is stored about an organization, its locations and their settings, read as values.

A snapshot keeps them: they stay as they were read, whatever a later commit changes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import aliased

from portal.dialects import DifferentTexts
from portal.extensions import db
from portal.models import Location, Organization, Setting, User
from portal.rules.facts import Campaign, CustomerType, Pstn, QuietRule, Registration
from portal.rules.switches import Level, SettingValue

from ..people import notices


class KnownOrganization(NamedTuple):
    """An organization as it was read, under the names that it has in `Organization`."""

    id: int
    ref: str
    name: str
    reply_name: str
    help_contact: str
    customer_type: CustomerType
    calling_plan: bool
    add_on: bool
    healthcare: bool
    campaign: Campaign
    brand_tier: int
    same_text_most: int
    registration: Registration | None
    quiet_rule: QuietRule | None
    keyword_blocks: bool
    consent_required: bool


class KnownLocation(NamedTuple):
    """A location as it was read, under the names that it has in `Location`."""

    id: int
    ref: str
    organization_id: int
    name: str
    name_key: str
    country: str
    time_zone: str
    pstn: Pstn
    asks_language: bool


class KnownSetting(NamedTuple):
    """A setting as it was read, under the names that it has in `Setting`."""

    on: bool | None
    locked: bool
    reason: str
    version: int
    said_by: str
    said_at: datetime

    @property
    def value(self) -> SettingValue:
        """What the rules need of it: on, off or inherit, and whether it is locked."""
        return SettingValue(self.on, self.locked)


class KnownUnits(NamedTuple):
    """An organization, whether it has confirmed the HIPAA notice, its locations by id, and the settings of them all.

    `countries` are those of all its locations, also where only the location of one user was read.
    """

    organization: KnownOrganization
    hipaa: bool
    countries: frozenset[str]
    locations: Mapping[int, KnownLocation]
    settings: Mapping[tuple[Level, int], KnownSetting]


# Built once, because every request needs them: building a statement takes longer than running it.
_MINE: Any = bindparam("organization_id")
_SETTING = tuple(getattr(Setting, name) for name in KnownSetting._fields)
_ORGANIZATION = select(notices.is_hipaa_acknowledged(Organization.id, bindparam("hipaa")), *_SETTING, *(
    getattr(Organization, name) for name in KnownOrganization._fields)).outerjoin(
    Setting, and_(Setting.level == Level.ORGANIZATION, Setting.unit_id == Organization.id)).where(
    Organization.id == _MINE)
_LOCATIONS = select(*_SETTING, *(getattr(Location, name) for name in KnownLocation._fields)).outerjoin(
    Setting, and_(Setting.level == Level.LOCATION, Setting.unit_id == Location.id)).where(
    Location.organization_id == _MINE)

# The same for one user: of their organization and their location, with the countries of all its locations.
_SAID_ABOVE, _SAID_THERE, _ANYWHERE = aliased(Setting), aliased(Setting), aliased(Location)
_OF_ORGANIZATION = len(KnownOrganization._fields)
_UNIT_COLUMNS: tuple[Any, ...] = (
    notices.is_hipaa_acknowledged(Organization.id, bindparam("hipaa")),
    select(DifferentTexts(_ANYWHERE.country)).where(
        _ANYWHERE.organization_id == Organization.id).correlate(Organization).scalar_subquery(),
    *(getattr(_SAID_ABOVE, name) for name in KnownSetting._fields),
    *(getattr(Organization, name) for name in KnownOrganization._fields),
    *(getattr(_SAID_THERE, name) for name in KnownSetting._fields),
    *(getattr(Location, name) for name in KnownLocation._fields))


def read_known_units(organization_id: int) -> KnownUnits:
    """Read an organization with its locations and their settings: two statements. Raises NoResultFound."""
    # Of columns alone the connection itself makes rows, in half the time. It does not write what the session still
    # has to write.
    db.session.flush()
    ask, mine = db.session.connection().execute, {"organization_id": organization_id}
    hipaa, *stored = ask(_ORGANIZATION, {**mine, "hipaa": notices.HIPAA.version}).one()
    setting, columns = _split_setting(stored)
    organization, locations = KnownOrganization(*columns), {}
    settings = {(Level.ORGANIZATION, organization.id): setting}
    for row in ask(_LOCATIONS, mine):
        setting, columns = _split_setting(row)
        location = KnownLocation(*columns)
        locations[location.id], settings[Level.LOCATION, location.id] = location, setting
    return KnownUnits(organization, hipaa, frozenset(one.country for one in locations.values()), locations,
                      {at: one for at, one in settings.items() if one})


def add_unit_columns(found: Select[Any]) -> Select[Any]:
    """The same selection of users, joined to their organization and location, with the columns of both at the end.

    The statement takes the parameter `hipaa`, the version of the notice.
    """
    return found.join(Organization, Organization.id == User.organization_id).outerjoin(
        Location, Location.id == User.location_id).outerjoin(_SAID_ABOVE, and_(
            _SAID_ABOVE.level == Level.ORGANIZATION, _SAID_ABOVE.unit_id == Organization.id)).outerjoin(
        _SAID_THERE, and_(_SAID_THERE.level == Level.LOCATION, _SAID_THERE.unit_id == Location.id)).add_columns(
        *_UNIT_COLUMNS)


def split_units(row: Sequence[Any]) -> tuple[KnownUnits, Sequence[Any]]:
    """The units of a user at the start of a row selected with `add_unit_columns`, and the rest of the row.

    Of the locations only the user's is there.
    """
    hipaa, countries, *stored = row[:len(_UNIT_COLUMNS)]
    above, columns = _split_setting(stored)
    organization = KnownOrganization(*columns[:_OF_ORGANIZATION])
    there, columns = _split_setting(columns[_OF_ORGANIZATION:])
    place = KnownLocation(*columns)
    settings = {(Level.ORGANIZATION, organization.id): above, (Level.LOCATION, place.id): there}
    return KnownUnits(
        organization, hipaa, frozenset((countries or "").split(",")) - {""}, {place.id: place} if place.id else {},
        {at: one for at, one in settings.items() if one}), row[len(_UNIT_COLUMNS):]


def _split_setting(row: Sequence[Any]) -> tuple[KnownSetting | None, Sequence[Any]]:
    """The setting at the start of a row, None where nothing is stored, and the rest of the row."""
    setting = KnownSetting(*row[:len(_SETTING)])
    return setting if setting.version else None, row[len(_SETTING):]
