"""Answers to texts that nobody reads."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now

from . import Model, Moment, rows_where


class UnreadAnswer(Model):
    """The latest answer of an organization to an outside number that nobody reads its text.

    No conversation holds it, because the text itself is not kept. `body` is our own sentence, until the carrier has
    taken it or it is too late. `keyword`: it answers STOP, START or HELP, so it goes also to people who opted out.
    """

    __tablename__ = "unread_answers"
    __table_args__ = (
        UniqueConstraint("organization_id", "theirs"),
        Index("ix_unread_answers_waiting", "id", **rows_where("body <> ''")),
        Index("ix_unread_answers_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("numbers.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    body: Mapped[str] = mapped_column(String(lengths.AUTOMATIC_ANSWER), default="")
    keyword: Mapped[bool] = mapped_column(default=False, server_default=false())
