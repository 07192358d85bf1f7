"""Decisions about likely opt-outs: which one counts, which one can be undone, and how often members say No."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import case, func, select

from portal.extensions import db
from portal.models import OptOut, OptOutDecision, OptOutSource, OptOutState, User
from portal.rules import BY_ID

from . import erased_numbers

# The rule whose limits say how many minutes and days these are.
DECIDING_LIMITS = BY_ID["maybe-opted-out"].limits
UNDO_WITHIN = timedelta(minutes=DECIDING_LIMITS["undo"])
# Nobody is asked about an opt-out by STOP, or one that was written down by hand.
DECIDED_ABOUT = (OptOutSource.WORDING, OptOutSource.WEB)
AGAIN_WITHIN = timedelta(days=DECIDING_LIMITS["again"])


class MemberDecisions(NamedTuple):
    """How often a person decided that an opt-out was meant, and that it was not."""

    name: str
    meant: int
    not_meant: int


def latest_decision(row: OptOut) -> OptOutDecision | None:
    """The newest decision about an opt-out that nobody has undone; None if there is none."""
    found = select(OptOutDecision).where(OptOutDecision.opt_out_id == row.id, OptOutDecision.undone_at.is_(None))
    return db.session.scalars(found.order_by(OptOutDecision.id.desc()).limit(1)).first()


def was_denied_lately(row: OptOut, moment: datetime) -> bool:
    """Whether somebody decided within 90 days before that this person did not mean to opt out, and it still counts.

    An administrator who withdraws an opt-out decides so, too. After START nothing of that counts.
    """
    withdrawn = row.state is OptOutState.IN_AGAIN and row.source is not OptOutSource.STOP
    if row.state is not OptOutState.NOT_MEANT and not withdrawn:
        return False
    decision = latest_decision(row)
    return decision is not None and not decision.meant and moment - decision.at < AGAIN_WITHIN


def find_undoable_decision(row: OptOut | None, moment: datetime) -> OptOutDecision | None:
    """The decision that can still be undone: made within ten minutes before, and nothing has changed since."""
    if row is None or row.source not in DECIDED_ABOUT or erased_numbers.is_erased_number(row.theirs):
        return None
    decision = latest_decision(row) if row.state in (OptOutState.OUT, OptOutState.NOT_MEANT) else None
    if decision is None or decision.at < row.said_at or decision.meant != (row.state is OptOutState.OUT):
        return None
    return decision if timedelta() <= moment - decision.at < UNDO_WITHIN else None


def count_member_decisions(organization_id: int | None, moment: datetime) -> Sequence[MemberDecisions]:
    """How the people of an organization decided within 90 days, those who said No most often first."""
    # Of two people of the same name each has a line.
    meant: Any = func.sum(case((OptOutDecision.meant, 1), else_=0))
    denied: Any = func.sum(case((OptOutDecision.meant, 0), else_=1))
    found = select(User.name, meant, denied).join(User, User.id == OptOutDecision.user_id).where(
        OptOutDecision.organization_id == organization_id, OptOutDecision.at > moment - AGAIN_WITHIN,
        OptOutDecision.undone_at.is_(None)).group_by(User.id)
    found = found.order_by(denied.desc(), User.name_key, User.id)
    return [MemberDecisions(*row) for row in db.session.execute(found).all()]
