"""Rows of a member's conversations for lists: only what lists show, and no objects of which most would be unread."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from portal.models import CallReason, Conversation, Direction, Message, Number, TextState


class ListedConversation(NamedTuple):
    """What lists show of a conversation, under the names that it has in `Conversation`."""

    ref: str
    id: int
    theirs: str
    name: str
    last_id: int
    last_at: datetime
    unread: int
    blocked: bool
    call_reason: CallReason | None
    call_at: datetime | None


class LastLine(NamedTuple):
    """What lists show of the last line of a conversation, under the names that it has in `Message`."""

    ref: str
    direction: Direction
    state: TextState
    code: str
    body: str
    at: datetime
    due_at: datetime | None
    changed_at: datetime | None
    why: str
    automatic: bool
    theirs: str


class InboxRow(NamedTuple):
    """A row of the inbox: the conversation, its last line, and our number (E.164)."""

    conversation: ListedConversation
    last: LastLine | None
    ours: str


# The columns of `InboxRow` of a member's conversations; `read_inbox_row` makes one of them.
INBOX_ROWS = select(
    Number.e164, *(getattr(Conversation, name) for name in ListedConversation._fields),
    *(getattr(Message, name) for name in LastLine._fields),
).select_from(Conversation).join(Number, Number.id == Conversation.number_id).outerjoin(
    Message, Message.id == Conversation.last_id).where(Conversation.user_id == bindparam("user_id"))
_LINE_BEGINS = 1 + len(ListedConversation._fields)


def read_inbox_row(row: Sequence[Any]) -> InboxRow:
    """A row that was selected with the columns of `INBOX_ROWS`."""
    conversation, line = ListedConversation(*row[1:_LINE_BEGINS]), row[_LINE_BEGINS:]
    return InboxRow(conversation, LastLine(*line) if line[0] is not None else None, row[0])
