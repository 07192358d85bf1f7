"""Conversations and texts. The row of a text that waits is the outbox: nothing else says that it waits."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import lengths
from portal.dialects import key_type
from portal.extensions import make_ref, now

from . import Model, Moment, choice_type, rows_where
from .organizations import Number


class TextState(StrEnum):
    """What became of a text. The words that people read stand in `wording`."""

    RECEIVED = "received"
    QUEUED = "queued"
    CLAIMED = "claimed"
    HANDED_OVER = "handed-over"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUSED = "refused"
    CANCELED = "canceled"
    QUARANTINED = "quarantined"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Whose line of a conversation it is; a note is a line of the portal itself."""

    OUT = "out"
    IN = "in"
    NOTE = "note"


class OptOutState(StrEnum):
    """What a recipient wants of an organization: whether the opt-out is in force."""

    OUT = "out"
    LIKELY_OUT = "likely-out"
    NOT_MEANT = "not-meant"
    IN_AGAIN = "in-again"


class OptOutSource(StrEnum):
    """How an opt-out came about. Only the person can withdraw a STOP, also one that only a carrier got."""

    STOP = "stop"
    WORDING = "wording"
    MANUAL = "manual"
    WEB = "web"
    CARRIER = "carrier"


class CallReason(StrEnum):
    """Why a member should call an outside number, which the organization cannot text."""

    CANCELED = "canceled"
    AFTER_STOP = "after-stop"
    AFTER_OPT_OUT = "after-opt-out"


class ArrivalOutcome(StrEnum):
    """What happened to a text that came in."""

    SHOWN = "shown"
    ABROAD = "abroad"
    UNAVAILABLE = "unavailable"
    BLOCKED = "blocked"


WAITING_CONDITION = "state IN ('queued', 'claimed')"
QUEUED_CONDITION = "state = 'queued'"


