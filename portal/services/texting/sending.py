"""Sending a text: one commit decides, counts the segments and stores the text. The stored row is the outbox."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select, update
from sqlalchemy.orm import aliased

from portal.extensions import db, now, wake, writing
from portal.models import Conversation, Direction, KeptDraft, Message, Number, TextState, User
from portal.rules import Act, Decision, decide, facts
from portal.rules.table.send import TIME_TO_LEAVE

from . import brand_days, drafts, lines, send_facts
from .send_facts import VALID_FOR, Draft, TextParties
from .sender_facts import read_text_sender


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
    # Nobody waits for these to be read. What changes until the text is stored is found when it is handed over.
    moment = now()
    known = read_text_sender(sender.id, moment) if sender.organization_id else None
    drafted = send_facts.read_draft(sender, typed, body, attachments, known.country if known else "")
    between = TextParties.of(sender, drafted)
    ahead = send_facts.gather_facts_ahead(sender, drafted, moment, known)
    # An operator without organization has no number: for them nothing is written.
    with writing(about=between.organization_id):
        moment, place = now(), _find_place(between, key)
        if place.payload is not None:
            return _repeat_answer(place, drafted)
        if not place.number_id:
            ahead = replace(ahead, number=facts.NumberFacts())
        decision = decide(Act.SEND, send_facts.add_counts(ahead, between, drafted, moment))
        if not decision.allowed or not place.number_id:
            return SendAnswer(decision)
        ref = _accept(between, place, drafted, key, decision, moment)
    wake()
    return SendAnswer(decision, ref)


class _Place(NamedTuple):
    """What a text finds that is being accepted.

    That is its sender's number, 0 without one, and the conversation with the recipient, None where there is none;
    whether there is a draft with its key; and what was stored with its key before: payload and conversation.
    """

    number_id: int
    conversation_id: int | None
    ref: str | None
    is_drafted: bool
    payload: str | None
    submitted_to: str | None


# Made once: putting a statement together takes longer than running it. And one: others wait to write meanwhile.
_KEY: Any = bindparam("key")
_THERE = aliased(Conversation)
_PLACE = select(
    func.coalesce(Number.id, 0), Conversation.id, Conversation.ref,
    exists().where(KeptDraft.user_id == User.id, KeptDraft.submission_key == _KEY), Message.payload, _THERE.ref,
).select_from(User).outerjoin(Number, Number.user_id == User.id).outerjoin(Conversation, and_(
    Conversation.user_id == User.id, Conversation.number_id == Number.id, Conversation.theirs == bindparam("theirs"),
)).outerjoin(Message, and_(Message.user_id == User.id, Message.submission_key == _KEY)).outerjoin(
    _THERE, _THERE.id == Message.conversation_id).where(User.id == bindparam("user_id"))


def _find_place(between: TextParties, key: str) -> _Place:
    known = {"user_id": between.user_id, "theirs": between.theirs, "key": key}
    return _Place(*db.session.connection().execute(_PLACE, known).one())


def _repeat_answer(place: _Place, drafted: Draft) -> SendAnswer:
    """The answer that the same submission got before."""
    if place.payload != drafted.payload:
        raise KeyReused
    return SendAnswer(Decision(), place.submitted_to or "")


def _accept(between: TextParties, place: _Place, drafted: Draft, key: str, decision: Decision,
            moment: datetime) -> str:
    number_id, conversation_id, ref, *_more = place
    if conversation_id is None or ref is None:
        conversation_id, ref = lines.begin_conversation(*between[:2], number_id, between.theirs)
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
    if place.is_drafted:
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
