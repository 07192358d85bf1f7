"""Undo a change of a user: number, role, account or details. All work in the open write transaction.

Each raises Clash where the same change by its own form would be refused, before anything is written.
"""

from dataclasses import replace

from portal.extensions import db, now
from portal.models import AuditEvent, Location, StandIn, UndoOffer, User

from .. import audit
from ..accounts import links
from ..people import numbers, users
from .results import Undone, UndoResult
from .stopped_texts import count_stopped_texts

# What raises the version of a user.
USER_ACTIONS = ("user-changed", "role-changed", "deactivated", "reactivated")


def _begin(offer: UndoOffer) -> tuple[User, AuditEvent, Undone]:
    """The user, the event that is undone, and the answer, as long as nothing speaks against it."""
    user = db.session.get_one(User, offer.unit_id)
    event = db.session.get_one(AuditEvent, offer.event_id)
    answer = Undone(UndoResult.DONE, offer.kind, audit.EventSubject.of(user))
    if offer.version not in (0, user.version):
        answer = replace(answer, result=UndoResult.CHANGED_SINCE, since=audit.newest_event_of(user, USER_ACTIONS))
    return user, event, answer


def _stopped_since(user: User, event: AuditEvent) -> int:
    return count_stopped_texts(user.organization_id or 0, User.id == user.id, event.at)


def undo_number(actor: User, offer: UndoOffer) -> Undone:
    """Give a user back the number that they had, or none; refused if another person has got it since."""
    user, event, answer = _begin(offer)
    if numbers.held_number(user) != offer.before["now"]:
        since = audit.newest_event_of(user, numbers.NUMBER_ACTIONS)
        return replace(answer, result=UndoResult.CHANGED_SINCE, since=since)
    was, waits = offer.before["was"], False
    with audit.mark_undone({user.ref: event.ref}):
        if was:
            reading = numbers.read_primary_number(was, db.session.get_one(Location, user.location_id))
            waits = not numbers.give_primary_number(actor, user, reading)
        else:
            numbers.take_primary_number(actor, user)
    return replace(answer, now=was, waits=waits, stopped=_stopped_since(user, event))


def undo_roles(actor: User, offer: UndoOffer) -> Undone:
    """Give a user the roles that they had; their sessions and links end once more."""
    user, event, answer = _begin(offer)
    if answer.result is UndoResult.DONE:
        with audit.mark_undone({user.ref: event.ref}):
            users.change_roles(actor, user, **offer.before)
    return answer


def undo_details(actor: User, offer: UndoOffer) -> Undone:
    """Give a user the name, the address and the location that they had; refused if the address is another person's."""
    user, event, answer = _begin(offer)
    if answer.result is not UndoResult.DONE:
        return answer
    links.refuse_operators(actor, user)
    was, old = offer.before, user.email
    # An address that cannot be used is counted, and that stays.
    clash = users.find_address_clash(actor, was["email"], but=user)
    if clash is not None:
        return replace(answer, result=UndoResult.REFUSED, clash=clash)
    with audit.mark_undone({user.ref: event.ref}):
        users.change_details(actor, user, was["name"], was["email"], db.session.get_one(Location, was["location"]))
    return replace(answer, subject=audit.EventSubject.of(user), old_address=old)


def undo_account(actor: User, offer: UndoOffer) -> Undone:
    """Open an account that was closed, or close one that was opened. Sessions, links and drafts stay ended."""
    user, event, answer = _begin(offer)
    if answer.result is not UndoResult.DONE:
        return answer
    answering = db.session.get(StandIn, user.id)
    member = answering.answers_id if answering else offer.before.get("answers")
    with audit.mark_undone({user.ref: event.ref}):
        if offer.before["active"]:
            users.open_account(actor, user)
        else:
            users.close_account(actor, user)
            if member:
                db.session.merge(StandIn(user_id=user.id, answers_id=member, at=now()))
    name = db.session.get_one(User, member).name if member else ""
    return replace(answer, now=user.account.value, member=name, stopped=_stopped_since(user, event))
