"""What decides about the users who send texts: read for many at once, or for one with all that concerns them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from portal.extensions import db
from portal.models import Number, User
from portal.rules import Standing
from portal.rules.facts import RestrictionFacts

from ..carriers import desk
from ..toggles.eligibility import OrganizationSnapshot
from ..toggles.one_user import read_one_user, select_one_user
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
    """All that the rules learn about one user: their id, themselves, and a snapshot of what concerns them."""

    user_id: int
    sender: SenderProfile
    snapshot: OrganizationSnapshot

    @property
    def standing(self) -> Standing:
        """Whether the user may use texting and send, with every reason why not."""
        return self.snapshot.standing(self.sender.profile, self.user_id, self.sender.e164)

    @property
    def restrictions(self) -> tuple[RestrictionFacts, ...]:
        """The restrictions in force on the user or on everybody."""
        return self.snapshot.restrictions_on(self.user_id)

    @property
    def country(self) -> str:
        """Where a number without country code is read: the country of the user's location (ISO code)."""
        place = self.snapshot.locations.get(self.sender.profile.location_id or 0)
        return place.country if place else NO_PLACE


# Made once: putting a statement together takes longer than running it.
_SENDERS = add_profile_columns(select().select_from(User).where(
    User.id.in_(bindparam("ids", expanding=True)))).add_columns(
    User.id, Number.id, USER_NUMBER, desk.route_of_texts(organization_carrier=desk.carrier_of_organization(User)))
_SENDER = select_one_user(Number.id, desk.route_of_texts())


def read_text_senders(user_ids: Iterable[int]) -> dict[int, SenderProfile]:
    """What decides about users, by id: one statement."""
    rows = db.session.connection().execute(_SENDERS, {"ids": list(user_ids)})
    return {rest[0]: SenderProfile(profile, rest[1], rest[2] or "", rest[3])
            for profile, rest in map(split_profile, rows)}


def read_text_sender(user_id: int, moment: datetime) -> KnownSender:
    """What decides about one user of an organization. Raises NoResultFound.

    One statement; a second one where the organization has a restriction in force.
    """
    profile, e164, snapshot, (number_id, route) = read_one_user(user_id, moment, _SENDER)
    return KnownSender(user_id, SenderProfile(profile, number_id, e164, route), snapshot)
