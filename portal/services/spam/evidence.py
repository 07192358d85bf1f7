"""What the sent log shows about a case: how many texts, to whom, how fast, who answered STOP, who else writes alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import and_, distinct, func, select

from portal.extensions import db, now
from portal.models import Case, Direction, Evidence, Message, Number, OptOut, OptOutSource, Organization, User

from .likeness import Likeness, TextTraits, find_similar_texts, traits_of_text

BEFORE, AFTER = timedelta(days=7), timedelta(days=2)
EVIDENCE_PERIOD = timedelta(days=7)
MOST_LOOKED_AT = 20_000
# A page's budget: texts of others that are compared by their letters, and how many letters they have together; texts
# that a wording may want a close look at, and that get one; hosts and numbers of it that are looked for; seconds.
MOST_WORDINGS_COMPARED, MOST_LETTERS, MOST_LIKE, MOST_SEEN, MOST_MARKS = 5000, 1_000_000, 300, 600, 5
COMPARISON_SECONDS = 0.6
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SentSummary:
    """What an operator decides by: texts of the reported wordings, recipients, first and last, STOPs, reports."""

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
class SimilarWording:
    """A wording of another sender that is like the reported one: why, whose, and in how many texts."""

    likeness: Likeness
    body: str
    user: str
    number: str
    organization: str
    many: int


def summarize_sent_texts(case: Case, kept: Sequence[Evidence] | None = None) -> SentSummary:
    """Count the texts of the reported wordings from a week before the case was opened to two days after.

    `kept` are the texts that are kept with the case, for who has read them already.
    """
    sent = _of_sender(case, _templates(case) if kept is None else _templates_of(kept))
    counted = select(func.count(Message.id), func.count(distinct(Message.theirs)), func.min(Message.at),
                     func.max(Message.at)).where(sent)
    many, recipients, first, last = db.session.execute(counted).one()
    out = and_(OptOut.theirs == Message.theirs, OptOut.organization_id == case.organization_id,
               OptOut.source == OptOutSource.STOP, OptOut.said_at >= Message.at)
    stopped = db.session.scalar(select(func.count(distinct(OptOut.id))).join_from(Message, OptOut, out).where(sent))
    return SentSummary(many, recipients, first, last, stopped or 0, case.verified)


def count_sent_by_wording(case: Case, kept: Sequence[Evidence]) -> dict[str, int]:
    """How many texts of each reported wording the sent log holds, by the hash of the wording; one statement."""
    sent = _of_sender(case, _templates_of(kept))
    found = select(Message.template, func.count()).where(sent).group_by(Message.template)
    return {row[0]: row[1] for row in db.session.execute(found)}


def _templates_of(kept: Sequence[Evidence]) -> dict[str, datetime]:
    oldest = sorted(kept, key=lambda one: one.at, reverse=True)
    return {one.template: one.at for one in oldest}


def _templates(case: Case) -> dict[str, datetime]:
    """The reported wordings, each with the time of its oldest text in the evidence."""
    found = select(Evidence.template, func.min(Evidence.at)).where(Evidence.case_id == case.id)
    return {row[0]: row[1] for row in db.session.execute(found.group_by(Evidence.template))}


def _of_sender(case: Case, templates: dict[str, datetime]) -> Any:
    since = min(case.opened_at - BEFORE, *templates.values()) if templates else case.opened_at - BEFORE
    return and_(Message.number_id == case.number_id, Message.direction == Direction.OUT, Message.carrier_id != "",
                Message.automatic.is_(False), Message.template.in_(list(templates)),
                Message.at.between(since, case.opened_at + AFTER))


def list_similar_wordings(case: Case) -> list[SimilarWording]:
    """Wordings of other senders in the last week that are like one of the case, the most similar first; at most 20."""
    return compare_wordings(case)[0]


def compare_wordings(case: Case) -> tuple[list[SimilarWording], bool]:
    """The similar wordings, and whether the comparison was finished within its budget."""
    rows = _others(case)
    others = _Others([row.body for row in rows], monotonic() + COMPARISON_SECONDS)
    found: dict[int, Likeness] = {}
    for body in _bodies(case):
        for index, likeness in others.like(body):
            found[index] = min(found.get(index, likeness), likeness, key=list(Likeness).index)
    ranked = sorted(found, key=lambda index: (list(Likeness).index(found[index]), -rows[index].many))
    return [SimilarWording(found[index], rows[index].body, rows[index].user, rows[index].number,
                           rows[index].organization,
                           rows[index].many) for index in ranked[:MOST_SHOWN]], others.finished


def _bodies(case: Case) -> Sequence[str]:
    """One text of each reported wording, in the order in which they were reported."""
    worded = select(func.min(Evidence.id)).where(Evidence.case_id == case.id).group_by(Evidence.template)
    return db.session.scalars(select(Evidence.body).where(Evidence.id.in_(worded)).order_by(Evidence.id)).all()


class _Others:
    """The texts of other senders. The traits of each are worked out once and then kept."""

    def __init__(self, bodies: Sequence[str], until: float) -> None:
        self.bodies, self.until = bodies, until
        self.most = MOST_LETTERS // max(1, len(bodies))
        self.starts = [body[:self.most].casefold() for body in bodies]
        self.known: dict[int, TextTraits] = {}
        self.finished = True

    def like(self, body: str) -> list[tuple[int, Likeness]]:
        """The texts that are like `body`: (index, why)."""
        if not self._in_time():
            return []
        reported = traits_of_text(body)
        closely = [index for index in self._worth(body, reported) if self._look(index)]
        return [(closely[place], why) for place,
                why in find_similar_texts(reported, [self.known[index] for index in closely])]

    def _worth(self, body: str, reported: TextTraits) -> list[int]:
        """The indexes worth a close look: texts with similar letters, or with a host or number of the reported text."""
        by_letters = process.extract(body[:self.most].casefold(), self.starts, scorer=fuzz.ratio, limit=MOST_LIKE,
                                     score_cutoff=50)
        numbers = [number[-4:] for number in sorted(reported.numbers)]
        marks = [*sorted(reported.hosts)[:MOST_MARKS], *numbers[:MOST_MARKS]]
        shared = (index for index, other in enumerate(self.bodies) if any(mark in other.casefold() for mark in marks))
        likest = [index for _text, _ratio, index in by_letters]
        return list(dict.fromkeys([*likest, *islice(shared, MOST_LIKE)])) if self._in_time() else []

    def _look(self, index: int) -> bool:
        """Work out the traits of a text if the budget allows; whether they are known."""
        if index not in self.known and (len(self.known) < MOST_SEEN or self._used_up()) and self._in_time():
            self.known[index] = traits_of_text(self.bodies[index])
        return index in self.known

    def _in_time(self) -> bool:
        return monotonic() < self.until or self._used_up()

    def _used_up(self) -> bool:
        self.finished = False
        return False


def _others(case: Case) -> Sequence[Any]:
    """Every wording of other senders in the last week with how often it was sent, the newest first."""
    recent = select(Message.template, Message.user_id, Message.number_id, Message.organization_id, Message.body,
                    Message.id).where(
        Message.direction == Direction.OUT, Message.at > now() - EVIDENCE_PERIOD, Message.number_id != case.number_id,
        Message.automatic.is_(False)).order_by(Message.at.desc()).limit(MOST_LOOKED_AT).subquery()
    worded = select(recent.c.template, recent.c.user_id, recent.c.number_id, recent.c.organization_id,
                    func.min(recent.c.body).label("body"), func.count().label("many"),
                    func.max(recent.c.id).label("last")).group_by(
        recent.c.template, recent.c.user_id, recent.c.number_id, recent.c.organization_id).order_by(
        func.max(recent.c.id).desc()).limit(MOST_WORDINGS_COMPARED).subquery()
    shown = select(worded.c.body, worded.c.many, User.name.label("user"), Number.e164.label("number"),
                   Organization.name.label("organization"))
    return db.session.execute(shown.join_from(worded, User, User.id == worded.c.user_id).join(
        Number, Number.id == worded.c.number_id).join(
        Organization, Organization.id == worded.c.organization_id).order_by(worded.c.last.desc())).all()
