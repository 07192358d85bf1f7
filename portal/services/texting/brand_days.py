"""Segments that an organization's brand sends in a day, as the US carriers count them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, or_, select

from portal.dialects import upsert
from portal.extensions import db
from portal.models import BrandDay, Message, TextState


def select_segments(organization_id: Any, day: Any) -> Select[int]:
    """The segments that carriers count for an organization's brand on a brand day, not asked yet. Both are values or
    parameters; no row: none went to US numbers."""
    return select(BrandDay.segments).where(BrandDay.organization_id == organization_id, BrandDay.day == day)


PACIFIC = ZoneInfo("America/Los_Angeles")
# The day of a text that no brand's day counts.
NO_DAY = ""


def brand_day(moment: datetime) -> str:
    """The day on which the carriers count a brand's segments; it begins at midnight Pacific."""
    return moment.astimezone(PACIFIC).date().isoformat()


def start_of_brand_day(day: str) -> datetime:
    """The moment when a brand day (ISO date) began: midnight Pacific."""
    return datetime.combine(datetime.fromisoformat(day).date(), time.min, PACIFIC)


def end_of_brand_day(moment: datetime) -> datetime:
    """The next midnight Pacific after a moment, in UTC; also on the days on which clocks change there."""
    tomorrow = datetime.fromisoformat(brand_day(moment)).date() + timedelta(days=1)
    return start_of_brand_day(tomorrow.isoformat()).astimezone(UTC)


def read_brand_days(organization_id: int, moment: datetime) -> tuple[int, int]:
    """The segments that an organization has sent to US numbers today, and those that wait for tomorrow."""
    days = [brand_day(moment), brand_day(end_of_brand_day(moment))]
    found = db.session.connection().execute(_TWO_DAYS, {"organization_id": organization_id, "today": days[0],
                                                        "tomorrow": days[1]})
    counted = {one.day: one.segments for one in found}
    return counted.get(days[0], 0), counted.get(days[1], 0)


# Made once: putting a statement together takes longer than running it.
_TWO_DAYS = select(BrandDay.day, BrandDay.segments).where(
    BrandDay.organization_id == bindparam("organization_id"),
    or_(BrandDay.day == bindparam("today"), BrandDay.day == bindparam("tomorrow")))
_ADDED = upsert(BrandDay.metadata.tables["brand_days"])
_COUNTED = _ADDED.on_conflict_do_update(
    index_elements=["organization_id", "day"], set_={"segments": BrandDay.segments + _ADDED.excluded.segments})


def count_segments(organization_id: int, day: str, segments: int) -> None:
    """Add segments to a day of an organization's brand, or take some off (negative), in the open transaction."""
    db.session.connection().execute(_COUNTED, {"organization_id": organization_id, "day": day, "segments": segments})


def give_back_segments(ids: Sequence[int], state: TextState = TextState.QUEUED, claimed_by: str = "") -> None:
    """Take the segments of texts in this state, which never leave, out of their brands' days.

    Call it in the open write transaction, before the texts get their new state. With `claimed_by`, texts that another
    worker has claimed are left out.
    """
    if not ids:
        return
    found = select(Message.organization_id, Message.at, Message.segments, Message.brand_day).where(
        Message.id.in_(ids), Message.state == state, Message.region != "CA", Message.automatic.is_(False))
    if claimed_by:
        found = found.where(Message.claimed_by == claimed_by)
    given_back: Counter[tuple[int, str]] = Counter()
    for organization_id, at, segments, day in db.session.execute(found):
        given_back[organization_id, brand_day(at) if day is None else day] += segments
    for (organization_id, day), segments in sorted(given_back.items()):
        if day != NO_DAY:
            count_segments(organization_id, day, -segments)
