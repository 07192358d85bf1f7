"""Changes of so many users that they are carried out in steps."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now

from . import Model, Moment, choice_type, rows_where


class ChangeStage(StrEnum):
    """How far a long change is. It may end before its last user; then it says which rules forbade the rest."""

    CHANGING = "changing"
    CHANGED = "changed"
    UNDOING = "undoing"
    UNDONE = "undone"


class LongChange(Model):
    """Texting set for many users by one administrator, in steps: `on` is the setting that they get, None to inherit.

    `total` users were to be changed when it was confirmed. Each of them has been `changed`, or was `left` alone because
    of a later change by another person; so was everybody counted in `left_before`. `cursor` is the id of the last user
    of the stage. `filters` lead back to the list. `forbidden` holds the ids of the rules that ended a stage early.
    `undone` and `not_undone` count what Undo has done; `undone_by` is who pressed it.
    """

    __tablename__ = "long_changes"
    __table_args__ = (
        # An organization has one at a time.
        Index("ix_long_changes_open", "organization_id", unique=True, **rows_where("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    on: Mapped[bool | None]
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    began_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    stage: Mapped[ChangeStage] = mapped_column(choice_type(ChangeStage), default=ChangeStage.CHANGING)
    cursor: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    left_before: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0)
    not_undone: Mapped[int] = mapped_column(default=0)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    forbidden: Mapped[list[str]] = mapped_column(JSON, default=list)

    @property
    def undoes(self) -> bool:
        """Whether it is being taken back, or has been."""
        return self.stage in (ChangeStage.UNDOING, ChangeStage.UNDONE)


class LongChangeUser(Model):
    """A user of a long change: the setting that they `had` and its version, 0 without one.

    Who is left alone has no row any more, so that those who were changed are left for Undo.
    """

    __tablename__ = "long_change_users"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy wants it

    change_id: Mapped[int] = mapped_column(ForeignKey("long_changes.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    had: Mapped[bool | None]
    version: Mapped[int]
