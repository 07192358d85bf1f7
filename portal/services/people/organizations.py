"""Organizations, locations and numbers: what only the provider sets, and what admins set."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import false, func, select, tuple_

from portal.extensions import db, writing
from portal.models import Account, Location, Number, Organization, User
from portal.rules import lengths
from portal.rules.characters import tidied
from portal.rules.decision import N_
from portal.rules.facts import NumberSource, Pstn

from .. import audit
from ..accounts.passwords import add_link
from . import addresses_elsewhere, number_claims
from .numbers import read_number
from .users import PAGE, Changed, Clash, changes, key_of, new, with_address


class Row(NamedTuple):
    """A line of the list: an organization, its users, its locations and those not on the provider's PSTN."""

    organization: Organization
    users: int
    locations: int
    elsewhere: int


def page(search: str = "", after: str = "", most: int = PAGE) -> tuple[list[Row], bool]:
    """Organizations by name whose names contain `search`; True when there are more.

    `after` is the ref of the last organization of the page before; 404 when there is none.
    """
    place = tuple_(Organization.name_key, Organization.id)
    sites = select(func.count()).where(Location.organization_id == Organization.id)
    found = select(
        Organization,
        select(func.count()).where(User.organization_id == Organization.id).scalar_subquery(),
        sites.scalar_subquery(),
        sites.where(Location.pstn != Pstn.PROVIDER).scalar_subquery(),
    ).order_by(Organization.name_key, Organization.id)
    if len(search) > lengths.SEARCH:
        found = found.where(false())
    elif search.strip():
        found = found.where(Organization.name_key.like(f"%{audit.escaped(key_of(search))}%", escape="\\"))
    if after:
        last = find(after)
        found = found.where(place > (last.name_key, last.id))
    rows = [Row(*row) for row in db.session.execute(found.limit(most + 1))]
    return rows[:most], len(rows) > most


def find(ref: str) -> Organization:
    """An organization, for operators; 404 when there is none."""
    found: Organization = db.one_or_404(select(Organization).where(Organization.ref == ref))
    return found


def named(said: str) -> Organization | None:
    """The organization with this id, or else the only one with this name; None for any other number of them."""
    for meant in (Organization.ref == said, Organization.name_key == key_of(said)):
        found = db.session.scalars(select(Organization).where(meant).limit(2)).all()
        if len(found) == 1:
            return found[0]
    return None


def find_location(organization_id: int | None, ref: str) -> Location:
    """A location of one organization; 404 for everybody else's."""
    found: Location = db.one_or_404(select(Location).where(
        Location.ref == ref, Location.organization_id == organization_id))
    return found


def locations_of(organization: Organization) -> list[Location]:
    """The locations of an organization, by name."""
    mine = select(Location).where(Location.organization_id == organization.id)
    return list(db.session.scalars(mine.order_by(Location.name_key)))


def users_by_location(organization: Organization) -> dict[int, int]:
    """How many users each location has, by its id; locations without users are left out."""
    found = select(User.location_id, func.count()).where(
        User.organization_id == organization.id, User.location_id.is_not(None))
    return {place: many for place, many in db.session.execute(found.group_by(User.location_id)) if place}


def add(actor: User | None, values: Mapping[str, Any], location: Mapping[str, Any], admin: tuple[str, str],
        ) -> tuple[Organization, User, str]:
    """Add an organization with its first location and its first admin (name, e-mail address).

    Returns the organization, the admin and the token of the admin's sign-in link. Raises Clash.
    """
    name, email = admin
    with writing() as session:
        if db.session.scalar(select(Organization.id).where(Organization.name_key == key_of(values["name"]))):
            raise Clash("name", N_("An organization of this name exists already."))
        if with_address(email):
            raise Clash("admin_email", addresses_elsewhere.TAKEN)
        organization = Organization(name_key=key_of(values["name"]), **values)
        session.add(organization)
        session.flush()
        audit.record(actor, "organization-added", organization)
        first = new(name, email, _new_location(actor, organization, location))
        first.admin = True
        session.add(first)
        session.flush()
        audit.record(actor, "user-added", first)
        return organization, first, add_link(actor, first)


