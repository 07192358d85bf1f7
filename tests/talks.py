"""Conversations for tests, written straight into the tables, and what stands on the pages about them."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from portal.carriers.base import IncomingText
from portal.extensions import db, make_ref, now, writing
from portal.models import Conversation, Direction, Message, TextState, User
from portal.services.names import key_of_name
from portal.services.texting import conversations, inbound, lines

THEIRS = "+16475550110"
OUT, IN, NOTE = Direction.OUT, Direction.IN, Direction.NOTE


def text_out(body: str = "Hello", state: TextState = TextState.DELIVERED, **more: Any) -> dict[str, Any]:
    """A text that was sent; `more` holds columns besides."""
    return {"direction": OUT, "body": body, "state": state, "submission_key": make_ref(), "due_at": now(),
            "deadline": now() + timedelta(hours=4), "region": "CA", **more}


def text_in(body: str = "Hi", **more: Any) -> dict[str, Any]:
    """A text that came in."""
    return {"direction": IN, "body": body, "state": TextState.RECEIVED, **more}


def note(word: str) -> dict[str, Any]:
    """A line of the portal."""
    return {"direction": NOTE, "body": word, "state": TextState.RECEIVED}


def hold(user_id: int, *rows: dict[str, Any], theirs: str = THEIRS, name: str = "") -> str:
    """Add lines to a user's conversation with an outside number; return its ref. For an open application context."""
    user = db.session.get_one(User, user_id)
    organization_id, number_id = user.organization_id, user.number.id
    with writing() as session:
        conversation_id, ref = lines.ensure_conversation(organization_id, user_id, number_id, theirs)
        for line in rows:
            lines.store_line(organization_id=organization_id, conversation_id=conversation_id, user_id=user_id,
                          number_id=number_id, theirs=theirs, **{"at": now(), **line})
        if name:
            session.execute(update(Conversation).where(Conversation.id == conversation_id).values(
                name=name, name_key=key_of_name(name)))
    return ref


def many(user_id: int, ref: str, count: int) -> None:
    """So many more texts at once, as only a database can write them."""
    held = db.session.scalars(select(Conversation).where(Conversation.ref == ref)).one()
    row = {"organization_id": held.organization_id, "conversation_id": held.id, "user_id": user_id,
           "number_id": held.number_id, "theirs": held.theirs, "direction": OUT, "state": TextState.DELIVERED,
           "at": now(),
           "automatic": False, "region": "CA", "segments": 1, "template": "", "payload": "", "claimed_by": "",
           "tries": 0, "crashes": 0, "carrier": "", "carrier_id": "", "code": "", "why": []}
    rows = [{**row, "ref": make_ref(), "body": f"Text {index}"} for index in range(count)]
    conversation_id = held.id
    with writing() as session:
        session.execute(insert(Message), rows)
        last = session.scalar(select(Message.id).order_by(Message.id.desc()).limit(1))
        session.execute(update(Conversation).where(Conversation.id == conversation_id).values(last_id=last))


def come(body: str, ours: str, theirs: str = THEIRS, **more: Any) -> None:
    """A text comes in from outside."""
    inbound.receive_text("scripted", IncomingText(make_ref(), theirs, ours, body, **more))
    db.session.rollback()


def read_all(talk: Conversation) -> None:
    """The member has seen everything in this conversation."""
    conversations.mark_read_up_to(talk, talk.last_id)


def messages(direction: Direction = OUT) -> Sequence[Message]:
    """All texts out, or in, or notes, in their order."""
    db.session.rollback()
    return db.session.scalars(select(Message).where(Message.direction == direction).order_by(Message.id)).all()


def ref_of(body: str) -> str:
    """The ref of the text with these words."""
    return db.session.scalars(select(Message.ref).where(Message.body == body)).one()


def key(page: Any) -> str:
    """The submission key in a form."""
    return re.search(r'name="key"[^>]*value="([^"]+)"', page.text)[1]


def words(markup: str) -> str:
    """What stands on a page or part, without tags, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())
