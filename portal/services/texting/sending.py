"""Sending a text: decided, reserved and stored in one commit. The stored row is the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from portal.extensions import db, new_ref, now, wake, writing
from portal.models import BrandDay, Conversation, Direction, Message, Number, State, User
from portal.rules import Act, Decision, Reason, decide

from . import send_facts
from .send_facts import VALID_FOR, Draft


class KeyReused(Exception):
    """The same submission key came with another text; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to sending: the decision, and the conversation's ref when the text was accepted."""

    decision: Decision
    conversation: str = ""


def send(sender: User, typed: str, body: str, key: str, attachments: int = 0) -> Sent:
    """Accept a text for sending, or say every reason why not.

    `key` is the form's own random key: the same key with the same text is one text, however often it
    comes. Accepted means stored durably. Raises KeyReused for the same key with another text.
    """
    drafted = send_facts.draft(sender, typed, body, attachments)
    with writing():
        if (stored := _stored(sender, key, drafted)) is not None:
            return stored
        moment = now()
        decision = decide(Act.SEND, send_facts.known(sender, drafted, moment))
        if not decision.allowed:
            return Sent(decision)
        ref = _accept(sender, drafted, key, decision, moment)
    wake()
    return Sent(decision, ref)


# Made once: putting a statement together takes longer than running it.
_SUBMITTED = select(Message.payload, Conversation.ref).join(
    Conversation, Conversation.id == Message.conversation_id,
).where(Message.user_id == bindparam("user_id"), Message.submission_key == bindparam("key"))
_ADDED = insert(Message.metadata.tables["messages"])
_TABLE = Conversation.metadata.tables["conversations"]
_MOVED = update(_TABLE).where(_TABLE.c.id == bindparam("of")).values(
    last_id=bindparam("message_id"), last_at=bindparam("moment"), unread=_TABLE.c.unread + bindparam("more"))


def _stored(sender: User, key: str, drafted: Draft) -> Sent | None:
    """What the same submission was answered with before."""
    row = db.session.execute(_SUBMITTED, {"user_id": sender.id, "key": key}).first()
    if row is None:
        return None
    if row.payload != drafted.payload:
        raise KeyReused
    return Sent(Decision(), row.ref)


def _accept(sender: User, drafted: Draft, key: str, decision: Decision, moment: datetime) -> str:
    number = db.session.scalars(select(Number).where(Number.user_id == sender.id)).one()
    conversation_id, ref = conversation(sender.organization_id or 0, sender.id, number.id, drafted.recipient.e164)
    due = max(decision.until or moment, moment)
    store(
        organization_id=sender.organization_id, conversation_id=conversation_id, user_id=sender.id,
        number_id=number.id, theirs=drafted.recipient.e164, direction=Direction.OUT, state=State.QUEUED,
        body=drafted.body, at=moment, region=drafted.recipient.region, segments=drafted.text.segments,
        template=drafted.template, submission_key=key, payload=drafted.payload, due_at=due,
        deadline=moment + VALID_FOR, why=kept_reasons(decision.reasons) if due > moment else [],
    )
    if drafted.recipient.region != "CA":
        _count_segments(sender.organization_id or 0, moment, drafted.text.segments)
    return ref


def kept_reasons(reasons: tuple[Reason, ...]) -> list[Any]:
    """The reasons of a refusal or hold as they are kept with a text: rule ids, in table order."""
    return [reason.id for reason in reasons if reason.effect.value in ("block", "hold")]


def store(**values: Any) -> int:
    """Add a line to a conversation, in the open write transaction; returns its id. Core, for speed."""
    values = {"ref": new_ref(), "automatic": False, "region": "", "segments": 1, "template": "", "payload": "",
              "claimed_by": "", "tries": 0, "crashes": 0, "carrier": "", "carrier_id": "", "code": "", "why": [],
              **values}
    message_id: int = db.session.execute(_ADDED, values).inserted_primary_key[0]  # type: ignore[attr-defined]
    db.session.execute(_MOVED, {"of": values["conversation_id"], "message_id": message_id, "moment": values["at"],
                                "more": int(values["direction"] is Direction.IN)})
    return message_id


def conversation(organization_id: int, user_id: int, number_id: int, theirs: str) -> tuple[int, str]:
    """(id, ref) of the conversation of a user over a number with somebody, begun if there is none."""
    found = select(Conversation.id, Conversation.ref).where(
        Conversation.user_id == user_id, Conversation.number_id == number_id, Conversation.theirs == theirs)
    if (row := db.session.execute(found).first()) is not None:
        return row.id, row.ref
    ref = new_ref()
    values = {"ref": ref, "organization_id": organization_id, "user_id": user_id, "number_id": number_id,
              "theirs": theirs, "name": "", "name_key": "", "last_id": 0, "last_at": now(), "unread": 0,
              "blocked": False}
    begun = db.session.execute(insert(Conversation).values(values))
    return begun.inserted_primary_key[0], ref  # type: ignore[attr-defined]


def _count_segments(organization_id: int, moment: datetime, segments: int) -> None:
    day = send_facts.brand_day(moment)
    counted = upsert(BrandDay).values(organization_id=organization_id, day=day, segments=segments)
    db.session.execute(counted.on_conflict_do_update(
        index_elements=["organization_id", "day"], set_={"segments": BrandDay.segments + segments}))


def give_back(ids: Sequence[int], state: State = State.QUEUED, claimed_by: str = "") -> None:
    """Take the segments of texts in this state, which never leave, out of their brands' days.

    In the open write transaction, before the texts get their new state. `claimed_by` leaves out what another worker
    has claimed meanwhile.
    """
    if not ids:
        return
    found = select(Message.organization_id, Message.at, Message.segments).where(
        Message.id.in_(ids), Message.state == state, Message.region != "CA", Message.automatic.is_(False))
    if claimed_by:
        found = found.where(Message.claimed_by == claimed_by)
    for organization_id, at, segments in db.session.execute(found).all():
        _count_segments(organization_id, at, -segments)
