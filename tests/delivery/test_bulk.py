"""Texts leave in bulk: a batch takes as many statements as a text, and what becomes of each is the same."""

import pytest
from sqlalchemy import func, select

from portal.extensions import current_carrier, db
from portal.models import HandOver, Receipt, TextState
from portal.services.texting import carrier_news, outbox
from tests.talks import hold, messages, text_out


@pytest.fixture
def queued(people, inside):
    """`queued(5)`: so many texts of Uli's to as many numbers wait for the pretend carrier."""
    def queue(many, begins="+1647555"):
        for n in range(many):
            hold(people["Uli"].id, text_out(f"text {n}", TextState.QUEUED), theirs=f"{begins}{2000 + n}")

    with inside():
        yield queue


def deliver():
    """The pretend carrier tells what became of texts."""
    return current_carrier().deliver(lambda headers, body: carrier_news.answer_webhook("pretend", headers, body).status)


def test_draining_many_takes_as_many_statements_as_draining_few(queued, statements):
    def drained(many, begins):
        queued(many, begins)
        worker = outbox.OutboxWorker("test")
        with statements() as seen:
            assert (worker.step(), deliver()) == (many, many)
        return len(seen)

    drained(2, "+1437555")
    assert drained(40, "+1416555") == drained(80, "+1647555") <= 45


def test_what_many_became_is_written_for_each(queued):
    queued(30)
    outbox.OutboxWorker("test").step()
    assert {(one.state, one.carrier, one.code, one.tries, one.lease_until) for one in messages()} == {
        (TextState.HANDED_OVER, "pretend", "", 1, None)}
    assert len({one.carrier_id for one in messages()}) == 30
    assert all(one.left_at == one.changed_at == one.due_at for one in messages())
    assert db.session.scalar(select(func.count(HandOver.message_id.distinct()))) == 30
    assert deliver() == 30
    assert {one.state for one in messages()} == {TextState.DELIVERED}
    assert db.session.scalar(select(func.count(Receipt.message_id.distinct()))) == 30
