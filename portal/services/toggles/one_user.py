"""One user with all that the rules ask about them, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, select

from portal.extensions import db, now
from portal.models import Restriction, User
from portal.rules import Standing, standing_from_facts

from ..people import notices
from .eligibility import OrganizationSnapshot
from .known_restrictions import is_restriction_in_force, read_known_restrictions
from .known_units import add_unit_columns, split_units
from .profiles import USER_NUMBER, UserProfile, add_profile_columns, split_profile


@dataclass(frozen=True)
class UserSnapshot(OrganizationSnapshot):
    """What concerns one user of an organization: of its locations it knows only theirs, so it can count nobody else."""

    def standing(self, profile: UserProfile, user_id: int | None = None, e164: str = "") -> Standing:
        """The standing of the user. It is not remembered: that is done for organizations as a whole."""
        return standing_from_facts(self.facts_of(profile, user_id, e164))


class OneUser(NamedTuple):
    """What decides about one user, their number (E.164; "": none), what concerns them, and columns asked for besides.
    """

    profile: UserProfile
    e164: str
    snapshot: UserSnapshot
    more: Sequence[Any]


def select_one_user(*more: Any) -> Select[Any]:
    """The statement for `read_one_user`, with more columns. Make it once: that takes longer than running it."""
    # Few organizations have a restriction, and where there is none nobody has to read it.
    is_any_restricted = exists().where(
        Restriction.organization_id == User.organization_id, is_restriction_in_force(bindparam("moment")))
    found = add_profile_columns(select().select_from(User).where(User.id == bindparam("user_id")))
    return add_unit_columns(found).add_columns(USER_NUMBER, is_any_restricted, *more)


_ONE_USER = select_one_user()


def read_one_user(user_id: int, moment: datetime | None = None, found: Select[Any] = _ONE_USER) -> OneUser:
    """One user of an organization, at a moment or now. Raises NoResultFound.

    One statement; a second one where the organization has a restriction in force.
    """
    # The connection does not write what the session still has to write.
    db.session.flush()
    asked = {"user_id": user_id, "hipaa": notices.HIPAA.version, "moment": moment or now()}
    profile, row = split_profile(db.session.connection().execute(found, asked).one())
    units, (e164, is_any_restricted, *more) = split_units(row)
    restrictions = read_known_restrictions(units.organization.id) if is_any_restricted else {}
    return OneUser(profile, e164 or "", UserSnapshot.around(units, restrictions), more)
