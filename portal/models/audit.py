"""The audit log: rows that can be added and never changed; triggers in the database see to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now

from . import Model, Moment
from .triggers import run_after_create


class AuditEvent(Model):
    """Who did what to what, from what to what, when. Names are kept as they were at the time."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_organization", "organization_id", "id"),
        Index("ix_audit_events_subject", "organization_id", "subject", "subject_ref", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(lengths.AUDIT_NAME))
    action: Mapped[str] = mapped_column(String(lengths.AUDIT_ACTION))
    subject: Mapped[str] = mapped_column(String(lengths.AUDIT_SUBJECT))
    subject_ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), default="")
    subject_name: Mapped[str] = mapped_column(String(lengths.AUDIT_NAME))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


# "INSERT OR REPLACE" removes the old row without a word to the trigger that watches over DELETE.
APPEND_ONLY = tuple(
    f"CREATE TRIGGER audit_events_no_{name} BEFORE {verb} ON audit_events {when}"
    "BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END"
    for name, verb, when in (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        ("replace", "INSERT",
         "WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id OR ref = NEW.ref) "),
    )
)

# PostgreSQL has no "INSERT OR REPLACE", but it can empty a whole table.
_ON_SERVER = (
    """CREATE FUNCTION audit_events_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'the audit log can only be added to' USING ERRCODE = 'integrity_constraint_violation';
END $$""",
    """CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION audit_events_only_grow()""",
    """CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_only_grow()""",
)
run_after_create(AuditEvent, "sqlite", *APPEND_ONLY)
run_after_create(AuditEvent, "postgresql", *_ON_SERVER)
