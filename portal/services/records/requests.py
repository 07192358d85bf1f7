"""Records requests: an administrator asks for all texts with a number, a second person releases them or refuses.

A release lets both of them read for seven days. The members concerned are told with the release; nobody else sees a
word, and each step is in the audit log.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.marks import N_
from portal.models import AccountState, Message, Organization, RecordsConcern, RecordsRequest, User
from portal.rules import numbers
from portal.rules.characters import tidy_line
from portal.rules.numbers import NumberKind

from .. import audit
from ..accounts import links
from ..refusals import Changed, Clash

REQUESTS_PER_PAGE = 50
RELEASED_FOR = timedelta(days=7)


class RequestRow(NamedTuple):
    """A request with its organization, and who asked and decided; `decider` is "" as long as nobody has."""

    request: RecordsRequest
    organization: Organization
    asker: str
    decider: str

    @property
    def open(self) -> bool:
        """Whether the texts can be read now by the two who may."""
        return bool(self.request.released and self.request.ends_at and now() < self.request.ends_at)


_ASKER, _DECIDER, _ADMIN = aliased(User), aliased(User), aliased(User)
_ADMINS = select(func.count()).where(
    _ADMIN.organization_id == RecordsRequest.organization_id, _ADMIN.has_role, _ADMIN.admin,
    _ADMIN.account == AccountState.ACTIVE,
).correlate(RecordsRequest).scalar_subquery()


def _rows() -> Select[*tuple[Any, ...]]:
    return select(RecordsRequest, Organization, _ASKER.name, func.coalesce(_DECIDER.name, "")).join(
        Organization, Organization.id == RecordsRequest.organization_id).join(
        _ASKER, _ASKER.id == RecordsRequest.asked_by_id).outerjoin(
        _DECIDER, _DECIDER.id == RecordsRequest.decided_by_id)


def list_request_rows(actor: User, before: int | None = None) -> tuple[list[RequestRow], bool]:
    """A page of the requests of the actor's organization, newest first; True when there are older ones."""
    return _page(_rows().where(RecordsRequest.organization_id == actor.organization_id), before)


def list_request_rows_for_operator(before: int | None = None) -> tuple[list[RequestRow], bool]:
    """A page of the requests that wait in organizations with one administrator, newest first; True: there are older."""
    return _page(_rows().where(RecordsRequest.released.is_(None), _ADMINS < 2), before)


def _page(found: Select[*tuple[Any, ...]], before: int | None) -> tuple[list[RequestRow], bool]:
    if before is not None:
        found = found.where(RecordsRequest.id < before)
    rows = [RequestRow(*row)
            for row in db.session.execute(found.order_by(RecordsRequest.id.desc()).limit(REQUESTS_PER_PAGE + 1))]
    return rows[:REQUESTS_PER_PAGE], len(rows) > REQUESTS_PER_PAGE


def find_request_row(actor: User, ref: str) -> RequestRow:
    """A request of the actor's own organization; 404 for one of another organization."""
    return _one(_rows().where(RecordsRequest.ref == ref, RecordsRequest.organization_id == actor.organization_id))


def find_request_row_for_operator(ref: str) -> RequestRow:
    """A request that waits in an organization with one administrator, for operators; 404 for any other."""
    return _one(_rows().where(RecordsRequest.ref == ref, RecordsRequest.released.is_(None), _ADMINS < 2))


def _one(found: Select[*tuple[Any, ...]]) -> RequestRow:
    row = db.session.execute(found).first()
    if row is None:
        raise NotFound
    return RequestRow(*row)


def select_requests_to_decide(organization_id: Any, user_id: Any) -> Select[int]:
    """The requests of an organization that wait for a person and that this user has not made, not asked yet.

    Both are ids or parameters.
    """
    return select(RecordsRequest.id).where(
        RecordsRequest.organization_id == organization_id, RecordsRequest.released.is_(None),
        RecordsRequest.asked_by_id != user_id)


def select_requests_for_operators() -> Select[int]:
    """The requests that wait in organizations with one administrator, where an operator decides, not asked yet."""
    return select(RecordsRequest.id).where(RecordsRequest.released.is_(None), _ADMINS < 2)


