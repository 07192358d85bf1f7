"""Organizations, locations and numbers: what only the provider sets, and what admins set."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from portal.extensions import db, writing
from portal.models import Location, Number, Organization, User
from portal.rules import numbers as phone
from portal.rules.decision import N_
from portal.rules.facts import NumberSource, Pstn
from portal.rules.numbers import Kind

from . import audit
from .accounts import add_link
from .people import Changed, Clash, changes, key_of, new


def every() -> list[tuple[Organization, int]]:
    """All organizations by name, each with its number of users."""
    found = select(Organization, func.count(User.id)).outerjoin(User, User.organization_id == Organization.id)
    rows = db.session.execute(found.group_by(Organization.id).order_by(Organization.name_key))
    return [(organization, users) for organization, users in rows]


def find(ref: str) -> Organization:
    """An organization, for operators; 404 when there is none."""
    found: Organization = db.one_or_404(select(Organization).where(Organization.ref == ref))
    return found


def find_location(organization_id: int | None, ref: str) -> Location:
    """A location of one organization; 404 for everybody else's."""
    found: Location = db.one_or_404(select(Location).where(
        Location.ref == ref, Location.organization_id == organization_id))
    return found


def find_number(organization: Organization, number_id: int) -> Number:
    """A number of one organization; 404 for everybody else's."""
    found: Number = db.one_or_404(select(Number).where(
        Number.id == number_id, Number.organization_id == organization.id))
    return found


def add(actor: User | None, values: Mapping[str, Any], location: Mapping[str, Any], admin: tuple[str, str],
        ) -> tuple[Organization, User, str]:
    """Add an organization with its first location and its first admin (name, e-mail address).

    Returns the organization, the admin and the token of the admin's sign-in link. Raises Clash.
    """
    name, email = admin
    with writing() as session:
        if db.session.scalar(select(Organization.id).where(Organization.name_key == key_of(values["name"]))):
            raise Clash("name", N_("An organization of this name exists already."))
        if db.session.scalar(select(User.id).where(User.email_key == key_of(email))):
            raise Clash("admin_email", N_("This e-mail address already has an account. Each person needs an address"
                                          " of their own."))
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
        return _new_location(actor, organization, {"name": name.strip(), "country": country,
                                                   "time_zone": time_zone, "pstn": pstn})


def set_pstn(actor: User, location: Location, pstn: Pstn) -> None:
    """Set how a location reaches the telephone network."""
    with writing():
        told = changes(location, {"pstn": pstn})
        location.pstn = pstn
        if told:
            location.version += 1
            audit.record(actor, "location-changed", location, changes=told)


def add_number(actor: User, organization: Organization, typed: str) -> None:
    """Give an organization a number that its admins can assign. Raises Clash."""
    reading = phone.read(typed, "US")
    if reading.kind is Kind.UNREADABLE or not reading.e164:
        raise Clash("number", N_("This is not a phone number that can be assigned. %(problem)s"),
                    problem=reading.problem)
    with writing() as session:
        if session.scalar(select(Number.id).where(Number.e164 == reading.e164)):
            raise Clash("number", N_("This number exists already."))
        session.add(Number(organization_id=organization.id, e164=reading.e164, kind=reading.kind))
        audit.record(actor, "number-added", organization, number=reading.e164)


def mark_number(actor: User, organization: Organization, number: Number, source: NumberSource | None) -> None:
    """Say where a number comes from; None lets its location's PSTN connection say it."""
    with writing():
        told = [["source", str(number.source or ""), str(source or "")]] if number.source is not source else []
        number.source = source
        if told:
            audit.record(actor, "number-marked", organization, number=number.e164, changes=told)


def numbers_of(organization: Organization, most: int = 200) -> list[tuple[Number, str]]:
    """Numbers of an organization with the names of their holders ("" for free ones), at most `most`."""
    found = select(Number, func.coalesce(User.name, "")).outerjoin(User, User.id == Number.user_id)
    mine = found.where(Number.organization_id == organization.id).order_by(Number.e164).limit(most)
    return [(number, holder) for number, holder in db.session.execute(mine)]


def first_admin(organization: Organization) -> User | None:
    """An active admin of the organization, the earliest first."""
    found = select(User).where(User.organization_id == organization.id, User.admin).order_by(User.id)
    return db.session.scalars(found).first()
