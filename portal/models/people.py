"""People: their accounts, sessions, sign-in links and what they have acknowledged."""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, or_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import lengths
from portal.dialects import key_type
from portal.extensions import make_ref, now

from . import Model, Moment, choice_type, rows_where
from .organizations import Claim, Location, Number, Organization


class AccountState(StrEnum):
    """The state of a person's account. An invited person has not chosen a password yet."""

    ACTIVE = "active"
    INVITED = "invited"
    DEACTIVATED = "deactivated"


# What stands between the account and the version of the app in the facts about somebody without number and setting.
NO_OTHER_FACTS = "|" * 7


def _facts_of_new_user(context: Any) -> str:
    """The facts as the database would write them, which then need not write the row again.

    "" where users are selected: the database writes theirs.
    """
    given = context.get_current_parameters()
    return f"{given['account']}{NO_OTHER_FACTS}{given['app_version']}" if "account" in given else ""


class User(Model):
    """A person. Roles stand on top of being a user; an operator may belong to no organization.

    `id` is what Flask-Login never sees: the cookie holds the id of a session (`SignInSession`).
    """

    __tablename__ = "users"
    __table_args__ = (
        # With all that a search compares: it reads nothing else of users whom it does not find.
        Index("ix_users_list", "organization_id", "name_key", "id", "email_key", "location_id"),
        Index("ix_users_facts", "location_id", "facts"),
        Index("ix_users_location", "location_id", "name_key", "id"),
        # The few who are more than users, for statements with `User.has_role`.
        Index("ix_users_roles", "organization_id", "name_key", "id",
              **rows_where("admin = 1 OR auditor = 1 OR operator = 1", "admin OR auditor OR operator")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id"))
    name: Mapped[str] = mapped_column(String(lengths.USER_NAME))
    name_key: Mapped[str] = mapped_column(key_type(lengths.USER_NAME))
    email: Mapped[str] = mapped_column(String(lengths.EMAIL_ADDRESS))
    email_key: Mapped[str] = mapped_column(key_type(lengths.EMAIL_ADDRESS), unique=True)
    account: Mapped[AccountState] = mapped_column(choice_type(AccountState, "account"), default=AccountState.INVITED)
    admin: Mapped[bool] = mapped_column(default=False)
    auditor: Mapped[bool] = mapped_column(default=False)
    operator: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(lengths.USER_LANGUAGE), default="")
    time_zone: Mapped[str] = mapped_column(String(lengths.TIME_ZONE), default="")
    app_version: Mapped[str] = mapped_column(String(lengths.APP_VERSION), default="")
    password_hash: Mapped[str] = mapped_column(String(lengths.PASSWORD_HASH), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    version: Mapped[int] = mapped_column(default=1)
    # What the rules ask about the user, in one text: the database keeps it, see `user_facts`.
    facts: Mapped[str] = mapped_column(String(lengths.PROFILE_FACTS), default=_facts_of_new_user, server_default="",
                                       deferred=True)

    organization: Mapped[Organization | None] = relationship(foreign_keys=[organization_id])
    location: Mapped[Location | None] = relationship(foreign_keys=[location_id])
    number: Mapped[Number | None] = relationship(
        primaryjoin="User.id == foreign(Number.user_id)", uselist=False, viewonly=True)
    claim: Mapped[Claim | None] = relationship(
        primaryjoin="User.id == foreign(Claim.user_id)", uselist=False, viewonly=True)

    # What Flask-Login asks of a person. It never learns the id, only the key of the session.
    is_authenticated = True
    is_anonymous = False
    session_key = ""
    # When a sign-in link made by another person was last used; set for the signed-in person only.
    link_used_at = cast("datetime | None", None)

    def get_id(self) -> str:
        """The key of the session that this person signed in with."""
        return self.session_key

    @property
    def is_active(self) -> bool:
        """Flask-Login's word for `active`."""
        return self.active

    @hybrid_property
    def has_role(self) -> bool:
        """Whether the person is more than a user; their sessions end sooner when left alone."""
        return self.admin or self.auditor or self.operator

    @has_role.inplace.expression
    @classmethod
    def _in_sql(cls) -> ColumnElement[bool]:
        """The very words of the index, so that a statement with this condition reads no more people than these."""
        return or_(cls.admin, cls.auditor, cls.operator)

    @property
    def number_or_claim(self) -> Number | Claim | None:
        """The person's primary number, or the one that waits for an operator's confirmation; never both."""
        return self.number or self.claim

    @property
    def active(self) -> bool:
        """Whether the person may sign in and text."""
        return self.account is not AccountState.DEACTIVATED


class SignInSession(Model):
    """One signed-in browser. The cookie holds the random id, the table only its hash."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    key_hash: Mapped[str] = mapped_column(String(lengths.HEX_HASH), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    browser: Mapped[str] = mapped_column(String(lengths.BROWSER_NAME), default="")

    user: Mapped[User] = relationship()


class KeptForm(Model):
    """What was posted from a page (its path) after a session had ended, for the person whose session it was.

    `fields` are pairs of names and values.
    """

    __tablename__ = "kept_forms"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(lengths.PAGE_PATH), primary_key=True)
    fields: Mapped[list[list[str]]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)


class SignInLink(Model):
    """A one-time link to choose a password; the table holds only the token's hash.

    `used_at` is when a password was chosen with it. One that is ended without being used runs out at once.
    """

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(lengths.HEX_HASH), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    made_by: Mapped[User | None] = relationship(foreign_keys=[made_by_id])


class Acknowledgement(Model):
    """Who confirmed which version of which notice, and when."""

    __tablename__ = "acknowledgements"
    __table_args__ = (
        Index("ix_acknowledgements_notice", "organization_id", "notice", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    as_admin: Mapped[bool] = mapped_column(default=False)
    notice: Mapped[str] = mapped_column(String(lengths.NOTICE_NAME))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment, default=now)