def ask_for_records(actor: User, typed: str, since: datetime, until: datetime, reason: str) -> RecordsRequest:
    """Ask for all texts with an outside number, as an administrator typed it, from `since` to before `until` (UTC).

    Raises Clash if the number cannot be read or the period is none.
    """
    reading = numbers.read_number(typed)
    if reading.kind is NumberKind.UNREADABLE or not reading.e164:
        raise Clash("number", N_("Enter one full phone number of ten digits."))
    if since > now():
        raise Clash("since", N_("This day has not come yet."))
    if until <= since:
        raise Clash("until", N_("The last day is before the first one."))
    with writing() as session:
        asked = RecordsRequest(organization_id=actor.organization_id or 0, theirs=reading.e164, since=since,
                               until=until, reason=tidy_line(reason), asked_by_id=actor.id)
        session.add(asked)
        session.flush()
        organization = session.get_one(Organization, asked.organization_id)
        audit.record_event(actor, "records-requested", organization, number=asked.theirs, reason=asked.reason)
    return asked


def may_decide_request(actor: User, request: RecordsRequest) -> bool:
    """Whether this person may release or refuse: never the one who asked.

    Another administrator or an auditor of the organization; an operator where there is only one administrator.
    """
    if request.released is not None or actor.id == request.asked_by_id:
        return False
    if actor.organization_id == request.organization_id and (actor.admin or actor.auditor):
        return True
    return actor.operator and (db.session.scalar(
        select(_ADMINS).select_from(RecordsRequest).where(RecordsRequest.id == request.id)) or 0) < 2


def decide_records_request(actor: User, request: RecordsRequest, *, released: bool, answer: str) -> None:
    """Release the texts for seven days, or refuse them; `answer` says why and is needed to refuse.

    A release tells the members concerned; texts written after it are not part of it. Raises Clash if this person may
    not decide, or may be the one who asked in another account; Changed if another person has decided already.
    """
    with writing() as session:
        session.refresh(request)
        if request.released is not None:
            raise Changed
        if not may_decide_request(actor, request):
            raise Clash("answer", N_("A second person has to decide, another administrator or an auditor."))
        if released:
            _refuse_one_hand(actor, session.get_one(User, request.asked_by_id))
        moment = now()
        request.released, request.answer, request.decided_by_id = released, tidy_line(answer), actor.id
        request.decided_at, request.until = moment, min(request.until, moment)
        request.ends_at = moment + RELEASED_FOR if released else None
        if released:
            _tell_members(request)
        asker = session.get_one(User, request.asked_by_id).name
        audit.record_event(actor, "records-released" if released else "records-refused",
                           session.get_one(Organization, request.organization_id), number=request.theirs, asker=asker,
                           answer=request.answer)


def _refuse_one_hand(actor: User, asker: User) -> None:
    """Raise Clash if one person may be at work in both accounts: one that made the link which opened the other."""
    until = links.one_hand_until(actor, asker)
    if until is not None:
        raise Clash("answer", N_("You and %(name)s may be one person. Within a week a sign-in link of one of you has"
                                 " opened the account of the other, or links of a third person have opened both. You"
                                 " can release these texts from %(until)s on. Another administrator or an auditor can"
                                 " do it now."), name=asker.name, until=until)


def _tell_members(request: RecordsRequest) -> None:
    concerned = db.session.scalars(select(Message.user_id).where(
        Message.organization_id == request.organization_id, Message.theirs == request.theirs,
        Message.at >= request.since, Message.at < request.until).distinct()).all()
    if concerned:
        db.session.execute(insert(RecordsConcern),
                           [{"user_id": user_id, "request_id": request.id} for user_id in concerned])


def list_releases_about(user: User, most: int = 20) -> Sequence[RequestRow]:
    """The newest releases that contain texts of this member, at most `most`."""
    found = _rows().join(RecordsConcern, RecordsConcern.request_id == RecordsRequest.id).where(
        RecordsConcern.user_id == user.id)
    return [RequestRow(*row) for row in db.session.execute(found.order_by(RecordsRequest.id.desc()).limit(most))]


def count_members_concerned(request: RecordsRequest) -> int:
    """How many members a release tells that it contains texts of theirs."""
    return db.session.scalar(select(func.count()).select_from(RecordsConcern).where(
        RecordsConcern.request_id == request.id)) or 0
