"""Restrictions: put on a number, a user or an organization with reason and end, extended, lifted, appealed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select, update
from sqlalchemy.orm import aliased

from portal.extensions import db, now, wake, writing
from portal.marks import N_
from portal.models import Appeal, Case, CaseEntry, Direction, Message, Number, Organization, Restriction, User
from portal.models import State as TextState
from portal.rules.facts import Cause, Restraint, Subject

from .. import audit
from ..people import users
from ..refusals import Clash
from ..toggles import eligibility

PAGE = 50
LONGEST = timedelta(days=365)
# Where one operator decides alone, nobody else could look at it sooner.
LONGEST_ALONE = timedelta(days=30)
APPEAL_WITHIN = timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is put on somebody: block or throttle, why, in which words, until when (UTC), and texts a minute."""

    restraint: Restraint
    cause: Cause
    note: str
    until: datetime
    per_minute: int = 1


@dataclass(frozen=True, slots=True)
class Whom:
    """On whom: the subject, the organization, and the user or number where it is one of these."""

    subject: Subject
    organization_id: int
    user_id: int | None = None
    number_id: int | None = None


class Row(NamedTuple):
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


def of_sender(case: Case, subject: Subject = Subject.USER) -> Whom:
    """Whom a case restrains: its user, or the number where nobody had it; or number or organization by choice."""
    if subject is Subject.ORGANIZATION:
        return Whom(subject, case.organization_id)
    if subject is Subject.NUMBER or case.user_id is None:
        return Whom(Subject.NUMBER, case.organization_id, number_id=case.number_id)
    return Whom(Subject.USER, case.organization_id, user_id=case.user_id)




def restrained(case: Case, restraint: Restraint, moment: datetime) -> bool:
    """Whether the sender of a case is restrained at least so much; one lifted within a day counts as well.

    Otherwise the next report would bring back at once what an operator has just taken away.
    """
    enough = (Restraint.BLOCK,) if restraint is Restraint.BLOCK else tuple(Restraint)
    concerned = Restriction.number_id == case.number_id
    if case.user_id is not None:
        concerned = or_(concerned, Restriction.user_id == case.user_id)
    found = select(Restriction.id).where(
        Restriction.organization_id == case.organization_id, Restriction.restraint.in_(enough), concerned,
        or_(eligibility.in_force(moment), Restriction.lifted_at > moment - timedelta(hours=24)))
    return db.session.scalar(found.limit(1)) is not None


def put(actor: User | None, terms: Terms, whom: Whom, moment: datetime, case: Case | None = None) -> Restriction:
    """Put a restriction on somebody in the open write transaction; `actor` None is the portal itself."""
    made = Restriction(
        organization_id=whom.organization_id, subject=whom.subject, user_id=whom.user_id, number_id=whom.number_id,
        restraint=terms.restraint, cause=terms.cause, note=terms.note, since=moment, until=terms.until,
        per_minute=terms.per_minute if terms.restraint is Restraint.THROTTLE else None,
        made_by_id=actor.id if actor else None, deciders=[actor.id] if actor else [],
        case_id=case.id if case else None)
    db.session.add(made)
    db.session.flush()
    tell(actor, "restricted" if actor else "restricted-by-reports", made, restraint=terms.restraint.value,
          cause=terms.cause.value, until=terms.until.isoformat(), note=terms.note)
    return made


def tell(actor: User | None, action: str, one: Restriction, **details: str) -> None:
    """Write into the organization's audit log, and into the case's history where there is one."""
    subject: User | Organization = db.session.get_one(Organization, one.organization_id)
    if person := holder(one):
        subject = db.session.get_one(User, person)
    audit.record(actor, action, subject, **details)
    if one.case_id:
        db.session.add(CaseEntry(case_id=one.case_id, at=now(), actor_id=actor.id if actor else None, what=action,
                                 note=details.get("note", "")))


def holder(one: Restriction) -> int | None:
    """The id of the user whom a restriction is on: themselves, or because they have the number; else None."""
    return one.user_id or (db.session.get_one(Number, one.number_id).user_id if one.number_id else None)


def refuse_own(actor: User, one: Restriction) -> None:
    """Raise Clash for a restriction on the operator themselves."""
    if holder(one) == actor.id:
        raise Clash("", N_("This restriction is on you: another operator decides about it."))


def longest() -> timedelta:
    """How long a restriction may last: less where one operator decides alone."""
    return LONGEST if users.operators() > 1 else LONGEST_ALONE




def check_end(until: datetime, moment: datetime, since: datetime | None = None) -> None:
    """Raise Clash for an end that is past or too far away; `since` is when it began, if not at this moment."""
    if until <= moment:
        raise Clash("until", N_("Choose a moment that lies ahead."))
    if until > (since or moment) + longest():
        raise Clash("until", N_("Choose an end within %(days)s days of its beginning."), days=longest().days)


