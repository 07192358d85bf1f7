"""Every letter in every language: all of it in its reader's, whatever the page is in from which it is sent."""

import re
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from portal.services.letters import write_letter
from portal.wording import accounts, spam
from portal.wording.languages import locale_of_language

TAGS = {"en": "en", "de": "de", "pl": "pl", "fr": "fr-CA"}
LETTERS = {
    "sign-in": lambda code: accounts.sign_in_letter(code, "Zoé Łoś", "https://p.example/welcome/abc", 48),
    "first-admin": lambda code: accounts.first_admin_letter(code, "Zoé Łoś", "Klinik Köln", "https://p.example/x", 48),
    "link-shown": lambda code: accounts.link_shown_letter(code, "Zoé Łoś", "Jörg Öz", "Postfach voll"),
    "address-changed": lambda code: accounts.address_changed_letter(code, "Zoé Łoś", "Jörg Öz"),
    **{f"outcome-{progress}": lambda code, progress=progress: spam.outcome_letter(code, "abc12345", progress)
       for progress in spam.PROGRESS},
}
# What a letter holds that nobody translates.
NAMES = ("Zoé Łoś", "Klinik Köln", "Jörg Öz", "Postfach voll", "abc12345", "https://p.example/welcome/abc",
         "https://p.example/x", "Business Texting")
ENGLISH = re.compile(r"\b(the|you|your|this|it|of|letter|with|and|from)\b", re.IGNORECASE)


@pytest.fixture(params=["en", "de", "pl", "fr"])
def page(app, request):
    """Which language the page is in."""
    with app.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


def parts(letter):
    return [letter.subject, *letter.words.split("\n\n")]


def without_names(part):
    for name in NAMES:
        part = part.replace(name, "")
    return part


@pytest.mark.parametrize("code", ["de", "pl", "fr"])
@pytest.mark.parametrize("kind", LETTERS)
def test_no_english_is_left(page, kind, code):
    own, english = LETTERS[kind](code), LETTERS[kind]("en")
    assert (own.language, english.language) == (TAGS[code], "en")
    assert len(parts(own)) == len(parts(english))
    for here, there in zip(parts(own), parts(english), strict=True):
        assert "%" not in here and "None" not in here
        assert [name in here for name in NAMES] == [name in there for name in NAMES]
        if re.search("[a-z]", without_names(there)):
            assert here != there
            assert not ENGLISH.search(without_names(here)), here


@pytest.mark.parametrize("kind", LETTERS)
def test_the_page_changes_nothing_of_it(app, page, kind):
    here = LETTERS[kind]("pl")
    with app.test_request_context():
        assert LETTERS[kind]("pl") == here
    with app.app_context():
        assert LETTERS[kind]("pl") == here, "nor does a background task, which has no page"


@pytest.mark.parametrize("code", TAGS)
@pytest.mark.parametrize("kind", LETTERS)
def test_its_header_can_be_read_by_every_mail_program(app, kind, code):
    """Accents of the subject are encoded (RFC 2047), and the letter says its language."""
    with app.app_context():
        written = LETTERS[kind](code)
        letter = write_letter("jo@example.org", written.subject, written.words, "x-1", written.language)
    sent = bytes(letter)
    assert sent.partition(b"\n\n")[0].isascii()
    read = message_from_bytes(sent, policy=policy.default)
    assert (read["Subject"], read["Content-Language"]) == (written.subject, TAGS[code])
    assert read.get_content() == written.words


def test_a_service_with_accents_in_its_name(app, monkeypatch):
    with app.app_context():
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], service="Łącznik für Köln"))
        written = LETTERS["sign-in"]("de")
        read = message_from_bytes(bytes(write_letter("a@b.example", *written[:2], "x")), policy=policy.default)
    assert "Łącznik für Köln" in read["Subject"]


@pytest.mark.parametrize(("code", "locale"), [
    ("de", "de"), ("de_AT", "de"), ("fr", "fr_CA"), ("fr_CA", "fr_CA"), ("fr-FR", "fr_CA"), ("pl", "pl"), ("", "en"),
    # A file of users may name any.
    ("es_ES", "en"), ("xx", "en"), ("tlh_QO", "en"), ("PL", "pl"),
])
def test_the_locale_of_a_language(code, locale):
    assert locale_of_language(code) == locale