def update(actor: User, organization: Organization, version: int, values: Mapping[str, Any]) -> None:
    """Change an organization's own values. Raises Changed when the record is newer than `version`."""
    with writing():
        if organization.version != version:
            raise Changed
        told = changes(organization, values)
        for name, value in values.items():
            setattr(organization, name, value)
        organization.name_key = key_of(organization.name)
        if told:
            organization.version += 1
            audit.record(actor, "organization-changed", organization, changes=told)


def _new_location(actor: User | None, organization: Organization, values: Mapping[str, Any]) -> Location:
    taken = select(Location.id).where(Location.organization_id == organization.id,
                                      Location.name_key == key_of(values["name"]))
    if db.session.scalar(taken):
        raise Clash("name", N_("A location of this name exists already."))
    location = Location(organization_id=organization.id, name_key=key_of(values["name"]), **values)
    db.session.add(location)
    db.session.flush()
    audit.record(actor, "location-added", location)
    return location


def add_location(actor: User | None, organization: Organization, name: str, country: str, time_zone: str,
                 pstn: Pstn = Pstn.NOT_SET) -> Location:
    """Add a location; its PSTN connection is the provider's to set. Raises Clash."""
    with writing():
        return _new_location(actor, organization, {"name": tidied(name), "country": country,
                                                   "time_zone": time_zone, "pstn": pstn})


def set_pstn(actor: User, location: Location, pstn: Pstn) -> None:
    """Set how a location reaches the telephone network."""
    with writing():
        told = changes(location, {"pstn": pstn})
        location.pstn = pstn
        if told:
            location.version += 1
            audit.record(actor, "location-changed", location, changes=told)


def add_number(actor: User, organization: Organization, typed: str) -> Number:
    """Give an organization a number that its admins can assign. Raises Clash."""
    reading = read_number(typed, locations_of(organization)[0])
    with writing() as session:
        held = session.scalars(select(Number).where(Number.e164 == reading.e164)).first()
        if held is not None and held.organization_id == organization.id:
            raise Clash("number", N_("This organization has this number already."))
        if held is not None:
            raise Clash("number", N_("This number belongs to another organization."))
        number = Number(organization_id=organization.id, e164=reading.e164, kind=reading.kind)
        session.add(number)
        audit.record(actor, "number-added", organization, number=number.e164)
        number_claims.settle(actor, number)
    return number


def mark_numbers(actor: User, organization: Organization, chosen: Collection[str],
                 source: NumberSource | None) -> int:
    """Say where numbers come from, in E.164; None lets their locations' PSTN connection say it.

    Numbers of other organizations are passed over. Returns how many marks changed.
    """
    mine = select(Number).where(Number.organization_id == organization.id, Number.e164.in_(chosen))
    with writing() as session:
        other = [number for number in session.scalars(mine) if number.source is not source]
        for number in other:
            told = [["source", str(number.source or ""), str(source or "")]]
            number.source = source
            audit.record(actor, "number-marked", organization, number=number.e164, changes=told)
    return len(other)


def numbers_of(organization: Organization, search: str = "", after: str = "", most: int = PAGE,
               ) -> tuple[list[tuple[Number, str]], bool]:
    """Numbers that contain the digits of `search`, each with its holder's name ("" for free ones).

    In order, at most `most` after the number `after` (E.164); True when there are more.
    """
    digits = "".join(char for char in search if char.isdecimal())
    found = select(Number, func.coalesce(User.name, "")).outerjoin(User, User.id == Number.user_id).where(
        Number.organization_id == organization.id, Number.e164.contains(digits), Number.e164 > after)
    some = db.session.execute(found.order_by(Number.e164).limit(most + 1))
    rows = [(number, holder) for number, holder in some]
    return rows[:most], len(rows) > most


def count_numbers(organization: Organization) -> tuple[int, int]:
    """(all, free) numbers of an organization."""
    found = select(func.count(), func.count().filter(Number.user_id.is_(None)))
    every, free = db.session.execute(found.where(Number.organization_id == organization.id)).one()
    return every, free


def first_admin(organization: Organization) -> User | None:
    """The earliest admin of the organization whose account is not deactivated."""
    found = select(User).where(User.organization_id == organization.id, User.admin,
                               User.account != Account.DEACTIVATED)
    return db.session.scalars(found.order_by(User.id).limit(1)).first()
