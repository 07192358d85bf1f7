"""Conversations. Only the member who owns one can read, name or block it."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import joinedload

from portal import lengths
from portal.dialects import SmallerOf
from portal.extensions import db, writing
from portal.marks import N_
from portal.models import Conversation, Direction, Message, Number, OptOut, User
from portal.rules.characters import HIDING, tidy_line

from .. import names
from ..names import key_of_name
from ..refusals import Clash
from . import optouts
from .inbox_rows import INBOX_ROWS, LINE_COLUMNS, InboxRow, ListedLine, read_inbox_row

ROWS_PER_INBOX_PAGE = 50
# Notes that count as unread: the conversation of a member who left, and likely opt-outs that wait for an answer.
ASKING_NOTES = ("taken-over", "reminded", "admins-asked")
_ASKS = or_(Message.direction == Direction.IN,
            and_(Message.direction == Direction.NOTE, Message.body.in_(ASKING_NOTES)))
_HAS_UNREAD: Any = literal_column("conversations.unread > 0")
# Built once: to put a statement together takes longer than to run it.
_CONVERSATION = select(Conversation).options(joinedload(Conversation.number)).where(
    Conversation.ref == bindparam("ref"), Conversation.user_id == bindparam("user_id"))
_NEWEST_LINES = select(*LINE_COLUMNS).where(Message.conversation_id == bindparam("conversation_id")).order_by(
    Message.id.desc()).limit(ROWS_PER_INBOX_PAGE + 1)
_OLDER_LINES = _NEWEST_LINES.where(Message.id < bindparam("before"))
_NEWEST_ROWS = INBOX_ROWS.order_by(Conversation.last_id.desc()).limit(bindparam("most"))
# A poll asks about so many texts at most: the latest ones whose state may still change.
WATCHED = 20


class ConversationNews(NamedTuple):
    """What an open page does not show yet: new lines, and lines that have changed."""

    added: Sequence[ListedLine]
    changed: Sequence[ListedLine]


class InboxVersion(NamedTuple):
    """What a page of the inbox shows, in short: two pages with the same version show the same list.

    The last line, how many conversations, unread texts and calls to make there are, how many are blocked, and when the
    state of a last line changed (milliseconds since 1970, 0 for never).
    """

    last_id: int
    rows: int
    unread: int
    calls: int
    blocked: int
    changed: int


def version_of_rows(rows: Sequence[InboxRow]) -> InboxVersion:
    """The version of the first page of an inbox, or of what was searched for, from its rows."""
    held = [(one.last_id, one.unread, one.call_at is not None, one.blocked, last and last.changed_at)
            for one, last, _ours in rows]
    ids, unread, calls, blocked, changed = zip(*held, strict=True) if held else ((),) * 5
    return InboxVersion(max(ids, default=0), len(held), sum(unread), sum(calls), sum(blocked),
                        _in_milliseconds(max(filter(None, changed), default=None)))


def _in_milliseconds(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0


def _select_inbox_version(user_id: Any, most: Any, *matching: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    page = select(Conversation.last_id, Conversation.unread, Conversation.call_at, Conversation.blocked).where(
        Conversation.user_id == user_id, *matching).order_by(Conversation.last_id.desc()).limit(most).subquery()
    return select(
        func.max(page.c.last_id), func.count(), func.sum(page.c.unread), func.count(page.c.call_at),
        func.sum(cast(page.c.blocked, Integer)), func.max(Message.changed_at)).select_from(page).outerjoin(
        Message, Message.id == page.c.last_id)


# What open pages ask again and again is built once: building a statement takes longer than running it.
_INBOX_VERSION = _select_inbox_version(bindparam("user_id"), bindparam("most", type_=Integer))
_NEWEST_LINE = select(select(func.max(Message.id)).where(
    Message.conversation_id == Conversation.id).scalar_subquery()).where(
    Conversation.ref == bindparam("ref"), Conversation.user_id == bindparam("user_id"))
_OPEN_PAGE_VERSION = _INBOX_VERSION.add_columns(_NEWEST_LINE.scalar_subquery())


def read_inbox_version(user: User, search: str = "", most: int = ROWS_PER_INBOX_PAGE) -> InboxVersion:
    """The version of the first rows of a member's inbox, or of what they search for, in one statement."""
    asked = _select_inbox_version(user.id, most, *_matching(search)) if search.strip() else _INBOX_VERSION
    return _as_inbox_version(*db.session.connection().execute(asked, {"user_id": user.id, "most": most}).one())


