"""Names are compared without case and accents; what is typed into a search is taken literally."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.services.names import digits_of_search, escape_like, key_of_name

WILD = st.text("ab%_\\", max_size=6)


@pytest.fixture(scope="module")
def like():
    """`like("Adam", "%da%")`: whether SQLite finds the pattern, with a backslash for escape character."""
    with closing(sqlite3.connect(":memory:")) as rows:
        yield lambda text, pattern: rows.execute("SELECT ? LIKE ? ESCAPE '\\'", (text, pattern)).fetchone() == (1,)


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "key"), [
    ("  Zoé Lefèvre ", "zoe lefevre"), ("ŁUKASZ", "lukasz"), ("Strøm", "strom"), ("Straße", "strasse"),
    ("Đorđe", "dorde"), ("Þóra", "thora"), ("Ægir", "aegir"), ("IŞIK", "isik"),
    ("Uli\u200b Br\u00adandt", "uli brandt"),
    ("O'Neil-Łoś", "o'neil-los"), ("𝐀𝐝𝐚", "ada"), ("ﬁn", "fin"), ("", ""), ("李明", "李明"),
])
def test_names_are_compared_without_case_accents_and_outer_spaces(typed, key):
    assert key_of_name(typed) == key


@given(st.text())
def test_a_key_is_its_own_key(typed):
    """So it does not matter whether a person types a name or the key that it is compared by."""
    assert key_of_name(key_of_name(typed)) == key_of_name(typed)


# --- searching -----------------------------------------------------------------------------------


@given(WILD, WILD)
def test_a_search_finds_exactly_the_texts_that_contain_it(like, text, typed):
    assert like(text, f"%{escape_like(typed)}%") == (typed in text)


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%_\\", "50%", "a_b", "C:\\"])
def test_no_character_stands_for_another(like, typed):
    assert like(typed, escape_like(typed))
    assert not like("50 percent, a-b, C:/", escape_like(typed))


@pytest.mark.parametrize(("typed", "digits"), [
    ("(416) 555-0101", "4165550101"), ("+1 416", "1416"), ("Uli", ""), ("", ""), ("x²½Ⅳ③", ""), ("٤١٦", "416"),
    ("４１６", "416"), ("room 12b", "12"),
])
def test_the_digits_of_a_search(typed, digits):
    """In any script, and nothing that only looks like a number: an exponent, a fraction, a Roman or circled numeral."""
    assert digits_of_search(typed) == digits
