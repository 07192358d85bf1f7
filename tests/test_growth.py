"""No page makes SQLite work more when there are a dozen times as many users and texts: its own steps are counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, insert, select

from portal.extensions import db, make_ref, now, writing
from portal.models import (
    AccountState,
    AuditEvent,
    Claim,
    Conversation,
    Direction,
    Location,
    Message,
    Number,
    Setting,
    TextState,
    User,
)
from portal.rules.facts import Pstn
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level
from tests.security.maple import settle
from tests.test_statements import MOST

pytestmark = pytest.mark.slow
FEW, MANY = 600, 7200
# Among the first ones already are all the facts that there are, and all the claims that operators have to look at.
ACCOUNTS = (AccountState.ACTIVE, AccountState.INVITED, AccountState.DEACTIVATED)
# Steps are counted by the hundred; a little more is noise, and what a deeper tree costs.
UNIT, SLACK, MORE = 100, 15, 1.2
# What a file holds grows with what there is. Of the others, each reads through:
APART = (
    "export", ".csv",
    "/admin/users/<ref>/deactivate",  # the open conversations of that user, and users by name until enough can text
    "/messages/new",  # the member's conversations, for those with a name
    "/operator/inventory/<ref>", "/operator/", "/operator/organizations/<ref>",  # numbers of organizations, to count
    "/operator/cases/<ref>",  # texts of that sender
)


@contextmanager
def counted_steps() -> Iterator[list[int]]:
    """How many hundreds of steps SQLite takes within the block, as the only element of the list."""
    taken = [0]

    def step():
        taken[0] += 1

    def watch(connection, *_more):
        connection.connection.dbapi_connection.set_progress_handler(step, UNIT)

    event.listen(Engine, "before_cursor_execute", watch)
    try:
        yield taken
    finally:
        event.remove(Engine, "before_cursor_execute", watch)


def add_users(organization_id, places, numbers):
    mine = {"organization_id": organization_id}
    event_id = db.session.scalar(select(AuditEvent.id).limit(1))
    db.session.execute(insert(User), [
        {**mine, "location_id": places[n % len(places)], "name": f"User {n:05}", "name_key": f"user {n:05}",
         "email": f"user{n}@example.com", "email_key": f"user{n}@example.com", "account": ACCOUNTS[n % 3],
         "app_version": ("42.9", "43.2", "")[n // 3 % 3]} for n in numbers])
    found = db.session.execute(select(User.name_key, User.id).where(User.name_key.startswith("user ")))
    ids = {int(key[5:]): user_id for key, user_id in found}
    db.session.execute(insert(Number), [
        {**mine, "e164": f"+141655{n:05}", "kind": NumberKind.PLAIN, "user_id": ids[n]} for n in numbers if n % 4])
    if waiting := [n for n in numbers if n % 20 == 0 and n < FEW]:
        db.session.execute(insert(Claim), [
            {**mine, "e164": f"+141655{n:05}", "kind": NumberKind.PLAIN, "user_id": ids[n]} for n in waiting])
    db.session.execute(insert(Setting), [
        {**mine, "level": Level.USER, "unit_id": ids[n], "on": bool(n % 2), "said_by": "Ada", "event_id": event_id}
        for n in numbers if n % 5 == 0])
    db.session.execute(insert(AuditEvent), [
        {**mine, "actor_name": "Ada Keller", "action": "user-added", "subject": "user", "subject_ref": make_ref(),
         "subject_name": f"User {n}", "ref": make_ref()} for n in numbers])


def add_texts(talk, numbers):
    """To a conversation that is long already, and to new ones of the same member."""
    mine = {"organization_id": talk.organization_id, "user_id": talk.user_id, "number_id": talk.number_id}
    moment = now() - timedelta(days=3)
    text = {**mine, "direction": Direction.OUT, "state": TextState.DELIVERED, "body": "Hello", "at": moment}
    last = db.session.scalar(select(Message.id).order_by(Message.id.desc()).limit(1))
    db.session.execute(insert(Message), [
        {**text, "conversation_id": talk.id, "theirs": talk.theirs} for _n in numbers])
    db.session.execute(insert(Conversation), [
        {**mine, "theirs": f"+160455{n:05}", "last_id": last, "last_at": moment, "ref": make_ref()} for n in numbers])
    talk.last_id, talk.read_up_to = last + len(numbers), last + len(numbers)


@pytest.fixture
def grow(app, inside, organizations, people):
    """`grow(range(600))` adds these users, and as many texts and conversations of Uli's."""
    def more(numbers):
        with inside(), writing():
            places = list(db.session.scalars(select(Location.id).where(Location.name_key.startswith("site "))))
            add_users(organizations["Maple"].id, places, numbers)
            talks = db.session.query(Conversation).filter_by(user_id=people["Uli"].id).order_by(Conversation.id)
            add_texts(talks.first(), numbers)

    def begin():
        with inside(), writing():
            db.session.execute(insert(Location), [
                {"organization_id": organizations["Maple"].id, "name": f"Site {n}", "name_key": f"site {n}",
                 "country": "CA", "time_zone": "America/Toronto", "pstn": list(Pstn)[n % 4]} for n in range(4)])

    begin()
    return more


def test_no_page_makes_sqlite_work_more(app, browse, grow):
    held = settle(app)
    browsers = {who: browse(who) for who in MOST}
    pages = [(who, rule) for who, rules in MOST.items() for rule in rules if not any(
        rule == one or (one[0] != "/" and one in rule) for one in APART)]

    def ask():
        found = {}
        for who, rule in pages:
            browsers[who].get(held.address(rule), buffered=True)
            with counted_steps() as taken:
                assert browsers[who].get(held.address(rule), buffered=True).status_code == 200, rule
            found[who, rule] = taken[0]
        return found

    grow(range(FEW))
    few = ask()
    grow(range(FEW, MANY))
    many = ask()
    assert {page: (few[page], many[page]) for page in pages if many[page] > few[page] * MORE + SLACK} == {}
