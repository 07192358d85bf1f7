"""A letter as an address: every part percent-encoded, never too long, and honest where it was shortened."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.mailto import LONGEST, write_mailto


@pytest.fixture(autouse=True)
def _asked(app):
    with app.test_request_context():
        yield


def read(letter):
    """To, subject and words, as a mail program reads them."""
    parts = urlsplit(letter.address)
    fields = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
    assert parts.scheme == "mailto"
    assert list(fields) == ["subject", "body"]
    return unquote(parts.path), fields["subject"][0], fields["body"][0]


def test_a_letter_arrives_as_it_was_written():
    letter = write_mailto("help+us@example.com", "Plan & add-on?", "Hello,\n\n50 % = half #1 \u00e9\n")
    assert read(letter) == ("help+us@example.com", "Plan & add-on?", "Hello,\r\n\r\n50 % = half #1 \u00e9")
    assert not letter.shortened


@pytest.mark.parametrize("subject", ["x\r\nBcc: all@example.com", "x\nBcc: y", "a&bcc=b@example.com", "x%0ABcc"])
@pytest.mark.parametrize("words", ["&cc=c@example.com", "?to=d@example.com", "\r\n.\r\nBcc: e"])
def test_nothing_typed_becomes_a_header(subject, words):
    to, said, body = read(write_mailto("a@example.com", subject, words))
    assert to == "a@example.com"
    assert not {"\r", "\n"} & set(said)
    assert body.replace("\r\n", "\n") == words.replace("\r\n", "\n")


@given(st.text(max_size=3000), st.text(max_size=60))
def test_it_is_never_too_long_and_says_when_it_is_shortened(words, subject):
    letter = write_mailto("a@example.com", subject, words)
    assert len(letter.address) <= LONGEST
    assert letter.address.isascii()
    assert letter.shortened == ("see the portal" in unquote(letter.address) and "see the portal" not in words)


def test_whole_lines_go_from_the_end():
    letter = write_mailto("a@example.com", "Plan", "\n".join(f"Line {n} of the letter" for n in range(200)))
    _to, _subject, body = read(letter)
    lines = body.split("\r\n")
    assert letter.shortened
    assert lines[0] == "Line 0 of the letter"
    assert lines[-1] == "(There is more: see the portal.)"
    assert all(line.endswith("letter") for line in lines[:-2])
    assert len(letter.address) > LONGEST - 80
