"""What waits for a person, counted for every page in one statement, whatever the person's roles.

Each count stops at `MOST_COUNTED`: a page says "99+". The overview counts more, in a statement of its own. Nothing here
tells a number, a name or a word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from portal.extensions import db, now
from portal.models import ArrivalOutcome, Moment, User

from .carriers import carrier_state
from .people import notices, number_claims
from .records import holds, requests
from .spam import appeals, cases
from .texting import brand_days, conversations, inbound, likely_optouts, stand_ins, web_decisions

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class WaitingCounts:
    """How many of each kind wait for a person, each at most `MOST_COUNTED`; None for what is not theirs to see."""

    notices: int
    texts: int | None = None
    optouts: int | None = None
    requests: int | None = None
    cases: int | None = None
    appeals: int | None = None
    claims: int | None = None
    web_requests: int | None = None
    records: int | None = None
    carriers: int | None = None
    # How many carriers may take texts of the person's organization, for operators of any; 0: the pretend one alone.
    carried: int | None = None


_USER: Any = bindparam("user_id")
_ORGANIZATION: Any = bindparam("organization_id")
_MOMENT: Any = bindparam("moment", type_=Moment)
# Each part of the statement: what is counted for whom is said in `_parts_of`.
_PARTS: Mapping[str, Callable[[], Select[Any]]] = {
    "texts": lambda: conversations.select_unread_conversations(_USER),
    "likely": lambda: likely_optouts.select_for_admins(_ORGANIZATION),
    "asked": lambda: web_decisions.select_waiting_requests(_ORGANIZATION),
    "requests": lambda: requests.select_requests_to_decide(_ORGANIZATION, _USER),
    "confirmed": lambda: notices.select_confirmed_notices(_USER, as_admin=False),
    "confirmed_as_admin": lambda: notices.select_confirmed_notices(_USER, as_admin=True),
    "cases": cases.select_open_cases,
    "appeals": lambda: appeals.select_waiting_appeals(_MOMENT),
    "claims": number_claims.select_waiting_claims,
    "web_requests": web_decisions.select_waiting_organizations,
    "records": requests.select_requests_for_operators,
    "carriers": carrier_state.select_stopped_carriers,
    "carried": lambda: carrier_state.select_carriers_of(_ORGANIZATION),
    "carried_anywhere": carrier_state.select_all_carriers,
}


def count_waiting(user: User) -> WaitingCounts:
    """Count what waits for this person. Asks the database once, or not at all where nothing can wait for them."""
    asked, parts = len(notices.list_notices_to_confirm(user)), _parts_of(user)
    known = {"user_id": user.id, "organization_id": user.organization_id, "moment": now()}
    row = db.session.connection().execute(_counting(parts), known).one() if parts else ()
    found = dict(zip(parts, row, strict=True))
    confirmed = found.pop("confirmed", 0) + found.pop("confirmed_as_admin", 0)
    if "carried_anywhere" in found:
        found["carried"] = found.pop("carried_anywhere")
    if "likely" in found:
        found["optouts"] = found.pop("likely") + found.pop("asked")
    return WaitingCounts(max(asked - confirmed, 0), **{kind: min(many, MOST_COUNTED) for kind, many in found.items()})


def _parts_of(user: User) -> tuple[str, ...]:
    """The parts to count for a person, by their roles: for members, for who decides inside, for operators."""
    member = user.organization_id is not None
    decides = member and (user.admin or user.auditor)
    parts = {
        "texts": member, "likely": member and user.admin, "asked": member and user.admin, "requests": decides,
        "cases": user.operator, "appeals": user.operator, "claims": user.operator, "web_requests": user.operator,
        "records": user.operator, "carriers": user.operator,
        "carried": member, "carried_anywhere": user.operator,
    }
    if notices.list_notices_to_confirm(user):
        parts["confirmed_as_admin" if user.admin else "confirmed"] = True
    return tuple(part for part, wanted in parts.items() if wanted)


@lru_cache(maxsize=64)
def _counting(parts: tuple[str, ...]) -> Select[Any]:
    """One statement for these parts. Built once: every page needs it, and building takes longer than running it."""
    return select(*(_count_of(part).label(part) for part in parts))


def _count_of(part: str) -> Any:
    found = _PARTS[part]().limit(MOST_COUNTED).subquery()
    # Of each conversation it is the number of its unread texts that counts; of all else each row is one.
    many = func.coalesce(func.sum(found.c[0]), 0) if part == "texts" else func.count()
    return select(many).select_from(found).scalar_subquery()


@dataclass(frozen=True, slots=True)
class OverviewCounts:
    """What the overview of an organization counts, all of it.

    `likely` opt-outs and requests on the web (`asked`) wait for an administrator, `holds` are due for review,
    `requests` of other people than the reader wait, nobody answers `unanswered` conversations. Texts that came in and
    that no member could see: `unavailable`, `blocked`. `segments` went to US numbers since midnight Pacific.
    """

    likely: int
    asked: int
    holds: int
    requests: int
    unanswered: int
    unavailable: int
    blocked: int
    segments: int


def count_for_overview(organization_id: int | None, user_id: int) -> OverviewCounts:
    """What the overview counts for this user of the organization. Asks the database once."""
    moment = now()
    known = {"organization_id": organization_id, "user_id": user_id, "moment": moment,
             "open_since": moment - stand_ins.OPEN_FOR, "unseen_since": moment - inbound.UNSEEN_PERIOD,
             "day": brand_days.brand_day(moment)}
    return OverviewCounts(*db.session.connection().execute(_overview(), known).one())


@cache
def _overview() -> Select[Any]:
    """The statement, with a column for each field of `OverviewCounts`."""
    since: Any = bindparam("unseen_since", type_=Moment)
    counted = (
        likely_optouts.select_for_admins(_ORGANIZATION), web_decisions.select_waiting_requests(_ORGANIZATION),
        holds.select_overdue_holds(_ORGANIZATION, _MOMENT),
        requests.select_requests_to_decide(_ORGANIZATION, _USER),
        stand_ins.select_unanswered_conversations(_ORGANIZATION, bindparam("open_since", type_=Moment)),
        *(inbound.select_unseen_texts(_ORGANIZATION, outcome, since)
          for outcome in (ArrivalOutcome.UNAVAILABLE, ArrivalOutcome.BLOCKED)))
    segments = brand_days.select_segments(_ORGANIZATION, bindparam("day")).scalar_subquery()
    return select(*(select(func.count()).select_from(one.subquery()).scalar_subquery() for one in counted),
                  func.coalesce(segments, 0))
