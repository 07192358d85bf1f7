"""What members and administrators decided about likely opt-outs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import now
from portal.rules.terms import NotMeantReason

from . import Model, Moment, choice_type


class OptOutDecision(Model):
    """One decision about a likely opt-out: who decided, whether it was meant, and why if it was not.

    `undone_at` is when somebody undid it within the minutes that the rule gives for it.
    """

    __tablename__ = "opt_out_decisions"
    __table_args__ = (
        Index("ix_opt_out_decisions_opt_out", "opt_out_id", "id"),
        Index("ix_opt_out_decisions_counted", "organization_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    opt_out_id: Mapped[int] = mapped_column(ForeignKey("opt_outs.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    meant: Mapped[bool]
    reason: Mapped[NotMeantReason | None] = mapped_column(choice_type(NotMeantReason))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
