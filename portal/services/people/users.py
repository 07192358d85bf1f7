"""Users of an organization: found only through it, added, changed."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from portal.extensions import db, writing
from portal.models import Account, Location, User
from portal.rules import addresses, lengths
from portal.rules.characters import tidied, without_hidden
from portal.rules.decision import N_

from .. import audit
from ..accounts import sessions
from . import addresses_elsewhere

PAGE = 50
# Letters that no accent makes, and what people type instead of them.
LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


class Clash(Exception):
    """Something typed cannot be: the field it is about, a sentence and the values that it prints."""

    def __init__(self, field: str, sentence: str, **values: Any) -> None:
        super().__init__(sentence)
        self.field, self.sentence, self.values = field, sentence, values


class Changed(Exception):
    """Somebody else changed the record since the form was shown. Nothing was written."""


def key_of(typed: str) -> str:
    """How names are compared and sorted: without case, accents, hidden characters and outer spaces.

    Addresses are compared by `addresses.key`: accents make other people of them.
    """
    folded = lengths.decomposed(lengths.decomposed(without_hidden(typed)).casefold())
    return "".join(char for char in folded if not unicodedata.combining(char)).translate(LETTERS).strip()


def find(actor: User, ref: str) -> User:
    """A user of the actor's own organization; 404 for everybody else's."""
    found: User = db.one_or_404(select(User).where(
        User.ref == ref, User.organization_id == actor.organization_id, User.location_id.is_not(None)))
    return found


def of_ours(actor: User, user_id: int) -> User | None:
    """A user of the organization that the actor administers; None for everybody else's."""
    user = db.session.get(User, user_id) if actor.admin else None
    return user if user is not None and user.organization_id == actor.organization_id else None


def locations_of(actor: User) -> list[Location]:
    """The locations of the actor's organization, by name."""
    mine = select(Location).where(Location.organization_id == actor.organization_id)
    return list(db.session.scalars(mine.order_by(Location.name_key)))


def with_address(email: str) -> User | None:
    """Whoever has this address, anywhere on the portal, however it is spelled."""
    return db.session.scalars(select(User).where(User.email_key == addresses.key(email))).first()


def taken(actor: User, email: str, but: User | None = None) -> Clash | None:
    """Why an address cannot be used, to be raised after the commit: the answer is counted in the open transaction."""
    holder = with_address(email)
    if holder is not None and holder is but:
        return None
    said = addresses_elsewhere.ask(actor, email, holder)
    return Clash("email", said) if said else None


def new(name: str, email: str, location: Location) -> User:
    """A user not yet stored, with the keys that names and addresses are compared by."""
    return User(organization_id=location.organization_id, location_id=location.id, name=tidied(name),
                name_key=key_of(name), email=addresses.tidied(email), email_key=addresses.key(email))


def changes(record: Any, wanted: Mapping[str, Any]) -> list[list[str]]:
    """[field, was, now] for every value that differs, as the audit log keeps them."""
    return [[name, str(getattr(record, name)), str(value)] for name, value in wanted.items()
            if getattr(record, name) != value]


def update(actor: User, user: User, version: int, name: str, email: str, location: Location) -> None:
    """Change name, address and location. Raises Clash, or Changed when the record is newer than `version`."""
    with writing():
        if user.version != version:
            raise Changed
        refuse_operators(actor, user)
        # An address that cannot be used is counted, and that stays; of the changes nothing does.
        clash = taken(actor, email, but=user)
        if clash is None:
            _change(actor, user, tidied(name), email, location)
    if clash is not None:
        raise clash


def _change(actor: User, user: User, name: str, email: str, location: Location) -> None:
    told = changes(user, {"name": name, "email": addresses.tidied(email)})
    if user.location_id != location.id:
        was = db.session.get(Location, user.location_id)
        told.append(["location", was.name if was else "", location.name])
    if user.email != addresses.tidied(email):
        sessions.end_links(user)
    user.name, user.name_key = name, key_of(name)
    user.email, user.email_key = addresses.tidied(email), addresses.key(email)
    user.location_id = location.id
    if told:
        user.version += 1
        audit.record(actor, "user-changed", user, changes=told)


def refuse_operators(actor: User | None, user: User) -> None:
    """Raise Clash when the account is an operator's and the actor's is not: it opens more than one organization."""
    if user.operator and actor is not None and not actor.operator:
        raise Clash("", N_("This account is an operator's as well. Only an operator can do this."))


def _keep_an_admin(user: User) -> None:
    """Refuse to lose the last administrator who can sign in."""
    if not user.admin or not user.active:
        return
    # Somebody invited may never come: they only stand in for somebody else who has not come either.
    enough = [Account.ACTIVE] if user.account is Account.ACTIVE else [Account.ACTIVE, Account.INVITED]
    others = select(User.id).where(User.organization_id == user.organization_id, User.admin, User.id != user.id,
                                   User.account.in_(enough))
    if db.session.scalar(others.limit(1)) is None:
        raise Clash("admin", N_("This is the last active administrator. Make somebody else administrator first."))


def set_roles(actor: User, user: User, version: int, admin: bool, auditor: bool) -> None:
    """Make somebody admin or auditor, or neither; their sessions end. The last active admin stays.

    Raises Clash, or Changed when the record is newer than `version`.
    """
    with writing():
        if user.version != version:
            raise Changed
        if not admin:
            _keep_an_admin(user)
        if told := changes(user, {"admin": admin, "auditor": auditor}):
            user.admin, user.auditor = admin, auditor
            user.version += 1
            sessions.end_all(user)
            sessions.end_links(user)
            audit.record(actor, "role-changed", user, changes=told)


def deactivate(actor: User, user: User) -> None:
    """Close an account and end its sessions. The last active admin stays: raises Clash."""
    with writing():
        refuse_operators(actor, user)
        _keep_an_admin(user)
        if user.active:
            user.account = Account.DEACTIVATED
            user.version += 1
            sessions.end_all(user)
            sessions.end_links(user)
            audit.record(actor, "deactivated", user)


def reactivate(actor: User, user: User) -> None:
    """Open a deactivated account again."""
    with writing():
        refuse_operators(actor, user)
        if not user.active:
            user.account = Account.ACTIVE if user.password_hash else Account.INVITED
            user.version += 1
            sessions.end_links(user)
            audit.record(actor, "reactivated", user)


def set_own(user: User, language: str, time_zone: str) -> None:
    """A person's own language and time zone."""
    with writing():
        user.language, user.time_zone = language, time_zone
