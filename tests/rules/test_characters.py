"""What nobody sees is no part of a name, and what scripts need stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules.characters import is_hidden_character, tidy_line, without_hidden

UNSEEN = ("\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u202a\u202e\u2060\u2066\u2800\u3164\ufe0f\ufeff\uffa0"
          "\U000e0041")


@pytest.mark.parametrize("char", UNSEEN)
def test_a_character_that_nobody_sees_is_taken_off_wherever_it_stands(char):
    assert is_hidden_character(char)
    assert without_hidden(f"{char}U{char}li{char}") == "Uli"
    assert tidy_line(f"{char}U{char}li{char}") == "Uli"


@pytest.mark.parametrize("typed", ["", " ", "\u00a0", "\u3000", "\u200b", "\u3164", "\u2800", "\ufeff \u200d", "\u0301",
                                   "\t\r\n", "\x00", "\u202e\u202c", "\ue000", *UNSEEN])
def test_a_name_that_nobody_can_see_is_none(typed):
    assert tidy_line(typed) == ""


@pytest.mark.parametrize("name", ["Uli", "李明", "O'Neil-Łoś", "🦊", "-", "7", "نمی‌خواهم", "क्‍ष", "👩‍⚕️ Ana", "❤️‍🔥",
                                  "A  B", "①"])
def test_what_can_be_seen_stays(name):
    assert tidy_line(name) == name


@pytest.mark.parametrize(("typed", "name"), [
    (" Uli\tBrandt\r\n", "Uli Brandt"), ("Uli \u2028 Brandt", "Uli Brandt"), ("Zoe\u0308", "Zoë"),
    ("Uli\u200d", "Uli"), ("A\u200dB", "A\u0042"), ("\u202eUli", "Uli"), ("\u200b Uli \u00a0", "Uli"),
    ("a\x00b", "a b"), ("é\ufe0f", "é")])
def test_lines_are_stored_tidy(typed, name):
    assert tidy_line(typed) == name


@given(st.text())
def test_what_is_tidy_stays_as_it_is(typed):
    once = tidy_line(typed)
    assert tidy_line(once) == once == once.strip()
    assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in once)


@given(st.text(min_size=1))
def test_a_tidy_name_can_be_seen(typed):
    assert tidy_line(typed) == "" or any(not is_hidden_character(char) and not char.isspace()
                                         for char in tidy_line(typed))
