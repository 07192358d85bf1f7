"""Users of an organization: found only through it, listed, added, changed."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_

from portal.extensions import db, writing
from portal.models import Account, Location, Number, User
from portal.rules import Standing, State
from portal.rules import numbers as phone
from portal.rules.decision import N_
from portal.rules.numbers import Kind

from . import audit, sessions
from .standing import Profile, Roll, belonging, with_profile

PAGE = 50


class Clash(Exception):
    """Something typed cannot be: the field it is about, a sentence and the values that it prints."""

    def __init__(self, field: str, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.field, self.sentence, self.values = field, sentence, values


class Changed(Exception):
    """Somebody else changed the record since the form was shown. Nothing was written."""


def key_of(typed: str) -> str:
    """How names and addresses are compared and sorted: without case, accents and outer spaces."""
    folded = unicodedata.normalize("NFKD", typed.strip().casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))


def find(actor: User, ref: str) -> User:
    """A user of the actor's own organization; 404 for everybody else's."""
    found: User = db.one_or_404(select(User).where(
        User.ref == ref, User.organization_id == actor.organization_id, User.location_id.is_not(None)))
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: the user, their number and their standing."""

    user: User
    number: str
    standing: Standing
    profile: Profile
    version: int


def matching(search: str, location_id: int | None = None) -> list[ColumnElement[bool]]:
    """Conditions for a search by name, e-mail address or number, within a location if one is given."""
    where: list[ColumnElement[bool]] = [] if location_id is None else [User.location_id == location_id]
    if not search.strip():
        return where
    typed = f"%{audit.escaped(key_of(search))}%"
    hits = [User.name_key.like(typed, escape="\\"), User.email_key.like(typed, escape="\\")]
    digits = "".join(char for char in search if char.isdecimal())
    if len(digits) >= 3:
        holders = select(Number.user_id).where(Number.e164.like(f"%{digits}%"))
        hits.append(User.id.in_(holders))
    return [*where, or_(*hits)]


def standing_as(roll: Roll, states: Sequence[State]) -> ColumnElement[bool]:
    """The condition that selects users who stand in one of these states."""
    return belonging((profile, user_id) for profile, user_id, _many in roll.groups()
                     if roll.standing(profile, user_id).state in states)


def page(roll: Roll, where: Sequence[ColumnElement[bool]], after: tuple[str, int] | None = None,
         before: tuple[str, int] | None = None, most: int = PAGE) -> tuple[list[Row], bool]:
    """Users in order of name, those after or before a (name key, id); True when there are more that way."""
    from portal.models import Word

    place = tuple_(User.name_key, User.id)
    found = with_profile(roll.members(where)).add_columns(User, Number.e164, func.coalesce(Word.version, 0))
    if after:
        found = found.where(place > after)
    if before:
        found = found.where(place < before).order_by(User.name_key.desc(), User.id.desc())
    else:
        found = found.order_by(User.name_key, User.id)
    rows = [_row(roll, row) for row in db.session.execute(found.limit(most + 1))]
    more, rows = len(rows) > most, rows[:most]
    return (rows[::-1] if before else rows), more


def _row(roll: Roll, row: Any) -> Row:
    profile, (user, e164, version) = Profile(*row[:6]), row[6:]
    return Row(user, e164 or "", roll.standing(profile, user.id), profile, version)


def count(roll: Roll, where: Sequence[ColumnElement[bool]]) -> int:
    """How many users meet the conditions."""
    found = with_profile(roll.members(where)).with_only_columns(func.count(User.id), maintain_column_froms=True)
    return int(db.session.scalar(found) or 0)


def locations_of(actor: User) -> list[Location]:
    """The locations of the actor's organization, by name."""
    mine = select(Location).where(Location.organization_id == actor.organization_id)
    return list(db.session.scalars(mine.order_by(Location.name_key)))


def _free(email: str, but: User | None = None) -> None:
    holder = db.session.scalars(select(User).where(User.email_key == key_of(email))).first()
    if holder is not None and holder is not but:
        raise Clash("email", N_("This e-mail address already has an account. Each person needs an address of"
                                " their own."))


def add(actor: User, name: str, email: str, location: Location, number: str = "") -> tuple[User, str]:
    """Add a user with an optional primary number; returns them and the token of their sign-in link.

    Raises Clash when the address or the number is taken or the number cannot be read.
    """
    from .accounts import add_link

    reading = read_number(number, location) if number.strip() else None
    with writing() as session:
        _free(email)
        user = new(name, email, location)
        session.add(user)
        session.flush()
        audit.record(actor, "user-added", user)
        if reading:
            give_number(actor, user, reading)
        return user, add_link(actor, user)


def new(name: str, email: str, location: Location) -> User:
    """A user not yet stored, with the keys that names and addresses are compared by."""
    return User(organization_id=location.organization_id, location_id=location.id, name=name.strip(),
                name_key=key_of(name), email=email.strip(), email_key=key_of(email))


