"""What became of a text is written once, by the worker that has it, and together with what receipts said before."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from portal.carriers.base import CarrierReceipt, CarrierStatus
from portal.extensions import db, now, writing
from portal.models import BrandDay, Direction, Message, Receipt, TextState
from portal.services.texting import outbox, outcomes, receipts, sending
from portal.services.texting.outcomes import WAITING_STATES, TextResult, record_results
from tests.stores import WRITES
from tests.talks import hold, messages, text_out

US = "+12125550110"
LATER = timedelta(minutes=10)


def waits(user, *states, **more):
    """Texts to the US in these states, claimed by the worker "me"; they have been tried twice."""
    given = {"region": "US", "claimed_by": "me", "tries": 2, "crashes": 1, **more}
    hold(user.id, *(text_out(f"text {place}", state, **given) for place, state in enumerate(states)))
    return messages()


def only():
    one, = messages()
    return one


def handed_over(one, carrier_id="id-1", **more):
    return TextResult.of(one, TextState.HANDED_OVER, carrier_id=carrier_id, left_at=now(), **more)


def given_back():
    db.session.rollback()
    return -sum(one.segments for one in db.session.scalars(select(BrandDay)))


# --- a result ------------------------------------------------------------------------------------


def test_a_result_keeps_the_counts_of_its_text(uli):
    one, = waits(uli, TextState.CLAIMED)
    assert TextResult.of(one, TextState.FAILED, code="spam") == TextResult(
        one.id, TextState.FAILED, code="spam", tries=2, crashes=1)
    assert TextResult.of(one, TextState.QUEUED, tries=1, crashes=3) == TextResult(
        one.id, TextState.QUEUED, tries=1, crashes=3)


def test_two_results_share_no_reasons():
    first, second = (TextResult(number, TextState.REFUSED) for number in (1, 2))
    first.why.append("blocked")
    assert second.why == []


# --- what is written -----------------------------------------------------------------------------


def test_every_column_of_a_result_is_written(uli, monkeypatch):
    one, = waits(uli, TextState.CLAIMED)
    moment, due, lease = now() + LATER, now() + 2 * LATER, now() + 3 * LATER
    monkeypatch.setattr(outcomes, "now", lambda: moment)
    record_results([TextResult(one.id, TextState.QUEUED, code="busy", why=["burst"], due_at=due, tries=7, crashes=4,
                               lease_until=lease)], "me")
    found = only()
    assert (found.state, found.code, found.why, found.tries, found.crashes) == (
        TextState.QUEUED, "busy", ["burst"], 7, 4)
    assert (found.due_at, found.lease_until, found.changed_at, found.left_at) == (due, lease, moment, None)
    assert (found.carrier, found.carrier_id) == ("", "")


def test_what_a_carrier_took_names_the_carrier_and_the_moment(uli, carrier):
    one, = waits(uli, TextState.CLAIMED)
    left = now() - LATER
    record_results([TextResult.of(one, TextState.HANDED_OVER, carrier_id="id-1", left_at=left)], "me")
    found = only()
    assert (found.state, found.carrier, found.carrier_id, found.left_at) == (
        TextState.HANDED_OVER, carrier.ref, "id-1", left)


def test_without_a_time_a_text_is_due_at_once(uli, monkeypatch):
    one, = waits(uli, TextState.CLAIMED, due_at=now() + LATER)
    moment = now()
    monkeypatch.setattr(outcomes, "now", lambda: moment)
    record_results([TextResult.of(one, TextState.QUEUED)], "me")
    assert (only().due_at, only().claimed_by) == (moment, "me")


def test_nothing_but_the_text_that_is_meant_changes(uli, ben):
    """Neither the next one of the conversation nor one of a colleague."""
    waits(uli, TextState.CLAIMED, TextState.CLAIMED)
    mine, other, bens = waits(ben, TextState.CLAIMED)
    record_results([TextResult.of(mine, TextState.FAILED)], "me")
    assert [one.state for one in messages()] == [TextState.FAILED, TextState.CLAIMED, TextState.CLAIMED]
    assert (messages()[1].changed_at, messages()[2].changed_at) == (other.changed_at, bens.changed_at) == (None, None)


def test_many_results_are_one_commit(uli, begun):
    one, two, three = waits(uli, *[TextState.CLAIMED] * 3)
    results = (handed_over(one), TextResult.of(two, TextState.FAILED), TextResult.of(three, TextState.REFUSED))
    db.session.rollback()
    begun.clear()
    record_results(iter(results), "me")
    assert begun == [WRITES]
    assert [each.state for each in messages()] == [TextState.HANDED_OVER, TextState.FAILED, TextState.REFUSED]


def test_no_results_take_no_lock(uli, begun):
    db.session.rollback()
    begun.clear()
    record_results([], "me")
    record_results(iter(()))
    assert begun == []


# --- who may write -------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["me", "other", ""])
@pytest.mark.parametrize("state", TextState)
def test_a_worker_writes_only_over_what_it_has_claimed(uli, state, by):
    """Without a worker, as for texts that expire, only over what still waits in the queue."""
    one, = waits(uli, state)
    record_results([TextResult.of(one, TextState.FAILED, code="spam")], by)
    allowed = (state, by) in {(TextState.CLAIMED, "me"), (TextState.QUEUED, "")}
    assert (only().state, only().code) == ((TextState.FAILED, "spam") if allowed else (state, ""))


@pytest.mark.parametrize("by", ["me", "other", ""])
@pytest.mark.parametrize("state", TextState)
def test_that_a_carrier_has_a_text_is_written_while_it_waits_whoever_says_so(uli, state, by):
    """It is true whatever another worker does meanwhile; a result that stands already is not undone."""
    one, = waits(uli, state)
    record_results([handed_over(one)], by)
    assert only().state is (TextState.HANDED_OVER if state in WAITING_STATES else state)
    assert only().carrier_id == ("id-1" if state in WAITING_STATES else "")


@pytest.mark.parametrize(("first", "second"), list(product(
    (TextState.HANDED_OVER, TextState.FAILED, TextState.REFUSED, TextState.UNKNOWN), repeat=2)))
def test_the_first_of_two_results_stands(uli, first, second):
    one, = waits(uli, TextState.CLAIMED)
    for place, state in enumerate((first, second)):
        result = handed_over(one, "id-1") if state is TextState.HANDED_OVER else TextResult.of(one, state)
        result.code = f"code {place}"
        record_results([result], "me")
    assert (only().state, only().code) == (first, "code 0")


def test_what_another_worker_has_claimed_meanwhile_is_its_own(uli):
    """REL-05: a worker that was stopped for longer than its lease writes nothing over the other's work."""
    slept, = waits(uli, TextState.CLAIMED)
    with writing() as session:
        session.get_one(Message, slept.id).claimed_by = "other"
    record_results([TextResult.of(slept, TextState.QUEUED)], "me")
    assert only().state is TextState.CLAIMED
    record_results([handed_over(slept)], "me")
    assert (only().state, only().carrier_id) == (TextState.HANDED_OVER, "id-1")


