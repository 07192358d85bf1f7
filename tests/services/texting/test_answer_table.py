"""The table of automatic answers: every kind in every language, in plain letters, and the last wording always fits."""

import pytest

from portal.rules.encoding import BASIC, Alphabet, pack_text
from portal.services.texting.answer_table import ANSWER_TABLE, AnswerKind

# The longest that the portal prints as the time at which a location opens again.
OPENS = "0" * 24


@pytest.mark.parametrize("kind", AnswerKind)
def test_every_kind_is_worded_in_every_language(kind):
    for wordings in ANSWER_TABLE[kind]:
        assert wordings
        assert all(one.startswith("{name}") and set(one) - set("{}") <= BASIC for one in wordings)
    assert ANSWER_TABLE.keys() == set(AnswerKind)


@pytest.mark.parametrize("kind", AnswerKind)
def test_the_last_wording_of_a_row_always_fits(kind):
    for wordings in ANSWER_TABLE[kind]:
        assert "{contact}" not in wordings[-1]
        longest = wordings[-1].format(name="W" * 30, opens=OPENS)
        assert (pack_text(longest).alphabet, pack_text(longest).segments) == (Alphabet.GSM7, 1)


def test_french_stands_before_english_where_both_are_said():
    for row in ANSWER_TABLE.values():
        assert all(one.startswith("{name} :") for one in (*row.french, *row.both))
