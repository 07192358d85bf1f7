"""What decides about the users who send texts: read for many at once, or for one with all that concerns them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, select

from portal.extensions import db
from portal.models import Number, Restriction, User

from ..carriers import desk
from ..people import notices
from ..toggles.eligibility import OrganizationSnapshot
from ..toggles.known_restrictions import is_restriction_in_force, read_known_restrictions
from ..toggles.known_units import add_unit_columns, split_units
from ..toggles.profiles import USER_NUMBER, UserProfile, add_profile_columns, split_profile

# Where the numbers are read that a user without a location types.
NO_PLACE = "US"


class SenderProfile(NamedTuple):
    """What decides about a user, with the id of their number (None: none, or only a claim), its E.164 form and carrier.

    The carrier is its ref, "" for the pretend one.
    """

    profile: UserProfile
    number_id: int | None
    e164: str
    route: str = ""


class KnownSender(NamedTuple):
    """All that the rules learn about one user: themselves, and a snapshot of what concerns them."""

    sender: SenderProfile
    snapshot: OrganizationSnapshot

    @property
    def country(self) -> str:
        """Where a number without country code is read: the country of the user's location (ISO code)."""
        place = self.snapshot.locations.get(self.sender.profile.location_id or 0)
        return place.country if place else NO_PLACE


# Made once: putting a statement together takes longer than running it.
_FOUND = add_profile_columns(select().select_from(User))
_SENDERS = _FOUND.where(User.id.in_(bindparam("ids", expanding=True))).add_columns(
    User.id, Number.id, USER_NUMBER, desk.route_of_texts(organization_carrier=desk.carrier_of_organization(User)))
# Few organizations have a restriction, and where there is none nobody has to read it.
_IS_ANY_RESTRICTED: Any = exists().where(
    Restriction.organization_id == User.organization_id, is_restriction_in_force(bindparam("moment")))
_SENDER = add_unit_columns(_FOUND.where(User.id == bindparam("user_id"))).add_columns(
    Number.id, USER_NUMBER, desk.route_of_texts(), _IS_ANY_RESTRICTED)


def read_text_senders(user_ids: Iterable[int]) -> dict[int, SenderProfile]:
    """What decides about users, by id: one statement."""
    rows = db.session.connection().execute(_SENDERS, {"ids": list(user_ids)})
    return {rest[0]: SenderProfile(profile, rest[1], rest[2] or "", rest[3])
            for profile, rest in map(split_profile, rows)}


def read_text_sender(user_id: int, moment: datetime) -> KnownSender:
    """What decides about one user of an organization.

    One statement; a second one where the organization has a restriction in force. Raises NoResultFound.
    """
    asked = {"user_id": user_id, "hipaa": notices.HIPAA.version, "moment": moment}
    profile, found = split_profile(db.session.connection().execute(_SENDER, asked).one())
    units, (number_id, e164, route, is_any_restricted) = split_units(found)
    restrictions = read_known_restrictions(units.organization.id) if is_any_restricted else {}
    return KnownSender(SenderProfile(profile, number_id, e164 or "", route),
                       OrganizationSnapshot.around(units, restrictions))
