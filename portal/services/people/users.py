"""Users of an organization: found only within it, added, changed, deactivated."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from flask import abort
from sqlalchemy import bindparam, delete, func, or_, select, union_all

from portal.extensions import db, writing
from portal.marks import N_, known_language
from portal.models import AccountState, AuditEvent, KeptDraft, Location, StandIn, UndoKind, User
from portal.rules import addresses
from portal.rules.characters import tidy_line
from portal.rules.numbers import NumberReading
from portal.rules.terms import AnswerLanguage

from .. import audit, names, refusals, undo_offers
from ..accounts import links, passwords, sessions
from ..accounts.links import add_link
from . import addresses_elsewhere
from .numbers import give_primary_number, read_primary_number

# The same as the column, and nothing that an index knows: for a few users by their ids, whose organization is compared.
_organization_of_user = User.organization_id + 0
# Built once: to put a statement together takes longer than to run it.
_BY_REF = select(User).where(User.ref == bindparam("ref"), User.organization_id == bindparam("organization_id"),
                             User.location_id.is_not(None))


def find_user(actor: User, ref: str) -> User:
    """A user of the actor's own organization; 404 for a user of another one."""
    found = db.session.scalar(_BY_REF, {"ref": ref, "organization_id": actor.organization_id})
    return found or abort(404)


def find_user_for_admin(actor: User, user_id: int) -> User | None:
    """A user of the organization that the actor administers; None for any other user."""
    user = db.session.get(User, user_id) if actor.admin else None
    return user if user is not None and user.organization_id == actor.organization_id else None


def list_first_users(organization_id: int, ids: Collection[int], most: int) -> Sequence[User]:
    """The first users by name, at most `most`, of these ids in one organization; without ids nobody is asked for."""
    found = select(User).where(_organization_of_user == organization_id, User.id.in_(ids))
    return db.session.scalars(found.order_by(User.name_key, User.id).limit(most)).all() if ids else []


def list_actors(organization_id: int | None, ids: Collection[int], refs: Collection[str]) -> Sequence[User]:
    """The people of one organization whom a page of its log names or offers as a filter, by name.

    Those are its administrators and auditors, and everybody with one of these ids or refs.
    """
    looked = union_all(
        select(User.id).where(User.organization_id == organization_id, User.has_role, or_(User.admin, User.auditor)),
        select(User.id).where(User.id.in_(ids)), select(User.id).where(User.ref.in_(refs)))
    found = select(User).where(_organization_of_user == organization_id, User.id.in_(looked))
    return db.session.scalars(found.order_by(User.name_key, User.id)).all()


def find_address_clash(actor: User, email: str, but: User | None = None) -> refusals.Clash | None:
    """Why an address cannot be used, None if it can. Raise it after the commit, which keeps the count of answers."""
    holder = passwords.find_user_anywhere(email)
    if holder is not None and holder is but:
        return None
    said = addresses_elsewhere.ask_about_address(actor, email, holder)
    return refusals.Clash("email", said) if said else None


def build_user(name: str, email: str, location: Location) -> User:
    """A new user, not stored yet, with the keys by which names and addresses are compared."""
    return User(**list_user_columns(name, email, location.organization_id, location.id))


def list_user_columns(name: str, email: str, organization_id: int, location_id: int) -> dict[str, Any]:
    """The columns of a new user that follow from the name, the address and the location."""
    return {"organization_id": organization_id, "location_id": location_id, "name": tidy_line(name),
            "name_key": names.key_of_name(name), "email": addresses.tidy_address(email),
            "email_key": addresses.key_of_address(email)}


def save_user_details(actor: User, user: User, version: int, name: str, email: str, location: Location) -> str:
    """Change name, address and location; returns the ref of the offer to undo it, "" where they are so already.

    Raises Clash, or Changed when the record is newer than `version` and is otherwise.
    """
    with writing():
        was = keep_details(user)
        same = was == {"name": tidy_line(name), "email": addresses.tidy_address(email), "location": location.id}
        if user.version != version and not same:
            raise refusals.Changed
        links.refuse_operators(actor, user)
        # An address that cannot be used is counted, and that stays; of the changes nothing does.
        clash = find_address_clash(actor, email, but=user)
        event = change_details(actor, user, tidy_line(name), email, location) if clash is None else None
        undo = _offer_undo(UndoKind.DETAILS, user, was, event)
    if clash is not None:
        raise clash
    return undo


def keep_details(user: User) -> dict[str, Any]:
    """Name, address and location as an offer to undo a change keeps them."""
    return {"name": user.name, "email": user.email, "location": user.location_id}


def _offer_undo(kind: UndoKind, user: User, was: dict[str, Any], event: AuditEvent | None) -> str:
    """Offer to undo what the event tells; "" without one."""
    return undo_offers.offer_undo(kind, user, was, version=user.version, event=event) if event else ""


def change_details(actor: User, user: User, name: str, email: str, location: Location) -> AuditEvent | None:
    """Change them in the open write transaction; the event, None where they are so already. Nothing is checked."""
    changes = audit.list_changes(user, {"name": name, "email": addresses.tidy_address(email)})
    if user.location_id != location.id:
        was = db.session.get(Location, user.location_id)
        changes.append(["location", was.name if was else "", location.name])
    if user.email != addresses.tidy_address(email):
        sessions.end_links(user)
    user.name, user.name_key = name, names.key_of_name(name)
    user.email, user.email_key = addresses.tidy_address(email), addresses.key_of_address(email)
    user.location_id = location.id
    if not changes:
        return None
    user.version += 1
    return audit.record_event(actor, "user-changed", user, changes=changes)


