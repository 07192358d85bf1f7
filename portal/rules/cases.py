"""Spam cases: their states, the moves between them, and the deadline for a decision."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from .facts import Category


class CaseState(StrEnum):
    """The state of a case. A decided one can be reopened."""

    OPEN = "open"
    ASSIGNED = "assigned"
    UPHELD = "upheld"
    NOT_UPHELD = "not-upheld"
    DUPLICATE = "duplicate"


class Move(StrEnum):
    """What an operator does with a case."""

    ASSIGN = "assign"
    UPHOLD = "uphold"
    CLEAR = "clear"
    MERGE = "merge"
    REOPEN = "reopen"


class Lane(StrEnum):
    """Whether a report is read in its turn or after all others."""

    NORMAL = "normal"
    SLOW = "slow"


class Match(StrEnum):
    """What the sent log says to a report: not looked yet, to this very number, known wording, or nothing."""

    WAITING = "waiting"
    VERIFIED = "verified"
    KNOWN = "known"
    UNMATCHED = "unmatched"


OPEN_CASE_STATES = (CaseState.OPEN, CaseState.ASSIGNED)
CLOSED_CASE_STATES = (CaseState.UPHELD, CaseState.NOT_UPHELD, CaseState.DUPLICATE)
MOVES: Mapping[tuple[CaseState, Move], CaseState] = {
    (CaseState.OPEN, Move.ASSIGN): CaseState.ASSIGNED,
    (CaseState.ASSIGNED, Move.ASSIGN): CaseState.ASSIGNED,
    **{(state, move): after for state in OPEN_CASE_STATES for move, after in (
        (Move.UPHOLD, CaseState.UPHELD), (Move.CLEAR, CaseState.NOT_UPHELD), (Move.MERGE, CaseState.DUPLICATE))},
    **{(state, Move.REOPEN): CaseState.OPEN for state in CLOSED_CASE_STATES},
}
REOPEN_WITHIN = timedelta(days=90)

# A verified report counts ten times as much as one that only knows the wording; many of those are no more than one.
WEIGHT_VERIFIED = 10
WEIGHT_KNOWN = 1
MOST_KNOWN = 9
# Working days of the operator's desk.
OPENS, CLOSES = time(9), time(17)
URGENT = (Category.SCAM, Category.THREATENING)
SOON, LATER, LAST = timedelta(hours=1), timedelta(hours=16), timedelta(hours=40)


def state_after_move(state: CaseState, move: Move) -> CaseState | None:
    """The state that a move leads to, None where it is not possible."""
    return MOVES.get((state, move))


def weigh_reports(verified: int, known: int) -> int:
    """How much the reports of a case weigh together: distinct verified reporters, and the rest with a lid on it."""
    return WEIGHT_VERIFIED * verified + min(MOST_KNOWN, WEIGHT_KNOWN * known)


def deadline_of_case(opened: datetime, category: Category, verified: int, zone: ZoneInfo) -> datetime:
    """By when a case should be decided (UTC), in working hours of the desk's zone.

    One hour for fraud and threats, two working days for the rest, five while no report of it is verified.
    """
    left = LAST if not verified else SOON if category in URGENT else LATER
    return _add(opened.astimezone(zone), left).astimezone(opened.tzinfo)


def _add(start: datetime, left: timedelta) -> datetime:
    """A moment so much working time later."""
    moment = _working(start)
    while (today := _at(moment, CLOSES) - moment) < left:
        left -= today
        moment = _working(_at(moment, CLOSES))
    return moment + left


def _working(moment: datetime) -> datetime:
    """The moment itself if in working hours, else the next start of work."""
    day = moment
    while day.weekday() > 4 or (day.date() == moment.date() and moment.time() >= CLOSES):
        day += timedelta(days=1)
    return max(moment, _at(day, OPENS))


def _at(day: datetime, hour: time) -> datetime:
    return datetime.combine(day.date(), hour, day.tzinfo)
