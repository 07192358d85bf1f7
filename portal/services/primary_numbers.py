"""Primary numbers: read, given to users of the organization that has them, and taken away."""

from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import Location, Number, User
from portal.rules import numbers as phone
from portal.rules.decision import N_
from portal.rules.numbers import Kind

from . import audit
from .people import Changed, Clash


def read_number(typed: str, location: Location) -> phone.Reading:
    """Read a primary number as typed; raises Clash with what is wrong when it is none."""
    reading = phone.read(typed, location.country)
    if reading.kind is Kind.UNREADABLE:
        raise Clash("number", N_("This is not a phone number that can be assigned. %(problem)s"),
                    problem=reading.problem)
    if not reading.e164:
        raise Clash("number", N_("Short codes and service numbers cannot be anybody's primary number."))
    return reading


def assign_number(actor: User, user: User, typed: str, held: str) -> None:
    """Give a user a primary number in place of the one that they `held` when the form was shown ("": none).

    Raises Clash, or Changed when they hold another one by now.
    """
    reading = read_number(typed, db.session.get_one(Location, user.location_id))
    with writing():
        _as_shown(user, held)
        give_number(actor, user, reading)


def give_number(actor: User | None, user: User, reading: phone.Reading) -> None:
    """The same inside an open write transaction, whatever is held. Raises Clash."""
    number = db.session.scalars(select(Number).where(Number.e164 == reading.e164)).first()
    if number is not None and number.user_id == user.id:
        return
    if number is None:
        number = Number(organization_id=user.organization_id or 0, e164=reading.e164, kind=reading.kind)
    _refuse_others(number, user)
    _release(user)
    db.session.add(number)
    number.user_id = user.id
    audit.record(actor, "number-assigned", user, number=reading.e164)


def _refuse_others(number: Number, user: User) -> None:
    if number.organization_id != user.organization_id:
        raise Clash("number", N_("This number cannot be assigned here. Ask the provider about it."))
    if number.user_id is not None:
        holder = db.session.get_one(User, number.user_id)
        raise Clash("number", N_("This number is already assigned. To: %(holder)s."), holder=holder.name)


def _held(user: User) -> Number | None:
    return db.session.scalars(select(Number).where(Number.user_id == user.id)).first()


def _as_shown(user: User, e164: str) -> None:
    number = _held(user)
    if (number.e164 if number else "") != e164:
        raise Changed


def _release(user: User) -> Number | None:
    held = _held(user)
    if held is not None:
        held.user_id = None
        db.session.flush()
    return held


def remove_number(actor: User | None, user: User, held: str) -> None:
    """Take the primary number away; it stays with the organization. Raises Changed when it is another by now."""
    with writing():
        _as_shown(user, held)
        released = _release(user)
        if released is not None:
            audit.record(actor, "number-removed", user, number=released.e164)


def free_numbers(actor: User, most: int = 50) -> list[str]:
    """Numbers of the organization that nobody holds, in E.164, at most `most`."""
    found = select(Number.e164).where(Number.organization_id == actor.organization_id, Number.user_id.is_(None))
    return list(db.session.scalars(found.order_by(Number.e164).limit(most)))
