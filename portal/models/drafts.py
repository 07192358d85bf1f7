"""What people are writing and have not sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import now

from . import Model, Moment

# Which rows hold the draft of a conversation, and which that of a new message.
IN_CONVERSATION, OF_NEW_MESSAGE = text("conversation_id IS NOT NULL"), text("conversation_id IS NULL")


class KeptDraft(Model):
    """A text that a user is writing: one for each conversation, and one for a new message, without a conversation.

    `typed` is the number of a new message as it was typed, `theirs` the outside number that it or the conversation
    means, "" while nothing can be read. `submission_key` is that of the form: no draft has a key that a text was sent
    with. `at` is when it was changed last. An empty one stays as well, so that an older one that comes late finds it.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        Index("uq_drafts_conversation", "conversation_id", unique=True, sqlite_where=IN_CONVERSATION,
              postgresql_where=IN_CONVERSATION),
        Index("uq_drafts_new_message", "user_id", unique=True, sqlite_where=OF_NEW_MESSAGE,
              postgresql_where=OF_NEW_MESSAGE),
        Index("ix_drafts_key", "user_id", "submission_key"),
        Index("ix_drafts_theirs", "organization_id", "theirs"),
        Index("ix_drafts_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    typed: Mapped[str] = mapped_column(String(lengths.TYPED_NUMBER), default="")
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER), default="")
    body: Mapped[str] = mapped_column(String(lengths.DRAFT_BODY))
    submission_key: Mapped[str] = mapped_column(String(lengths.SUBMISSION_KEY))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
