"""Restrictions: blocks and throttles on a number, a user or an organization; and the one appeal against each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now
from portal.rules.facts import Cause, Restraint, Subject

from . import Model, Moment, choice_type, rows_where


class Restriction(Model):
    """One block or throttle: in force from `since` until `until` (None: no end) unless lifted.

    `note` is what the person restricted reads. Without `made_by_id` the portal made it, because of verified reports.
    `deciders` are the ids of the operators who set its end, in order: first who made it, then who extended it.
    """

    __tablename__ = "restrictions"
    __table_args__ = (
        Index("ix_restrictions_organization", "organization_id", "lifted_at", "until"),
        Index("ix_restrictions_case", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    subject: Mapped[Subject] = mapped_column(choice_type(Subject))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    number_id: Mapped[int | None] = mapped_column(ForeignKey("numbers.id"), index=True)
    restraint: Mapped[Restraint] = mapped_column(choice_type(Restraint))
    cause: Mapped[Cause] = mapped_column(choice_type(Cause))
    note: Mapped[str] = mapped_column(String(lengths.RESTRICTION_NOTE), default="")
    per_minute: Mapped[int | None]
    since: Mapped[datetime] = mapped_column(Moment, default=now)
    until: Mapped[datetime | None] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    deciders: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    lifted_note: Mapped[str] = mapped_column(String(lengths.RESTRICTION_NOTE), default="", server_default="")


class Appeal(Model):
    """What the person restricted says against it, once, and what another operator decided.

    `kept` says something once `decided_at` is set. `alone` marks an answer by the same operator, where there is
    no other one.
    """

    __tablename__ = "appeals"
    __table_args__ = (Index("ix_appeals_waiting", "restriction_id", **rows_where("decided_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    restriction_id: Mapped[int] = mapped_column(ForeignKey("restrictions.id"), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    words: Mapped[str] = mapped_column(Text)
    kept: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str] = mapped_column(String(lengths.RESTRICTION_NOTE), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    alone: Mapped[bool] = mapped_column(default=False)
