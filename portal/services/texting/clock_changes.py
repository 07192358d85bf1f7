"""Changes of the machine's clock. An administrator may set it by a day, forward or back; no waiting text may be lost.

`ClockWatch` notices a change while a process runs: it compares the clock with the time since the machine started, which
includes sleep. A text that was accepted while the clock was ahead is recognized by the time stored with it.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, literal_column, select, update

from portal.extensions import db, writing
from portal.models import Message, TextState
from portal.models.messages import WAITING_CONDITION

# A smaller change does no harm: texts wait for hours, and leases run out within seconds.
SET = timedelta(hours=1)
# The readings of two processes on one machine may differ by so much.
APART = timedelta(minutes=1)
TEXTS_PER_MOVE = 500

_WAITS: Any = literal_column(WAITING_CONDITION)
_TABLE = Message.metadata.tables["messages"]
# A text waits since it was accepted or since it was last put off: the later moment counts.
_DECIDED: Any = case((Message.changed_at > Message.at, Message.changed_at), else_=Message.at)
_WAITED = select(Message.id, Message.at, Message.due_at, Message.deadline, _DECIDED.label("decided")).where(_WAITS)
_AHEAD = _WAITED.where(Message.state == TextState.QUEUED, Message.due_at > bindparam("ahead"),
                       bindparam("ahead") < _DECIDED, Message.due_at >= _DECIDED).limit(TEXTS_PER_MOVE)
_BEFORE = _WAITED.where(Message.at <= bindparam("until"), Message.deadline.is_not(None))
_MOVE = update(_TABLE).where(_TABLE.c.id == bindparam("of"), _WAITS).values(
    due_at=bindparam("due"), deadline=bindparam("end"))


def seconds_since_boot() -> float:
    """Seconds since the machine started, its sleep included where the system tells. Setting the clock has no effect."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ClockWatch:
    """Compares the clock with the time that has really passed since the last call."""

    def __init__(self) -> None:
        self.seen: datetime | None = None
        self.passed = 0.0

    def set_by(self, moment: datetime) -> timedelta:
        """By how much the clock was set since the last call; zero if by less than an hour."""
        before, passed_before = self.seen, self.passed
        self.seen, self.passed = moment, seconds_since_boot()
        if before is None:
            return timedelta()
        jump = moment - before - timedelta(seconds=self.passed - passed_before)
        return jump if abs(jump) >= SET else timedelta()


def pull_back_due_times(moment: datetime) -> int:
    """Texts accepted or put off while the clock was ahead start their wait again at `moment`. Returns how many."""
    found = db.session.execute(_AHEAD, {"ahead": moment + APART}).all()
    db.session.rollback()
    return _move([{"of": one.id, "due": moment + (one.due_at - one.decided),
                   "end": one.deadline and min(one.deadline, moment + (one.deadline - one.at))} for one in found])


def prolong_deadlines(until: datetime, jump: timedelta) -> int:
    """Move the deadlines of texts accepted before the clock was set forward by `jump`. Returns how many.

    `until` is the present moment by the clock before the change.
    """
    found = db.session.execute(_BEFORE, {"until": until}).all()
    db.session.rollback()
    return _move([{"of": one.id, "due": one.due_at, "end": one.deadline + jump} for one in found])


def _move(rows: list[dict[str, Any]]) -> int:
    if rows:
        with writing() as session:
            session.connection().execute(_MOVE, rows)
    return len(rows)
