"""Reports of spam, the cases they join, and the evidence that is kept with them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now
from portal.rules.cases import CaseState, Lane, Match
from portal.rules.facts import Category

from . import Model, Moment, choice_type, rows_where


class Case(Model):
    """What reports about one sender within some days have in common; an operator decides it.

    `user_id` had the number when the case was opened. `verified` counts distinct reporters who got a text of
    the sender, `known` the other reports that quote one; `weight` is what both come to.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_queue", "target_at", "weight", "id", **rows_where("state IN ('open', 'assigned')")),
        Index("ix_cases_sender", "number_id", "state"),
        Index("ix_cases_closed", "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    number_id: Mapped[int] = mapped_column(ForeignKey("numbers.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    state: Mapped[CaseState] = mapped_column(choice_type(CaseState), default=CaseState.OPEN)
    category: Mapped[Category] = mapped_column(choice_type(Category), default=Category.OTHER)
    lane: Mapped[Lane] = mapped_column(choice_type(Lane), default=Lane.NORMAL)
    opened_at: Mapped[datetime] = mapped_column(Moment, default=now)
    target_at: Mapped[datetime] = mapped_column(Moment)
    verified: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    weight: Mapped[int] = mapped_column(default=0)
    assigned_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))


class CaseEntry(Model):
    """One line of a case's history: who did what, and a note that only operators read. Never changed."""

    __tablename__ = "case_entries"
    __table_args__ = (Index("ix_case_entries_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    what: Mapped[str] = mapped_column(String(lengths.CASE_ENTRY))
    note: Mapped[str] = mapped_column(String(lengths.CASE_NOTE), default="")


class Report(Model):
    """One report of spam, as it was filed.

    `token` is the hash of the secret in the reporter's link. `theirs` is the reporter's number, in clear only until
    the report has been matched; from then on `theirs_key`, a keyed hash, stands for it. `source` is a keyed hash of
    where the report came from; `place` is the same for weighing, where all users of one organization are one place.
    `suspect` says what looked like a machine, "" when nothing did.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_waiting", "id", **rows_where("matched = 'waiting'")),
        Index("ix_reports_source", "source", "at"),
        Index("ix_reports_case", "case_id", "id"),
        Index("ix_reports_reporter", "sender", "theirs_key"),
        Index("ix_reports_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.REPORT_REF), unique=True)
    token: Mapped[str] = mapped_column(String(lengths.HEX_HASH), unique=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    lane: Mapped[Lane] = mapped_column(choice_type(Lane), default=Lane.NORMAL)
    suspect: Mapped[str] = mapped_column(String(lengths.REPORT_SUSPICION), default="")
    sender: Mapped[str] = mapped_column(String(lengths.TYPED_NUMBER))
    body: Mapped[str] = mapped_column(Text, default="")
    got_at: Mapped[datetime | None] = mapped_column(Moment)
    category: Mapped[Category | None] = mapped_column(choice_type(Category))
    stop: Mapped[bool] = mapped_column(default=False)
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER), default="")
    theirs_key: Mapped[str] = mapped_column(String(lengths.HEX_HASH), default="")
    email: Mapped[str] = mapped_column(String(lengths.EMAIL_ADDRESS), default="")
    language: Mapped[str] = mapped_column(String(lengths.REPORT_LANGUAGE), default="en")
    source: Mapped[str] = mapped_column(String(lengths.HEX_HASH), default="")
    place: Mapped[str] = mapped_column(String(lengths.HEX_HASH), default="", server_default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    matched: Mapped[Match] = mapped_column(choice_type(Match), default=Match.WAITING)
    repeated: Mapped[bool] = mapped_column(default=False)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))


class Evidence(Model):
    """A copy of a text that was reported, kept for its case beyond the retention of texts.

    It is erased 400 days after the case was closed. `theirs_key` is a keyed hash of the recipient's number.
    """

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("case_id", "message_ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    message_ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF))
    at: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)
    template: Mapped[str] = mapped_column(String(lengths.WORDING_HASH))
    theirs_key: Mapped[str] = mapped_column(String(lengths.HEX_HASH))
