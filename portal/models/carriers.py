"""Carriers as operators add them, what decided each hand-over, and parts of long texts that wait for the others."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from portal import lengths
from portal.extensions import make_ref, now

from . import Model, Moment, rows_where


class CarrierRecord(Model):
    """A carrier that an operator added. Texts, receipts and arrivals name it by its `ref`.

    `settings` holds what was typed by the names of the kind's fields, `secrets` the same for the secrets, encrypted
    with CARRIER_KEY; empty while they are to be typed. `secrets_by` is the name of who typed them. `by_default`: it
    carries what is assigned to no other; one at most. `pace` is the most texts a second, `number_pace` the most
    segments a second from one number, `at_once` how many may be on their way; None where the operator leaves it to
    the kind of carrier.

    The worker writes the rest: `pace_now` while it has slowed down since `slowed_at`, `tokens` texts that may leave at
    once by `tokens_at`, and `fault_code` since `fault_at` while the carrier does not accept the account. Whoever takes
    calls writes how many were refused since `refused_since`, the last of them that was written down at `refused_at`.
    """

    __tablename__ = "carriers"
    __table_args__ = (Index("ix_carriers_default", "by_default", unique=True, **rows_where("by_default")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(lengths.RECORD_REF), unique=True, default=make_ref)
    kind: Mapped[str] = mapped_column(String(lengths.CARRIER_KIND))
    name: Mapped[str] = mapped_column(String(lengths.CARRIER_TITLE))
    settings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    secrets_at: Mapped[datetime | None] = mapped_column(Moment)
    secrets_by: Mapped[str] = mapped_column(String(lengths.AUDIT_NAME), default="", server_default="")
    by_default: Mapped[bool] = mapped_column(default=False, server_default=false())
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    pace: Mapped[int | None]
    number_pace: Mapped[int | None]
    at_once: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    version: Mapped[int] = mapped_column(default=1)
    pace_now: Mapped[float | None]
    slowed_at: Mapped[datetime | None] = mapped_column(Moment)
    tokens: Mapped[float] = mapped_column(default=0.0, server_default="0")
    tokens_at: Mapped[datetime | None] = mapped_column(Moment)
    fault_code: Mapped[str] = mapped_column(String(lengths.ERROR_CODE), default="", server_default="")
    fault_at: Mapped[datetime | None] = mapped_column(Moment)
    refused_calls: Mapped[int] = mapped_column(default=0, server_default="0")
    refused_since: Mapped[datetime | None] = mapped_column(Moment)
    refused_at: Mapped[datetime | None] = mapped_column(Moment)


class HandOver(Model):
    """What decided one hand-over of a text, so that it can be explained later: numbers, ids and yes or no, no words.

    `edition` is that of the rule table, `facts` what the rules saw, `why` the rules that spoke, `result` the state
    that came of it and `code` the carrier's.
    """

    __tablename__ = "hand_overs"
    __table_args__ = (Index("ix_hand_overs_message", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    carrier: Mapped[str] = mapped_column(String(lengths.CARRIER_NAME))
    edition: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[list[Any]] = mapped_column(JSON, default=list)
    result: Mapped[str] = mapped_column(String(lengths.ENUM_WORD))
    code: Mapped[str] = mapped_column(String(lengths.ERROR_CODE), default="")


class ArrivedPart(Model):
    """A part of a long text that came in, until the others are here. `key` is what the parts have in common.

    `body` is in UTF-16, big-endian: a part may end within a character.
    """

    __tablename__ = "arrived_parts"
    __table_args__ = (UniqueConstraint("carrier", "carrier_id"),
                      Index("ix_arrived_parts_text", "carrier", "sender", "recipient", "key"),
                      Index("ix_arrived_parts_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier: Mapped[str] = mapped_column(String(lengths.CARRIER_NAME))
    carrier_id: Mapped[str] = mapped_column(String(lengths.CARRIER_ID))
    sender: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    recipient: Mapped[str] = mapped_column(String(lengths.OUTSIDE_NUMBER))
    key: Mapped[str] = mapped_column(String(lengths.PART_KEY))
    number: Mapped[int]
    total: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
