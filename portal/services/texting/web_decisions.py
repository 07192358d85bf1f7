"""Requests on the web that came with many others at once: a person decides, and operators see the alarm.

Such a request blocks nothing, because a forger who knows whom an organization texts could silence it. The number was
texted, though, so a request that nobody has decided about in ten business days counts, as US law demands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, literal_column, select

from portal.extensions import db, now, writing
from portal.models import OptOut, Organization, User, WebAsk
from portal.rules.keywords import Language

from .. import audit
from . import stop_notices, web_requests
from .answer_table import AnswerKind

# Ten business days are never more.
DECIDED_WITHIN = timedelta(days=14)
# An alarm is raised for requests of the last day, and seen for as long as they wait.
ALARMING_FOR = timedelta(hours=24)
MOST_LISTED, MOST_AT_ONCE = 100, 200
# The condition repeats the words of the index: compared with 1 instead, SQLite would not use it.
_WAITS: Any = literal_column("web_asks.waits")


@dataclass(frozen=True, slots=True)
class RequestAlarm:
    """How many requests on the web wait for a person in one organization, and when the first and the latest came."""

    organization: Organization
    waiting: int
    first: datetime
    latest: datetime


def select_waiting_requests(organization_id: Any) -> Select[int]:
    """The requests of an organization (id or parameter) that wait for a person, not asked yet."""
    return select(WebAsk.id).where(WebAsk.organization_id == organization_id, _WAITS)


def select_waiting_organizations() -> Select[int]:
    """The organizations in which requests wait for a person, not asked yet."""
    return select(WebAsk.organization_id).where(_WAITS).distinct()


def list_waiting_requests(organization_id: int | None) -> Sequence[WebAsk]:
    """Requests of an organization that wait for a person, the oldest first; at most 100."""
    return db.session.scalars(select(WebAsk).where(
        WebAsk.organization_id == organization_id, WebAsk.waits).order_by(WebAsk.at, WebAsk.id).limit(
        MOST_LISTED)).all()


def find_web_request(organization_id: int | None, ref: str) -> WebAsk:
    """A request on the web to one organization, decided or not; 404 for everybody else's."""
    found: WebAsk = db.one_or_404(select(WebAsk).where(WebAsk.organization_id == organization_id, WebAsk.ref == ref))
    return found


def decide_web_request(actor: User, organization: Organization, request: WebAsk, meant: bool) -> bool:
    """Record an administrator's decision whether a request counts; False if it was decided in the meantime.

    A request that counts is an opt-out from now on, and the number is told so, because it may be a forger's; one that
    does not goes on warning senders for its 30 days.
    """
    with writing():
        if not request.waits:
            return False
        theirs, request.waits = request.theirs, False
        if meant:
            _tell_number(_put_in_force(request), theirs)
        audit.record_event(actor, "opt-out-web-decided", organization, number=theirs, decided="yes" if meant else "no")
    return True


def count_overdue_requests() -> int:
    """Make opt-outs of requests that nobody has decided about in time; returns how many it has settled."""
    with writing() as session:
        due = session.scalars(select(WebAsk).where(
            WebAsk.waits, WebAsk.at < now() - DECIDED_WITHIN).order_by(WebAsk.id).limit(MOST_AT_ONCE)).all()
        for request in due:
            if web_requests.has_started_since(request):
                request.waits = False
                continue
            organization, theirs = session.get_one(Organization, request.organization_id), request.theirs
            if _put_in_force(request) is not None:
                audit.record_event(None, "opt-out-web-overdue", organization, number=theirs, days=DECIDED_WITHIN.days)
    return len(due)


def _put_in_force(request: WebAsk) -> OptOut | None:
    """Record the opt-out of a request; None if the number has opted out already."""
    row = web_requests.put_request_in_force(request.organization_id, request.theirs, now())
    db.session.execute(delete(WebAsk).where(WebAsk.id == request.id))
    return row


def _tell_number(row: OptOut | None, theirs: str) -> None:
    """Tell a number whose texts have just stopped, from the number of ours that it knows; once in 30 days."""
    if row is not None:
        known = stop_notices.find_number_they_know(row.organization_id, theirs)
        stop_notices.tell_texts_stopped(row, theirs, known, AnswerKind.WEB_STOP, Language(row.language), now())


def list_request_alarms() -> list[RequestAlarm]:
    """The organizations in which requests wait for a person, the latest first; for operators, without any number."""
    found = select(Organization, func.count(WebAsk.id), func.min(WebAsk.at), func.max(WebAsk.at)).join(
        WebAsk, WebAsk.organization_id == Organization.id).where(WebAsk.waits).group_by(Organization.id)
    return [RequestAlarm(*row) for row in db.session.execute(found.order_by(func.max(WebAsk.at).desc()))]


def count_alarming_organizations() -> int:
    """In how many organizations requests came within a day that wait for a person."""
    return db.session.scalar(select(func.count(func.distinct(WebAsk.organization_id))).where(
        WebAsk.waits, WebAsk.at > now() - ALARMING_FOR)) or 0
