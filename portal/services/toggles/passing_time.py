"""What changes about users by itself while a page is open: restrictions end, and numbers come and leave at midnight."""

from datetime import datetime

from sqlalchemy import and_, or_, select

from portal.extensions import db, now
from portal.models import Number, Restriction

from ..people.number_days import current_day
from .eligibility import OrganizationSnapshot


def has_time_told(snapshot: OrganizationSnapshot, since: datetime) -> bool:
    """Whether anybody of an organization may stand otherwise now than at a moment, by nothing but the time since then.
    """
    return _has_restriction_ended(snapshot, since) or _has_number_turned(snapshot, since)


def _has_restriction_ended(snapshot: OrganizationSnapshot, since: datetime) -> bool:
    ended = select(Restriction.id).where(
        Restriction.organization_id == snapshot.organization.id, Restriction.lifted_at.is_(None),
        Restriction.until > since, Restriction.until <= now())
    return db.session.scalar(ended.limit(1)) is not None


def _has_number_turned(snapshot: OrganizationSnapshot, since: datetime) -> bool:
    """Whether a number came or left, at midnight of one of the places; nothing is asked where no midnight passed."""
    zones = {"", *(place.time_zone for place in snapshot.locations.values())}
    days = {current_day(zone, since): current_day(zone) for zone in zones}
    if all(then >= today for then, today in days.items()):
        return False
    first, last = min(days), max(days.values())
    turned = select(Number.id).where(Number.organization_id == snapshot.organization.id, or_(*(
        and_(day > first, day <= last) for day in (Number.from_on, Number.until_on))))
    return db.session.scalar(turned.limit(1)) is not None
