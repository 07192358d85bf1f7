"""Pausing a carrier that keeps failing, and showing that it does.

The breaker lives in the memory of the background process. Pages look at the texts that failed instead.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, not_, or_, select, text

from portal.extensions import db, now
from portal.models import CarrierRecord, Message, TextState
from portal.models.messages import WAITING_CONDITION

from ..carriers import desk
from .claims import OWN_ROUTE, TEXTS_PER_BULK_CLAIM, SendLane

# If so many texts have failed within so long and wait for another try, the carrier is failing, not the texts.
FAILURES_THAT_TELL, LATELY = 5, timedelta(minutes=5)
# A text that failed is due at that moment or later, so the index on due times bounds the search.
_FAILED = select(Message.id).where(
    text(WAITING_CONDITION), Message.due_at > bindparam("since"), Message.state == TextState.QUEUED, Message.code != "",
    Message.tries > 0, Message.changed_at > bindparam("since")).limit(FAILURES_THAT_TELL)
# Where no text can leave by another carrier, nobody asks each of them by which it leaves.
_FAILED_HERE = _FAILED.where(or_(not_(desk.OTHER_ROUTES), OWN_ROUTE.in_(bindparam("refs", expanding=True))))


def is_carrier_failing(ref: str | None = None) -> bool:
    """Whether a carrier seems to refuse texts now: it does not accept the account, or many failed lately.

    `ref` as texts name it, "" for the pretend one; None asks about all of them together.
    """
    if ref and db.session.scalar(select(CarrierRecord.fault_code).where(CarrierRecord.ref == ref)):
        return True
    known = {"since": now() - LATELY, **({} if ref is None else {"refs": SendLane(ref).refs})}
    found = db.session.connection().execute(_FAILED if ref is None else _FAILED_HERE, known).all()
    return len(found) == FAILURES_THAT_TELL


@dataclass
class CarrierBreaker:
    """Stops asking a carrier that keeps failing; after a pause one text tries whether it is back."""

    failures: int = 0
    open_until: datetime | None = None
    most: int = 5
    pause: timedelta = timedelta(seconds=15)

    def allows(self, moment: datetime) -> int:
        """How many texts may be handed over now: all, one as a trial, or none."""
        if self.failures < self.most:
            return TEXTS_PER_BULK_CLAIM
        # A clock that was set back must not make the pause a day long.
        waits = self.open_until is not None and moment < self.open_until <= moment + self.pause
        return 0 if waits else 1

    def note(self, failed: bool, moment: datetime) -> None:
        """Count the success or failure of one text, and pause after too many failures in a row."""
        self.failures = self.failures + 1 if failed else 0
        self.open_until = moment + self.pause if self.failures >= self.most else None

    def stop(self, moment: datetime) -> None:
        """Pause at once: the carrier does not accept the account, and each try would fail alike."""
        self.failures, self.open_until = self.most, moment + self.pause
