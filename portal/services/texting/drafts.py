"""Drafts: what a member is writing, one for each conversation and one for a new message. Only they read them.

The submission key of a form belongs to its draft: a page that shows a draft goes on with its key, and the text that is
sent with a key takes the draft of that key along. So a look at a text that comes after the text was sent cannot bring
it back, and sending one text leaves what was written elsewhere in the meantime alone.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, literal, or_, select

from portal import lengths
from portal.dialects import Upsert, upsert
from portal.extensions import db, now, writing
from portal.models import Conversation, KeptDraft, Message, User
from portal.models.drafts import IN_CONVERSATION, OF_NEW_MESSAGE

from . import named_numbers, send_facts

DRAFTS_KEPT = timedelta(days=7)
# A draft that is ahead of the clock by more than this was kept before the clock was set back.
CLOCK_LEEWAY = timedelta(minutes=1)
_TABLE = KeptDraft.metadata.tables["drafts"]
_DROPPED = delete(_TABLE).where(_TABLE.c.user_id == bindparam("of"), _TABLE.c.submission_key == bindparam("key"))
COLUMNS = ("organization_id", "user_id", "conversation_id", "typed", "theirs", "body", "submission_key", "at")


# Built once: to put a statement together takes longer than to run it.
_DRAFT = select(KeptDraft).where(KeptDraft.user_id == bindparam("user_id"), KeptDraft.at > bindparam("since"),
                                 or_(KeptDraft.body != "", KeptDraft.typed != ""))
_NEW_DRAFT = _DRAFT.where(KeptDraft.conversation_id.is_(None))
_DRAFT_THERE = _DRAFT.where(KeptDraft.conversation_id == bindparam("conversation_id"))


def find_draft(user: User, conversation: Conversation | None = None) -> KeptDraft | None:
    """What the member was writing in a conversation of theirs, or as a new message; None for nothing."""
    asked = {"user_id": user.id, "since": now() - DRAFTS_KEPT}
    if conversation is None:
        return db.session.scalar(_NEW_DRAFT, asked)
    return db.session.scalar(_DRAFT_THERE, {"conversation_id": conversation.id, **asked})


def _of(user: User, conversation: Conversation | None) -> ColumnElement[bool]:
    where = KeptDraft.conversation_id == (conversation.id if conversation else None)
    return where & (KeptDraft.user_id == user.id)


def keep_draft(user: User, conversation: Conversation | None, typed: str, body: str, key: str,
               moment: datetime | None = None) -> bool:
    """Keep what the member has written by `moment`; False if that comes too late.

    `typed` is the number of a new message as typed. Nothing is written where nothing has changed. It is too late when
    a text was sent with this key, or something newer is kept. More than fits is not kept.
    """
    typed, body = "" if conversation else typed.strip(), body.replace("\r\n", "\n")
    if len(typed) > lengths.TYPED_NUMBER or len(body) > lengths.DRAFT_BODY or _is_kept(user, conversation, typed, body):
        return True
    theirs = conversation.theirs if conversation else send_facts.read_draft(
        user, named_numbers.number_to_text(user, typed), "").theirs
    row = _row_unless_sent((user.organization_id, user.id, conversation.id if conversation else None, typed, theirs,
                            body, key, moment or now()))
    with writing() as session:
        done = session.execute(_keep_newest(row, conversation is None))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _is_kept(user: User, conversation: Conversation | None, typed: str, body: str) -> bool:
    """Whether just this is kept already. Where there is nothing, an empty text is."""
    row = db.session.execute(select(KeptDraft.typed, KeptDraft.body).where(_of(user, conversation))).first()
    return (row.typed, row.body) == (typed, body) if row else not (typed or body)


def _row_unless_sent(values: tuple[Any, ...]) -> Select[Any]:
    """The row with these values, or none where a text was sent with its key."""
    table, given = KeptDraft.__table__, dict(zip(COLUMNS, values, strict=True))
    sent = exists().where(Message.user_id == given["user_id"], Message.submission_key == given["submission_key"])
    return select(*(literal(value, table.c[name].type) for name, value in given.items())).where(~sent)


def _keep_newest(row: Select[Any], is_new_message: bool) -> Upsert:
    """The one statement that writes a row in the place of what is there, unless that is newer."""
    statement = upsert(KeptDraft).from_select(COLUMNS, row)
    new = statement.excluded
    newest = or_(KeptDraft.at <= new.at, KeptDraft.at > now() + CLOCK_LEEWAY)
    return statement.on_conflict_do_update(
        index_elements=[KeptDraft.user_id if is_new_message else KeptDraft.conversation_id],
        index_where=OF_NEW_MESSAGE if is_new_message else IN_CONVERSATION,
        set_={name: new[name] for name in COLUMNS[3:]}, where=newest)


def drop_sent_draft(user_id: int, key: str) -> None:
    """Erase the draft of a text that is sent with this key, in the open write transaction."""
    db.session.connection().execute(_DROPPED, {"of": user_id, "key": key})
