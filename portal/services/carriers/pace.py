"""How many texts may leave by a carrier now: a bucket of tokens in its row, so that all workers share it.

A carrier that asks for a slower pace (HTTP 429, SMPP 0x58) gets half of it for a minute; then it grows by a tenth each
second until it is what the operator set, or until there is no bound again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import CarrierRecord

SLOW_FOR = timedelta(minutes=1)
GROWTH_PER_SECOND = 1.1
# The least pace, in texts a second, and from which a pace that an operator left open is open again.
LEAST_PACE, OPEN_AGAIN = 0.5, 200.0
# Several refusals at once are one sign.
ONE_SIGN = timedelta(seconds=1)
# No number is busy for longer. One that seems to be was so before the clock was set back.
LONGEST_BUSY = timedelta(minutes=5)


def pace_at(record: CarrierRecord, moment: datetime) -> float | None:
    """The most texts a second at this moment; None without a bound."""
    most = None if record.pace is None else float(record.pace)
    if record.pace_now is None or record.slowed_at is None or record.slowed_at > moment:
        return most
    grown = min((moment - record.slowed_at - SLOW_FOR).total_seconds(), 100.0)
    now = record.pace_now * GROWTH_PER_SECOND ** max(grown, 0.0)
    return most if now >= (OPEN_AGAIN if most is None else most) else now


def count_tokens(record: CarrierRecord, moment: datetime) -> float:
    """How many texts may leave at this moment; a second's worth at most. Infinite without a bound."""
    pace = pace_at(record, moment)
    if pace is None:
        return float("inf")
    before = record.tokens_at or moment - timedelta(seconds=1)
    # A clock that was set back must not stop the carrier, and one that was set forward gives no more than a second.
    passed = max((moment - before).total_seconds(), 0.0) if before <= moment else 1.0
    return min(record.tokens + pace * passed, max(pace, 1.0))


def spend_tokens(record_id: int, tokens: float, moment: datetime) -> None:
    """Keep what is left, in the open write transaction; nothing is written for a carrier without a bound."""
    if tokens != float("inf"):
        db.session.execute(update(CarrierRecord).where(CarrierRecord.id == record_id).values(
            tokens=tokens, tokens_at=moment).execution_options(synchronize_session=False))


def slow_down(ref: str, per_second: float, moment: datetime) -> float | None:
    """Halve the pace of a carrier that asked for it; returns the new one, None where it was just halved.

    `per_second`: how many texts it took in the last second, for a carrier without a bound.
    """
    with writing() as session:
        record = session.scalars(select(CarrierRecord).where(CarrierRecord.ref == ref)).first()
        if record is None or (record.slowed_at and timedelta() <= moment - record.slowed_at < ONE_SIGN):
            return None
        pace = max((pace_at(record, moment) or max(per_second, 2.0)) / 2, LEAST_PACE)
        record.pace_now, record.slowed_at, record.tokens, record.tokens_at = pace, moment, 0.0, moment
        return pace


def choose_by_number(candidates: Iterable[tuple[int, int, int, datetime | None]], per_second: int, most: int,
                     moment: datetime) -> tuple[list[int], dict[int, datetime]]:
    """Which texts may leave where a number has a pace of its own, in segments a second.

    `candidates`: (id of the text, id of its number, segments, until when the number is busy) each, in their order.
    Returns the chosen ids, and until when each of their numbers is busy then.
    """
    chosen: list[int] = []
    busy: dict[int, datetime] = {}
    for text_id, number_id, segments, free_at in candidates:
        known = busy.get(number_id) or (free_at if free_at and free_at - moment <= LONGEST_BUSY else None)
        if len(chosen) < most and (known is None or known <= moment):
            chosen.append(text_id)
            busy[number_id] = moment + timedelta(seconds=segments / per_second)
    return chosen, busy
