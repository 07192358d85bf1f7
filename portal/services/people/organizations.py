"""Organizations: listed and found by operators, created with a first location and a first admin, changed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import false, func, select, tuple_

from portal import lengths
from portal.extensions import db, writing
from portal.marks import N_
from portal.models import AccountState, Location, Organization, User
from portal.rules.facts import Pstn

from .. import audit, names
from ..accounts.links import add_link
from ..accounts.passwords import find_user_anywhere
from ..audit import list_changes
from ..names import ROWS_PER_PAGE, key_of_name
from ..refusals import Changed, Clash
from . import addresses_elsewhere, locations
from .users import build_user


class OrganizationRow(NamedTuple):
    """A line of the list: an organization, its users, its locations and those not on the provider's PSTN."""

    organization: Organization
    users: int
    locations: int
    elsewhere: int


def list_organization_rows(search: str = "", after: str = "", most: int = ROWS_PER_PAGE) -> tuple[list[OrganizationRow],
                                                                                                  bool]:
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
    if len(search) > lengths.SEARCH_WORDS:
        found = found.where(false())
    elif search.strip():
        found = found.where(Organization.name_key.like(f"%{names.escape_like(key_of_name(search))}%", escape="\\"))
    if after:
        last = find_organization_for_operator(after)
        found = found.where(place > (last.name_key, last.id))
    rows = [OrganizationRow(*row) for row in db.session.execute(found.limit(most + 1))]
    return rows[:most], len(rows) > most


def find_organization_for_operator(ref: str) -> Organization:
    """An organization, for operators; 404 when there is none."""
    found: Organization = db.one_or_404(select(Organization).where(Organization.ref == ref))
    return found


class PublicDetails(NamedTuple):
    """What everybody may read about an organization: only what its administrators filled in for that."""

    name: str
    mailing_address: str
    telephone: str
    privacy_contact: str


def find_public_details(ref: str) -> PublicDetails:
    """What an organization says about itself to everybody; 404 for a ref that nobody has."""
    found: Organization = db.one_or_404(select(Organization).where(Organization.ref == ref))
    return PublicDetails(found.name, found.mailing_address, found.telephone, found.privacy_contact)


def find_organization_for_cli(said: str) -> Organization | None:
    """The organization with this id, or else the only one with this name; None for any other number of them."""
    for meant in (Organization.ref == said, Organization.name_key == key_of_name(said)):
        found = db.session.scalars(select(Organization).where(meant).limit(2)).all()
        if len(found) == 1:
            return found[0]
    return None


def create_organization(actor: User | None, values: Mapping[str, Any], location: Mapping[str, Any],
                        admin: tuple[str, str],
                        ) -> tuple[Organization, User, str]:
    """Add an organization with its first location and its first admin (name, email address).

    Returns the organization, the admin and the token of the admin's sign-in link. Raises Clash.
    """
    name, email = admin
    with writing() as session:
        if db.session.scalar(select(Organization.id).where(Organization.name_key == key_of_name(values["name"]))):
            raise Clash("name", N_("An organization of this name exists already."))
        if find_user_anywhere(email):
            raise Clash("admin_email", addresses_elsewhere.ADDRESS_TAKEN)
        organization = Organization(name_key=key_of_name(values["name"]), **values)
        session.add(organization)
        session.flush()
        audit.record_event(actor, "organization-added", organization)
        first = build_user(name, email, locations.new_location(actor, organization, location))
        first.admin = True
        session.add(first)
        session.flush()
        audit.record_event(actor, "user-added", first)
        return organization, first, add_link(actor, first)


def save_organization_details(actor: User, organization: Organization, version: int, values: Mapping[str, Any]) -> None:
    """Change an organization's own values. Raises Changed when the record is newer than `version`."""
    with writing():
        if organization.version != version:
            raise Changed
        changes = list_changes(organization, values)
        for name, value in values.items():
            setattr(organization, name, value)
        organization.name_key = key_of_name(organization.name)
        if changes:
            organization.version += 1
            audit.record_event(actor, "organization-changed", organization, changes=changes)


def first_admin(organization: Organization) -> User | None:
    """The earliest admin of the organization whose account is not deactivated."""
    found = select(User).where(User.organization_id == organization.id, User.admin,
                               User.account != AccountState.DEACTIVATED)
    return db.session.scalars(found.order_by(User.id).limit(1)).first()