def _as_inbox_version(last_id: int | None, rows: int, unread: int | None, calls: int, blocked: int | None,
                      changed: datetime | None) -> InboxVersion:
    return InboxVersion(last_id or 0, rows, unread or 0, calls, int(blocked or 0), _in_milliseconds(changed))


def read_open_page_version(user: User, ref: str, most: int) -> tuple[InboxVersion, int | None]:
    """What the page of a conversation may have to be brought up to date about, in one statement.

    The version of the first rows of the inbox, which stand beside it, and the id of the last line of the conversation
    with this ref; None without a line, and for conversations of others.
    """
    *row, newest = db.session.connection().execute(
        _OPEN_PAGE_VERSION, {"user_id": user.id, "most": most, "ref": ref}).one()
    return _as_inbox_version(*row), newest


def list_inbox_rows(user: User, search: str = "", before: int | None = None,
                    most: int = ROWS_PER_INBOX_PAGE) -> tuple[list[InboxRow], bool]:
    """At most `most` of the member's conversations, newest first; True when there are older ones.

    `search` is part of a name or of a number; `before` is the `last_id` of the last row on the page before.
    """
    found = _NEWEST_ROWS.where(*_matching(search)) if search else _NEWEST_ROWS
    if before is not None:
        found = found.where(Conversation.last_id < before)
    rows = [read_inbox_row(row) for row in db.session.connection().execute(
        found, {"user_id": user.id, "most": most + 1})]
    return rows[:most], len(rows) > most


def _matching(search: str) -> list[ColumnElement[bool]]:
    if not search.strip():
        return []
    if len(search) > lengths.SEARCH_WORDS:
        return [false()]
    hits = [names.name_condition(Conversation.name_key, search)]
    digits = names.digits_of_search(search)
    if len(digits) >= 3:
        hits.append(Conversation.theirs.contains(digits, autoescape=True))
    return [or_(*hits)]


def select_unread_conversations(user_id: Any) -> Select[int]:
    """How many texts are unread in each conversation of a user (id or parameter) that has any, not asked yet."""
    # The condition repeats the words of the index: with a parameter instead, SQLite would not use it.
    return select(Conversation.unread).where(Conversation.user_id == user_id, _HAS_UNREAD)


def find_conversation(user: User, ref: str) -> Conversation:
    """One of the member's own conversations; 404 for all others, also for admins and operators."""
    found = db.session.scalar(_CONVERSATION, {"ref": ref, "user_id": user.id})
    return found or abort(404)


def is_line_unread(conversation: Conversation, line: Message | ListedLine) -> bool:
    """Whether a line came after what the member has seen, and wants to be read: a text in, or a note that asks.

    Never while the member should call the number: then nothing but their call makes it read.
    """
    asks = line.direction is Direction.IN or (line.direction is Direction.NOTE and line.body in ASKING_NOTES)
    return asks and conversation.call_at is None and conversation.unread > 0 and line.id > conversation.read_up_to


