"""Receipts in any order, any number of times."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.carriers.base import CarrierReceipt, CarrierStatus
from portal.extensions import db, now, writing
from portal.models import Receipt, TextState
from portal.services.texting import receipts
from portal.services.texting.receipts import (
    OPEN_TEXT_STATES,
    TEXT_STATE_OF_STATUS,
    adopt_receipts,
    apply_receipts,
    fold_receipts,
    take_receipts,
)
from tests.talks import hold, messages, text_out

told = st.lists(st.sampled_from(list(CarrierStatus)), max_size=6)


@given(st.sampled_from(list(TextState)), told, st.randoms())
@settings(max_examples=1000)
def test_order_and_repetition_change_nothing(present, words, random):
    """REL-06"""
    shuffled = words + random.choices(words, k=3) if words else []
    random.shuffle(shuffled)
    assert fold_receipts(present, shuffled) is fold_receipts(present, words)


@given(st.sampled_from(OPEN_TEXT_STATES), told)
def test_delivered_never_regresses(present, words):
    assert fold_receipts(present, [*words, CarrierStatus.DELIVERED]) is TextState.DELIVERED


@given(st.sampled_from(sorted(set(TextState) - set(OPEN_TEXT_STATES))), told)
def test_what_never_reached_a_carrier_is_changed_by_no_receipt(present, words):
    assert fold_receipts(present, words) is present


@pytest.mark.parametrize(("words", "state"), [
    ([], TextState.HANDED_OVER), ([CarrierStatus.SENT], TextState.SENT),
    ([CarrierStatus.UNDELIVERED, CarrierStatus.SENT], TextState.UNDELIVERED),
    ([CarrierStatus.UNDELIVERED, CarrierStatus.DELIVERED], TextState.DELIVERED),
    ([CarrierStatus.EXPIRED], TextState.UNDELIVERED),
])
def test_the_strongest_word_counts(words, state):
    assert fold_receipts(TextState.HANDED_OVER, words) is state


def test_every_status_has_a_state():
    assert set(TEXT_STATE_OF_STATUS) == set(CarrierStatus)


# --- stored and applied --------------------------------------------------------------------------

SENT, UNDELIVERED, DELIVERED = CarrierStatus.SENT, CarrierStatus.UNDELIVERED, CarrierStatus.DELIVERED


def text(user, state=TextState.HANDED_OVER, carrier_id="id-1", **more):
    hold(user.id, text_out("Hello", state, carrier="scripted", carrier_id=carrier_id, **more))
    return messages()[-1]


def test_without_receipts_nobody_has_to_wait(uli, begun):
    """A webhook that brings a text brings no receipts."""
    db.session.rollback()
    begun.clear()
    take_receipts("scripted", [])
    assert begun == []


def told_of(status, reference="", carrier_id="", code=""):
    return CarrierReceipt(status.value if status else "odd", status, reference, carrier_id, code)


def kept():
    """What is stored of each receipt: its text, its carrier, what it named, its status."""
    db.session.rollback()
    return [(one.message_id, one.carrier, one.reference, one.carrier_id, one.status)
            for one in db.session.scalars(select(Receipt).order_by(Receipt.id))]


def in_turn(*whats):
    """Do these things within one commit."""
    with writing():
        for what in whats:
            what()


@pytest.mark.parametrize("by", ["reference", "id", "both"])
def test_a_receipt_names_its_text_by_our_reference_or_the_carriers_id(uli, ben, by):
    mine, other = text(uli), text(ben, carrier_id="id-2")
    named = {"reference": (mine.ref, ""), "id": ("", "id-1"), "both": (mine.ref, "id-1")}[by]
    take_receipts("scripted", [told_of(DELIVERED, *named)])
    assert [one.state for one in messages()] == [TextState.DELIVERED, TextState.HANDED_OVER]
    assert kept() == [(mine.id, "scripted", *named, "delivered")]
    assert other.changed_at is None


@pytest.mark.parametrize("named", [("unknown", ""), ("", "unknown"), ("", ""), ("unknown", "id-1")])
def test_a_receipt_of_no_known_text_is_kept_and_changes_nothing(uli, named):
    text(uli)
    text(uli, carrier_id="")
    take_receipts("scripted", [told_of(DELIVERED, *named)])
    assert {one.state for one in messages()} == {TextState.HANDED_OVER}
    assert kept() == [(None, "scripted", *named, "delivered")]


def test_the_id_of_another_carrier_is_another_text(uli):
    text(uli)
    take_receipts("elsewhere", [told_of(DELIVERED, carrier_id="id-1")])
    assert messages()[0].state is TextState.HANDED_OVER


@pytest.mark.parametrize("order", list(permutations((SENT, UNDELIVERED, DELIVERED, None))))
def test_receipts_in_any_order_and_commit_give_the_same_state(uli, order):
    """REL-06: together or one after the other, and once more; every one is kept."""
    one = text(uli)
    take_receipts("scripted", [told_of(status, one.ref) for status in order[:2]])
    for status in (*order[2:], order[0]):
        take_receipts("scripted", [told_of(status, one.ref)])
    assert messages()[0].state is TextState.DELIVERED
    assert len(kept()) == 5


@pytest.mark.parametrize("state", TextState)
def test_only_what_may_have_reached_a_carrier_changes(uli, state):
    one = text(uli, state)
    take_receipts("scripted", [told_of(DELIVERED, one.ref)])
    assert messages()[0].state is (TextState.DELIVERED if state in OPEN_TEXT_STATES else state)


def test_a_new_state_brings_its_code_and_ends_the_lease(uli, monkeypatch):
    moment = now() + timedelta(minutes=5)
    monkeypatch.setattr(receipts, "now", lambda: moment)
    one = text(uli, TextState.CLAIMED, lease_until=now(), code="timeout")
    take_receipts("scripted", [told_of(SENT, one.ref, code="other"), told_of(UNDELIVERED, one.ref, code="30003")])
    found = messages()[0]
    assert (found.state, found.code, found.changed_at, found.lease_until) == (
        TextState.UNDELIVERED, "30003", moment, None)


def test_what_changes_nothing_is_not_noted_as_a_change(uli):
    one = text(uli, TextState.DELIVERED, code="first")
    take_receipts("scripted", [told_of(status, one.ref, code="second") for status in (DELIVERED, SENT, None)])
    assert (messages()[0].code, messages()[0].changed_at) == ("first", None)


def test_long_words_of_a_carrier_are_cut(uli):
    one = text(uli)
    take_receipts("scripted", [CarrierReceipt("r" * 100, UNDELIVERED, one.ref, code="c" * 100)])
    stored = db.session.scalars(select(Receipt)).one()
    assert (stored.raw, stored.code, messages()[0].code) == ("r" * 60, "c" * 40, "c" * 40)


def test_applying_without_receipts_or_without_a_text_changes_nothing(uli):
    one = text(uli, code="kept")
    in_turn(lambda: apply_receipts([one.id, one.id + 1]))
    assert (messages()[0].state, messages()[0].code, messages()[0].changed_at) == (
        TextState.HANDED_OVER, "kept", None)


def test_applying_reads_every_receipt_of_the_text_alone(uli, ben):
    one, other = text(uli), text(ben, carrier_id="id-2")
    with writing() as session:
        session.add_all(Receipt(carrier="scripted", status=status.value, raw="raw", message_id=message_id)
                        for status, message_id in ((SENT, one.id), (DELIVERED, other.id)))
    in_turn(lambda: apply_receipts([one.id]))
    assert [each.state for each in messages()] == [TextState.SENT, TextState.HANDED_OVER]


def test_a_text_adopts_the_receipts_that_came_before_its_id(uli):
    """Of its own carrier, with its id, and of no other text."""
    take_receipts("scripted", [told_of(SENT, carrier_id="id-1"), told_of(DELIVERED, carrier_id="id-1"),
                               told_of(UNDELIVERED, carrier_id="id-2")])
    take_receipts("elsewhere", [told_of(UNDELIVERED, carrier_id="id-1")])
    one = text(uli)
    in_turn(lambda: apply_receipts(adopt_receipts("scripted", {"id-1": one.id})))
    assert messages()[0].state is TextState.DELIVERED
    assert [row[0] for row in kept()] == [one.id, one.id, None, None]
    other = text(uli, carrier_id="id-3")
    in_turn(lambda: apply_receipts(adopt_receipts("scripted", {"id-1": other.id, "id-3": other.id})))
    assert messages()[1].state is TextState.HANDED_OVER
    assert [row[0] for row in kept()] == [one.id, one.id, None, None]
