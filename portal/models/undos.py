"""What can be taken back: the state before a change, for some minutes."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref
from portal.rules.switches import Level

from . import Model, Moment, choice_type


class UndoKind(StrEnum):
    """What kind of change can be undone. Restrictions, confirmations and decisions about opt-outs cannot."""

    TEXTING = "texting"
    MANY = "many"
    NUMBER = "number"
    ROLE = "role"
    ACCOUNT = "account"
    DETAILS = "details"


class UndoOffer(Model):
    """One change of a user, a location or an organization that can be undone until `until`.

    `level` and `unit_id` say of whom or what, `before` is the state before it and `version` the version that the change
    has left. `event_id` is the audit event of the change; one of many settings has one for each user. `done_at` and
    `done_by` say that it has been undone.
    """

    __tablename__ = "undo_offers"
    __table_args__ = (Index("ix_undo_offers_until", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[UndoKind] = mapped_column(choice_type(UndoKind))
    level: Mapped[Level] = mapped_column(choice_type(Level))
    unit_id: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=0)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("audit_events.id"))
    until: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_by: Mapped[str] = mapped_column(String(lengths.USER_NAME), default="")
