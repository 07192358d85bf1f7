"""Which spellings are one address, and what is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.rules.addresses import is_valid_address, key_of_address, tidy_address

GOOD = ("uli@example.com", "o'neil@example.com", "user+tag@sub.example.co.uk", "_x@example.org", "andré@example.com",
        "luc@hôpital.example", "luc@xn--hpital-ixa.example", "иван@почта.рф", "李@例子.公司", "me@xn--i-7iq.ws",
        "ben&uli@my--shop.example", "a.b-c_d@1and1.example", "हिन्दी@example.com", "x@straße.example")
BAD = (
    "<ben@example.com>", "Ben <ben@example.com>", "mailto:ben@example.com", "ben@example.com.", "ben@example.com;",
    "ben@example.com,", '="ben@example.com"', "=ben@example.com", "“ben@example.com”", "«ben@example.com»",
    "'ben@example.com'", "'ben@example.com", '"ben@example.com"', "`ben@example.com`", "(ben@example.com)",
    "[ben@example.com]", "*ben@example.com*", "- ben@example.com", "-ben@example.com", "ben@example..com",
    "ben..x@example.com", ".ben@example.com", "ben.@example.com", "ben@-example.com", "ben@example-.com",
    "ben@.example.com", "ben@@example.com", "ben@example.com, uli@example.com", "ben @example.com", "ben@ example.com",
    "ben@exam\tple.com", "ben@example", "@example.com", "ben@", "ben", "", "ben@1.2.3.4", "ben@[127.0.0.1]",
    "ben@exa_mple.com", "%20ben@example.com", "REMOVE|ben@example.com", "To: ben@example.com", "𝐛𝐞𝐧@example.com",
    "b\u0435n@example.com", "ben@ex\u0430mple.com", "\u0301ben@example.com", "ben👍@example.com", "ben@i❤.ws",
    "x" * 65 + "@example.com", "ben@" + "a." * 125 + "com", "ﬁn@example.com",
)
SAME = (
    ("Uli@Example.COM", "uli@example.com"), ("uli@example.com\u200b", "uli@example.com"),
    ("\u202aben@example.com\u202c", "ben@example.com"), ("be\u00adn@exam\u2060ple.com", "ben@example.com"),
    ("\ufeffben@example.com", "ben@example.com"), ("\u2800ben@example.com\u3164", "ben@example.com"),
    (" ben@example.com\u00a0", "ben@example.com"), ("andre\u0301@example.com", "ANDRÉ@example.com"),
    ("luc@hôpital.example", "luc@xn--hpital-ixa.example"), ("luc@HÔPITAL.example", "luc@XN--HPITAL-IXA.example"),
    ("luc@ho\u0302pital.example", "luc@hôpital.example"), ("ben＠example．com", "ben@example.com"),
    ("ｂｅｎ@example.com", "ben@example.com"),
    ("李@例子。公司", "李@例子.公司"), ("ΣΑΣ@example.com", "σας@example.com"),
)
OTHERS = (
    ("andré@example.com", "andre@example.com"), ("luc@hôpital.example", "luc@hopital.example"),
    ("łukasz@example.com", "lukasz@example.com"), ("søren@example.com", "soren@example.com"),
    ("straße@example.com", "strasse@example.com"), ("x@straße.example", "x@strasse.example"),
    ("æsa@example.com", "aesa@example.com"), ("kadı@example.com", "kadi@example.com"),
    ("ben@example.com", "ben@example.com."),
)


@pytest.mark.parametrize("address", GOOD)
def test_addresses_that_people_have(address):
    assert is_valid_address(address)


@pytest.mark.parametrize("address", BAD)
def test_what_is_no_address(address):
    assert not is_valid_address(address)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_address(one, other):
    assert key_of_address(one) == key_of_address(other)
    assert is_valid_address(one)
    assert is_valid_address(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_addresses_of_two_people(one, other):
    assert key_of_address(one) != key_of_address(other)


def test_an_address_is_kept_as_people_read_it():
    assert tidy_address(" Luc@xn--hpital-ixa.example\u200b") == "Luc@hôpital.example"
    assert tidy_address("Ben@Example.com") == "Ben@Example.com"
    assert tidy_address("me@xn--i-7iq.ws") == "me@xn--i-7iq.ws"


@example("´")
@given(st.text() | st.builds("{}@{}.{}".format, st.text(max_size=9), st.text(max_size=9),
                             st.sampled_from(["com", "рф"])))
@example("¸")
@example("a@¨")
def test_a_key_is_its_own_key_and_whatever_is_typed_has_one(typed):
    assert key_of_address(key_of_address(typed)) == key_of_address(typed)
    assert key_of_address(tidy_address(typed)) == key_of_address(typed)
    assert tidy_address(tidy_address(typed)) == tidy_address(typed)
    assert is_valid_address(tidy_address(typed)) == is_valid_address(typed)
