"""F1: the one number in what somebody copied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rules import copied
from portal.rules.copied import find_copied_number
from portal.rules.numbers import read_number

MAPLE = "+14165550101"
COPIED = (
    "Maybe: Maple Clinic (416) 555-0101", "tel:+14165550101", "From: +1 416 555 0101", "+1 (416) 555-0101 • Mobile",
    "+1 416 555 0101 ext 4", "+1 416 555 0101", "4165550101", "TEL;TYPE=CELL:+14165550101",
    "BEGIN:VCARD\nFN:Maple\nTEL;TYPE=WORK,VOICE:+1-416-555-0101\nEND:VCARD", "tel:+1-416-555-0101;ext=4",
    "sms:+14165550101?body=STOP", "416.555.0101•Mobile", "Maple Clinic <+14165550101>", "(416) 555-0101x4",
    "(416) 555-0101 #4", "416 555 0101,4", "416-555-0101 poste 4", "416\u2013555\u20130101",
    "+1\u2011416\u2011555\u20110101",
    "＋１４１６５５５０１０１", "\u202a+1 (416)\u00a0555-0101\u202c", "\u2068Maple\u2069 \u202a+14165550101\u202c",
    "416 555 0101 2:35 PM", "416-555-0101 28/11/26", "Today 9:41 AM +1 (416) 555-0101", "416-555-0101 2026-11-28",
    "2 messages from +14165550101", "Clinic4165550101", "mobile4165550101", "14165550101@sms.example",
    "https://wa.me/14165550101", "📞+1 416 555 0101", "(1) +1 416 555 0101", "1. 416-555-0101", "416*555*0101",
    "416 | 555 | 0101", "12 Bay St, 416-555-0101", "Maple Clinic\nwork\n(416) 555-0101\nhome\n", "+1 416 555 0101 (2)",
    "sms:%2B1%20416%20555%200101", "001 416 555 0101", "0014165550101", "416\u00b7555\u00b70101", "416•555•0101",
    "+1 416 555 0101 5 min", "+1 416 555 0101 2 h ago", "416 555 0101 3 new", "416-555-0101 12j",
    "1 416 555 0101 2 msgs",
    "+1 (416) 555-0101 / +14165550101", "Spam risk: 4165550101 Toronto, ON",
)


@pytest.mark.parametrize("text", COPIED)
def test_the_number_is_found(text):
    assert find_copied_number(text) == MAPLE


@pytest.mark.parametrize("text", [
    "", " ", "Maple Clinic", "26246", "Short code 26246", "someone@example.org", "+1 416 555 010", "911", "tel:911",
    "(416) 555-0101 or (416) 555-0102", "+14165550101 +14165550102", "Ticket 2026-11-28 9:41", "123456789012345678",
])
def test_no_number_or_several_are_none(text):
    assert find_copied_number(text) == ""


def test_numbers_of_other_countries_are_numbers():
    assert find_copied_number("+44 20 7946 0018 • Mobile") == "+442079460018"
    assert find_copied_number("tel:+12465550101") == "+12465550101"


def test_what_is_too_long_is_not_looked_at(monkeypatch):
    def fail(*_given, **_named):
        raise AssertionError("looked at")

    monkeypatch.setattr(copied, "PhoneNumberMatcher", fail)
    monkeypatch.setattr(copied, "read_number", fail)
    monkeypatch.setattr(copied, "without_hidden", fail)
    assert find_copied_number("1/" * 30_000 + MAPLE) == ""


AROUND = st.text(st.characters(categories=["L", "Zs", "So", "Po", "Ps", "Pe", "Cf"]), max_size=30)


@given(AROUND, AROUND)
def test_whatever_words_stand_around_it_it_is_found(before, after):
    assert find_copied_number(f"{before} {MAPLE} {after}") == MAPLE


@given(st.text(max_size=200))
def test_nothing_breaks_it(text):
    assert find_copied_number(text) in ("", read_number(find_copied_number(text)).e164)
