"""The machine's clock can be set, by a day and in either direction: what waits is neither lost nor stuck.

`Watch` notices it in a process that goes on meanwhile, by the time since the machine started, which counts its sleep
too. What was accepted while the clock was ahead is recognized by its own moment, whoever was running.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, literal_column, select, update

from portal.extensions import db, writing
from portal.models import Message, TextState
from portal.models.messages import WAITING_CONDITION

# Less is corrected by itself: texts wait for hours, leases run out within seconds.
SET = timedelta(hours=1)
# Two processes of one machine may read the clock so far apart.
APART = timedelta(minutes=1)
TEXTS_PER_MOVE = 500

_WAITS: Any = literal_column(WAITING_CONDITION)
_TABLE = Message.metadata.tables["messages"]
# The later of when a text was accepted and when it was put off: since then it waits.
_DECIDED: Any = case((Message.changed_at > Message.at, Message.changed_at), else_=Message.at)
_WAITED = select(Message.id, Message.at, Message.due_at, Message.deadline, _DECIDED.label("decided")).where(_WAITS)
_AHEAD = _WAITED.where(Message.state == TextState.QUEUED, Message.due_at > bindparam("ahead"),
                       bindparam("ahead") < _DECIDED, Message.due_at >= _DECIDED).limit(TEXTS_PER_MOVE)
_BEFORE = _WAITED.where(Message.at <= bindparam("until"), Message.deadline.is_not(None))
_MOVE = update(_TABLE).where(_TABLE.c.id == bindparam("of"), _WAITS).values(
    due_at=bindparam("due"), deadline=bindparam("end"))


def seconds_since_boot() -> float:
    """Seconds since the machine started, its sleep included where the system tells; no setting of a clock moves it."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ClockWatch:
    """Compares the clock with the time that has really passed since it was asked before."""

    def __init__(self) -> None:
        self.seen: datetime | None = None
        self.passed = 0.0

    def set_by(self, moment: datetime) -> timedelta:
        """By how much the clock was set since the last time, at least by an hour; else nothing."""
        before, passed_before = self.seen, self.passed
        self.seen, self.passed = moment, seconds_since_boot()
        if before is None:
            return timedelta()
        jump = moment - before - timedelta(seconds=self.passed - passed_before)
        return jump if abs(jump) >= SET else timedelta()


def pull_back_due_times(moment: datetime) -> int:
    """What was accepted, or put off, while the clock was ahead waits as long from now on. Returns how many."""
    found = db.session.execute(_AHEAD, {"ahead": moment + APART}).all()
    db.session.rollback()
    return _move([{"of": one.id, "due": moment + (one.due_at - one.decided),
                   "end": one.deadline and min(one.deadline, moment + (one.deadline - one.at))} for one in found])


def prolong_deadlines(until: datetime, jump: timedelta) -> int:
    """Texts accepted before the clock was set forward keep the time in which they may leave. Returns how many.

    `until` is the present moment by the clock as it was.
    """
    found = db.session.execute(_BEFORE, {"until": until}).all()
    db.session.rollback()
    return _move([{"of": one.id, "due": one.due_at, "end": one.deadline + jump} for one in found])


def _move(rows: list[dict[str, Any]]) -> int:
    if rows:
        with writing() as session:
            session.connection().execute(_MOVE, rows)
    return len(rows)