def mark_read_up_to(conversation: Conversation, line_id: int) -> bool:
    """Record that the member has seen a conversation up to the line with this id; True if that is further than before.

    What comes later stays unread, so an id after the last line changes nothing. Neither does any while the member
    should call the number: it counts as unread.
    """
    if line_id <= conversation.read_up_to or conversation.call_at:
        return False
    mine, its_own = Conversation.id == conversation.id, Message.conversation_id == conversation.id
    later = select(func.count(Message.id)).where(its_own, Message.id > line_id, _ASKS)
    # Reading never makes more unread than there were: some lines are kept from a member who blocks the number.
    left = SmallerOf(Conversation.unread, later.scalar_subquery())
    further = update(Conversation).where(mine, Conversation.read_up_to < line_id, Conversation.last_id >= line_id,
                                         Conversation.call_at.is_(None))
    with writing() as session:
        done = session.execute(further.values(read_up_to=line_id, unread=left).execution_options(
            synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def list_conversation_lines(conversation: Conversation, before: int | None = None) -> tuple[list[ListedLine], bool]:
    """The latest page of a conversation, or the one before a line's id, oldest first; True when there are older."""
    asked = {"conversation_id": conversation.id, **({} if before is None else {"before": before})}
    found = db.session.connection().execute(_NEWEST_LINES if before is None else _OLDER_LINES, asked)
    rows = [ListedLine(*row) for row in found]
    return rows[:ROWS_PER_INBOX_PAGE][::-1], len(rows) > ROWS_PER_INBOX_PAGE


def read_conversation_news(conversation: Conversation, after: int, watched: Iterable[str]) -> ConversationNews:
    """Lines of a conversation after the id `after`, at most a page, and the lines whose refs are in `watched`."""
    mine = Message.conversation_id == conversation.id
    later = select(Message.id).where(mine,
                                     Message.id > after).order_by(Message.id).limit(ROWS_PER_INBOX_PAGE).subquery()
    looked = select(Message.id).where(Message.ref.in_(list(watched)[:WATCHED]))
    # Each select uses its own index: with OR, SQLite would read the whole conversation.
    asked = union_all(select(later.c.id), looked)
    found = db.session.connection().execute(
        select(*LINE_COLUMNS).where(mine, Message.id.in_(asked)).order_by(Message.id))
    rows = [ListedLine(*row) for row in found]
    return ConversationNews([row for row in rows if row.id > after], [row for row in rows if row.id <= after])


def find_outgoing_text(conversation: Conversation, ref: str) -> Message:
    """A text that the member sent; 404 for other conversations, notes, automatic answers and texts that came in."""
    found: Message = db.one_or_404(select(Message).where(
        Message.ref == ref, Message.conversation_id == conversation.id, Message.direction == Direction.OUT,
        Message.automatic.is_(False)))
    return found


def find_incoming_text(conversation: Conversation, ref: str) -> Message:
    """A text that came in; 404 for other conversations, notes and texts that were sent."""
    found: Message = db.one_or_404(select(Message).where(
        Message.ref == ref, Message.conversation_id == conversation.id, Message.direction == Direction.IN))
    return found


def find_line(conversation: Conversation, ref: str) -> Message:
    """Any line of a conversation; 404 for those of other conversations."""
    found: Message = db.one_or_404(select(Message).where(
        Message.ref == ref, Message.conversation_id == conversation.id))
    return found


def position_of_line(conversation: Conversation, ref: str) -> int:
    """The id of a line of a conversation by its ref; 0 if the conversation has no such line."""
    return db.session.scalar(select(Message.id).where(
        Message.ref == ref, Message.conversation_id == conversation.id)) or 0


def number_of_conversation(conversation: Conversation) -> Number:
    """Our number in a conversation, even if another user has it by now."""
    return conversation.number


def list_invisible_characters(typed: str) -> list[str]:
    """The characters of a name that are invisible or reverse the order of others, each once."""
    return [char for char in dict.fromkeys(typed) if unicodedata.category(char) in HIDING]


def set_conversation_name(conversation: Conversation, typed: str) -> None:
    """Give the outside number a name that only this member sees; "" removes it. Raises Clash for an unfit name."""
    wanted = typed.strip()
    if len(wanted) > lengths.CONVERSATION_NAME:
        raise Clash("name", N_("Use at most %(most)s characters."), most=lengths.CONVERSATION_NAME)
    if list_invisible_characters(wanted) or (wanted and not tidy_line(wanted)):
        raise Clash("name", N_("This name has characters in it that nobody can see. Type it again by hand."))
    with writing():
        conversation.name, conversation.name_key = wanted, key_of_name(wanted)[:lengths.CONVERSATION_NAME]


def set_conversation_block(conversation: Conversation, *, on: bool) -> None:
    """Hide new texts of the outside number from this member, or show them again. A STOP still counts."""
    with writing():
        conversation.blocked = on


def optout_of_conversation(conversation: Conversation) -> OptOut | None:
    """The opt-out row of the outside number in the organization, also one that is not in force; None if none."""
    return optouts.optout_of_number(conversation.organization_id, conversation.theirs)
