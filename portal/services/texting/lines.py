"""Lines of conversations. Texts of both directions and notes are added here and nowhere else."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from portal.extensions import db, make_ref, now
from portal.models import Conversation, Direction, Message
from portal.rules import Reason

_ADDED = insert(Message.metadata.tables["messages"])
_TABLE = Conversation.metadata.tables["conversations"]
_MOVED = update(_TABLE).where(_TABLE.c.id == bindparam("of")).values(
    last_id=bindparam("message_id"), last_at=bindparam("moment"), unread=_TABLE.c.unread + bindparam("more"))


def store_line(**values: Any) -> int:
    """Add a line to a conversation, in the open write transaction; returns its id. Core, for speed."""
    values = {"ref": make_ref(), "automatic": False, "region": "", "segments": 1, "template": "", "payload": "",
              "claimed_by": "", "tries": 0, "crashes": 0, "carrier": "", "carrier_id": "", "code": "", "why": [],
              **values}
    message_id: int = db.session.execute(_ADDED, values).inserted_primary_key[0]  # type: ignore[attr-defined]
    db.session.execute(_MOVED, {"of": values["conversation_id"], "message_id": message_id, "moment": values["at"],
                                "more": int(values["direction"] is Direction.IN)})
    return message_id


def reasons_to_store(reasons: tuple[Reason, ...]) -> list[Any]:
    """The reasons of a refusal or hold as they are kept with a text: rule ids, in table order, without untold ones."""
    return [reason.id for reason in reasons if reason.effect.value in ("block", "hold") and not reason.rule.untold]


def ensure_conversation(organization_id: int, user_id: int, number_id: int, theirs: str) -> tuple[int, str]:
    """(id, ref) of a user's conversation between our number and `theirs`; starts one if there is none."""
    found = select(Conversation.id, Conversation.ref).where(
        Conversation.user_id == user_id, Conversation.number_id == number_id, Conversation.theirs == theirs)
    if (row := db.session.execute(found).first()) is not None:
        return row.id, row.ref
    ref = make_ref()
    values = {"ref": ref, "organization_id": organization_id, "user_id": user_id, "number_id": number_id,
              "theirs": theirs, "name": "", "name_key": "", "last_id": 0, "last_at": now(), "unread": 0,
              "blocked": False}
    begun = db.session.execute(insert(Conversation).values(values))
    return begun.inserted_primary_key[0], ref  # type: ignore[attr-defined]
