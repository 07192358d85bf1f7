"""Holds: the texts of an outside number or of a user stay until the hold ends, whatever the retention period says.

Only an administrator sets, renews or ends one; each step is in the audit log. The retention period itself stays as it
is: the first nightly run after the end of a hold erases what is older.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import Conversation, Message, Organization, RecordsRequest, RetentionHold, User
from portal.rules import BY_ID, addresses, numbers
from portal.rules.characters import tidy_line
from portal.rules.numbers import NumberKind

from .. import audit
from ..refusals import Changed, Clash

HOLDS_PER_PAGE = 50
LONGEST_REVIEW = timedelta(days=BY_ID["retention-hold"].limits["days"])
NOT_READ = N_("Enter one full phone number of ten digits, or the email address of a user of your organization.")


class HoldRow(NamedTuple):
    """A hold, the name of the user it is about ("" for a number), and who set it."""

    hold: RetentionHold
    user: str
    by: str


def is_kept_by_hold(kind: type[Message | Conversation]) -> ColumnElement[bool]:
    """Whether a hold or an open records request keeps a text or a conversation.

    A condition within a statement, so that no row costs a query. A request keeps the texts of its period until it is
    refused, or until its release has ended.
    """
    open_ = RetentionHold.ended_at.is_(None)
    asked = exists().where(
        RecordsRequest.organization_id == kind.organization_id, RecordsRequest.theirs == kind.theirs,
        or_(RecordsRequest.released.is_(None), RecordsRequest.ends_at > now()))
    if kind is Message:
        asked = asked.where(RecordsRequest.since <= Message.at, RecordsRequest.until > Message.at)
    return or_(
        exists().where(RetentionHold.organization_id == kind.organization_id, RetentionHold.theirs == kind.theirs,
                       open_),
        exists().where(RetentionHold.user_id == kind.user_id, open_), asked)


def list_held_numbers() -> Sequence[tuple[int, str]]:
    """(organization id, E.164) of every number that is held now."""
    found = select(RetentionHold.organization_id, RetentionHold.theirs).where(
        RetentionHold.ended_at.is_(None), RetentionHold.user_id.is_(None))
    return [(row[0], row[1]) for row in db.session.execute(found)]


def find_hold_of_number(organization_id: int, theirs: str) -> RetentionHold | None:
    """The hold in force on an outside number (E.164) in an organization, or None."""
    return db.session.scalars(select(RetentionHold).where(
        RetentionHold.organization_id == organization_id, RetentionHold.theirs == theirs,
        RetentionHold.ended_at.is_(None))).first()


def list_hold_rows(actor: User, before: int | None = None) -> tuple[list[HoldRow], bool]:
    """A page of the holds of the actor's organization, newest first, ended ones too; True when there are older."""
    maker = aliased(User)
    found = select(RetentionHold, func.coalesce(User.name, ""), maker.name).outerjoin(
        User, User.id == RetentionHold.user_id).join(maker, maker.id == RetentionHold.set_by_id).where(
        RetentionHold.organization_id == actor.organization_id)
    if before is not None:
        found = found.where(RetentionHold.id < before)
    rows = [HoldRow(*row)
            for row in db.session.execute(found.order_by(RetentionHold.id.desc()).limit(HOLDS_PER_PAGE + 1))]
    return rows[:HOLDS_PER_PAGE], len(rows) > HOLDS_PER_PAGE


def find_hold_row(actor: User, ref: str) -> HoldRow:
    """A hold of the actor's own organization; 404 for one of another organization."""
    hold: RetentionHold = db.one_or_404(select(RetentionHold).where(
        RetentionHold.ref == ref, RetentionHold.organization_id == actor.organization_id))
    found = db.session.execute(select(User.id, User.name).where(User.id.in_([hold.user_id, hold.set_by_id])))
    named = {row.id: row.name for row in found}
    return HoldRow(hold, named.get(hold.user_id or 0, ""), named.get(hold.set_by_id, ""))


def select_overdue_holds(organization_id: Any, moment: Any) -> Select[int]:
    """The holds of an organization (id or parameter) that were to be looked at again by a moment, not asked yet."""
    return select(RetentionHold.id).where(
        RetentionHold.organization_id == organization_id, RetentionHold.ended_at.is_(None),
        RetentionHold.review_at <= moment)


def set_hold(actor: User, typed: str, reason: str, review_at: datetime) -> RetentionHold:
    """Hold the texts of a number, or of the user with an email address, as an administrator typed it.

    `review_at` is when an administrator looks again (UTC). Raises Clash if the typed words name neither, if there is a
    hold already, or if the review is not within a year.
    """
    theirs = "" if "@" in typed else _read_number(typed)
    with writing() as session:
        user = None if theirs else _find_held_user(actor, typed)
        same = RetentionHold.theirs == theirs if theirs else RetentionHold.user_id == (user.id if user else None)
        if session.scalar(select(RetentionHold.id).where(
                RetentionHold.organization_id == actor.organization_id, same, RetentionHold.ended_at.is_(None))):
            raise Clash("held", N_("There is a hold on this already. Open it in the list."))
        _check_review(review_at)
        hold = RetentionHold(organization_id=actor.organization_id or 0, theirs=theirs, reason=tidy_line(reason),
                             user_id=user.id if user else None, review_at=review_at, set_by_id=actor.id)
        session.add(hold)
        session.flush()
        _record(actor, "hold-set", hold, reason=hold.reason, until=review_at.isoformat())
    return hold


def _read_number(typed: str) -> str:
    reading = numbers.read_number(typed)
    if reading.kind is NumberKind.UNREADABLE or not reading.e164:
        raise Clash("held", NOT_READ)
    return reading.e164


def _find_held_user(actor: User, typed: str) -> User:
    user = db.session.scalars(select(User).where(
        User.organization_id == actor.organization_id, User.email_key == addresses.key_of_address(typed))).first()
    if user is None:
        raise Clash("held", N_("No user of your organization has this email address."))
    return user


def _check_review(review_at: datetime) -> None:
    if not now() < review_at <= now() + LONGEST_REVIEW:
        raise Clash("review", N_("Choose a day after today and within a year."))


def renew_hold(actor: User, hold: RetentionHold, reason: str, review_at: datetime) -> None:
    """Keep a hold for longer: another reason and another day for the next look.

    Raises Clash if the review is not within a year, Changed if the hold has ended.
    """
    with writing() as session:
        session.refresh(hold)
        if hold.ended_at is not None:
            raise Changed
        _check_review(review_at)
        hold.reason, hold.review_at = tidy_line(reason), review_at
        _record(actor, "hold-renewed", hold, reason=hold.reason, until=review_at.isoformat())


def end_hold(actor: User, hold: RetentionHold) -> None:
    """End a hold. Ending it twice does the same as once. The next nightly run erases what is past the period."""
    with writing() as session:
        session.refresh(hold)
        if hold.ended_at is None:
            hold.ended_at, hold.ended_by_id = now(), actor.id
            _record(actor, "hold-ended", hold)


def _record(actor: User, action: str, hold: RetentionHold, **details: str) -> None:
    """One event: about the user who is held, or about the organization with the number."""
    if hold.user_id is not None:
        audit.record_event(actor, f"user-{action}", db.session.get_one(User, hold.user_id), **details)
    else:
        organization = db.session.get_one(Organization, hold.organization_id)
        audit.record_event(actor, f"number-{action}", organization, number=hold.theirs, **details)
