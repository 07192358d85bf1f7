"""What people read while the carrier takes no texts."""

from datetime import timedelta

import pytest

from portal.carriers.base import CarrierError
from portal.extensions import db, now
from portal.models import TextState
from portal.services.texting import breaker, outbox
from tests.services.carrier import Scripted
from tests.talks import hold, text_in, text_out

SAID = "The carrier does not take texts at the moment. Your texts wait and leave by themselves."


def wait(people, count=5, **more):
    """So many texts of Ben's that a carrier refused lately; the ref of a conversation of Uli's."""
    failed = {"code": "busy", "tries": 1, "changed_at": now(), **more}
    for number in range(count):
        hold(people["Ben"].id, text_out("waits", TextState.QUEUED, **failed), theirs=f"+1647555011{number}")
    return hold(people["Uli"].id, text_in())


def test_every_page_of_texting_says_so_to_everybody(browse, inside, people):
    with inside():
        ref = wait(people)
    uli = browse("Uli")
    for address in ("/messages/", "/messages/new", f"/messages/{ref}"):
        assert SAID in uli.get(address).text


@pytest.mark.parametrize("more", [
    {"count": 4}, {"code": ""}, {"tries": 0}, {"changed_at": now() - timedelta(hours=1)}, {"count": 0},
], ids=["a few", "waiting for their turn", "never tried", "long ago", "nothing"])
def test_nobody_is_alarmed_by_less(browse, inside, people, more):
    with inside():
        ref = wait(people, **more)
    assert SAID not in browse("Uli").get("/messages/").text + browse("Uli").get(f"/messages/{ref}").text


def test_it_says_what_the_breaker_does(app, inside, people, monkeypatch, clock):
    """From the first failures until the carrier takes texts again."""
    def busy(_text):
        raise CarrierError("busy")

    carrier = Scripted()
    carrier.does = busy
    monkeypatch.setitem(app.extensions, "carrier", carrier)
    with inside():
        for number in range(6):
            hold(people["Ben"].id, text_out("goes", TextState.QUEUED), theirs=f"+1647555011{number}")
        worker = outbox.OutboxWorker("test")
        worker.step()
        assert (breaker.is_carrier_failing(), worker.breaker.allows(now())) == (True, 0)
        carrier.does = lambda _text: None
        for _ in range(8):
            clock.forward(seconds=16)
            worker.step()
        assert (breaker.is_carrier_failing(), worker.breaker.allows(now())) == (False, breaker.TEXTS_PER_CLAIM)


def test_the_question_costs_no_walk_through_all_texts(inside):
    with inside():
        asked = str(breaker._FAILED.compile(db.engine))
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {asked}", tuple("2026-01-01" for _ in range(asked.count("?")))).all()
    assert "USING INDEX ix_messages_due" in str(plan)
