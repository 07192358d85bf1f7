"""Who changes texts of several organizations waits for whoever has them, in an order, and for nobody else."""

import threading

import pytest
from sqlalchemy import select, update

from portal.extensions import db, writing
from portal.models import Message
from portal.services.texting import text_locks
from portal.services.texting.text_locks import lock_texts
from portal.write_scopes import ROWS_ALONE
from tests.delivery.beside import beside, is_waiting
from tests.patience import wait_for
from tests.talks import hold, messages, text_out


@pytest.mark.sqlite
def test_nobody_is_asked_where_one_writes_after_the_other(uli, statements):
    hold(uli.id, text_out())
    with statements() as seen, writing(about=ROWS_ALONE):
        lock_texts([one.id for one in db.session.scalars(select(Message))])
    assert len(seen) == 1


@pytest.mark.postgresql
def test_a_text_is_waited_for_and_others_are_not(app, uli):
    hold(uli.id, text_out("first"), text_out("second"))
    first, second = (one.id for one in messages())
    entered, leave = threading.Event(), threading.Event()

    def keep():
        with writing(about=ROWS_ALONE):
            lock_texts([first])
            entered.set()
            leave.wait()
            db.session.execute(update(Message).where(Message.id == first).values(code="changed"))

    def look():
        with writing(about=ROWS_ALONE):
            lock_texts([second, first])
            return db.session.scalar(select(Message.code).where(Message.id == first))

    with beside(app, keep) as keeper:
        entered.wait()
        with writing(about=ROWS_ALONE):
            # The text alone: its organization's share is with the other.
            assert db.session.scalars(select(Message.id).where(Message.id == second).with_for_update()).one() == second
        with beside(app, look) as looker:
            wait_for(is_waiting)
            leave.set()
    assert (keeper.answer, looker.answer) == (None, "changed")


@pytest.mark.postgresql
def test_all_take_the_shares_in_the_same_order(app, uli, monkeypatch):
    """Texts of two organizations, by their shares the other way round: nobody waits for somebody who waits for them."""
    hold(uli.id, *(text_out(str(number)) for number in range(40)))
    monkeypatch.setattr(text_locks, "SHARES", 2)
    ids = [one.id for one in messages()]

    def work(mine):
        for _ in range(20):
            with writing(about=ROWS_ALONE):
                lock_texts(mine)
                db.session.execute(update(Message).where(Message.id.in_(mine)).values(code="changed"))

    with beside(app, lambda: work(ids)) as one, beside(app, lambda: work(ids[::-1])) as other:
        pass
    assert (one.answer, other.answer) == (None, None)
