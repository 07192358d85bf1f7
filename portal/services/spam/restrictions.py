"""Restrictions. Operators put them on a number, a user or an organization, extend them and lift them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, cast, func, literal_column, or_, select, update
from sqlalchemy.orm import aliased

from portal.dialects import Unindexed
from portal.extensions import db, now, wake, writing
from portal.marks import N_
from portal.models import (
    Appeal,
    Case,
    CaseEntry,
    Direction,
    Message,
    Number,
    Organization,
    Restriction,
    TextState,
    User,
)
from portal.models.messages import WAITING_CONDITION
from portal.rules.facts import Cause, Restraint, Subject

from .. import audit
from ..people import users
from ..refusals import Clash
from ..toggles.known_restrictions import is_restriction_in_force

RESTRICTIONS_PER_PAGE = 50
LONGEST_RESTRICTION = timedelta(days=365)
# With only one operator, nobody else could review the restriction sooner.
LONGEST_ALONE = timedelta(days=30)
APPEAL_WITHIN = timedelta(days=20)


@dataclass(frozen=True, slots=True)
class RestrictionTerms:
    """The terms of a restriction: block or throttle, cause, note, end (UTC), and texts a minute."""

    restraint: Restraint
    cause: Cause
    note: str
    until: datetime
    per_minute: int = 1


@dataclass(frozen=True, slots=True)
class RestrictionScope:
    """On whom: the subject, the organization, and the user or number where it is one of these."""

    subject: Subject
    organization_id: int
    user_id: int | None = None
    number_id: int | None = None


class RestrictionRow(NamedTuple):
    """A restriction in a list, with the names of whom it is on and the appeal against it, if there is one.

    `by` is the operator's name, "" where verified reports brought it about; `case` is the ref of its case or "".
    """

    restriction: Restriction
    organization: str
    user: str
    number: str
    appeal: Appeal | None
    by: str = ""
    case: str = ""


def scope_of_case(case: Case, subject: Subject = Subject.USER) -> RestrictionScope:
    """Whom to restrict in a case: its user, or its number if no user had it; or number or organization by choice."""
    if subject is Subject.ORGANIZATION:
        return RestrictionScope(subject, case.organization_id)
    if subject is Subject.NUMBER or case.user_id is None:
        return RestrictionScope(Subject.NUMBER, case.organization_id, number_id=case.number_id)
    return RestrictionScope(Subject.USER, case.organization_id, user_id=case.user_id)


def is_sender_restricted(case: Case, restraint: Restraint, moment: datetime) -> bool:
    """Whether the sender of a case is restrained at least so much; one lifted within a day counts as well.

    Otherwise the next report would restore at once what an operator has just lifted.
    """
    enough = (Restraint.BLOCK,) if restraint is Restraint.BLOCK else tuple(Restraint)
    concerned = Restriction.number_id == case.number_id
    if case.user_id is not None:
        concerned = or_(concerned, Restriction.user_id == case.user_id)
    found = select(Restriction.id).where(
        Restriction.organization_id == case.organization_id, Restriction.restraint.in_(enough), concerned,
        or_(is_restriction_in_force(moment), Restriction.lifted_at > moment - timedelta(hours=24)))
    return db.session.scalar(found.limit(1)) is not None


def add_restriction(actor: User | None, terms: RestrictionTerms, whom: RestrictionScope, moment: datetime,
                    case: Case | None = None) -> Restriction:
    """Put a restriction in force, in the open write transaction; `actor` None is the portal itself."""
    made = Restriction(
        organization_id=whom.organization_id, subject=whom.subject, user_id=whom.user_id, number_id=whom.number_id,
        restraint=terms.restraint, cause=terms.cause, note=terms.note, since=moment, until=terms.until,
        per_minute=terms.per_minute if terms.restraint is Restraint.THROTTLE else None,
        made_by_id=actor.id if actor else None, deciders=[actor.id] if actor else [],
        case_id=case.id if case else None)
    db.session.add(made)
    db.session.flush()
    record_restriction_event(actor, "restricted" if actor else "restricted-by-reports", made,
                             restraint=terms.restraint.value,
          cause=terms.cause.value, until=terms.until.isoformat(), note=terms.note)
    return made


def record_restriction_event(actor: User | None, action: str, one: Restriction, **details: str) -> None:
    """Write into the organization's audit log, and into the case's history where there is one."""
    subject: User | Organization = db.session.get_one(Organization, one.organization_id)
    if person := user_id_of_restriction(one):
        subject = db.session.get_one(User, person)
    audit.record_event(actor, action, subject, **details)
    if one.case_id:
        db.session.add(CaseEntry(case_id=one.case_id, at=now(), actor_id=actor.id if actor else None, what=action,
                                 note=details.get("note", "")))


def user_id_of_restriction(one: Restriction) -> int | None:
    """The id of the user whom a restriction is on: themselves, or because they have the number; else None."""
    return one.user_id or (db.session.get_one(Number, one.number_id).user_id if one.number_id else None)


def refuse_own_restriction(actor: User, one: Restriction) -> None:
    """Raise Clash for a restriction on the operator themselves."""
    if user_id_of_restriction(one) == actor.id:
        raise Clash("", N_("This restriction is on you: another operator decides about it."))


def longest_restriction() -> timedelta:
    """How long a restriction may last: less where one operator decides alone."""
    return LONGEST_RESTRICTION if users.count_operators() > 1 else LONGEST_ALONE


def check_restriction_end(until: datetime, moment: datetime, since: datetime | None = None) -> None:
    """Raise Clash for an end that is past or too far away; `since` is when it began, if not at this moment."""
    if until <= moment:
        raise Clash("until", N_("Choose a moment that lies ahead."))
    if until > (since or moment) + longest_restriction():
        raise Clash("until", N_("Choose an end within %(days)s days of its beginning."),
                    days=longest_restriction().days)


def find_restriction_for_operator(ref: str) -> Restriction:
    """A restriction by its ref, for operators; 404 when there is none."""
    found: Restriction = db.one_or_404(select(Restriction).where(Restriction.ref == ref))
    return found


def read_restriction_row(one: Restriction) -> RestrictionRow:
    """A restriction with the names that go with it."""
    return RestrictionRow(*db.session.execute(_rows().where(Restriction.id == one.id)).one())


def end_restriction(actor: User, one: Restriction, note: str) -> bool:
    """End a restriction now and let texts go that waited for it; False when it had ended already.

    Raises Clash for one on the operator themselves.
    """
    with writing():
        moment = now()
        refuse_own_restriction(actor, one)
        done = end_restriction_in_transaction(actor, one, note, moment)
    wake()
    return done


def end_restriction_in_transaction(actor: User, one: Restriction, note: str, moment: datetime) -> bool:
    """End a restriction in the open write transaction. The caller wakes the worker after the commit."""
    if has_restriction_ended(one, moment):
        return False
    one.lifted_at, one.lifted_by_id, one.lifted_note = moment, actor.id, note
    db.session.flush()
    _release(one, moment)
    record_restriction_event(actor, "restriction-lifted", one, restraint=one.restraint.value, note=note)
    return True


def _release(one: Restriction, moment: datetime) -> None:
    """Make texts that waited for a throttle due at once. The worker checks all other rules again then."""
    person = user_id_of_restriction(one)
    whose = Unindexed(Message.user_id) == person if person else Unindexed(
        Message.organization_id) == one.organization_id
    # Among the texts that wait, and not among all that the user or the organization ever wrote.
    waiting = update(Message).where(
        whose, literal_column(WAITING_CONDITION), Message.direction == Direction.OUT,
        Message.state == TextState.QUEUED, Message.due_at > moment,
        cast(Message.why, String).contains('"throttled"'))
    db.session.execute(waiting.values(due_at=moment, why=[]).execution_options(synchronize_session=False))


def move_restriction_end(actor: User, one: Restriction, until: datetime, note: str) -> None:
    """Move the end of a restriction in force; what reports had brought about is the operator's decision from then on.

    Raises Clash for an end that cannot be, when it has ended, or for one on the operator themselves.
    """
    with writing():
        moment = now()
        check_restriction_end(until, moment, one.since)
        refuse_own_restriction(actor, one)
        if has_restriction_ended(one, moment):
            raise Clash("", N_("It has ended since you opened the page."))
        sooner = one.until is None or until < one.until
        one.until, one.made_by_id = until, one.made_by_id or actor.id
        one.deciders = [*(each for each in one.deciders if each != actor.id), actor.id]
        if sooner:
            # Their places may lie behind the new end; at hand-over each is asked for anew.
            _release(one, moment)
        record_restriction_event(actor, "restriction-extended", one, until=until.isoformat(), note=note)


def has_restriction_ended(one: Restriction, moment: datetime) -> bool:
    """Whether a restriction was lifted or has run out."""
    return one.lifted_at is not None or (one.until is not None and one.until <= moment)


def list_restriction_rows(*, ended: bool, before: Restriction | None = None) -> tuple[list[RestrictionRow], bool]:
    """Restrictions in force, or ended ones, newest first; True when there are older ones."""
    older = () if before is None else (Restriction.id < before.id,)
    rows = select_restriction_rows(*older, ended=ended, most=RESTRICTIONS_PER_PAGE + 1)
    return rows[:RESTRICTIONS_PER_PAGE], len(rows) > RESTRICTIONS_PER_PAGE


def select_restriction_rows(*where: ColumnElement[bool], ended: bool, most: int) -> list[RestrictionRow]:
    """Restrictions in force, or ended ones, that fit the conditions: the newest, at most so many."""
    counts = is_restriction_in_force(now())
    found = _rows().where(~counts if ended else counts, *where).order_by(Restriction.id.desc())
    return [RestrictionRow(*row) for row in db.session.execute(found.limit(most))]


def restrictions_of_case(case: Case) -> Sequence[RestrictionRow]:
    """Every restriction that was put on the sender of a case, from whatever case, newest first."""
    concerned = [Restriction.number_id == case.number_id, Restriction.case_id == case.id]
    if case.user_id is not None:
        concerned.append(Restriction.user_id == case.user_id)
    found = _rows().where(Restriction.organization_id == case.organization_id, or_(*concerned))
    return [RestrictionRow(*row) for row in db.session.execute(found.order_by(Restriction.id.desc()).limit(20))]


def _rows() -> Select[*tuple[Any, ...]]:
    maker = aliased(User)
    return select(
        Restriction, Organization.name, func.coalesce(User.name, ""), func.coalesce(Number.e164, ""), Appeal,
        func.coalesce(maker.name, ""), func.coalesce(Case.ref, ""),
    ).join(Organization, Organization.id == Restriction.organization_id).outerjoin(
        User, User.id == Restriction.user_id).outerjoin(Number, Number.id == Restriction.number_id).outerjoin(
        Appeal, Appeal.restriction_id == Restriction.id).outerjoin(
        maker, maker.id == Restriction.made_by_id).outerjoin(Case, Case.id == Restriction.case_id)
