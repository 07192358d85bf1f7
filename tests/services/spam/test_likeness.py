"""Which texts are one wording, and what a report quotes: examples, properties and the figures that must hold."""

import json
from functools import lru_cache
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.texts import hash_of_template
from portal.services.spam import likeness as module
from portal.services.spam.likeness import (
    Likeness,
    find_similar_texts,
    group_similar_texts,
    likeness_of_texts,
    may_quote_text,
    traits_of_text,
)
from tests.patience import ends

SAME, ALIKE, LINKED = Likeness
INVENTED = json.loads((Path(__file__).parents[2] / "data" / "spam_texts.json").read_text(encoding="utf-8"))
# Texts without a family are each their own.
LABELED = [(family or text, text) for family, members in INVENTED.items() for text in members]
TEXTS = [text for _, text in LABELED]
TOGETHER = {(one, other) for one, other in combinations(range(len(LABELED)), 2) if LABELED[one][0] == LABELED[other][0]}
quick = settings(max_examples=60, deadline=None)
words = st.lists(st.sampled_from([
    "your", "parcel", "is", "not", "ready", "call", "416-555-0101", "pay", "https://a.example/x", "now", "12", "é",
    "а", "\u200b", "\ud800", "FWD:", "!", "reminder", "appointment",
]), max_size=14).map(" ".join)


def why(one, other):
    return likeness_of_texts(traits_of_text(one), traits_of_text(other))


# --- what is seen of a text --------------------------------------------------


@pytest.mark.parametrize(("body", "hosts"), [
    ("See https://www.Pay-Now.example/x1?y=2.", {"pay-now.example"}),
    ("pay-now.com today", {"pay-now.com"}), ("Go to www.odd.place", {"odd.place"}), ("odd.place/x1", {"odd.place"}),
    ("Write to help@pay-now.com", {"pay-now.com"}), ("p\u200bay.example", {"pay.example"}),
    ("two: a.example, b.example/1", {"a.example", "b.example"}), ("http://pay.example:8080/", {"pay.example"}),
    ("bit.ly/abc and https://google.com/maps", set()), ("maps.google.com/x docs.google.com", set()),
    ("https://notgoogle.com", {"notgoogle.com"}), ("my.shop.wordpress.com", {"my.shop.wordpress.com"}),
    ("Ok.so see you", set()), ("home.Where are you", set()), ("3.50 or 5.pm", set()), ("me@gmail.com", set()),
    ("", set()),
])
def test_hosts_are_those_that_say_who_it_is(body, hosts):
    assert traits_of_text(body).hosts == hosts


@pytest.mark.parametrize(("body", "numbers"), [
    ("Call (416) 555-0101 now", {"+14165550101"}), ("call 1-800-555-0199", {"+18005550199"}),
    ("416.555.0101 or +44 20 7946 0018", {"+14165550101", "+442079460018"}), ("416\u200b5550101", {"+14165550101"}),
    ("Text YES to 77260", set()), ("order 1234567890", set()), ("911", set()), ("on 5/12/2024 at 10:30", set()),
])
def test_call_back_numbers_are_whole_numbers(body, numbers):
    assert traits_of_text(body).numbers == numbers


def test_numbers_without_a_country_code_are_read_where_the_text_was_sent():
    assert traits_of_text("ring 020 7946 0018", region="GB").numbers == {"+442079460018"}
    assert traits_of_text("ring 020 7946 0018").numbers == set()


@quick
@given(st.text(max_size=80) | words)
def test_the_hash_is_the_one_that_is_stored_with_every_text(body):
    assert traits_of_text(body).hash == hash_of_template(body)


# --- two texts ---------------------------------------------------------------

PARCEL = "Your parcel 7 waits at our depot. Pay $2 at https://a.example/1 to have it brought to you"


@pytest.mark.parametrize(("one", "other", "expected"), [
    (PARCEL, PARCEL.replace("7", "81").replace("a.example/1", "b.example/x").upper(), SAME),
    (PARCEL, "Dear Anna, " + PARCEL, ALIKE), (PARCEL, PARCEL.replace("a", "а").replace("e", "е"), ALIKE),
    (PARCEL, PARCEL.replace("parcel", "p4rc3l").replace("depot", "d3p0t"), ALIKE),
    (PARCEL, "Last chance, settle what you owe: https://www.a.example/other", LINKED),
    ("Call 416-555-0101 to win", "A prize waits, ring (416) 555 0101 today!", LINKED),
    (PARCEL, "Your table is ready, come to the desk", None),
    ("Look: bit.ly/abc", "A prize at https://bit.ly/xyz", None),
    ("Yes", "yes", SAME), ("Ok, see you then", "Ok, see you there", None),
    # Without words there is no wording, only the link or the number.
    ("https://a.example/1", "https://b.example/2", None), ("https://a.example/1", "https://a.example/2", LINKED),
    ("482913", "120066", None), ("", "", None), ("!", "!", None),
])
def test_why_two_texts_belong_together(one, other, expected):
    assert why(one, other) == why(other, one) == expected


@quick
@given(words, st.lists(words | st.sampled_from(TEXTS), max_size=6))
def test_asking_about_many_is_asking_about_each(one, others):
    each = [(index, answer) for index, other in enumerate(others) if (answer := why(one, other))]
    assert find_similar_texts(traits_of_text(one), [traits_of_text(other) for other in others]) == each


