"""Calls that a member should make: to people who cannot be texted any more and wrote all the same.

One opted out with a word that may have been meant for an appointment; another asked something after STOP. The member
who reads texts to that number finds them on top of the inbox until they say that they called. The next text asks anew.
"""

from datetime import datetime

from sqlalchemy import update

from portal.extensions import db, now, writing
from portal.models import (
    ArrivalOutcome,
    CallReason,
    Conversation,
    Direction,
    Number,
    OptOut,
    OptOutSource,
    OptOutState,
    TextState,
    User,
)
from portal.rules import quoting
from portal.rules.cancel_words import may_mean_appointment
from portal.rules.keywords import HeardRequest, Meaning

from .. import audit
from .answers import is_automatic_answer
from .conversations import ROWS_PER_INBOX_PAGE
from .inbox_rows import INBOX_ROWS, InboxRow, read_inbox_row
from .lines import store_line
from .optouts import optout_of_number
from .stand_ins import NumberReader

# The key of the note in the conversation.
CALLED = "called"
_TO_CALL = INBOX_ROWS.where(Conversation.call_at.is_not(None)).order_by(Conversation.call_at.desc()).limit(
    ROWS_PER_INBOX_PAGE)


def reason_to_call(number: Number | None, theirs: str, heard: HeardRequest | None, body: str) -> CallReason | None:
    """Why a member should call the sender of a text to our number; None if nobody need.

    Ask before the text's own keyword is obeyed. A START can be answered by text. Who only repeats STOP, or likes one of
    our texts, asks for nothing, and no person wrote an automatic answer.
    """
    if number is None or _asks_nothing(heard, body):
        return None
    row = optout_of_number(number.organization_id, theirs)
    if heard and may_mean_appointment(heard):
        return _after(row) or CallReason.CANCELED
    return _after(row) if heard is None or heard.meaning is not Meaning.STOP else None


def _after(row: OptOut | None) -> CallReason | None:
    """What a text comes after, if its sender has opted out."""
    if row is None or row.state is not OptOutState.OUT:
        return None
    return CallReason.AFTER_STOP if row.source is OptOutSource.STOP else CallReason.AFTER_OPT_OUT


def _asks_nothing(heard: HeardRequest | None, body: str) -> bool:
    quote = quoting.find_quote(body)
    likes = quote is not None and quoting.is_reaction(quote)
    return likes or is_automatic_answer(body) or (heard is not None and heard.meaning is Meaning.START)


def ask_for_call(reader: NumberReader | None, theirs: str, reason: CallReason | None, outcome: ArrivalOutcome,
                 moment: datetime) -> None:
    """Ask the member who reads the text to call `theirs`, in the open write transaction, if it was shown to them."""
    if reader is None or reason is None or outcome is not ArrivalOutcome.SHOWN:
        return
    db.session.execute(update(Conversation).where(
        Conversation.user_id == reader.user_id, Conversation.number_id == reader.number_id,
        Conversation.theirs == theirs,
    ).values(call_reason=reason, call_at=moment).execution_options(synchronize_session=False))


def list_calls_to_make(user: User) -> list[InboxRow]:
    """The member's conversations with people whom they should call, the latest first, at most one page."""
    return [read_inbox_row(row) for row in db.session.connection().execute(_TO_CALL, {"user_id": user.id})]


def confirm_call(user: User, conversation: Conversation, asked: str) -> bool:
    """Record that the member called. False if nothing is to be done, or if the person has written again since.

    `asked` is when the page that the member saw was asked for a call (`call_at`, ISO 8601), so that no later text is
    taken for answered.
    """
    with writing() as session:
        shown = conversation.call_at
        if shown is None or shown.isoformat() != asked:
            return False
        done = session.execute(update(Conversation).where(
            Conversation.id == conversation.id, Conversation.call_at == shown,
        ).values(call_reason=None, call_at=None, unread=0, read_up_to=Conversation.last_id))
        if not done.rowcount:  # type: ignore[attr-defined]
            return False
        store_line(organization_id=conversation.organization_id, conversation_id=conversation.id, user_id=user.id,
                   number_id=conversation.number_id, theirs=conversation.theirs, direction=Direction.NOTE,
                   state=TextState.RECEIVED, body=CALLED, at=now())
        audit.record_event(user, "called-back", user)
    return True
