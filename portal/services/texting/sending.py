"""Sending a text: decided, reserved and stored in one commit. The stored row is the outbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from portal.extensions import db, now, wake, writing
from portal.models import Conversation, Direction, Message, Number, State, User
from portal.rules import Act, Decision, Reason, decide

from . import brand_days, lines, send_facts
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
    conversation_id, ref = lines.conversation(sender.organization_id or 0, sender.id, number.id, drafted.recipient.e164)
    due = max(decision.until or moment, moment)
    lines.store(
        organization_id=sender.organization_id, conversation_id=conversation_id, user_id=sender.id,
        number_id=number.id, theirs=drafted.recipient.e164, direction=Direction.OUT, state=State.QUEUED,
        body=drafted.body, at=moment, region=drafted.recipient.region, segments=drafted.text.segments,
        template=drafted.template, submission_key=key, payload=drafted.payload, due_at=due,
        deadline=moment + VALID_FOR, why=kept_reasons(decision.reasons) if due > moment else [],
    )
    if drafted.recipient.region != "CA":
        brand_days.count_segments(sender.organization_id or 0, moment, drafted.text.segments)
    return ref


def kept_reasons(reasons: tuple[Reason, ...]) -> list[Any]:
    """The reasons of a refusal or hold as they are kept with a text: rule ids, in table order."""
    return [reason.id for reason in reasons if reason.effect.value in ("block", "hold")]


# Nobody knows whether these left, so the writer says so.
UNSURE = (State.UNKNOWN, State.QUARANTINED)
SAID_SENT, SENT_AGAIN = "said-sent", "sent-again"


def cancel(message: Message) -> bool:
    """Call back a text that still waits; False when it has left, or was stopped, meanwhile."""
    return _settle(message, (State.QUEUED,), State.CANCELED, "")


def say_sent(message: Message) -> bool:
    """The writer knows that an unclear text was sent after all; False when it is not unclear any more."""
    return _settle(message, UNSURE, State.SENT, SAID_SENT)


def send_again(sender: User, message: Message) -> Sent | None:
    """Send an unclear text once more, as a new text under all rules; None when it is not unclear any more.

    The new text's submission key is made from the old text, so that a second click sends nothing. The old one
    stays unclear, and a late receipt still counts.
    """
    if message.state not in UNSURE or message.code == SENT_AGAIN:
        return None
    sent = send(sender, message.theirs, message.body, f"again-{message.ref}")
    if sent.decision.allowed:
        _settle(message, UNSURE, message.state, SENT_AGAIN)
    return sent


def _settle(message: Message, of: Iterable[State], state: State, code: str) -> bool:
    """Change a text only while it is in one of these states; the place of a canceled one is given back."""
    with writing() as session:
        found = update(Message).where(Message.id == message.id, Message.state.in_(of), Message.code != SENT_AGAIN)
        done = session.execute(found.values(state=state, code=code, why=[], changed_at=now())
                               .execution_options(synchronize_session=False))
        changed = bool(done.rowcount)  # type: ignore[attr-defined]
        if changed and state is State.CANCELED:
            brand_days.give_back([message.id], State.CANCELED)
    return changed
