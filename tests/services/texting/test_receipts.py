"""Receipts in any order, any number of times."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.carriers.base import CarrierStatus
from portal.models import TextState
from portal.services.texting.receipts import OPEN_TEXT_STATES, TEXT_STATE_OF_STATUS, fold_receipts

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