def find(ref: str) -> Restriction:
    """A restriction by its ref, for operators; 404 when there is none."""
    found: Restriction = db.one_or_404(select(Restriction).where(Restriction.ref == ref))
    return found


def row(one: Restriction) -> Row:
    """A restriction with the names that go with it."""
    return Row(*db.session.execute(_rows().where(Restriction.id == one.id)).one())


def lift(actor: User, one: Restriction, note: str) -> bool:
    """End a restriction now and let texts go that waited for it; False when it had ended already.

    Raises Clash for one on the operator themselves.
    """
    with writing():
        moment = now()
        refuse_own(actor, one)
        done = end(actor, one, note, moment)
    wake()
    return done


def end(actor: User, one: Restriction, note: str, moment: datetime) -> bool:
    """The same in the open write transaction; the worker is still to be woken."""
    if has_ended(one, moment):
        return False
    one.lifted_at, one.lifted_by_id, one.lifted_note = moment, actor.id, note
    db.session.flush()
    _release(one, moment)
    tell(actor, "restriction-lifted", one, restraint=one.restraint.value, note=note)
    return True


def _release(one: Restriction, moment: datetime) -> None:
    """Texts that waited because of a throttle are due at once; whatever else holds them is asked again then."""
    person = holder(one)
    whose = Message.user_id == person if person else Message.organization_id == one.organization_id
    waiting = update(Message).where(
        whose, Message.direction == Direction.OUT, Message.state == TextState.QUEUED, Message.due_at > moment,
        cast(Message.why, String).contains('"throttled"'))
    db.session.execute(waiting.values(due_at=moment, why=[]).execution_options(synchronize_session=False))


def extend(actor: User, one: Restriction, until: datetime, note: str) -> None:
    """Move the end of a restriction in force; what reports had brought about is the operator's decision from then on.

    Raises Clash for an end that cannot be, when it has ended, or for one on the operator themselves.
    """
    with writing():
        moment = now()
        check_end(until, moment, one.since)
        refuse_own(actor, one)
        if has_ended(one, moment):
            raise Clash("", N_("It has ended meanwhile."))
        sooner = one.until is None or until < one.until
        one.until, one.made_by_id = until, one.made_by_id or actor.id
        one.deciders = [*(each for each in one.deciders if each != actor.id), actor.id]
        if sooner:
            # Their places may lie behind the new end; at hand-over each is asked for anew.
            _release(one, moment)
        tell(actor, "restriction-extended", one, until=until.isoformat(), note=note)


def has_ended(one: Restriction, moment: datetime) -> bool:
    """Whether a restriction was lifted or has run out."""
    return one.lifted_at is not None or (one.until is not None and one.until <= moment)


def page(*, ended: bool, before: Restriction | None = None) -> tuple[list[Row], bool]:
    """Restrictions in force, or ended ones, newest first; True when there are older ones."""
    older = () if before is None else (Restriction.id < before.id,)
    rows = listed(*older, ended=ended, most=PAGE + 1)
    return rows[:PAGE], len(rows) > PAGE


def listed(*where: ColumnElement[bool], ended: bool, most: int) -> list[Row]:
    """Restrictions in force, or ended ones, that fit the conditions: the newest, at most so many."""
    counts = eligibility.in_force(now())
    found = _rows().where(~counts if ended else counts, *where).order_by(Restriction.id.desc())
    return [Row(*row) for row in db.session.execute(found.limit(most))]


def of_case(case: Case) -> Sequence[Row]:
    """Every restriction that was put on the sender of a case, from whatever case, newest first."""
    concerned = [Restriction.number_id == case.number_id, Restriction.case_id == case.id]
    if case.user_id is not None:
        concerned.append(Restriction.user_id == case.user_id)
    found = _rows().where(Restriction.organization_id == case.organization_id, or_(*concerned))
    return [Row(*row) for row in db.session.execute(found.order_by(Restriction.id.desc()).limit(20))]


def _rows() -> Select[*tuple[Any, ...]]:
    maker = aliased(User)
    return select(
        Restriction, Organization.name, func.coalesce(User.name, ""), func.coalesce(Number.e164, ""), Appeal,
        func.coalesce(maker.name, ""), func.coalesce(Case.ref, ""),
    ).join(Organization, Organization.id == Restriction.organization_id).outerjoin(
        User, User.id == Restriction.user_id).outerjoin(Number, Number.id == Restriction.number_id).outerjoin(
        Appeal, Appeal.restriction_id == Restriction.id).outerjoin(
        maker, maker.id == Restriction.made_by_id).outerjoin(Case, Case.id == Restriction.case_id)
