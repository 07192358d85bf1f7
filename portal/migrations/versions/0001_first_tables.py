"""First tables.

What stands here is frozen once it has been released: it names columns by itself and imports no model.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, and the triggers that keep the audit log as it was written."""
    for make in MADE:
        make()
    _append_only("update", "UPDATE")
    _append_only("delete", "DELETE")
    _append_only("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id OR ref = NEW.ref) ")


def downgrade() -> None:
    """Drop everything; indexes and triggers go with their tables."""
    for make in reversed(MADE):
        op.drop_table(make.__name__.removeprefix("_"))


def _append_only(name: str, verb: str, when: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER audit_events_no_{name} BEFORE {verb} ON audit_events {when}"
        "BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END"
    )


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def _buckets() -> None:
    op.create_table(
        "buckets",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_buckets"),
    )
    op.create_index("ix_buckets_at", "buckets", ["at"])


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )


def _organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("reply_name", sa.String(30), nullable=False),
        sa.Column("help_contact", sa.String(80), nullable=False),
        sa.Column("customer_type", _choice("customertype", "enterprise", "online", "trial"), nullable=False),
        sa.Column("calling_plan", sa.Boolean(), nullable=False),
        sa.Column("add_on", sa.Boolean(), nullable=False),
        sa.Column("healthcare", sa.Boolean(), nullable=False),
        sa.Column("campaign", _choice("campaign", "none", "pending", "active", "suspended", "rejected"),
            nullable=False),
        sa.Column("brand_tier", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.UniqueConstraint("ref", name="uq_organizations_ref"),
    )
    op.create_index("ix_organizations_name_key", "organizations", ["name_key"])


def _locations() -> None:
    op.create_table(
        "locations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("pstn", _choice("pstn", "provider", "local-gateway", "other-provider", "not-set"),
            nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"],
            name="fk_locations_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_locations"),
        sa.UniqueConstraint("organization_id", "name_key", name="uq_locations_organization_id_name_key"),
        sa.UniqueConstraint("ref", name="uq_locations_ref"),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("account", _choice("account", "active", "invited", "deactivated"), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("auditor", sa.Boolean(), nullable=False),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("app_version", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name="fk_users_location_id"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_users_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email_key", name="uq_users_email_key"),
        sa.UniqueConstraint("ref", name="uq_users_ref"),
    )
    op.create_index("ix_users_list", "users", ["organization_id", "name_key", "id"])
    op.create_index("ix_users_location_id", "users", ["location_id"])
    op.create_index("ix_users_profile", "users", ["organization_id", "location_id", "account", "app_version", "id"])


def _acknowledgements() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("as_admin", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"],
            name="fk_acknowledgements_organization_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_acknowledgements_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_acknowledgements"),
    )
    op.create_index("ix_acknowledgements_notice", "acknowledgements", ["organization_id", "notice", "version"])
    op.create_index("ix_acknowledgements_user_id", "acknowledgements", ["user_id"])


def _audit_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("subject_ref", sa.String(16), nullable=False),
        sa.Column("subject_name", sa.String(120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_audit_events_actor_id"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"],
            name="fk_audit_events_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.UniqueConstraint("ref", name="uq_audit_events_ref"),
    )
    op.create_index("ix_audit_events_organization", "audit_events", ["organization_id", "id"])
    op.create_index("ix_audit_events_subject", "audit_events", ["organization_id", "subject", "subject_ref", "id"])


def _numbers() -> None:
    op.create_table(
        "numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("e164", sa.String(16), nullable=False),
        sa.Column("kind", _choice("kind", "emergency", "crisis-line", "service-code", "short-code",
            "unreadable", "toll-free", "premium", "personal", "other-special", "abroad", "territory", "plain"),
            nullable=False),
        sa.Column("source", _choice("numbersource", "calling-plan", "other"), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_numbers_organization_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_numbers_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_numbers"),
        sa.UniqueConstraint("e164", name="uq_numbers_e164"),
        sa.UniqueConstraint("user_id", name="uq_numbers_user_id"),
    )
    op.create_index("ix_numbers_free", "numbers", ["organization_id", "user_id", "e164"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("key_hash", name="uq_sessions_key_hash"),
        sa.UniqueConstraint("ref", name="uq_sessions_ref"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _sign_in_links() -> None:
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name="fk_sign_in_links_made_by_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sign_in_links_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_links"),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_links_token_hash"),
    )
    op.create_index("ix_sign_in_links_user_id", "sign_in_links", ["user_id"])


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("imported_at", sa.DateTime(), nullable=True),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("links_given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_uploads_organization_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_uploads_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.UniqueConstraint("ref", name="uq_uploads_ref"),
    )
    op.create_index("ix_uploads_organization_id", "uploads", ["organization_id"])
    op.create_index("ix_uploads_uploaded_at", "uploads", ["uploaded_at"])


def _restrictions() -> None:
    op.create_table(
        "restrictions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("subject", _choice("subject", "number", "user", "organization"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("number_id", sa.Integer(), nullable=True),
        sa.Column("restraint", _choice("restraint", "block", "throttle"), nullable=False),
        sa.Column("cause", _choice("cause", "fraud", "volume", "burst", "spam", "content", "unauthorized",
            "other"), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name="fk_restrictions_made_by_id"),
        sa.ForeignKeyConstraint(["number_id"], ["numbers.id"], name="fk_restrictions_number_id"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"],
            name="fk_restrictions_organization_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_restrictions_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_restrictions"),
        sa.UniqueConstraint("ref", name="uq_restrictions_ref"),
    )
    op.create_index("ix_restrictions_number_id", "restrictions", ["number_id"])
    op.create_index("ix_restrictions_organization", "restrictions", ["organization_id", "lifted_at", "until"])
    op.create_index("ix_restrictions_user_id", "restrictions", ["user_id"])


def _words() -> None:
    op.create_table(
        "words",
        sa.Column("level", _choice("level", "organization", "location", "user"), nullable=False),
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("said_by", sa.String(120), nullable=False),
        sa.Column("said_at", sa.DateTime(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("NOT locked OR (\"on\" IS NOT NULL AND level <> 'user')",
            name=op.f("ck_words_lock")),
        sa.ForeignKeyConstraint(["event_id"], ["audit_events.id"], name="fk_words_event_id"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_words_organization_id"),
        sa.PrimaryKeyConstraint("level", "unit_id", name="pk_words"),
    )
    op.create_index("ix_words_organization", "words", ["organization_id", "level"])


# A table stands behind those that it refers to.
MADE = (
    _buckets, _marks, _organizations, _locations, _users, _acknowledgements, _audit_events, _numbers,
    _sessions, _sign_in_links, _uploads, _restrictions, _words,
)
