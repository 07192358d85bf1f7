"""Days in the life of a number: it comes, an organization has it, it leaves. All of it follows from the dates.

No task changes anything on such a day: every reader compares the dates with the day it is where the number is used.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select

from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import Claim, Location, Number, Organization, User
from portal.rules.facts import NumberFacts
from portal.rules.numbers import format_number

from .. import audit
from ..refusals import Clash


class NumberPhase(StrEnum):
    """Where a number is in its life. Of two rows about one number, the earlier phase here is the one that counts."""

    OURS = "ours"
    GONE = "gone"
    COMING = "coming"


class OwnedNumber(NamedTuple):
    """A number with the organization that has it, had it last or gets it, and which of these is the case."""

    number: Number
    phase: NumberPhase


def current_day(zone: str, moment: datetime | None = None) -> date:
    """The day it is in a time zone ("": UTC) at a moment, or now."""
    return (moment or now()).astimezone(ZoneInfo(zone or "UTC")).date()


def phase_of_number(number: Number, today: date) -> NumberPhase:
    """The phase of a number on a day of the calendar where it is used."""
    known = NumberFacts(from_on=number.from_on, until_on=number.until_on, today=today)
    if known.gone:
        return NumberPhase.GONE
    return NumberPhase.COMING if known.coming else NumberPhase.OURS


def is_still_had(day: date) -> ColumnElement[bool]:
    """The condition for numbers that have not left by a day; those that come later among them."""
    return or_(Number.until_on.is_(None), Number.until_on > day)


def find_owned_number(e164: str, moment: datetime) -> OwnedNumber | None:
    """Whose number this is at a moment: of the organization that has it, else had it last, else gets it.

    None if no organization ever had it here. One statement. The day is that at the holder's location.
    """
    found = select(Number, Location.time_zone).outerjoin(User, User.id == Number.user_id).outerjoin(
        Location, Location.id == User.location_id).where(Number.e164 == e164)
    owned = [OwnedNumber(number, phase_of_number(number, current_day(zone or "", moment)))
             for number, zone in db.session.execute(found)]
    order = list(NumberPhase)
    return min(owned, default=None, key=lambda one: (
        order.index(one.phase), -(one.number.until_on or date.max).toordinal()))


def find_number_in_use(e164: str, moment: datetime) -> Number | None:
    """The number if an organization has it at a moment; None before it comes and once it has left."""
    owned = find_owned_number(e164, moment)
    return owned.number if owned and owned.phase is NumberPhase.OURS else None


def refuse_two_owners(numbers: Sequence[Number]) -> None:
    """Raise Clash if another organization has one of these numbers on a day on which it would have two owners.

    All of them are of one organization. One statement.
    """
    mine = {number.e164: number for number in numbers}
    others = db.session.scalars(select(Number).where(
        Number.e164.in_(mine), Number.id.not_in([number.id for number in numbers if number.id]))).all()
    for other in others:
        if have_common_day(mine[other.e164].from_on, mine[other.e164].until_on, other):
            raise _belongs_elsewhere(other)


def _belongs_elsewhere(other: Number) -> Clash:
    shown = format_number(other.e164)
    if other.until_on is None:
        return Clash("number", N_("%(number)s belongs to another organization."), number=shown)
    return Clash("number", N_("Another organization has %(number)s until %(day)s. Let it come on that day or later."),
                 day=other.until_on, number=shown)


def refuse_gone_number(user: User, number: Number | Claim | None) -> None:
    """Raise Clash if a number has left the user's organization."""
    today = current_day(user.location.time_zone if user.location else "")
    if isinstance(number, Number) and phase_of_number(number, today) is NumberPhase.GONE:
        raise Clash("number", N_("This number left your organization on %(day)s. Choose another one, or ask the"
                                 " provider if it is back."), day=number.until_on)


def have_common_day(from_on: date | None, until_on: date | None, other: Number) -> bool:
    """Whether an organization that has a number between two days would share a day with the owner in another row."""
    begins, ends = max(from_on or date.min, other.from_on or date.min), min(
        until_on or date.max, other.until_on or date.max)
    return begins < ends


def set_number_dates(actor: User, organization: Organization, chosen: Collection[str], from_on: date | None,
                     until_on: date | None) -> int:
    """Set on which day numbers (E.164) come and leave; None: no such day. Returns how many changed.

    Numbers of other organizations are skipped. Raises Clash if a number would leave before it comes, or if another
    organization has it on one of these days.
    """
    if from_on and until_on and until_on <= from_on:
        raise Clash("until_on", N_("A number cannot leave before it has come. Enter a later day."))
    mine = select(Number).where(Number.organization_id == organization.id, Number.e164.in_(chosen))
    with writing() as session:
        other = [number for number in session.scalars(mine) if (number.from_on, number.until_on) != (from_on, until_on)]
        events = []
        for number in other:
            changes = audit.list_changes(number, {"from_on": from_on, "until_on": until_on})
            number.from_on, number.until_on = from_on, until_on
            events.append(("number-dated", organization, {"number": number.e164, "changes": changes}))
        refuse_two_owners(other)
        audit.record_events(actor, events)
    return len(other)
