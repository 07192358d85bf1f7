"""Organizations: listed and found by operators, created with a first location and a first admin, changed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, false, func, select, tuple_

from portal import lengths
from portal.dialects import DifferentTexts
from portal.extensions import db, writing
from portal.marks import N_
from portal.models import AccountState, Acknowledgement, Location, Number, Organization, ProfileCount, Setting, User
from portal.rules.facts import Pstn

from .. import audit, names
from ..accounts.links import add_link
from ..accounts.passwords import find_user_anywhere
from ..audit import list_changes
from ..names import ROWS_PER_PAGE, key_of_name
from ..refusals import Changed, Clash
from . import addresses_elsewhere, locations, numbers
from .notices import HIPAA
from .users import build_user


class OrganizationRow(NamedTuple):
    """A line of the list: an organization, its users, its locations and those not on the provider's PSTN.

    `countries` are the ISO codes of its locations with commas between, `admins_signed_in` those who chose a password;
    `turned_on`: texting is on for somebody, `hipaa`: an administrator has confirmed the notice.
    """

    organization: Organization
    users: int
    locations: int
    elsewhere: int
    countries: str
    numbers: int
    free_numbers: int
    admins_signed_in: int
    turned_on: bool
    hipaa: bool


def _count(model: type[Location | Number | User], *where: Any) -> Any:
    """How many records of the organization in the row meet the conditions."""
    return select(func.count()).select_from(model).where(
        model.organization_id == Organization.id, *where).scalar_subquery()


def _select_rows() -> Select[Any]:
    """The columns of `OrganizationRow`, for organizations still to be chosen."""
    on = exists().where(Setting.organization_id == Organization.id, Setting.on.is_(True))
    confirmed = exists().where(Acknowledgement.organization_id == Organization.id, Acknowledgement.as_admin,
                               Acknowledgement.notice == HIPAA.id, Acknowledgement.version == HIPAA.version)
    countries = select(func.coalesce(DifferentTexts(Location.country), "")).where(
        Location.organization_id == Organization.id).scalar_subquery()
    elsewhere = _count(Location, Location.pstn != Pstn.PROVIDER)
    signed_in = _count(User, User.has_role, User.admin, User.account == AccountState.ACTIVE)
    at_locations = select(func.coalesce(func.sum(ProfileCount.many), 0)).where(
        ProfileCount.organization_id == Organization.id).scalar_subquery()
    users = at_locations + _count(User, User.location_id.is_(None))
    return select(Organization, users, _count(Location), elsewhere, countries, _count(Number),
                  _count(Number, Number.user_id.is_(None)), signed_in, on, confirmed)


def find_organization_row(organization: Organization) -> OrganizationRow:
    """The line of one organization."""
    return OrganizationRow(*db.session.execute(_select_rows().where(Organization.id == organization.id)).one())


def list_organization_rows(search: str = "", after: str = "", most: int = ROWS_PER_PAGE) -> tuple[list[OrganizationRow],
                                                                                                  bool]:
    """Organizations by name whose names contain `search`; True when there are more.

    `after` is the ref of the last organization of the page before; 404 when there is none.
    """
    place = tuple_(Organization.name_key, Organization.id)
    found = _select_rows().order_by(Organization.name_key, Organization.id)
    if len(search) > lengths.SEARCH_WORDS:
        found = found.where(false())
    elif search.strip():
        found = found.where(names.name_condition(Organization.name_key, search))
    if after:
        last = find_organization_for_operator(after)
        found = found.where(place > (last.name_key, last.id))
    rows = [OrganizationRow(*row) for row in db.session.execute(found.limit(most + 1))]
    return rows[:most], len(rows) > most


def any_organization_exists() -> bool:
    """Whether the portal has any organization at all."""
    return db.session.scalar(select(Organization.id).limit(1)) is not None


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
                        admin: tuple[str, str] | None, typed_numbers: str = "",
                        ) -> tuple[Organization, User, str]:
    """Add an organization with its first location, numbers and admin: (name, email address), None for the actor.

    `typed_numbers` holds a number in each line; the first is the admin's. Returns the organization, the admin and the
    token of their sign-in link, which is "" for the actor. Raises Clash.
    """
    readings = numbers.read_new_numbers(typed_numbers, location["country"])
    with writing() as session:
        if db.session.scalar(select(Organization.id).where(Organization.name_key == key_of_name(values["name"]))):
            raise Clash("name", N_("An organization of this name exists already."))
        if admin and find_user_anywhere(admin[1]):
            raise Clash("admin_email", addresses_elsewhere.ADDRESS_TAKEN)
        organization = Organization(name_key=key_of_name(values["name"]), **values)
        session.add(organization)
        session.flush()
        audit.record_event(actor, "organization-added", organization)
        place = locations.new_location(actor, organization, location)
        first = _add_first_admin(actor, admin, place) if admin else _join_as_admin(actor, place)
        numbers.add_new_numbers(actor, organization, place, readings)
        if readings:
            numbers.give_primary_number(actor, first, readings[0])
        return organization, first, add_link(actor, first) if admin else ""


def _add_first_admin(actor: User | None, admin: tuple[str, str], place: Location) -> User:
    first = build_user(*admin, place)
    first.admin = True
    db.session.add(first)
    db.session.flush()
    audit.record_event(actor, "user-added", first)
    return first


def _join_as_admin(actor: User | None, place: Location) -> User:
    """Make an operator who belongs to no organization the administrator of one, on the same account."""
    if actor is None or actor.organization_id is not None:
        raise Clash("administrator", N_("You belong to an organization already, and an account can belong to one only."
                                        " Name another person as its administrator."))
    changes = audit.list_changes(actor, {"admin": True})
    actor.organization_id, actor.location_id, actor.admin = place.organization_id, place.id, True
    actor.version += 1
    db.session.flush()
    audit.record_event(actor, "user-added", actor)
    audit.record_event(actor, "role-changed", actor, changes=changes)
    return actor


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
    found = select(User).where(User.organization_id == organization.id, User.has_role, User.admin,
                               User.account != AccountState.DEACTIVATED)
    return db.session.scalars(found.order_by(User.id).limit(1)).first()
