"""Marks that pile up cost no more than letters, and texts of real languages stay what they are."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import accents, addresses, characters, numbers
from portal.rules.keywords import fold_text
from portal.rules.texts import template_of_text
from portal.services.names import key_of_name

# What is sorted: above and below take turns, or characters that turn into marks only when taken apart.
PILES = ("\u0301\u0316", "\u0316\u0301", "\u0344\u0316", "\u0f73\u0f71", "\u0f75\u0f81\u0f71", "\u0345\u0301",
         "\u302a\u3099", "\U0001d165\U0001d16d\u0301")


def longest_pile(text):
    longest = piled = 0
    for char in unicodedata.normalize("NFKD", text) if len(text) < 5000 else text:
        piled = piled + 1 if unicodedata.combining(char) else 0
        longest = max(longest, piled)
    return longest


@pytest.fixture
def sorted_piles(monkeypatch):
    """The longest pile of marks that the library was asked to sort."""
    real, seen = unicodedata.normalize, [0]

    def watched(form, text):
        pile = 0
        for char in text:
            parts = real("NFKD", char)
            pile = pile + len(parts) if unicodedata.combining(parts[0]) else 0
            seen.append(pile)
        # A pile that should not have come is not sorted: the test is about what is asked, not how long it takes.
        return real(form, text[:200])

    monkeypatch.setattr(unicodedata, "normalize", watched)
    return lambda: max(seen)


@pytest.mark.parametrize("pile", PILES)
@pytest.mark.parametrize("fold", [accents.decompose_text, accents.compose_text, key_of_name, fold_text,
                                  template_of_text, characters.tidy_line,
                                  addresses.key_of_address])
def test_no_pile_is_sorted(fold, pile, sorted_piles):
    for text in ("a" + pile * 300, pile * 300 + "a", ("a" + pile * 40) * 20):
        fold(text)
    assert 0 < sorted_piles() <= accents.MARKS_PER_LETTER + 3


@given(st.text(max_size=200))
def test_other_texts_are_what_unicode_says(text):
    if longest_pile(text) <= accents.MARKS_PER_LETTER:
        assert accents.decompose_text(text) == unicodedata.normalize("NFKD", text)
        assert accents.compose_text(text) == unicodedata.normalize("NFC", text)


def test_every_character_alone_and_many_times():
    every = (chr(code) for code in range(sys.maxunicode + 1))
    marked = [char for char in every if any(map(unicodedata.combining, unicodedata.normalize("NFKD", char)))]
    assert all(accents.decompose_text(char) == unicodedata.normalize("NFKD", char) for char in marked)
    most = accents.MARKS_PER_LETTER + 3
    assert [char for char in marked if longest_pile(accents.decompose_text(char * 50)) > most] == []


def test_long_numbers_are_not_remembered():
    before = numbers.read_number.cache_info().currsize
    for odd in ("5" * 61, "\U0001f600" + "-" * 60_000, "+1 416 555 0101" + " " * 60, "9" * 60_000):
        assert numbers.read_number(odd) == numbers.NumberReading(numbers.NumberKind.UNREADABLE,
                                                                 problem=numbers.NumberProblem.TOO_LONG)
    assert numbers.read_number.cache_info().currsize == before
    assert numbers.read_number(" " * 45 + "+1 416 555 0101").e164 == "+14165550101"
