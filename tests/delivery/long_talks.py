"""Two hundred conversations, one of them very long, and every page of texting about them."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from portal.extensions import db, make_ref, now, writing
from portal.models import Conversation, Message, TextState
from tests.cast import Browser
from tests.talks import IN, OUT, hold, text_in, text_out

OTHERS = 199
# Half of all texts are in one conversation.
ONE_IN = 2


def begin(uli: int, ben: int) -> str:
    """Two hundred conversations with a text in each, some of them a colleague's; the ref of the longest."""
    for number in range(OTHERS):
        hold(ben if number % 4 == 0 else uli, text_in("first"), theirs=f"+1647555{2000 + number}")
    return hold(uli, text_out("first"))


def fill(ref: str, until: int) -> None:
    """More texts until there are so many, every other one in the conversation with this ref, over months."""
    held = db.session.scalars(select(Conversation)).all()
    longest, = (one for one in held if one.ref == ref)
    have = db.session.scalar(select(func.count(Message.id)))
    rows = [row_of(longest if n % ONE_IN == 0 else held[n % len(held)], n, until) for n in range(have, until)]
    with writing() as session:
        session.execute(insert(Message), rows)
        last = dict(session.execute(select(Message.conversation_id, func.max(Message.id)).group_by(
            Message.conversation_id)).all())
        session.execute(update(Conversation).values(last_id=select(func.max(Message.id)).where(
            Message.conversation_id == Conversation.id).scalar_subquery()).execution_options(
                synchronize_session=False))
        assert len(last) == OTHERS + 1


def row_of(held: Conversation, n: int, until: int) -> dict[str, Any]:
    # The latest are on their way, so that a page that is open asks about them.
    on_its_way = n > until - 40
    at = now() - timedelta(days=2, minutes=until - n)
    return {
        "ref": make_ref(), "organization_id": held.organization_id, "conversation_id": held.id, "user_id": held.user_id,
        "number_id": held.number_id, "theirs": held.theirs, "direction": OUT if n % 3 else IN, "at": at,
        "state": TextState.RECEIVED if n % 3 == 0 else TextState.SENT if on_its_way else TextState.DELIVERED,
        "body": f"Text {n}", "automatic": False, "region": "CA", "segments": 1, "template": f"{n % 500}",
        "payload": "", "claimed_by": "", "tries": 1, "crashes": 0, "carrier": "scripted", "carrier_id": f"id-{n}",
        "code": "", "why": [], "due_at": at, "deadline": at, "submission_key": None,
    }


def pages(uli: Browser, ref: str) -> dict[str, Callable[[], Any]]:
    """What asks for each page of texting, by name; `ref` is the long conversation of the person in the browser."""
    held = poll(uli, ref)
    older = html.unescape(re.search(r'href="([^"]*before=[^"]*)"', uli.get(f"/messages/{ref}").text)[1])
    # From the answer before the last ten texts, so that the poll has something to bring.
    behind = re.sub(r"after=(\d+)", lambda found: f"after={int(found[1]) - 20}", held)
    typed = {"number": "+16475550110", "body": "Hello"}
    return {
        "/messages/": lambda: uli.get("/messages/"),
        "search": lambda: uli.post("/messages/", data={"search": "555 20"}),
        "thread": lambda: uli.get(f"/messages/{ref}"),
        "thread, older": lambda: uli.get(older),
        "news, nothing": lambda: uli.get(held),
        "news": lambda: uli.get(behind),
        "consider": lambda: uli.post("/messages/consider", data=typed, part=True),
    }


def poll(uli: Browser, ref: str) -> str:
    """The address at which the open page asks for news."""
    page = uli.get(f"/messages/{ref}").text
    address = html.unescape(re.search(r'hx-get="(/messages/[^"]*/news[^"]*)"', page)[1])
    assert "watch=" in address
    assert address.count(".sent") > 5
    return address
