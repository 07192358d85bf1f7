"""What an organization has to keep or hand out: holds, records requests, and who answers for a person who left."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now

from . import Model, Moment, rows_where


class RetentionHold(Model):
    """What keeps the texts of one outside number, or of one user, from being erased.

    `theirs` is the number, "" for a hold on a user. It is in force until `ended_at`, whatever `review_at` says: that
    is when an administrator looks again.
    """

    __tablename__ = "retention_holds"
    __table_args__ = (
        Index("ix_retention_holds_list", "organization_id", "id"),
        Index("ix_retention_holds_number", "organization_id", "theirs", **rows_where("ended_at IS NULL")),
        Index("ix_retention_holds_user", "user_id", **rows_where("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(lengths.RECORDS_REASON))
    review_at: Mapped[datetime] = mapped_column(Moment)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class RecordsRequest(Model):
    """One person asks for all texts with an outside number in a period, and another one releases them or refuses.

    The period is from `since` to before `until`, and ends with the decision at the latest. `released` is None as long
    as nobody has decided; `ends_at` is when a release is over.
    """

    __tablename__ = "records_requests"
    __table_args__ = (
        Index("ix_records_requests_list", "organization_id", "id"),
        Index("ix_records_requests_waiting", "id", **rows_where("released IS NULL")),
        Index("ix_records_requests_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    since: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(String(lengths.RECORDS_REASON))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    released: Mapped[bool | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(String(lengths.RECORDS_REASON), default="")
    ends_at: Mapped[datetime | None] = mapped_column(Moment)


class RecordsConcern(Model):
    """A member whose texts a release contains; they read about it on their notices."""

    __tablename__ = "records_concerns"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("records_requests.id"), primary_key=True, index=True)


class StandIn(Model):
    """Who answers the conversations of a person who was deactivated, for as long as the person is."""

    __tablename__ = "stand_ins"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    answers_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
