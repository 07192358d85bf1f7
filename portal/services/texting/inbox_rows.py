"""Conversations and their lines as pages list them: only what they show, and no objects of which most would be unread.
"""

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


class ListedLine(NamedTuple):
    """What pages show of a line of a conversation, under the names that it has in `Message`."""

    id: int
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
    last: ListedLine | None
    ours: str


# The columns of a `ListedLine`.
LINE_COLUMNS = tuple(getattr(Message, name) for name in ListedLine._fields)
# The columns of `InboxRow` of a member's conversations; `read_inbox_row` makes one of them.
INBOX_ROWS = select(
    Number.e164, *(getattr(Conversation, name) for name in ListedConversation._fields), *LINE_COLUMNS,
).select_from(Conversation).join(Number, Number.id == Conversation.number_id).outerjoin(
    Message, Message.id == Conversation.last_id).where(Conversation.user_id == bindparam("user_id"))
_LINE_BEGINS = 1 + len(ListedConversation._fields)


def read_inbox_row(row: Sequence[Any]) -> InboxRow:
    """A row that was selected with the columns of `INBOX_ROWS`."""
    conversation, line = ListedConversation(*row[1:_LINE_BEGINS]), row[_LINE_BEGINS:]
    return InboxRow(conversation, ListedLine(*line) if line[0] is not None else None, row[0])
