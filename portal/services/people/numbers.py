"""Primary numbers of users: read, assigned if the organization has the number, else claimed, and removed."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from portal import lengths
from portal.extensions import db, writing
from portal.marks import N_
from portal.models import Claim, Location, Number, Organization, UndoKind, User
from portal.rules import numbers as phone
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind

from .. import audit, names, undo_offers
from ..names import ROWS_PER_PAGE
from ..refusals import Changed, Clash
from . import locations, number_claims, number_days

# What the audit log tells about the number of a user.
NUMBER_ACTIONS = ("number-assigned", "number-claimed", "number-confirmed", "number-rejected", "number-removed")
# More come from a file: an inventory.
MOST_NEW = 50


def read_primary_number(typed: str, location: Location) -> phone.NumberReading:
    """Read a primary number as typed; raises Clash with the problem when it cannot be one."""
    reading = phone.read_number(typed, location.country)
    if reading.kind is NumberKind.UNREADABLE:
        raise Clash("number", N_("This is not a phone number that can be assigned. %(problem)s"),
                    problem=reading.problem)
    if not reading.e164:
        raise Clash("number", N_("Short codes and service numbers cannot be anybody's primary number."))
    return reading


def read_new_numbers(typed: str, country: str) -> list[phone.NumberReading]:
    """Numbers that were typed one in each line, each once; `country` is the ISO code of where they are used.

    Raises Clash about the first line that is none, or if there are too many.
    """
    lines = [(at, line.strip()) for at, line in enumerate(typed.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_NEW:
        raise Clash("numbers", N_("These are more than %(most)s numbers. Upload an inventory once the organization is"
                                  " added."), most=MOST_NEW)
    found: dict[str, phone.NumberReading] = {}
    for at, line in lines:
        reading = phone.read_number(line[:lengths.TYPED_NUMBER], country)
        if not reading.e164:
            raise Clash("numbers", N_("Line %(line)s is not a phone number that can be assigned."), line=str(at))
        found.setdefault(reading.e164, reading)
    return list(found.values())


class AssignedNumber(NamedTuple):
    """Whether a number is assigned, or claimed and waits for an operator; the ref of the offer to undo it, or ""."""

    assigned: bool
    undo: str


def assign_primary_number(actor: User, user: User, typed: str, shown_number: str) -> AssignedNumber:
    """Give a user a primary number in place of `shown_number`, which the form showed ("": none).

    Raises Clash, or Changed if the user has another number now, unless it is the one that is asked for.
    """
    reading = read_primary_number(typed, db.session.get_one(Location, user.location_id))
    with writing():
        was = held_number(user)
        if was not in (shown_number, reading.e164):
            raise Changed
        assigned = give_primary_number(actor, user, reading)
        return AssignedNumber(assigned, _offer_undo(user, was, reading.e164))


def _offer_undo(user: User, was: str, now_held: str) -> str:
    if was == now_held:
        return ""
    event = audit.newest_event_of(user, NUMBER_ACTIONS)
    return undo_offers.offer_undo(UndoKind.NUMBER, user, {"was": was, "now": now_held}, event=event)


def give_primary_number(actor: User | None, user: User, reading: phone.NumberReading) -> bool:
    """Do the same inside an open write transaction, whichever number the user has. Raises Clash.

    A number of the organization is assigned; any other number is claimed. The code never looks whether another
    organization has it, so the answer cannot reveal that.
    """
    mine = _of_us(user, reading.e164)
    holder_id = mine.user_id if mine else None
    if holder_id == user.id:
        return isinstance(mine, Number)
    number_days.refuse_gone_number(user, mine)
    if holder_id is not None:
        holder = db.session.get_one(User, holder_id)
        raise Clash("number", N_("%(holder)s already has this number."), holder=holder.name)
    _release(user)
    if mine is None:
        db.session.add(Claim(organization_id=user.organization_id or 0, user_id=user.id, e164=reading.e164,
                             kind=reading.kind, by_id=actor.id if actor else None))
        audit.record_event(actor, "number-claimed", user, number=reading.e164)
        return False
    mine.user_id = user.id
    audit.record_event(actor, "number-assigned", user, number=reading.e164)
    return True


def _of_us(user: User, e164: str) -> Number | Claim | None:
    """The organization's own number, or the claim that one of its users has on it."""
    mine = user.organization_id
    number = db.session.scalars(select(Number).where(Number.e164 == e164, Number.organization_id == mine)).first()
    return number or db.session.scalars(select(Claim).where(Claim.e164 == e164, Claim.organization_id == mine)).first()


