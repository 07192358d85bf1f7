"""What the sent log says about a case: how many, to whom, how fast, who answered STOP, and who else writes so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import and_, distinct, func, select

from portal.extensions import db, now
from portal.models import Case, Direction, Evidence, Message, Number, OptOut, OptOutSource, Organization, User
from portal.rules import texts

from .likeness import Likeness, Seen, alike, seen

BEFORE, AFTER = timedelta(days=7), timedelta(days=2)
LOOKED_BACK = timedelta(days=7)
MOST_LOOKED_AT = 20_000
MOST_COMPARED, MOST_READ = 5000, 300
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    """The line that decides: texts of the reported wordings, to how many numbers, between when, and what came back."""

    texts: int
    recipients: int
    first: datetime | None
    last: datetime | None
    stopped: int
    reported: int

    @property
    def hours(self) -> int:
        """How long the sending took, in hours, at least one."""
        return max(1, round((self.last - self.first).total_seconds() / 3600)) if self.first and self.last else 0


@dataclass(frozen=True, slots=True)
class Similar:
    """A wording of somebody else that is like the reported one: how it is, whose it is, and how many texts."""

    likeness: Likeness
    body: str
    user: str
    number: str
    organization: str
    many: int


def line(case: Case) -> Line:
    """Count what the sender sent of the reported wordings, from a week before the case was opened on."""
    sent = _of_sender(case, _templates(case))
    counted = select(func.count(Message.id), func.count(distinct(Message.theirs)), func.min(Message.at),
                     func.max(Message.at)).where(sent)
    many, recipients, first, last = db.session.execute(counted).one()
    out = and_(OptOut.theirs == Message.theirs, OptOut.organization_id == case.organization_id,
               OptOut.source == OptOutSource.STOP, OptOut.said_at >= Message.at)
    stopped = db.session.scalar(select(func.count(distinct(OptOut.id))).join_from(Message, OptOut, out).where(sent))
    return Line(many, recipients, first, last, stopped or 0, case.verified)


def _templates(case: Case) -> dict[str, datetime]:
    """The reported wordings, each with the moment of its first text that is kept."""
    found = select(Evidence.template, func.min(Evidence.at)).where(Evidence.case_id == case.id)
    return {row[0]: row[1] for row in db.session.execute(found.group_by(Evidence.template))}


def _of_sender(case: Case, templates: dict[str, datetime]) -> Any:
    since = min(case.opened_at - BEFORE, *templates.values()) if templates else case.opened_at - BEFORE
    return and_(Message.number_id == case.number_id, Message.direction == Direction.OUT, Message.carrier_id != "",
                Message.automatic.is_(False), Message.template.in_(list(templates)),
                Message.at.between(since, case.opened_at + AFTER))


def similar(case: Case) -> list[Similar]:
    """Wordings of other senders in the last week that are like one of the case, the likest first; at most 20."""
    bodies = db.session.scalars(select(Evidence.body).where(Evidence.case_id == case.id)).all()
    others = _others(case)
    found: dict[int, Likeness] = {}
    for body in {texts.template(body): body for body in bodies}.values():
        reported = seen(body)
        worth = _worth(body, reported, [row.body for row in others])
        for place, likeness in alike(reported, [seen(others[index].body) for index in worth]):
            index = worth[place]
            found[index] = min(found.get(index, likeness), likeness, key=list(Likeness).index)
    ranked = sorted(found, key=lambda index: (list(Likeness).index(found[index]), -others[index].many))
    return [Similar(found[index], others[index].body, others[index].user, others[index].number,
                    others[index].organization, others[index].many) for index in ranked[:MOST_SHOWN]]


def _worth(body: str, reported: Seen, others: Sequence[str]) -> list[int]:
    """Which of many texts are worth a close look: the likest by letters, and those with a host or number of it."""
    by_letters = process.extract(body, others, scorer=fuzz.ratio, limit=MOST_READ, score_cutoff=50)
    marks = [*reported.hosts, *(number[-4:] for number in reported.numbers)]
    shared = [index for index, other in enumerate(others) if any(mark in other.casefold() for mark in marks)]
    return sorted({*(index for _text, _ratio, index in by_letters), *shared[:MOST_READ]})


def _others(case: Case) -> Sequence[Any]:
    """Every wording of other senders in the last week with how often it was sent, the newest first."""
    recent = select(Message.template, Message.user_id, Message.number_id, Message.organization_id, Message.body,
                    Message.id).where(
        Message.direction == Direction.OUT, Message.at > now() - LOOKED_BACK, Message.number_id != case.number_id,
        Message.automatic.is_(False)).order_by(Message.at.desc()).limit(MOST_LOOKED_AT).subquery()
    worded = select(recent.c.template, recent.c.user_id, recent.c.number_id, recent.c.organization_id,
                    func.min(recent.c.body).label("body"), func.count().label("many"),
                    func.max(recent.c.id).label("last")).group_by(
        recent.c.template, recent.c.user_id, recent.c.number_id, recent.c.organization_id).order_by(
        func.max(recent.c.id).desc()).limit(MOST_COMPARED).subquery()
    shown = select(worded.c.body, worded.c.many, User.name.label("user"), Number.e164.label("number"),
                   Organization.name.label("organization"))
    return db.session.execute(shown.join_from(worded, User, User.id == worded.c.user_id).join(
        Number, Number.id == worded.c.number_id).join(
        Organization, Organization.id == worded.c.organization_id).order_by(worded.c.last.desc())).all()
