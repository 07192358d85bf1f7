"""The words of a report in a text: what people and phones change about them, and what makes another text."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.services.spam.reported_words import LOOKALIKES, WordBudget, is_part_of_text, words_of_report

SENT = "Your account with Granite Bank was locked this morning, please confirm who you are before noon"
# Words of which none is another one with a slip, a part of another one or two others without the blank.
DISTINCT = ["parcel", "waiting", "depot", "customs", "yellow", "friend", "museum", "quickly", "borrow", "holiday",
            "umbrella", "kitchen"]
TEXTS = st.permutations(DISTINCT)
quick = settings(deadline=None, max_examples=60)


def part(reported, sent=SENT, budget=None):
    return is_part_of_text(words_of_report(reported), words_of_report(sent), budget)


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("body", "words"), [
    ("", []), ("…!? -", []), ("Hello, World!", ["hello", "world"]), ("line\nbreak\ttab", ["line", "break", "tab"]),
    ("Don't can’t won`t", ["dont", "cant", "wont"]), ("Tom & Ann", ["tom", "and", "ann"]),
    ("https://www.pay.example/x1", ["pay", "example", "x", "1"]), ("www.pay.example", ["pay", "example"]),
    ("Zoë Straße", ["zoe", "strasse"]), ("p\u200barc\u00adel", ["parcel"]), ("раrсеl", ["parcel"]),
    ("ＦＲＥＥ ①②", ["free", "12"]), ("snake_case", ["snake", "case"]), ("at 3pm", ["at", "3", "pm"]),
    ("call +1 (416) 555-0101 now", ["call", "4165550101", "now"]), ("416.555.0101", ["4165550101"]),
    ("0049 30 23125678", ["3023125678"]), ("code 482913", ["code", "482913"]), ("12-34", ["12", "34"]),
])
def test_the_words_of_a_text(body, words):
    assert words_of_report(body) == words


def test_the_words_after_the_four_hundredth_are_not_read():
    assert words_of_report("one two " * 1000) == ["one", "two"] * 200


@quick
@given(st.text(max_size=80))
@example("İ")
def test_whatever_the_text_its_words_are_small_letters_or_digits(body):
    for word in words_of_report(body):
        assert word
        assert word.isdecimal() or not any(char.isdecimal() for char in word)
        assert word.casefold() == word


@quick
@given(st.lists(st.sampled_from(["Größe", "café", "İstanbul", "B2", "NOW", "don't", "Łódź", "αβγ"]), max_size=8),
       st.sampled_from([" ", "  ", "\n", ", ", "… ", " — ", "\u00a0", "\u200b "]), st.booleans())
def test_marks_blanks_case_and_spelling_of_accents_never_matter(words, between, composed):
    plain = words_of_report(" ".join(words))
    changed = unicodedata.normalize("NFC" if composed else "NFD", between.join(words))
    assert words_of_report(changed) == words_of_report(f"“{changed}”!") == plain


def test_letters_that_look_like_latin_ones_are_those():
    assert all(len(chr(shape)) == 1 and chr(letter).isascii() for shape, letter in LOOKALIKES.items())
    assert words_of_report("ΡΑRСΕL") == words_of_report("parcel")


# --- a part --------------------------------------------------------------------------------------


@quick
@given(TEXTS, st.integers(0, 11), st.integers(1, 12))
def test_words_in_a_row_are_a_part_if_they_are_long_enough(sent, begin, many):
    typed = sent[begin:begin + many]
    assert is_part_of_text(typed, sent) is (len("".join(typed)) + len(typed) > 15)


@quick
@given(TEXTS, st.integers(1, 5), st.integers(1, 5))
def test_a_word_may_be_cut_where_the_report_begins_or_ends(sent, before, behind):
    first, *middle, last = sent[:6]
    assert is_part_of_text([first[before:] or first, *middle, last[:-behind] or last], sent)


@quick
@given(TEXTS, st.integers(1, 9))
def test_two_words_in_another_order_make_another_text(sent, place):
    assert not is_part_of_text([*sent[:place], sent[place + 1], sent[place], *sent[place + 2:]], sent)


@quick
@given(TEXTS, st.integers(1, 10), st.sampled_from(["not", "never", "no", "without", "cannot", "pas", "5", "2026"]))
def test_nobody_loses_a_denial_or_a_number_by_a_slip(sent, place, word):
    """Without it the text says something else."""
    whole = [*sent[:place], word, *sent[place:]]
    assert is_part_of_text(whole, whole)
    assert not is_part_of_text(sent, whole)
    assert not is_part_of_text(whole, sent)


@quick
@given(TEXTS, st.sets(st.integers(1, 10), min_size=1, max_size=4))
def test_one_word_in_four_may_be_missing(sent, left_out):
    typed = [word for place, word in enumerate(sent) if place not in left_out]
    assert is_part_of_text(typed, sent) is (4 * len(left_out) <= len(typed))


@quick
@given(TEXTS, st.integers(1, 10))
def test_another_word_in_the_middle_makes_another_text(sent, place):
    assert not is_part_of_text([*sent[:place], "zebra", *sent[place:]], sent)
    assert not is_part_of_text([*sent[:place], "zebra", *sent[place + 1:]], sent)


@pytest.mark.parametrize(("reported", "quoted"), [
    (SENT.upper(), True), (f"They wrote to me: {SENT}", True), (f"{SENT} I have no account there", True),
    (f"Look: {SENT} Is it you?", True), ("account with Granite Bank was locked", True),
    ("with granitebank was locked this", True),
    ("acount with Granite Bnak was locked this morning", True), ("confirm who you are before no", True),
    ("locked", False), ("who you are", False), ("Granite Bank", False), ("", False), ("!", False),
    # More remark than half of the text, or a remark to a text with a gap.
    (f"I have been a customer there for ten years and never had any trouble until I got this today: {SENT}", False),
    (f"Look at this: {SENT.replace('please ', '')}", False),
])
def test_people_cut_retype_and_add_remarks(reported, quoted):
    assert part(reported) is quoted


@pytest.mark.parametrize(("typed", "sent", "same"), [
    ("morningg", "morning", True), ("mornng", "morning", True), ("mroning", "morning", True),
    ("mormimg", "morning", False), ("warning", "morning", False), ("noom", "noon", False), ("non", "noon", True),
    ("am", "pm", False), ("anne", "anna", False), ("anan", "anna", True), ("sun", "mon", False), ("form", "from", True),
    ("3", "30", False), ("12", "13", False), ("1234", "1235", False), ("12345", "12346", True), ("12345", "1234", True),
    ("one", "1", False)])
def test_a_slip_of_one_letter_is_forgiven_where_it_makes_no_other_word(typed, sent, same):
    around = "please come to our office tomorrow {} because parcels wait there"
    assert part(around.format(typed), around.format(sent)) is same


@pytest.mark.parametrize(("typed", "whole"), [("4165", True), ("416", True), ("41", False)])
def test_a_number_is_cut_only_where_it_stays_known(typed, whole):
    sent = "please call them back at 4165550101"
    assert part(f"please call them back at {typed}", sent) is whole


# --- work ----------------------------------------------------------------------------------------


@quick
@given(st.integers(0, 100), st.lists(st.integers(0, 60), max_size=10))
def test_a_budget_never_allows_more_than_there_was(left, works):
    budget = WordBudget(left)
    taken = 0
    for work in works:
        fits = work <= left - taken
        assert budget.allows(work) is fits
        taken += work * fits
        assert budget.left == left - taken


def test_what_the_budget_does_not_reach_is_no_part():
    typed, sent = words_of_report(SENT[:60]), words_of_report(SENT)
    enough = len(typed) * len(sent)
    for left, found in ((enough - 1, False), (enough, True)):
        budget = WordBudget(left)
        assert is_part_of_text(typed, sent, budget) is found
        assert budget.left == (0 if found else left)


@pytest.mark.parametrize("reported", ["Something quite different that says nothing of the kind", "locked", ""])
def test_texts_with_little_in_common_cost_nothing(reported):
    budget = WordBudget(10)
    assert not part(reported, SENT if len(reported) > 10 else "Ok", budget)
    assert budget.left == 10
