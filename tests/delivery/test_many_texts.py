"""A hundred thousand texts are read as quickly as a thousand, and with as many questions to the database."""

import html
import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from portal.extensions import db, new_ref, now, writing
from portal.models import Conversation, Message, State
from tests.talks import IN, OUT, hold, text_in, text_out

FEW, MANY = 1_000, 100_000
OTHERS = 199
TRIES = 12
# Half of all texts are in one conversation.
ONE_IN = 2


def begin(uli, ben):
    """Two hundred conversations with a text in each, some of them a colleague's; the ref of the longest."""
    for number in range(OTHERS):
        hold(ben if number % 4 == 0 else uli, text_in("first"), theirs=f"+1647555{2000 + number}")
    return hold(uli, text_out("first"))


def fill(ref, until):
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


def row_of(held, n, until):
    # The latest are on their way, so that a page that is open asks about them.
    on_its_way = n > until - 40
    at = now() - timedelta(days=2, minutes=until - n)
    return {
        "ref": new_ref(), "organization_id": held.organization_id, "conversation_id": held.id, "user_id": held.user_id,
        "number_id": held.number_id, "theirs": held.theirs, "direction": OUT if n % 3 else IN, "at": at,
        "state": State.RECEIVED if n % 3 == 0 else State.SENT if on_its_way else State.DELIVERED,
        "body": f"Text {n}", "automatic": False, "region": "CA", "segments": 1, "template": f"{n % 500}",
        "payload": "", "claimed_by": "", "tries": 1, "crashes": 0, "carrier": "scripted", "carrier_id": f"id-{n}",
        "code": "", "why": [], "due_at": at, "deadline": at, "submission_key": None,
    }


@pytest.fixture
def read(browse, inside, statements):
    """`read(ref)` reads every page of texting, and gives statements and milliseconds of each."""
    uli = browse("Uli")

    def poll(ref):
        page = uli.get(f"/messages/{ref}").text
        address = html.unescape(re.search(r'hx-get="(/messages/[^"]*/news[^"]*)"', page)[1])
        assert "watch=" in address
        assert address.count(".sent") > 5
        return address

    def look(ref):
        older = re.search(r'href="([^"]*before=[^"]*)"', uli.get(f"/messages/{ref}").text)[1]
        # From the answer before the last ten texts, so that the poll has something to bring.
        behind = re.sub(r"after=(\d+)", lambda found: f"after={int(found[1]) - 20}", poll(ref))
        typed = {"number": "+16475550110", "body": "Hello"}
        return {
            "/messages/": lambda: uli.get("/messages/"),
            "search": lambda: uli.post("/messages/", data={"search": "555 20"}),
            "thread": lambda: uli.get(f"/messages/{ref}"),
            "thread, older": lambda: uli.get(html.unescape(older)),
            "news, nothing": lambda: uli.get(poll_held[0]),
            "news": lambda: uli.get(behind),
            "consider": lambda: uli.post("/messages/consider", data=typed, part=True),
        }

    poll_held = []

    def measure(ref):
        poll_held[:] = [poll(ref)]
        return {name: (count(ask), quickest(ask)) for name, ask in look(ref).items()}

    def count(ask):
        with statements() as seen:
            assert ask().status_code in (200, 204)
        return len(seen)

    return measure


def quickest(ask):
    """Milliseconds for one answer, when nothing else is in the way."""
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - began))
    return min(times)


@pytest.mark.slow
def test_a_hundred_thousand_texts_cost_no_more_than_a_thousand(inside, people, read, capsys):
    """Statements equal, time within twice; the figures are printed."""
    with inside():
        ref = begin(people["Uli"].id, people["Ben"].id)
        fill(ref, FEW)
    few = read(ref)
    with inside():
        fill(ref, MANY)
        db.engine.dispose()
    many = read(ref)
    with capsys.disabled():
        for name, (asked, took) in many.items():
            print(f"\n{name:15} statements {few[name][0]:2} {asked:2}   ms {few[name][1]:6.1f} {took:6.1f}", end="")
    assert {name: asked for name, (asked, _) in many.items()} == {name: asked for name, (asked, _) in few.items()}
    # Ten milliseconds for whatever else this machine does.
    slower = {name: (few[name][1], took) for name, (_, took) in many.items() if took > 2 * few[name][1] + 10}
    assert slower == {}