def test_a_chain_is_one_family():
    bodies = ["Pay now: https://a.example/1", "Yes", "Another text: https://a.example/2 or 416-555-0101",
              "Nobody at home? 416-555-0101", "yes", "Good morning"]
    assert group_similar_texts(bodies) == [[0, 2, 3], [1, 4], [5]]
    assert group_similar_texts([]) == []


@quick
@given(st.lists(words, max_size=8))
def test_every_text_is_in_one_family(bodies):
    assert sorted(index for family in group_similar_texts(bodies) for index in family) == list(range(len(bodies)))


# --- the text that a report quotes -------------------------------------------

SENT = ("Granite Bank: your account was locked. Confirm who you are at https://g-safe.example/in "
        "or call 416-555-0171 today")


@pytest.mark.parametrize("reported", [
    SENT, SENT.upper(), f"“{SENT}”", f"FWD: {SENT}", f"> {SENT}", SENT.replace(" ", "\n"), SENT.replace("https://", ""),
    "your account was locked", "ount was locked. Confirm who yo", "call 4165550171 today why me?",
    "Granite bnak your acount was locked confirm who you are", "granite bank your account locked. confirm who you are",
    "Granite Bank: youraccount was locked. Confirm who you are", f"They wrote: {SENT}",
    f"{SENT} I have no account there!", "or call 416 555 0171 today",
    "Confirm who you are at https://g-safe.example/in or call 4165",
    SENT.replace("a", "а"), SENT.replace("o", "o\u200b"), "...your account was locked. Confirm who you are at...",
])
def test_people_may_cut_retype_and_quote(reported):
    assert may_quote_text(reported, SENT)


@pytest.mark.parametrize(("reported", "sent"), [
    ("Your code is 482913", "Your code is 120066"), ("Your table is ready at 3", "Your table is ready at 30"),
    ("Hi Anna, your car is ready", "Hi Anne, your car is ready"), ("Come at 3 pm on Monday", "Come at 3 am on Monday"),
    ("Your appointment with Dr. Smith is tomorrow at 3 pm", "Your appointment with Dr. Jones is tomorrow at 3 pm"),
    ("Your appointment is confirmed for next Tuesday", "Your appointment is not confirmed for next Tuesday"),
    ("Your appointment is on Tuesday at noon", "Your appointment is on Thursday at noon"),
    ("Your order 12 is ready for pickup", "Your order 13 is ready for pickup"),
    ("Your balance is $84. Reply STOP to end", "Your refund is $84. Reply STOP to end"),
    ("Reply STOP", SENT), ("locked", SENT), ("your bank", SENT), ("", SENT), ("...", SENT), (SENT, ""), ("", ""),
    (" ", " "), ("Yes please do come by", "Yes"), ("Yes", "Yes please"), ("👍", "👎"), ("\ud800", "!"),
])
def test_another_text_is_not_a_quote(reported, sent):
    assert not may_quote_text(reported, sent)


@pytest.mark.parametrize(("reported", "sent"), [("YES!", "Yes"), ("Fwd: ok thanks", "Ok, thanks"), ("👍", "👍"),
                                                ("re: re: \"hi\"", "Hi"), ("Re entry is at 5", "Re-entry is at 5")])
def test_short_texts_match_as_a_whole(reported, sent):
    assert may_quote_text(reported, sent)


@quick
@given(words.filter(str.strip) | st.text(min_size=1).filter(str.strip))
def test_every_text_quotes_itself(body):
    assert may_quote_text(body, body)


# --- the figures -------------------------------------------------------------


def test_two_hundred_invented_texts_fall_into_their_families():
    """At least 0.98 of the pairs are right, and 0.8 of those that belong together are found."""
    known = [traits_of_text(text) for text in TEXTS]
    found = {(one, other) for one,
             other in combinations(range(len(known)), 2) if likeness_of_texts(known[one], known[other])}
    assert len(TEXTS) == 200
    assert len(found & TOGETHER) / len(found) >= 0.98
    assert len(found & TOGETHER) / len(TOGETHER) >= 0.8


def test_grouping_them_joins_no_two_families():
    grouped = {pair for family in group_similar_texts(TEXTS) for pair in combinations(family, 2)}
    assert len(grouped & TOGETHER) / len(grouped) >= 0.98
    assert len(grouped & TOGETHER) / len(TOGETHER) >= 0.8


def test_no_text_is_taken_for_a_quote_of_one_from_another_family(monkeypatch):
    """39,352 pairs, with businesses that say nearly the same among them."""
    monkeypatch.setattr(module, "_words", lru_cache(None)(module._words))
    wrong = [(one, other) for one, other in permutations(range(len(TEXTS)), 2)
             if may_quote_text(TEXTS[one], TEXTS[other]) and (min(one, other), max(one, other)) not in TOGETHER]
    assert not [(TEXTS[one], TEXTS[other]) for one, other in wrong]


def test_five_thousand_texts_are_looked_through():
    many = [traits_of_text(text) for text in TEXTS] * 25
    few = find_similar_texts(many[0], many[:len(TEXTS)])
    with ends():
        assert find_similar_texts(many[0], many) == [(turn * len(TEXTS) + index, why) for turn in range(25) for index,
                                                     why in few]


HOSTILE = ["a", "a.", "a-", "1.", "1 ", "a.1", "www.", "http://", "a.b/", "+1", "(1", "416-555-0101 ", "the ", "\ufdfa",
           "\u0301", "а ", "а1"]


def test_hostile_texts_of_ten_thousand_characters_are_read_to_their_end():
    for piece in HOSTILE:
        body = (piece * 10_000)[:10_000]
        with ends():
            traits_of_text(body)
            may_quote_text(body + " b", body + " c")
