"""Three small tables: settings of the toggle, marks about the portal, buckets of the sign-in throttle."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import now
from portal.rules.switches import Level

from . import Model, Moment, choice_type


class Setting(Model):
    """What a level says about texting. No row, or `on` NULL: it says nothing.

    A word taken back keeps its row, so that its version goes on counting and a form that was shown
    before can never pass for a fresh one. `event_id` is the audit event of the last change.
    """

    __tablename__ = "words"
    __table_args__ = (
        CheckConstraint("NOT locked OR (\"on\" IS NOT NULL AND level <> 'user')", name="lock"),
        Index("ix_words_organization", "organization_id", "level"),
    )

    level: Mapped[Level] = mapped_column(choice_type(Level), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    on: Mapped[bool | None]
    locked: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(lengths.SETTING_REASON), default="")
    version: Mapped[int] = mapped_column(default=1)
    said_by: Mapped[str] = mapped_column(String(lengths.USER_NAME))
    said_at: Mapped[datetime] = mapped_column(Moment, default=now)
    event_id: Mapped[int] = mapped_column(ForeignKey("audit_events.id"))


class PortalMark(Model):
    """A fact about this portal itself: that it is a demo, when its worker was last alive."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(String(lengths.MARK_NAME), primary_key=True)
    value: Mapped[str] = mapped_column(String(lengths.MARK_VALUE))


class TokenBucket(Model):
    """A token bucket; the key is a hash, so that the table names neither people nor addresses."""

    __tablename__ = "buckets"

    key: Mapped[str] = mapped_column(String(lengths.HEX_HASH), primary_key=True)
    tokens: Mapped[float]
    at: Mapped[datetime] = mapped_column(Moment, index=True)