def _number_or_claim(user: User) -> Number | Claim | None:
    number = db.session.scalars(select(Number).where(Number.user_id == user.id)).first()
    return number or db.session.scalars(select(Claim).where(Claim.user_id == user.id)).first()


def held_number(user: User) -> str:
    """The number that a user has, assigned or claimed, in E.164; "" without one."""
    number = _number_or_claim(user)
    return number.e164 if number else ""


def _release(user: User) -> Number | Claim | None:
    """Free the number that a user has, or delete the claim; returns it, None without one."""
    known = _number_or_claim(user)
    if isinstance(known, Number):
        known.user_id = None
    elif known is not None:
        db.session.delete(known)
    db.session.flush()
    return known


def remove_primary_number(actor: User | None, user: User, shown_number: str) -> str:
    """Remove a user's primary number; the organization keeps it. Raises Changed if the user has another number now.

    A claimed number is not kept: the claim is deleted. Returns the ref of the offer to undo it, "" where the user has
    none already.
    """
    with writing():
        was = held_number(user)
        if was not in (shown_number, ""):
            raise Changed
        take_primary_number(actor, user)
        return _offer_undo(user, was, "")


def take_primary_number(actor: User | None, user: User) -> None:
    """The same in the open write transaction, whichever number the user has."""
    released = _release(user)
    if released is not None:
        audit.record_event(actor, "number-removed", user, number=released.e164)


def list_free_numbers(actor: User, most: int = 50) -> list[str]:
    """Numbers of the organization that nobody holds, in E.164, at most `most`."""
    found = select(Number.e164).where(Number.organization_id == actor.organization_id, Number.user_id.is_(None),
                                      number_days.is_still_had(number_days.current_day("")))
    return list(db.session.scalars(found.order_by(Number.e164).limit(most)))


def add_organization_number(actor: User, organization: Organization, typed: str) -> Number:
    """Give an organization a number that its admins can assign. Raises Clash.

    If it has left another organization, this one has it from today on.
    """
    place = locations.locations_of_organization(organization)[0]
    reading = read_primary_number(typed, place)
    mine = select(Number.id).where(Number.e164 == reading.e164, Number.organization_id == organization.id)
    with writing() as session:
        if session.scalar(mine) is not None:
            raise Clash("number", N_("This organization has this number already. Change its dates in the list below."))
        (number,) = add_new_numbers(actor, organization, place, [reading])
    return number


def add_new_numbers(actor: User | None, organization: Organization, place: Location,
                    readings: Sequence[phone.NumberReading]) -> list[Number]:
    """Add numbers that the organization does not have yet, in the open write transaction; `place` says which day it is.

    Raises Clash if another organization has one of them.
    """
    known = set(db.session.scalars(select(Number.e164).where(Number.e164.in_([one.e164 for one in readings]))))
    today = number_days.current_day(place.time_zone)
    new = [Number(organization_id=organization.id, e164=one.e164, kind=one.kind,
                  from_on=today if one.e164 in known else None) for one in readings]
    number_days.refuse_two_owners(new)
    db.session.add_all(new)
    for number in new:
        audit.record_event(actor, "number-added", organization, number=number.e164)
        number_claims.settle_claim(actor, number)
    return new


def set_number_sources(actor: User, organization: Organization, chosen: Collection[str],
                       source: NumberSource | None) -> int:
    """Set the source of numbers (E.164). With None the PSTN connection of the location decides.

    Numbers of other organizations are skipped. Returns how many numbers changed.
    """
    mine = select(Number).where(Number.organization_id == organization.id, Number.e164.in_(chosen))
    with writing() as session:
        other = [number for number in session.scalars(mine) if number.source is not source]
        for number in other:
            changes = [["source", str(number.source or ""), str(source or "")]]
            number.source = source
            audit.record_event(actor, "number-marked", organization, number=number.e164, changes=changes)
    return len(other)


def list_number_rows(organization: Organization, search: str = "", after: str = "", most: int = ROWS_PER_PAGE,
                     ) -> tuple[list[tuple[Number, str]], bool]:
    """Numbers that contain the digits of `search`, each with its holder's name ("" for free ones).

    In order, at most `most` after the number `after` (E.164); True when there are more.
    """
    digits = names.digits_of_search(search)
    found = select(Number, func.coalesce(User.name, "")).outerjoin(User, User.id == Number.user_id).where(
        Number.organization_id == organization.id, Number.e164.contains(digits), Number.e164 > after)
    some = db.session.execute(found.order_by(Number.e164).limit(most + 1))
    rows = [(number, holder) for number, holder in some]
    return rows[:most], len(rows) > most
