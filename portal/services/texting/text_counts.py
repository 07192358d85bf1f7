"""How many texts an organization sent and received in each of several periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Integer, bindparam, func, literal_column, select, union_all

from portal.extensions import db
from portal.models import Moment, QuarterCount


@dataclass(frozen=True, slots=True)
class TextCounts:
    """Texts of one period: sent (automatic answers too), how many of these were not delivered, and received."""

    sent: int = 0
    not_delivered: int = 0
    received: int = 0


def count_texts(organization_id: int, starts: Sequence[datetime]) -> list[TextCounts]:
    """The texts of an organization in periods that begin at these moments (UTC, ascending); the last one is open.

    Periods begin with a quarter of an hour, as days do in every time zone. One statement, which reads what the database
    has counted. What is refused here, canceled or still waits is not sent.
    """
    known = {f"start_{n}": start for n, start in enumerate(starts)}
    rows = db.session.execute(_counting(len(starts)), {"organization_id": organization_id, **known})
    found = {period: TextCounts(*counts) for period, *counts in rows}
    return [found[period] for period in range(len(starts))]


@lru_cache(maxsize=8)
def _counting(periods: int) -> CompoundSelect[Any]:
    """The statement for so many periods. Built once: building takes longer than running it."""
    counts = (QuarterCount.sent, QuarterCount.not_delivered, QuarterCount.received)
    sums = [func.coalesce(func.sum(one), 0) for one in counts]
    mine = QuarterCount.organization_id == bindparam("organization_id")
    starts: list[Any] = [bindparam(f"start_{n}", type_=Moment) for n in range(periods)]
    ends = [QuarterCount.at < start for start in starts[1:]]
    return union_all(*(
        select(literal_column(str(n), Integer), *sums).where(mine, QuarterCount.at >= start, *ends[n:n + 1])
        for n, start in enumerate(starts)))
