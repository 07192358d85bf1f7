"""Every letter in the pseudo-locale: subject and words hold nothing outside the brackets but names and addresses."""

import importlib
import inspect
import pkgutil

import pytest

from portal import wording
from portal.wording import accounts, spam

from . import pseudo
from .bare_words import Data

LINK = "https://texting.example.com/welcome/abc"
NAMES = ("Nia Cole", "Ada Keller", "New Clinic", "ABCD1234", "Gets no mail")
# What each letter is told, after the language of its reader.
LETTERS = [
    (accounts.sign_in_letter, ("Nia Cole", LINK, 48)),
    (accounts.first_admin_letter, ("Nia Cole", "New Clinic", LINK, 48)),
    (accounts.link_shown_letter, ("Nia Cole", "Ada Keller", "Gets no mail")),
    (accounts.address_changed_letter, ("Nia Cole", "Ada Keller")),
    *((spam.outcome_letter, ("ABCD1234", progress)) for progress in spam.PROGRESS if progress in spam.EXPLAINED),
]


@pytest.mark.parametrize(("letter", "told"), LETTERS, ids=[f"{one.__name__}-{told[-1]}" for one, told in LETTERS])
def test_a_letter(app, letter, told):
    with pseudo.spoken(), app.test_request_context():
        subject, words, *_tag = letter(pseudo.LANGUAGE, *told)
    data = Data(NAMES)
    assert [bare for said in (subject, *words.splitlines()) if (bare := data.bare_words(said))] == []
    assert pseudo.OPEN in subject
    assert pseudo.OPEN in words


def test_no_letter_is_left_out():
    written = {function for found in pkgutil.iter_modules(wording.__path__, "portal.wording.")
               for name, function in inspect.getmembers(importlib.import_module(found.name), inspect.isfunction)
               if name.endswith("_letter") and function.__module__ == found.name}
    assert written == {letter for letter, _told in LETTERS}