# --- segments ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", TextState)
def test_only_what_never_left_gives_its_segments_back(uli, state):
    one, = waits(uli, TextState.CLAIMED, segments=3)
    record_results([TextResult.of(one, state)], "me")
    assert given_back() == (3 if state in {TextState.REFUSED, TextState.EXPIRED} else 0)


@pytest.mark.parametrize(("by", "segments"), [("me", 3), ("other", 0), ("", 4)])
def test_segments_are_given_back_where_the_result_is_written(uli, by, segments):
    results = [TextResult.of(one, TextState.EXPIRED) for one in
               (*waits(uli, TextState.CLAIMED, segments=3), *waits(uli, TextState.QUEUED, segments=4)[1:])]
    for _twice in range(2):
        record_results(results, by)
        assert given_back() == segments


def test_the_places_of_a_refused_text_are_given_back_once(uli):
    """Two workers that refuse the same text: the second one has lost its claim and gives nothing back."""
    sending.send_text(uli, US, "To the US", "key")
    (claimed,) = outbox.claim_texts("first", 1, now())
    refused = TextResult.of(claimed, TextState.REFUSED, why=["blocked"])
    for worker in ("second", "first", "first"):
        record_results([refused], worker)
    assert [day.segments for day in db.session.scalars(select(BrandDay))] == [0]


