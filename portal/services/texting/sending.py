"""Sending a text: one commit decides, counts the segments and stores the text. The stored row is the outbox."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, select, update

from portal.extensions import db, now, wake, writing
from portal.models import Conversation, Direction, Message, Number, TextState, User
from portal.rules import Act, Decision, decide, facts
from portal.rules.table.send import TIME_TO_LEAVE

from . import brand_days, drafts, lines, send_facts
from .send_facts import VALID_FOR, Draft, TextParties


class KeyReused(Exception):
    """The same submission key came with another text. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """The answer to sending: the decision, and the conversation's ref when the text was accepted."""

    decision: Decision
    conversation: str = ""


def send_text(sender: User, typed: str, body: str, key: str, attachments: int = 0) -> SendAnswer:
    """Accept a text for sending, or say every reason why not.

    `key` is the random key of the form. Submitting the same key and text again does not send a second text. An
    accepted text is stored durably, and its draft goes with the same commit. Raises KeyReused for the same key with
    another text.
    """
    drafted = send_facts.read_draft(sender, typed, body, attachments)
    between = TextParties.of(sender, drafted)
    # Nobody waits for these to be read. What changes until the text is stored is found when it is handed over.
    ahead = send_facts.gather_facts_ahead(sender, drafted, now())
    with writing():
        if (stored := _stored(between.user_id, key, drafted)) is not None:
            return stored
        moment, talk = now(), _find_talk(between)
        known = ahead if talk else replace(ahead, number=facts.NumberFacts())
        decision = decide(Act.SEND, send_facts.add_counts(known, between, drafted, moment))
        if not decision.allowed or talk is None:
            return SendAnswer(decision)
        ref = _accept(between, talk, drafted, key, decision, moment)
    wake()
    return SendAnswer(decision, ref)


class _Talk(NamedTuple):
    """Where a text belongs: its sender's number and the conversation with the recipient, if there is one."""

    number_id: int
    conversation_id: int | None
    ref: str | None


# Made once: putting a statement together takes longer than running it.
_SUBMITTED = select(Message.payload, Conversation.ref).join(
    Conversation, Conversation.id == Message.conversation_id,
).where(Message.user_id == bindparam("user_id"), Message.submission_key == bindparam("key"))
_TALK = select(Number.id, Conversation.id, Conversation.ref).outerjoin(Conversation, and_(
    Conversation.user_id == Number.user_id, Conversation.number_id == Number.id,
    Conversation.theirs == bindparam("theirs"))).where(Number.user_id == bindparam("user_id"))


def _stored(user_id: int, key: str, drafted: Draft) -> SendAnswer | None:
    """The answer that the same submission got before; None if it is new."""
    row = db.session.connection().execute(_SUBMITTED, {"user_id": user_id, "key": key}).first()
    if row is None:
        return None
    if row.payload != drafted.payload:
        raise KeyReused
    return SendAnswer(Decision(), row.ref)


def _find_talk(between: TextParties) -> _Talk | None:
    """None where the sender has no number, or has lost it."""
    row = db.session.connection().execute(_TALK, {"user_id": between.user_id, "theirs": between.theirs}).first()
    return _Talk(*row) if row else None


def _accept(between: TextParties, talk: _Talk, drafted: Draft, key: str, decision: Decision, moment: datetime) -> str:
    number_id, conversation_id, ref = talk
    if conversation_id is None or ref is None:
        conversation_id, ref = lines.ensure_conversation(*between[:2], number_id, between.theirs)
    due = max(decision.until or moment, moment)
    # A text that waits for midnight counts for the day on which it leaves.
    day = brand_days.brand_day(due) if drafted.counts_for_brand else brand_days.NO_DAY
    lines.store_line(
        organization_id=between.organization_id, conversation_id=conversation_id, user_id=between.user_id,
        number_id=number_id, theirs=drafted.theirs, direction=Direction.OUT, state=TextState.QUEUED,
        body=drafted.body, at=moment, region=drafted.recipient.region, segments=drafted.text.segments,
        template=drafted.template, submission_key=key, payload=drafted.payload, due_at=due,
        deadline=max(moment + VALID_FOR, due + TIME_TO_LEAVE), brand_day=day,
        why=lines.reasons_to_store(decision.reasons) if due > moment else [],
    )
    if day:
        brand_days.count_segments(between.organization_id, day, drafted.text.segments)
    drafts.drop_sent_draft(between.user_id, key)
    return ref


# The portal does not know whether these left, so it asks the member who wrote them.
UNSURE = (TextState.UNKNOWN, TextState.QUARANTINED)
SAID_SENT, SENT_AGAIN = "said-sent", "sent-again"


def cancel_waiting_text(message: Message) -> bool:
    """Cancel a text that still waits; False if it has left, if a carrier may have it, or if it was stopped."""
    return _settle(message, (TextState.QUEUED,), TextState.CANCELED, "", Message.may_be_at == "")


def mark_text_sent(message: Message) -> bool:
    """Record that the writer says an unclear text was sent; False if its state is clear by now."""
    return _settle(message, UNSURE, TextState.SENT, SAID_SENT)


def resend_unclear_text(sender: User, message: Message) -> SendAnswer | None:
    """Send an unclear text again, as a new text under all rules; None if its state is clear by now.

    The submission key of the new text is made from the ref of the old one, so that a second click sends nothing. The
    old text stays unclear, and a late receipt can still settle it.
    """
    if message.state not in UNSURE or message.code == SENT_AGAIN:
        return None
    sent = send_text(sender, message.theirs, message.body, f"again-{message.ref}")
    if sent.decision.allowed:
        _settle(message, UNSURE, message.state, SENT_AGAIN)
    return sent


def _settle(message: Message, of: Iterable[TextState], state: TextState, code: str,
            *more: ColumnElement[bool]) -> bool:
    """Change a text only while it is in one of these states; a canceled one gives its segments back to the day."""
    with writing() as session:
        found = update(Message).where(
            Message.id == message.id, Message.state.in_(of), Message.code != SENT_AGAIN, *more)
        done = session.execute(found.values(state=state, code=code, why=[], changed_at=now())
                               .execution_options(synchronize_session=False))
        changed = bool(done.rowcount)  # type: ignore[attr-defined]
        if changed and state is TextState.CANCELED:
            brand_days.give_back_segments([message.id], TextState.CANCELED)
    return changed
