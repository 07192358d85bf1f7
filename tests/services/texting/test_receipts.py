"""Receipts in any order, any number of times."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.carriers.base import Status
from portal.models import State
from portal.services.texting.receipts import OPEN, STATES, fold

told = st.lists(st.sampled_from(list(Status)), max_size=6)


@given(st.sampled_from(list(State)), told, st.randoms())
@settings(max_examples=1000)
def test_order_and_repetition_change_nothing(present, words, random):
    """REL-06"""
    shuffled = words + random.choices(words, k=3) if words else []
    random.shuffle(shuffled)
    assert fold(present, shuffled) is fold(present, words)


@given(st.sampled_from(OPEN), told)
def test_delivered_never_regresses(present, words):
    assert fold(present, [*words, Status.DELIVERED]) is State.DELIVERED


@given(st.sampled_from(sorted(set(State) - set(OPEN))), told)
def test_what_never_reached_a_carrier_is_changed_by_no_receipt(present, words):
    assert fold(present, words) is present


@pytest.mark.parametrize(("words", "state"), [
    ([], State.HANDED_OVER), ([Status.SENT], State.SENT), ([Status.UNDELIVERED, Status.SENT], State.UNDELIVERED),
    ([Status.UNDELIVERED, Status.DELIVERED], State.DELIVERED), ([Status.EXPIRED], State.UNDELIVERED),
])
def test_the_strongest_word_counts(words, state):
    assert fold(State.HANDED_OVER, words) is state


def test_every_status_has_a_state():
    assert set(STATES) == set(Status)
