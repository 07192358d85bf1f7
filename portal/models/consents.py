"""Consent: who agreed to texts of an organization, how, and how long it counts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now
from portal.rules.facts import ConsentKind

from . import Model, Moment, choice_type


class ConsentEnding(StrEnum):
    """Why a consent ended before its time."""

    OPTED_OUT = "opted-out"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"


class ConsentRecord(Model):
    """One consent of an outside number, for all numbers and users of an organization.

    `given_at` is when they agreed, `until` when that stops to count (None: it has no end), `proof` where and how they
    agreed. `by_id` is empty where the portal heard it itself, in a text. An opt-out, a withdrawal or a correction sets
    `ended_at` and `ending`, and the record stays as history.
    """

    __tablename__ = "consent_records"
    __table_args__ = (
        Index("ix_consent_records_theirs", "organization_id", "theirs"),
        Index("ix_consent_records_list", "organization_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    kind: Mapped[ConsentKind] = mapped_column(choice_type(ConsentKind, "kind"))
    given_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)
    proof: Mapped[str] = mapped_column(String(lengths.CONSENT_PROOF), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ending: Mapped[ConsentEnding | None] = mapped_column(choice_type(ConsentEnding, "ending"))
    reason: Mapped[str] = mapped_column(String(lengths.CONSENT_REASON), default="")
