"""How many texts an organization sent and received in each of several periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, func, literal_column, select

from portal.extensions import db
from portal.models import Direction, Message, Moment, TextState

# A carrier took these, or may have; the second kind it did not deliver.
LEFT = frozenset({TextState.HANDED_OVER, TextState.SENT, TextState.DELIVERED, TextState.QUARANTINED, TextState.UNKNOWN})
NOT_DELIVERED = frozenset({TextState.UNDELIVERED, TextState.FAILED})


@dataclass(frozen=True, slots=True)
class TextCounts:
    """Texts of one period: sent (automatic answers too), how many of these were not delivered, and received."""

    sent: int = 0
    not_delivered: int = 0
    received: int = 0


def count_texts(organization_id: int, starts: Sequence[datetime]) -> list[TextCounts]:
    """The texts of an organization in periods that begin at these moments (UTC, ascending); the last one is open.

    One statement, however many texts and periods there are. What is refused here, canceled or still waits is not sent.
    """
    known = {f"start_{n}": start for n, start in enumerate(starts)}
    found: list[dict[str, int]] = [{"sent": 0, "not_delivered": 0, "received": 0} for _start in starts]
    for row in db.session.execute(_counting(len(starts)), {"organization_id": organization_id, **known}):
        period = found[row.period]
        if row.direction is Direction.IN:
            period["received"] += row.many
        elif row.state in LEFT | NOT_DELIVERED:
            period["sent"] += row.many
            period["not_delivered"] += row.many if row.state in NOT_DELIVERED else 0
    return [TextCounts(**period) for period in found]


@lru_cache(maxsize=8)
def _counting(periods: int) -> Select[Any]:
    """The statement for so many periods. Built once: building takes longer than running it."""
    starts: list[Any] = [bindparam(f"start_{n}", type_=Moment) for n in range(periods)]
    before = [(Message.at < start, literal_column(str(n), Integer)) for n, start in enumerate(starts[1:])]
    last = literal_column(str(periods - 1), Integer)
    period = (case(*before, else_=last) if before else last).label("period")
    found = select(period, Message.direction, Message.state, func.count().label("many"))
    # With "+ 0" the index on the moment is used: those that begin with the organization hold all its texts.
    mine = Message.organization_id + 0 == bindparam("organization_id")
    return found.where(Message.at >= starts[0], mine, Message.direction != Direction.NOTE).group_by(
        literal_column("period"), Message.direction, Message.state)
