"""A webhook is answered with 2xx after the commit and never without one, over HTTP as a carrier asks."""

import sqlite3
from collections import Counter
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import Engine, event, select

from portal.carriers import signing
from portal.carriers.base import CarrierReceipt, CarrierStatus, IncomingText
from portal.carriers.pretend import webhooks
from portal.databases import engine_of_writers
from portal.extensions import db, make_ref, now
from portal.models import Arrival, Conversation, Direction, Message, TextState
from portal.models import Receipt as Kept
from tests.talks import hold, ref_of, text_out

THEIRS, ULI = "+16475550110", "+14165550101"
WORDS = "Can I come at nine? " * 300


@pytest.fixture
def post(app):
    """`post(told)` tells the portal something as the pretend carrier does, and gives the status."""
    carrier = app.extensions["carrier"]

    def tell(told):
        body = webhooks.write_webhook_body(told)
        headers = signing.sign_webhook(carrier._keys[0], f"evt_{make_ref()}", now(), body)
        return app.test_client().post("/hooks/pretend", data=body, headers=headers, token=False).status_code

    return tell


@pytest.fixture
def stored(app):
    """What is there of texts that came in: arrivals, conversations, their words, unread."""

    def look():
        with app.app_context():
            texts = list(db.session.scalars(select(Message.body).where(Message.direction == Direction.IN)))
            arrivals = list(db.session.scalars(select(Arrival.carrier_id)))
            return arrivals, texts, list(db.session.scalars(select(Conversation.unread)))

    return look


@pytest.fixture
def full(app):
    """`with full():` the disk has no room for another page of the database."""

    @contextmanager
    def no_room():
        def limit(connection, _record):
            connection.execute("PRAGMA max_page_count=1")  # no more than there are already

        with app.app_context():
            db.engine.dispose()
        with closing(sqlite3.connect(app.config["SETTINGS"].database, isolation_level=None)) as connection:
            connection.execute("VACUUM")  # or pages that a migration left free would be room
        event.listen(Engine, "connect", limit)
        try:
            yield
        finally:
            event.remove(Engine, "connect", limit)
            with app.app_context():
                db.engine.dispose()

    return no_room


def text(text_id="in_1", body="Hello"):
    return IncomingText(text_id, THEIRS, ULI, body)


def test_twenty_times_the_same_at_once_is_one_text_and_twenty_answers(post, stored, at_once):
    """REL-07: with an id of its own for each webhook, as a carrier that asks again may have."""
    assert at_once(post, [text()] * 20) == [204] * 20
    assert stored() == (["in_1"], ["Hello"], [1])


def test_twenty_different_ones_at_once_all_come_in_once(post, stored, at_once):
    """REL-07"""
    assert at_once(post, [text(f"in_{n % 10}", f"text {n % 10}") for n in range(20)]) == [204] * 20
    arrivals, bodies, unread = stored()
    assert Counter(arrivals) == Counter(f"in_{n}" for n in range(10))
    assert Counter(bodies) == Counter(f"text {n}" for n in range(10))
    assert unread == [10]


@pytest.mark.sqlite
def test_where_the_disk_is_full_nothing_is_said_to_be_taken(post, stored, full, log_lines):
    """REL-08: the answer is 503 and nothing half-written stays; there is room again, and it is taken once."""
    with full():
        assert post(text(body=WORDS)) == 503
    assert stored() == ([], [], [])
    assert any("webhook_not_taken" in line and "OperationalError" in line for line in log_lines)
    assert not any("Can I come" in line for line in log_lines)
    assert [post(text(body=WORDS)) for _ in range(2)] == [204, 204]
    assert stored() == (["in_1"], [WORDS], [1])


def test_where_the_database_is_locked_nothing_is_said_to_be_taken(database_store, impatient, post, stored):
    """REL-08"""
    with database_store.locked():
        assert post(text()) == 503
        assert stored() == ([], [], [])
    assert [post(text()) for _ in range(2)] == [204, 204]
    assert stored() == (["in_1"], ["Hello"], [1])


def test_a_receipt_that_could_not_be_kept_comes_again(database_store, impatient, post, inside, people):
    """REL-08"""
    with inside():
        hold(people["Uli"].id, text_out("Hello", TextState.HANDED_OVER))
        told = CarrierReceipt("delivered", CarrierStatus.DELIVERED, ref_of("Hello"))
    with database_store.locked():
        assert post(told) == 503
    with inside():
        assert db.session.scalars(select(Kept)).all() == []
    assert [post(told) for _ in range(2)] == [204, 204]
    with inside():
        assert db.session.scalars(select(Message.state)).all() == [TextState.DELIVERED]


def test_a_commit_that_fails_is_no_commit(app, post, stored, inside):
    """REL-08: the very last moment before the answer."""

    def fail(_connection):
        raise sqlite3.OperationalError("disk I/O error")

    with inside():
        engine = engine_of_writers(db.engine)
    event.listen(engine, "commit", fail)
    try:
        assert post(text()) != 204
    finally:
        event.remove(engine, "commit", fail)
    assert stored() == ([], [], [])
    assert post(text()) == 204
    assert stored()[1] == ["Hello"]


@pytest.mark.parametrize("body", [b'{"kind":' + b"[" * 20_000, b'{"a":' * 9_000, b"[" * 20_000 + b"]" * 20_000])
def test_what_is_nested_deeply_is_asked_for_again(app, body):
    """Signed, so it may be a text that matters; the trace of the recursion stays out of the log."""
    carrier = app.extensions["carrier"]
    headers = signing.sign_webhook(carrier._keys[0], f"evt_{make_ref()}", now(), body)
    assert app.test_client().post("/hooks/pretend", data=body, headers=headers, token=False).status_code == 503
