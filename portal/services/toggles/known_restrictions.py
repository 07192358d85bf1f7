"""The restrictions in force in an organization, read as values."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from portal.extensions import db, now
from portal.models import Number, Restriction
from portal.rules import facts
from portal.rules.facts import Subject

# By user id; under None those on the whole organization.
RestrictionsByUser = Mapping[int | None, tuple[facts.RestrictionFacts, ...]]


def is_restriction_in_force(moment: Any) -> ColumnElement[bool]:
    """The condition for restrictions that count at a moment, or at the moment that a parameter will hold.

    Restrictions begin when they are made. One that seems to begin later was made before the clock was set back, so it
    counts.
    """
    return and_(Restriction.lifted_at.is_(None), or_(Restriction.until.is_(None), Restriction.until > moment))


# Built once, because every request needs it: building a statement takes longer than running it.
_HOLDER: ColumnElement[int | None] = func.coalesce(Restriction.user_id, Number.user_id)
_IN_FORCE: Any = select(
    _HOLDER, Restriction.subject, Restriction.restraint, Restriction.cause, Restriction.until, Restriction.per_minute,
    Restriction.made_by_id.is_(None),
).outerjoin(Number, Number.id == Restriction.number_id).where(
    Restriction.organization_id == bindparam("organization_id"), is_restriction_in_force(bindparam("moment")),
).order_by(Restriction.id)


def read_known_restrictions(organization_id: int) -> RestrictionsByUser:
    """The restrictions in force now on an organization and on its users: one statement."""
    known = {"organization_id": organization_id, "moment": now()}
    by_user: dict[int | None, tuple[facts.RestrictionFacts, ...]] = {}
    for user_id, *columns in db.session.connection().execute(_IN_FORCE, known):
        one = facts.RestrictionFacts(*columns)
        if user_id is not None or one.subject is Subject.ORGANIZATION:
            by_user[user_id] = (*by_user.get(user_id, ()), one)
    return by_user
