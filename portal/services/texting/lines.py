"""Lines of conversations. Texts of both directions and notes are added here and nowhere else."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from portal.extensions import db, make_ref, now
from portal.models import Conversation, Direction, Message, TextState
from portal.rules import Reason
from portal.write_scopes import require_scope

from ..key_lists import is_among

_ADDED = insert(Message.metadata.tables["messages"])
_TABLE = Conversation.metadata.tables["conversations"]
_MOVED = update(_TABLE).where(_TABLE.c.id == bindparam("of")).values(
    last_id=bindparam("message_id"), last_at=bindparam("moment"), unread=_TABLE.c.unread + bindparam("more"))
_BETWEEN = select(_TABLE.c.id, _TABLE.c.ref).where(
    _TABLE.c.user_id == bindparam("user_id"), _TABLE.c.number_id == bindparam("number_id"),
    _TABLE.c.theirs == bindparam("theirs"))
_BEGUN = insert(_TABLE)
# What a line holds where nothing else is given.
_USUAL = {"automatic": False, "region": "", "segments": 1, "template": "", "payload": "", "claimed_by": "", "tries": 0,
          "crashes": 0, "carrier": "", "carrier_id": "", "code": "", "why": []}


def store_line(**values: Any) -> int:
    """Add a line to a conversation, in the open write transaction; returns its id. Core, for speed.

    Raises OutOfScopeError in a transaction about something else than its organization.
    """
    require_scope(values["organization_id"])
    values = {"ref": make_ref(), **_USUAL, **values}
    connection = db.session.connection()
    message_id: int = connection.execute(_ADDED, values).inserted_primary_key[0]  # type: ignore[index]
    connection.execute(_MOVED, {"of": values["conversation_id"], "message_id": message_id, "moment": values["at"],
                                "more": int(values["direction"] is Direction.IN)})
    return message_id


def store_notes(organization_id: int, numbers: Collection[str], what: str, moment: datetime) -> None:
    """Add a note to every conversation of an organization with one of these numbers, in the open write transaction.

    `what` is the note's key. Three statements, however many numbers. Raises as `store_line`.
    """
    require_scope(organization_id)
    theirs = (Conversation.organization_id == organization_id, is_among(Conversation.theirs, numbers))
    held = db.session.execute(select(Conversation.id, Conversation.user_id, Conversation.number_id,
                                     Conversation.theirs).where(*theirs)).all()
    if not held:
        return
    db.session.execute(_ADDED, [
        {"ref": make_ref(), **_USUAL, "organization_id": organization_id, "conversation_id": one.id,
         "user_id": one.user_id, "number_id": one.number_id, "theirs": one.theirs, "direction": Direction.NOTE,
         "state": TextState.RECEIVED, "body": what, "at": moment} for one in held])
    newest = select(func.max(Message.id)).where(Message.conversation_id == Conversation.id).scalar_subquery()
    db.session.execute(update(Conversation).where(*theirs).values(last_id=newest, last_at=moment)
                       .execution_options(synchronize_session=False))


def reasons_to_store(reasons: tuple[Reason, ...]) -> list[Any]:
    """The reasons of a refusal or hold as they are kept with a text: rule ids, in table order, without untold ones."""
    return [reason.id for reason in reasons if reason.effect.value in ("block", "hold") and not reason.rule.untold]


def ensure_conversation(organization_id: int, user_id: int, number_id: int, theirs: str) -> tuple[int, str]:
    """(id, ref) of a user's conversation between our number and `theirs`; starts one if there is none."""
    known = {"user_id": user_id, "number_id": number_id, "theirs": theirs}
    if (row := db.session.connection().execute(_BETWEEN, known).first()) is not None:
        return row.id, row.ref
    return begin_conversation(organization_id, user_id, number_id, theirs)


def begin_conversation(organization_id: int, user_id: int, number_id: int, theirs: str) -> tuple[int, str]:
    """(id, ref) of a new conversation of a user, where there is none between our number and `theirs`."""
    ref = make_ref()
    values = {"ref": ref, "organization_id": organization_id, "user_id": user_id, "number_id": number_id,
              "theirs": theirs, "name": "", "name_key": "", "last_id": 0, "last_at": now(), "unread": 0,
              "blocked": False}
    begun = db.session.connection().execute(_BEGUN, values)
    return begun.inserted_primary_key[0], ref  # type: ignore[index]
