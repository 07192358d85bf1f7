"""What administrators see of texting: counts, and never words."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func, select

from portal.extensions import db, now
from portal.models import Arrival, BrandDay, Organization, Outcome

from .send_facts import brand_day

LOOKED_BACK = timedelta(days=30)
# Texts that came in and that nobody got to see.
UNSEEN = (Outcome.UNAVAILABLE, Outcome.BLOCKED)


def segments_today(organization: Organization) -> int:
    """Segments to US numbers since midnight Pacific, as carriers count them for the organization's brand."""
    held = db.session.get(BrandDay, (organization.id, brand_day(now())))
    return held.segments if held else 0


def not_seen(organization: Organization) -> Mapping[Outcome, int]:
    """Texts of the last 30 days that came in and were not shown to anybody, by why; zeros included."""
    found = select(Arrival.outcome, func.count()).where(
        Arrival.organization_id == organization.id, Arrival.outcome.in_(UNSEEN), Arrival.at > now() - LOOKED_BACK)
    counted = {row.outcome: row[1] for row in db.session.execute(found.group_by(Arrival.outcome))}
    return {outcome: counted.get(outcome, 0) for outcome in UNSEEN}