def changes(record: Any, wanted: Mapping[str, Any]) -> list[list[str]]:
    """[field, was, now] for every value that differs, as the audit log keeps them."""
    return [[name, str(getattr(record, name)), str(value)] for name, value in wanted.items()
            if getattr(record, name) != value]


def update(actor: User, user: User, version: int, name: str, email: str, location: Location) -> None:
    """Change name, address and location. Raises Clash, or Changed when the record is newer than `version`."""
    with writing():
        if user.version != version:
            raise Changed
        _free(email, but=user)
        told = changes(user, {"name": name.strip(), "email": email.strip()})
        if user.location_id != location.id:
            was = db.session.get(Location, user.location_id)
            told.append(["location", was.name if was else "", location.name])
        user.name, user.name_key = name.strip(), key_of(name)
        user.email, user.email_key = email.strip(), key_of(email)
        user.location_id = location.id
        if told:
            user.version += 1
            audit.record(actor, "user-changed", user, changes=told)


def read_number(typed: str, location: Location) -> phone.Reading:
    """Read a primary number as typed; raises Clash with what is wrong when it is none."""
    reading = phone.read(typed, location.country)
    if reading.kind is Kind.UNREADABLE:
        raise Clash("number", N_("This is not a phone number that can be assigned. %(problem)s"),
                    problem=reading.problem)
    if not reading.e164:
        raise Clash("number", N_("Short codes and service numbers cannot be anybody's primary number."))
    return reading


def assign_number(actor: User, user: User, typed: str) -> None:
    """Give a user a primary number in place of the present one. Raises Clash."""
    reading = read_number(typed, db.session.get_one(Location, user.location_id))
    with writing():
        give_number(actor, user, reading)


def give_number(actor: User | None, user: User, reading: phone.Reading) -> bool:
    """The same inside an open write transaction; True when anything changed."""
    number = db.session.scalars(select(Number).where(Number.e164 == reading.e164)).first()
    if number is not None and number.organization_id != user.organization_id:
        raise Clash("number", N_("This number cannot be assigned here. Ask the provider about it."))
    if number is not None and number.user_id == user.id:
        return False
    if number is not None and number.user_id is not None:
        holder = db.session.get_one(User, number.user_id)
        raise Clash("number", N_("This number is already assigned. To: %(holder)s."), holder=holder.name)
    _release(user)
    if number is None:
        number = Number(organization_id=user.organization_id or 0, e164=reading.e164, kind=reading.kind)
        db.session.add(number)
    number.user_id = user.id
    audit.record(actor, "number-assigned", user, number=reading.e164)
    db.session.flush()
    return True


def _release(user: User) -> Number | None:
    held = db.session.scalars(select(Number).where(Number.user_id == user.id)).first()
    if held is not None:
        held.user_id = None
        db.session.flush()
    return held


def remove_number(actor: User | None, user: User) -> None:
    """Take the primary number away; it stays with the organization."""
    with writing():
        take_number(actor, user)


def take_number(actor: User | None, user: User) -> bool:
    """The same inside an open write transaction; True when there was one."""
    held = _release(user)
    if held is not None:
        audit.record(actor, "number-removed", user, number=held.e164)
    return held is not None


def free_numbers(actor: User, most: int = 50) -> list[str]:
    """Numbers of the organization that nobody holds, in E.164, at most `most`."""
    found = select(Number.e164).where(Number.organization_id == actor.organization_id, Number.user_id.is_(None))
    return list(db.session.scalars(found.order_by(Number.e164).limit(most)))


def _another_admin(user: User) -> bool:
    others = select(User.id).where(User.organization_id == user.organization_id, User.admin, User.id != user.id,
                                   User.account != Account.DEACTIVATED)
    return db.session.scalar(others.limit(1)) is not None


def set_roles(actor: User, user: User, admin: bool, auditor: bool) -> None:
    """Make somebody admin or auditor, or neither; their sessions end. The last active admin stays."""
    with writing():
        if user.admin and not admin and not _another_admin(user):
            raise Clash("admin", N_("This is the last active administrator. Make somebody else administrator first."))
        told = changes(user, {"admin": admin, "auditor": auditor})
        user.admin, user.auditor = admin, auditor
        if told:
            user.version += 1
            sessions.end_all(user)
            audit.record(actor, "role-changed", user, changes=told)


def deactivate(actor: User, user: User) -> None:
    """Close an account and end its sessions. The last active admin stays: raises Clash."""
    with writing():
        if user.admin and not _another_admin(user):
            raise Clash("account", N_("This is the last active administrator. Make somebody else administrator"
                                      " first."))
        if user.active:
            user.account = Account.DEACTIVATED
            user.version += 1
            sessions.end_all(user)
            audit.record(actor, "deactivated", user)


def reactivate(actor: User, user: User) -> None:
    """Open a deactivated account again."""
    with writing():
        if not user.active:
            user.account = Account.ACTIVE if user.password_hash else Account.INVITED
            user.version += 1
            audit.record(actor, "reactivated", user)


def set_own(user: User, language: str, time_zone: str) -> None:
    """A person's own language and time zone."""
    with writing():
        user.language, user.time_zone = language, time_zone