def _keep_an_admin(user: User) -> None:
    """Raise Clash if this is the last administrator who can sign in."""
    if not user.admin or not user.active:
        return
    # An invited administrator may never sign in, so they can replace only another invited one.
    enough = [AccountState.ACTIVE] if user.account is AccountState.ACTIVE else [AccountState.ACTIVE,
                                                                                AccountState.INVITED]
    others = select(User.id).where(User.organization_id == user.organization_id, User.has_role, User.admin,
                                   User.id != user.id, User.account.in_(enough))
    if db.session.scalar(others.limit(1)) is None:
        raise refusals.Clash(
            "admin", N_("This is the last active administrator. Make another person administrator first."))


def set_roles(actor: User, user: User, version: int, admin: bool, auditor: bool) -> str:
    """Make a user admin, auditor or neither; their sessions and links end. The last active admin stays.

    Returns the ref of the offer to undo it, "" where they are so already. Raises Clash, or Changed when the record is
    newer than `version` and the roles are others.
    """
    with writing():
        was = {"admin": user.admin, "auditor": user.auditor}
        if user.version != version and was != {"admin": admin, "auditor": auditor}:
            raise refusals.Changed
        return _offer_undo(UndoKind.ROLE, user, was, change_roles(actor, user, admin=admin, auditor=auditor))


def change_roles(actor: User, user: User, *, admin: bool, auditor: bool) -> AuditEvent | None:
    """The same in the open write transaction; the event, None where they are so already. Raises Clash."""
    if not admin:
        _keep_an_admin(user)
    changes = audit.list_changes(user, {"admin": admin, "auditor": auditor})
    if not changes:
        return None
    user.admin, user.auditor = admin, auditor
    user.version += 1
    sessions.end_all_sessions(user)
    sessions.end_links(user)
    return audit.record_event(actor, "role-changed", user, changes=changes)


def deactivate_user(actor: User, user: User) -> str:
    """Close an account, end its sessions and erase its drafts. The last active admin stays: raises Clash.

    Returns the ref of the offer to undo it, "" where it is closed already.
    """
    with writing():
        return offer_reopening(user, close_account(actor, user))


def close_account(actor: User, user: User) -> AuditEvent | None:
    """The same in the open write transaction, without the offer; the event, None where it is closed already."""
    links.refuse_operators(actor, user)
    _keep_an_admin(user)
    if not user.active:
        return None
    user.account = AccountState.DEACTIVATED
    user.version += 1
    sessions.end_all_sessions(user)
    sessions.end_links(user)
    db.session.execute(delete(KeptDraft).where(KeptDraft.user_id == user.id))
    return audit.record_event(actor, "deactivated", user)


def offer_reopening(user: User, event: AuditEvent | None) -> str:
    """Offer to undo the deactivation that the event tells; "" without one."""
    return _offer_undo(UndoKind.ACCOUNT, user, {"active": True}, event)


def reactivate_user(actor: User, user: User) -> str:
    """Open a deactivated account again; returns the ref of the offer to undo it, "" where it is open already."""
    with writing():
        answers_id = db.session.scalar(select(StandIn.answers_id).where(StandIn.user_id == user.id))
        event = open_account(actor, user)
        return _offer_undo(UndoKind.ACCOUNT, user, {"active": False, "answers": answers_id}, event)


def open_account(actor: User, user: User) -> AuditEvent | None:
    """The same in the open write transaction, without the offer. Nobody answers for the person any more."""
    links.refuse_operators(actor, user)
    if user.active:
        return None
    user.account = AccountState.ACTIVE if user.password_hash else AccountState.INVITED
    user.version += 1
    db.session.execute(delete(StandIn).where(StandIn.user_id == user.id))
    sessions.end_links(user)
    return audit.record_event(actor, "reactivated", user)


def language_of_letters(user: User) -> str:
    """The language in which the portal writes to a person ("fr"), whoever makes it write; English for want of one."""
    return known_language_of_user(user) or "en"


def known_language_of_user(user: User) -> str:
    """The language that a person chose, or else French where the answers of their location are in French too; or "".

    An import may name a language that the portal does not speak; that says as little as none.
    """
    french = user.location is not None and user.location.answer_language is not AnswerLanguage.KEYWORD
    return known_language(user.language) or ("fr" if french else "")


def set_preferences(user: User, language: str, time_zone: str) -> None:
    """A person's own language and time zone."""
    with writing():
        user.language, user.time_zone = language, time_zone


def create_user(actor: User, name: str, email: str, location: Location, number: str = "") -> tuple[User, str]:
    """Add a user with an optional primary number; returns them and the token of their sign-in link.

    Raises Clash when the address or the number is taken or the number cannot be read.
    """
    reading = read_primary_number(number, location) if number.strip() else None
    with writing():
        # An address that cannot be used is counted, and that stays; of the user nothing does.
        clash = find_address_clash(actor, email)
        if clash is None:
            return _add_newcomer(actor, build_user(name, email, location), reading)
    raise clash


def _add_newcomer(actor: User, user: User, reading: NumberReading | None) -> tuple[User, str]:
    db.session.add(user)
    db.session.flush()
    audit.record_event(actor, "user-added", user)
    if reading:
        give_primary_number(actor, user, reading)
    return user, add_link(actor, user)


def count_operators(but: Iterable[int] = ()) -> int:
    """How many operators can sign in, without those in `but` (ids). Invited operators cannot, so they do not count."""
    found = select(func.count(User.id)).where(
        User.has_role, User.operator, User.account == AccountState.ACTIVE, User.id.not_in(list(but)))
    return db.session.scalar(found) or 0
