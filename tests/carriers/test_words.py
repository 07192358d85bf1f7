"""Codes of carriers: each means one word, and a word says whose fault it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import lengths
from portal.carriers import words
from portal.carriers.base import OPTED_OUT_CODE, TOO_FAST_CODE, Fault


def test_every_code_means_a_word_that_there_is_and_only_one():
    assert set(words.WORD_OF_CODE.values()) == set(words.WORDS)
    assert len(words.WORDS) == len(set(words.WORDS))
    named = [(kind, code) for _word, kinds in words._ROWS for kind, codes in kinds.items() for code in codes.split()]
    assert len(named) == len(set(named))
    assert words.FAULT_OF_WORD.keys() <= set(words.WORDS)


def test_codes_that_a_person_caused_are_told_from_those_that_the_networks_caused():
    """Only what the person said themselves is an opt-out; a block without that word is none."""
    assert {pair for pair, word in words.WORD_OF_CODE.items() if word == OPTED_OUT_CODE} == {
        ("twilio", "21610"), ("bandwidth", "4775"), ("telnyx", "40300")}
    assert words.find_word("bandwidth", "4482") == "refused-by-network"


@pytest.mark.parametrize(("kind", "code", "word"), [
    ("twilio", "30007", "filtered"), ("twilio", "30036", "too-late"), ("telnyx", "40010", "not-registered"),
    ("telnyx", "40329", "toll-free-unverified"), ("telnyx", "40314", "account"), ("telnyx", "40016", "day-used-up"),
    ("telnyx", "40018", "too-fast"), ("smpp", "0x58", "too-fast"), ("twilio", "40300", "40300"), ("kannel", "7", "7"),
    ("smpp", "0x400", "0x400"), ("telnyx", "", ""), ("telnyx", " Bad request! ", "Bad-request"),
])
def test_what_codes_mean(kind, code, word):
    assert words.find_word(kind, code) == word


def test_no_text_is_lost_to_what_is_no_fault_of_it():
    assert words.FAULT_OF_WORD == {
        "account": Fault.ACCOUNT, TOO_FAST_CODE: Fault.LATER, "network-trouble": Fault.LATER}


@given(st.sampled_from(["twilio", "telnyx", "smpp", "bandwidth", "kannel"]), st.text(max_size=200))
def test_whatever_a_carrier_calls_its_code_it_can_be_stored_and_shown(kind, code):
    word = words.find_word(kind, code)
    assert re.fullmatch(r"[A-Za-z0-9.-]*", word)
    assert len(word) <= lengths.ERROR_CODE
