"""Restrictions: blocks and throttles on a number, a user or an organization."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import new_ref, now
from portal.rules.facts import Cause, Restraint, Subject

from . import Model, Moment, choice


class Restriction(Model):
    """One block or throttle: in force from `since` until `until` (None: no end) unless lifted."""

    __tablename__ = "restrictions"
    __table_args__ = (Index("ix_restrictions_organization", "organization_id", "lifted_at", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    subject: Mapped[Subject] = mapped_column(choice(Subject))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    number_id: Mapped[int | None] = mapped_column(ForeignKey("numbers.id"), index=True)
    restraint: Mapped[Restraint] = mapped_column(choice(Restraint))
    cause: Mapped[Cause] = mapped_column(choice(Cause))
    note: Mapped[str] = mapped_column(String(500), default="")
    per_minute: Mapped[int | None]
    since: Mapped[datetime] = mapped_column(Moment, default=now)
    until: Mapped[datetime | None] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
