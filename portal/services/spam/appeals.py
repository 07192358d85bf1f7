"""Appeals. The restricted user or an admin can file one per restriction; another operator decides it."""

from datetime import timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select

from portal.extensions import db, now, wake, writing
from portal.marks import N_
from portal.models import Appeal, Number, Restriction, User
from portal.rules.facts import Subject

from ..people import users
from ..refusals import Clash
from ..toggles.known_restrictions import is_restriction_in_force
from . import restrictions
from .intake import time_zone_of_desk

APPEALS_PER_PAGE = 50
# Users see so many ended restrictions at most.
ENDED_SHOWN = 20


class AppealRow(NamedTuple):
    """An appeal with its restriction and the names of its sender and of the operator who decided it ("" before)."""

    appeal: Appeal
    restriction: Restriction
    by: str
    decided_by: str = ""


def concerns_user(user: User) -> ColumnElement[bool]:
    """Selects the restrictions that a user may appeal: on them or their number; admins all in the organization."""
    if user.admin:
        return Restriction.organization_id == user.organization_id
    mine = select(Number.id).where(Number.user_id == user.id)
    return and_(Restriction.organization_id == user.organization_id,
                or_(Restriction.user_id == user.id, Restriction.number_id.in_(mine)))


def is_readable_by_user(user: User) -> ColumnElement[bool]:
    """Selects the restrictions that a user may read: those that concern them or the whole organization.

    Auditors read what admins read.
    """
    mine = Restriction.organization_id == user.organization_id
    if user.admin or user.auditor:
        return mine
    return or_(concerns_user(user), and_(mine, Restriction.subject == Subject.ORGANIZATION))


def list_restrictions_for_user(user: User, *, ended: bool) -> list[restrictions.RestrictionRow]:
    """The restrictions that a user may read, in force or ended, newest first; at most a page."""
    return restrictions.select_restriction_rows(is_readable_by_user(user), ended=ended,
                                                most=ENDED_SHOWN if ended else APPEALS_PER_PAGE)


def find_restriction(user: User, ref: str) -> tuple[Restriction, Appeal | None]:
    """A restriction that concerns this user, and the appeal against it; 404 for all others."""
    one: Restriction = db.one_or_404(select(Restriction).where(Restriction.ref == ref, concerns_user(user)))
    return one, db.session.scalars(select(Appeal).where(Appeal.restriction_id == one.id)).first()


def can_appeal_restriction(one: Restriction, appeal: Appeal | None) -> bool:
    """Whether it can be appealed now: in force, not appealed yet, and not older than 20 days."""
    moment = now()
    ended = restrictions.has_restriction_ended(one, moment)
    return appeal is None and not ended and moment < one.since + restrictions.APPEAL_WITHIN


def file_appeal(user: User, one: Restriction, words: str) -> Appeal:
    """Appeal against a restriction. Raises Clash if it was appealed before, has ended, or is older than 20 days."""
    with writing() as session:
        before = session.scalars(select(Appeal).where(Appeal.restriction_id == one.id)).first()
        if not can_appeal_restriction(one, before):
            raise Clash("", N_("This can be appealed once, within %(days)s days and while it is in force."),
                        days=restrictions.APPEAL_WITHIN.days)
        made = Appeal(restriction_id=one.id, by_id=user.id, words=words, answer="")
        session.add(made)
        session.flush()
        restrictions.record_restriction_event(user, "appealed", one)
    return made


def sender_of_appeal(appeal: Appeal) -> str:
    """The name of the user who sent an appeal."""
    return db.session.get_one(User, appeal.by_id).name


def select_waiting_appeals(moment: Any) -> Select[int]:
    """The appeals to decide at a moment (time or parameter), not asked yet."""
    return select(Appeal.id).join(Restriction, Restriction.id == Appeal.restriction_id).where(
        Appeal.decided_at.is_(None), is_restriction_in_force(moment))


def list_waiting_appeals() -> list[AppealRow]:
    """The appeals to decide, oldest first, at most a page. If the restriction has ended, no decision is needed."""
    found = select(Appeal, Restriction, User.name).join(Restriction, Restriction.id == Appeal.restriction_id).join(
        User, User.id == Appeal.by_id).where(
        Appeal.decided_at.is_(None), is_restriction_in_force(now()))
    return [AppealRow(*row) for row in db.session.execute(found.order_by(Appeal.id).limit(APPEALS_PER_PAGE))]


def find_appeal_for_operator(ref: str) -> AppealRow:
    """An appeal by its ref, for operators; 404 when there is none."""
    appeal: Appeal = db.one_or_404(select(Appeal).where(Appeal.ref == ref))
    decided_by = db.session.get(User, appeal.decided_by_id) if appeal.decided_by_id else None
    return AppealRow(appeal, db.session.get_one(Restriction, appeal.restriction_id),
                     sender_of_appeal(appeal), decided_by.name if decided_by else "")


def obstacle_to_decision(me: User, one: AppealRow) -> str:
    """Why this operator may not decide an appeal now, as a sentence; "" when they may.

    An operator decides who neither put nor extended the restriction. If there is none, one who did not set the present
    end. If there is none either, the same operator on a later day.
    """
    if one.appeal.decided_at is not None:
        return N_("This appeal has been decided.")
    if restrictions.has_restriction_ended(one.restriction, now()):
        return N_("The restriction has ended, so there is nothing to decide.")
    if me.id in (restrictions.user_id_of_restriction(one.restriction), one.appeal.by_id):
        return N_("This appeal is your own: another operator decides it.")
    return _decided_before(me, one)


def _decided_before(me: User, one: AppealRow) -> str:
    """Why an operator who put or extended the restriction may not decide; "" for all others."""
    deciders = one.restriction.deciders
    if me.id not in deciders:
        return ""
    concerned = {one.appeal.by_id, restrictions.user_id_of_restriction(one.restriction) or me.id}
    last = me.id == deciders[-1]
    if users.count_operators(but={*concerned, *deciders}) or (last and users.count_operators(
            but={*concerned, me.id})):
        return N_("You made this decision: another operator decides the appeal.")
    return N_("You made this decision: with nobody else here you can look at it again tomorrow.") if last and _today(
        one.appeal, time_zone_of_desk()) else ""


def _today(appeal: Appeal, zone: ZoneInfo) -> bool:
    return now().astimezone(zone).date() < appeal.at.astimezone(zone).date() + timedelta(days=1)


def decide_appeal(me: User, one: AppealRow, *, keep: bool, answer: str) -> None:
    """Keep the restriction or lift it; the user reads `answer`. Raises Clash if this operator may not decide."""
    with writing() as session:
        appeal = session.get_one(Appeal, one.appeal.id)
        if obstacle := obstacle_to_decision(me, one):
            raise Clash("", obstacle)
        appeal.kept, appeal.answer, appeal.decided_at, appeal.decided_by_id = keep, answer, now(), me.id
        appeal.alone = me.id in one.restriction.deciders
        if keep:
            restrictions.record_restriction_event(me, "appeal-kept", one.restriction, note=answer)
        else:
            restrictions.end_restriction_in_transaction(me, one.restriction, answer, now())
    wake()