# --- receipts that came before -------------------------------------------------------------------

BY = {
    "reference": lambda one: {"reference": one.ref},
    "id": lambda _one: {"id": "id-1"},
    "both": lambda one: {"reference": one.ref, "id": "id-1"},
}


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize(("status", "state"), [
    (CarrierStatus.SENT, TextState.SENT), (CarrierStatus.DELIVERED, TextState.DELIVERED),
    (CarrierStatus.FAILED, TextState.UNDELIVERED), (None, TextState.HANDED_OVER),
])
def test_what_a_receipt_said_before_counts(uli, carrier, by, status, state):
    """REL-21: it names our reference, or an id that we have not even been told."""
    one, = waits(uli, TextState.CLAIMED)
    receipts.take_receipts(carrier.ref, [CarrierReceipt("raw", status, **BY[by](one))])
    result = handed_over(one)
    record_results([result], "me")
    assert (only().state, only().carrier, only().carrier_id) == (state, carrier.ref, "id-1")
    assert only().left_at == result.left_at
    assert db.session.scalars(select(Receipt.message_id)).all() == [one.id]


@pytest.mark.parametrize(("name", "told"), [
    ("elsewhere", {"id": "id-1"}), ("scripted", {"id": "id-2"}), ("scripted", {"reference": "unknown"}),
    ("scripted", {"reference": "unknown", "id": "id-2"}),
])
def test_receipts_of_other_texts_and_carriers_change_nothing(uli, name, told):
    one, = waits(uli, TextState.CLAIMED)
    receipts.take_receipts(name, [CarrierReceipt("delivered", CarrierStatus.DELIVERED, **told)])
    record_results([handed_over(one)], "me")
    assert only().state is TextState.HANDED_OVER
    assert db.session.scalars(select(Receipt.message_id)).all() == [None]


def test_a_receipt_of_one_text_is_not_taken_for_the_next_of_the_batch(uli, carrier):
    one, two = waits(uli, TextState.CLAIMED, TextState.CLAIMED)
    receipts.take_receipts(carrier.ref, [CarrierReceipt("delivered", CarrierStatus.DELIVERED, id="id-2")])
    record_results([handed_over(one, "id-1"), handed_over(two, "id-2")], "me")
    assert [each.state for each in messages()] == [TextState.HANDED_OVER, TextState.DELIVERED]


def test_an_id_that_is_known_already_is_kept(uli, carrier):
    """A second worker says that the carrier has the text, after everything was written."""
    one, = waits(uli, TextState.CLAIMED)
    receipts.take_receipts(carrier.ref, [CarrierReceipt("sent", CarrierStatus.SENT, reference=one.ref)])
    for carrier_id in ("id-1", "id-2"):
        record_results([handed_over(one, carrier_id)], "me")
    assert (only().state, only().carrier_id) == (TextState.SENT, "id-1")


def test_no_line_but_a_text_out_is_touched(uli):
    hold(uli.id, {"direction": Direction.IN, "body": "Hi", "state": TextState.RECEIVED})
    one, = messages(Direction.IN)
    record_results([handed_over(one), TextResult.of(one, TextState.FAILED)], "me")
    record_results([TextResult.of(one, TextState.EXPIRED)])
    assert messages(Direction.IN)[0].state is TextState.RECEIVED
