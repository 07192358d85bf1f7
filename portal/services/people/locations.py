"""Locations of an organization: found through it, added, connected to the telephone network."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from portal.extensions import db, writing
from portal.marks import N_
from portal.models import Location, Organization, ProfileCount, User
from portal.rules.characters import tidy_line
from portal.rules.facts import Pstn
from portal.rules.opening_hours import OpeningHours
from portal.rules.terms import AnswerLanguage

from .. import audit
from ..audit import list_changes
from ..names import key_of_name
from ..refusals import Changed, Clash


def find_location(organization_id: int | None, ref: str) -> Location:
    """A location of one organization; 404 for a location of another one."""
    found: Location = db.one_or_404(select(Location).where(
        Location.ref == ref, Location.organization_id == organization_id))
    return found


def locations_of_organization(organization: Organization) -> list[Location]:
    """The locations of an organization, by name."""
    mine = select(Location).where(Location.organization_id == organization.id)
    return list(db.session.scalars(mine.order_by(Location.name_key)))


def count_users_by_location(organization: Organization) -> dict[int, int]:
    """How many users each location has, by its id; locations without users are left out."""
    found = select(ProfileCount.location_id, func.sum(ProfileCount.many).label("users")).where(
        ProfileCount.organization_id == organization.id).group_by(ProfileCount.location_id)
    return {row.location_id: row.users for row in db.session.execute(found)}


def first_answer_language(in_quebec: bool) -> AnswerLanguage:
    """The language in which a new location answers until an administrator chooses another one."""
    return AnswerLanguage.BOTH if in_quebec else AnswerLanguage.KEYWORD


def new_location(actor: User | None, organization: Organization, values: Mapping[str, Any]) -> Location:
    """Add a location with these values in the open write transaction. Raises Clash when the name is taken."""
    taken = select(Location.id).where(Location.organization_id == organization.id,
                                      Location.name_key == key_of_name(values["name"]))
    if db.session.scalar(taken):
        raise Clash("name", N_("A location of this name exists already."))
    location = Location(organization_id=organization.id, name_key=key_of_name(values["name"]), **values)
    db.session.add(location)
    db.session.flush()
    audit.record_event(actor, "location-added", location)
    return location


def create_location(actor: User | None, organization: Organization, name: str, country: str, time_zone: str,
                    pstn: Pstn = Pstn.NOT_SET, language: AnswerLanguage = AnswerLanguage.KEYWORD) -> Location:
    """Add a location; `language` is that of its automatic answers. Only the provider sets `pstn`. Raises Clash."""
    with writing():
        return new_location(actor, organization, {"name": tidy_line(name), "country": country, "time_zone": time_zone,
                                                   "pstn": pstn, "answer_language": language})


def save_location_answers(actor: User, location: Location, version: int, language: AnswerLanguage,
                          hours: OpeningHours) -> None:
    """Change the language of answers and the opening hours; the language counts as chosen then.

    Raises Changed when the record is newer than `version`.
    """
    with writing():
        if location.version != version:
            raise Changed
        changes = list_changes(location, {"answer_language": language, "asks_language": False,
                                          "opening_hours": hours.as_line()})
        location.answer_language, location.opening_hours = language, hours.as_line()
        location.asks_language = False
        if changes:
            location.version += 1
            audit.record_event(actor, "location-changed", location, changes=changes)


def set_location_pstn(actor: User, location: Location, pstn: Pstn) -> None:
    """Set how a location reaches the telephone network."""
    with writing():
        changes = list_changes(location, {"pstn": pstn})
        location.pstn = pstn
        if changes:
            location.version += 1
            audit.record_event(actor, "location-changed", location, changes=changes)


def locations_of_actor(actor: User) -> list[Location]:
    """The locations of the actor's organization, by name."""
    mine = select(Location).where(Location.organization_id == actor.organization_id)
    return list(db.session.scalars(mine.order_by(Location.name_key)))