class Conversation(Model):
    """What one user and one outside number wrote to each other over one of our numbers.

    Who gets the number later starts an empty one; the earlier user keeps reading the old. `read_up_to` is the id of
    the last line that the user has seen, 0 for none; `unread` counts what came after it. `call_reason` and `call_at`
    say why and since when the user should call the number; both are empty once the user has.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("user_id", "number_id", "theirs"),
        Index("ix_conversations_inbox", "user_id", "last_id"),
        Index("ix_conversations_theirs", "organization_id", "theirs"),
        Index("ix_conversations_unread", "user_id", "unread", **rows_where("unread > 0")),
        # The few whose owner has left.
        Index("ix_conversations_left", "organization_id", "last_at", **rows_where("owner_left = 1", "owner_left")),
        Index("ix_conversations_calls", "user_id", "call_at", **rows_where("call_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("numbers.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    name: Mapped[str] = mapped_column(String(lengths.CONVERSATION_NAME), default="")
    name_key: Mapped[str] = mapped_column(key_type(lengths.CONVERSATION_NAME), default="")
    last_id: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Moment, default=now)
    read_up_to: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    unread: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[bool] = mapped_column(default=False)
    # Whether the user is deactivated; triggers see to it (`left_owners`).
    owner_left: Mapped[bool] = mapped_column(default=False, server_default=false())
    call_reason: Mapped[CallReason | None] = mapped_column(choice_type(CallReason))
    call_at: Mapped[datetime | None] = mapped_column(Moment)

    number: Mapped[Number] = relationship(viewonly=True)


class Message(Model):
    """One line of a conversation: a text out or in, or a note of the portal.

    For a text out: `due_at` is when it may leave, `deadline` when it is not worth sending any more,
    `lease_until` until when the worker that claimed it is believed alive, `left_at` when a carrier took it.
    `ref` is the reference that the carrier gets, the same over all tries. `why` holds the ids of the rules that
    refuse or hold it. `brand_day` is the day that counts its segments, "" for none; empty in older texts, which count
    for the day of `at`.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("user_id", "submission_key"),
        Index("ix_messages_thread", "conversation_id", "id"),
        Index("ix_messages_usage", "user_id", "at", **rows_where("direction = 'out'")),
        Index("ix_messages_due", "due_at", **rows_where(WAITING_CONDITION)),
        Index("ix_messages_wanted", "wanted", "due_at", **rows_where(QUEUED_CONDITION)),
        Index("ix_messages_lane", "conversation_id", "id", **rows_where(WAITING_CONDITION)),
        Index("ix_messages_stop", "organization_id", "theirs", **rows_where(WAITING_CONDITION)),
        Index("ix_messages_theirs", "organization_id", "theirs", "direction", "at"),
        Index("ix_messages_carrier", "carrier", "carrier_id", **rows_where("carrier_id <> ''")),
        Index("ix_messages_at", "at"),
        Index("ix_messages_number", "number_id", "at", **rows_where("direction = 'out'")),
        Index("ix_messages_wording", "template", "at", **rows_where("direction = 'out'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("numbers.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    direction: Mapped[Direction] = mapped_column(choice_type(Direction))
    state: Mapped[TextState] = mapped_column(choice_type(TextState, "state"))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    automatic: Mapped[bool] = mapped_column(default=False)
    region: Mapped[str] = mapped_column(String(lengths.REGION_CODE), default="")
    segments: Mapped[int] = mapped_column(default=1)
    template: Mapped[str] = mapped_column(String(lengths.WORDING_HASH), default="")
    submission_key: Mapped[str | None] = mapped_column(String(lengths.SUBMISSION_KEY))
    payload: Mapped[str] = mapped_column(String(lengths.HEX_HASH), default="")
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    deadline: Mapped[datetime | None] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    claimed_by: Mapped[str] = mapped_column(String(lengths.WORKER_NAME), default="")
    tries: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    # Which carrier it was claimed for last, and when: after a crash that one is asked, whatever is set by then.
    route: Mapped[str] = mapped_column(String(lengths.CARRIER_NAME), default="", server_default="")
    # By which carrier it leaves while it is queued, "" for the pretend one, so that each finds its own texts. Empty
    # until somebody has looked, and again when that may have changed.
    wanted: Mapped[str | None] = mapped_column(String(lengths.CARRIER_NAME))
    # Which carrier may have it, although it has not said so: it goes to no other then.
    may_be_at: Mapped[str] = mapped_column(String(lengths.CARRIER_NAME), default="", server_default="")
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    carrier: Mapped[str] = mapped_column(String(lengths.CARRIER_NAME), default="")
    carrier_id: Mapped[str] = mapped_column(String(lengths.CARRIER_ID), default="")
    code: Mapped[str] = mapped_column(String(lengths.ERROR_CODE), default="")
    why: Mapped[list[Any]] = mapped_column(JSON, default=list)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    brand_day: Mapped[str | None] = mapped_column(String(lengths.ISO_DAY))


class Receipt(Model):
    """What a carrier said about a text; never changed. The state of a text is a fold over these rows.

    `message_id` stays empty while no text with that reference or id is known.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_message", "message_id"),
        Index("ix_receipts_parked", "carrier", "carrier_id", **rows_where("message_id IS NULL")),
        Index("ix_receipts_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier: Mapped[str] = mapped_column(String(lengths.CARRIER_NAME))
    reference: Mapped[str] = mapped_column(String(lengths.RECORD_REF), default="")
    carrier_id: Mapped[str] = mapped_column(String(lengths.CARRIER_ID), default="")
    status: Mapped[str] = mapped_column(String(lengths.CARRIER_STATUS), default="")
    raw: Mapped[str] = mapped_column(String(lengths.CARRIER_WORD))
    code: Mapped[str] = mapped_column(String(lengths.ERROR_CODE), default="")
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    # How many segments the carrier counted, 0 if it does not say.
    parts: Mapped[int] = mapped_column(default=0, server_default="0")


class Arrival(Model):
    """One text that came in, by the carrier's id, so that it is taken once however often it is told."""

    __tablename__ = "arrivals"
    __table_args__ = (
        UniqueConstraint("carrier", "carrier_id"),
        Index("ix_arrivals_outcome", "organization_id", "outcome", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier: Mapped[str] = mapped_column(String(lengths.CARRIER_NAME))
    carrier_id: Mapped[str] = mapped_column(String(lengths.CARRIER_ID))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    number_id: Mapped[int | None] = mapped_column(ForeignKey("numbers.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    outcome: Mapped[ArrivalOutcome] = mapped_column(choice_type(ArrivalOutcome, "outcome"))


class OptOut(Model):
    """What a recipient wants of an organization: one row, for all its numbers and users."""

    __tablename__ = "opt_outs"
    __table_args__ = (
        UniqueConstraint("organization_id", "theirs"),
        Index("ix_opt_outs_list", "organization_id", "consent", "id"),
        Index("ix_opt_outs_due", "due_at", **rows_where("consent = 'likely-out'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OPTED_OUT_NUMBER))
    state: Mapped[OptOutState] = mapped_column("consent", choice_type(OptOutState, "consent"))
    source: Mapped[OptOutSource] = mapped_column(choice_type(OptOutSource))
    language: Mapped[str] = mapped_column(String(lengths.REPLY_LANGUAGE), default="en")
    said: Mapped[str] = mapped_column(String(lengths.OPT_OUT_WORDS), default="")
    said_at: Mapped[datetime] = mapped_column(Moment, default=now)
    # The carrier's time of the latest words that stopped; a START older than it comes late and changes nothing.
    carrier_at: Mapped[datetime | None] = mapped_column(Moment)
    # When they last texted START to any number of the organization; a carrier's block from before is no opt-out.
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(String(lengths.OPT_OUT_NOTE), default="")
    helped_at: Mapped[datetime | None] = mapped_column(Moment)
    # When an automatic text last told them that texts have stopped without a STOP of theirs.
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    # How far a likely opt-out has come: 1 its member was reminded, 2 administrators may decide, 3 it was listed.
    step: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # When the portal looks at a likely opt-out again.
    due_at: Mapped[datetime | None] = mapped_column(Moment)


class WebAsk(Model):
    """A request on the web to leave this number alone that is not in force: no text to it proves that its owner asked,
    or it `waits` for a person's decision, because it was one of many.

    It blocks nothing; a user who texts the number within 30 days is warned. Requests from before they could wait have
    no `ref`.
    """

    __tablename__ = "web_asks"
    __table_args__ = (UniqueConstraint("organization_id", "theirs"), Index("ix_web_asks_at", "at"),
                      Index("ix_web_asks_ref", "ref", unique=True),
                      Index("ix_web_asks_waiting", "organization_id", **rows_where("waits")))

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str | None] = mapped_column(String(lengths.RECORD_REF), default=make_ref)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    theirs: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    waits: Mapped[bool] = mapped_column(default=False, server_default=false())


class BrandDay(Model):
    """How many segments an organization has sent to US numbers on one day that began at midnight Pacific."""

    __tablename__ = "brand_days"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    day: Mapped[str] = mapped_column(String(lengths.ISO_DAY), primary_key=True)
    segments: Mapped[int]
