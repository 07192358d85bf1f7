"""Texting a person by the name that the member gave to a number."""

import pytest

from portal.services.texting.named_numbers import is_typed_name, list_named_numbers, number_to_text, numbers_with_name
from tests.talks import THEIRS, hold, text_in

OTHER = "+16475550155"


def test_the_latest_conversation_is_offered_first(uli):
    hold(uli.id, text_in("one"), theirs=THEIRS, name="Jane Cooper")
    hold(uli.id, text_in("two"), theirs=OTHER, name="Courier")
    hold(uli.id, text_in("three"), theirs="+16475550156")
    assert list_named_numbers(uli) == [("Courier", OTHER), ("Jane Cooper", THEIRS)]
    assert list_named_numbers(uli, most=1) == [("Courier", OTHER)]


def test_names_are_ones_own(uli, ben):
    hold(uli.id, text_in("one"), theirs=THEIRS, name="Jane Cooper")
    assert list_named_numbers(ben) == []
    assert numbers_with_name(ben, "Jane Cooper") == []


@pytest.mark.parametrize("typed", ["José Núñez", "jose nunez", " JOSE NUNEZ "])
def test_case_and_accents_do_not_matter(uli, typed):
    hold(uli.id, text_in("one"), theirs=THEIRS, name="José Núñez")
    assert numbers_with_name(uli, typed) == [THEIRS]


@pytest.mark.parametrize("typed", ["", "Jos", "José Núñez 2", "%", "_"])
def test_only_the_whole_name_counts(uli, typed):
    hold(uli.id, text_in("one"), theirs=THEIRS, name="José Núñez")
    hold(uli.id, text_in("two"), theirs=OTHER)
    assert numbers_with_name(uli, typed) == []


def test_a_name_is_what_was_typed_before_it_is_the_same_with_an_umlaut(uli):
    hold(uli.id, text_in("one"), theirs=THEIRS, name="Jürgen")
    assert numbers_with_name(uli, "Juergen") == [THEIRS]
    hold(uli.id, text_in("two"), theirs=OTHER, name="Juergen")
    assert numbers_with_name(uli, "Juergen") == [OTHER]
    assert numbers_with_name(uli, "Jürgen") == [THEIRS]


@pytest.mark.parametrize(("typed", "name"), [("Joe", "Jo"), ("Sue Bauer", "Sue Baur"), ("Michael", "Michał")])
def test_no_text_goes_to_a_person_whose_name_is_only_like_the_typed_one(uli, typed, name):
    hold(uli.id, text_in("one"), theirs=THEIRS, name=name)
    assert numbers_with_name(uli, typed) == []
    assert number_to_text(uli, typed) == typed


def test_a_name_of_two_numbers_gives_both(uli):
    hold(uli.id, text_in("one"), theirs=OTHER, name="Jane")
    hold(uli.id, text_in("two"), theirs=THEIRS, name="jane")
    assert numbers_with_name(uli, "Jane") == sorted([THEIRS, OTHER])


def test_a_name_of_one_number_stands_for_it(uli):
    hold(uli.id, text_in("one"), theirs=OTHER, name="Jane")
    assert number_to_text(uli, "jane") == OTHER
    assert number_to_text(uli, "647 555 0110") == "647 555 0110"
    hold(uli.id, text_in("two"), theirs=THEIRS, name="Jane")
    assert number_to_text(uli, "jane") == "jane"


@pytest.mark.parametrize(("typed", "name"), [
    ("Jane", True), ("Zoë-Lou O'Neil", True), ("李", True), ("", False), ("647 555 0110", False),
    ("1-800-FLOWERS", False), ("Jane 2", False), ("+?", False)])
def test_what_is_a_name(typed, name):
    assert is_typed_name(typed) is name
