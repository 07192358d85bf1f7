"""Passwords that people may choose, and how what they type is read."""

import unicodedata

import pytest

from portal import lengths
from portal.extensions import db, writing
from portal.models import User
from portal.services.accounts import links, password_rules, passwords
from portal.services.refusals import Clash
from tests import cast

COMPOSED = unicodedata.normalize("NFC", "Vögel über Zürich hören")
APART = unicodedata.normalize("NFD", COMPOSED)


COMMON = [
    "password1234", "Password2026!", "P@ssw0rd2026!", "123456789012", "qwertyuiop12", "qwertzuiop12", "azertyuiop12",
    "1qaz2wsx3edc", "zaq12wsxcde3", "asdfghjkl;'#", "yxcvbnm12345", "letmeinletmein", "iloveyou2026", "welcome12345",
    "Summer2026!!", "november2026", "28112026 2026", "abcdefghijkl", "abcabcabcabcabc", "aaaabbbbcccc", "football2026",
    "19900101abcd", "dragonmonkey", "trustno1trustno1", "1q2w3e4r5t6y", "987654321098",
]
OF_ORGANIZATION = [
    "MapleClinic2026", "Maple-Clinic-2026", "maple_clinic!!!!", "M4pl3Cl1n1c2026", "2026 Clinic Maple",
    "clinicclinic12", "Maple Clinic Maple Clinic", "CLINIC-2026-maple!",
]
FINE = [
    cast.PASSWORD, "another fine battery", "tigers and lions", "kvx7 plo3 mne9", "the maple tree was taller than us",
    "four words in a row", "a demo for everybody", "a new pass phrase", COMPOSED, "słoń pod zielonym dębem",
    "kqz7-vub2-mxr4",
]


@pytest.mark.parametrize("weak", COMMON + OF_ORGANIZATION)
def test_what_everybody_tries_first_is_refused(uli, weak):
    """The commonest passwords, walks over the keyboard, years, repeats, and the name of the organization."""
    with pytest.raises(Clash) as clash:
        password_rules.refuse_weak_password(uli, weak)
    assert clash.value.field == "password"
    assert "few" in clash.value.sentence or "repeats" in clash.value.sentence


@pytest.mark.parametrize("name", ["Uli", "Otto", "Olga"])
@pytest.mark.parametrize("fine", FINE)
def test_what_nobody_guesses_is_taken(inside, people, name, fine):
    with inside():
        password_rules.refuse_weak_password(db.session.get_one(User, people[name].id), fine)


def test_the_name_of_another_organization_is_no_secret_of_ours(inside, people):
    """Otto may use words of Maple Clinic; his own organization's name counts."""
    with inside():
        otto = db.session.get_one(User, people["Otto"].id)
        password_rules.refuse_weak_password(otto, "Maple-Clinic-2026")
        with pytest.raises(Clash):
            password_rules.refuse_weak_password(otto, "Harbor-Health-2026")


@pytest.mark.parametrize("told", ["uli brandt and the sea", "BRANDT at the seaside", "br4ndt by the sea",
                                  "by the sea at EXAMPLE.COM"])
def test_ones_own_name_gives_itself_away(uli, told):
    with pytest.raises(Clash):
        password_rules.refuse_weak_password(uli, told)


def test_lengths_count_letters_as_people_see_them(uli):
    """An accent that a keyboard writes apart is no letter of its own; what is far too long is not even read."""
    for short in ("ö" * 3 + "üäéèßç", "o\u0308u\u0308a\u0308e\u0301e\u0300c\u0327"):
        with pytest.raises(Clash):
            password_rules.refuse_weak_password(uli, short)
    longest = "ö ü ä q w z t 7 % m " * 10
    assert len(longest) == lengths.TYPED_PASSWORD
    passwords.set_new_password(uli, unicodedata.normalize("NFD", longest), "Test")
    with pytest.raises(Clash):
        password_rules.refuse_weak_password(uli, longest + "!")


@pytest.mark.parametrize("size", [801, 5_000, 60_000])
def test_nothing_long_is_brought_into_form(uli, monkeypatch, size):
    """Combining marks sort in quadratic time; whoever signs in must not make the portal do that."""
    read = []
    monkeypatch.setattr(password_rules, "unicodedata", type("Seen", (), {
        "normalize": lambda form, text: read.append(len(text)) or unicodedata.normalize(form, text)}))
    marks = ("\u0301\u0316" * size)[:size]
    with pytest.raises(Clash):
        password_rules.refuse_weak_password(uli, marks)
    assert passwords.sign_in_with_password("uli@example.com", marks, "192.0.2.1", "Test") is None
    assert not [length for length in read if length > 4 * lengths.TYPED_PASSWORD]


@pytest.mark.parametrize(("chosen", "typed"), [(COMPOSED, APART), (APART, COMPOSED), (COMPOSED, COMPOSED)])
def test_one_password_however_the_keyboard_writes_it(uli, chosen, typed):
    assert passwords.set_new_password(uli, chosen, "Test")
    assert passwords.sign_in_with_password("uli@example.com", typed, "192.0.2.1", "Test")
    assert passwords.check_password(uli, typed)
    assert passwords.sign_in_with_password("uli@example.com", typed.replace("V", "W"), "192.0.2.1", "Test") is None


@pytest.mark.parametrize("old", [COMPOSED, APART, COMPOSED[:5] + APART[6:]])
def test_a_password_from_before_still_works_and_is_hashed_anew(uli, old):
    """It was hashed as typed; from the next time on every keyboard's spelling is right."""
    with writing():
        uli.password_hash = before = passwords.HASHER.hash(old)
    assert passwords.sign_in_with_password("uli@example.com", old, "192.0.2.1", "Test")
    assert (uli.password_hash == before) is (old == COMPOSED)
    for typed in (COMPOSED, APART):
        assert passwords.sign_in_with_password("uli@example.com", typed, "192.0.2.1", "Test")


def test_the_page_says_why_and_keeps_the_link(browse, inside, people):
    with inside():
        address = f"/welcome/{links.make_link(None, db.session.get_one(User, people['Uli'].id))}"
    for weak, said in (("qwertyuiop12", "neighboring keys"), ("MapleClinic2026", "name of your organization")):
        answer = browse().post(address, data={"password": weak, "again": weak})
        assert answer.status_code == 422
        assert said in answer.text
    assert browse().get(address).status_code == 200
