"""Automatic answers: one plain segment for whatever the form accepts, in one language, and no words of a person."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.blueprints.admin.forms import PLAIN_CHARACTERS
from portal.rules.encoding import Alphabet, pack_text
from portal.rules.keywords import HeardRequest, Language, Meaning, hear_request
from portal.services.texting.answers import ANSWERS, answer_text, is_automatic_answer

ENGLISH = re.compile(r"\b(?:ask|the|who|you|texts?(?! START)|for help|reply|will|from us|to this)\b")
ACCEPTED = [chr(code) for code in range(32, 127) if PLAIN_CHARACTERS.fullmatch(chr(code))]
accepted = st.text(st.sampled_from(ACCEPTED))
words = st.sampled_from([HeardRequest(meaning, language, "word") for meaning, language in ANSWERS])


def answer(word, name="", reply_name="", contact=""):
    return answer_text(SimpleNamespace(name=name, reply_name=reply_name, help_contact=contact), word)


@settings(deadline=None)
@given(st.text(), st.text(st.sampled_from(ACCEPTED), max_size=30), st.text(st.sampled_from(ACCEPTED), max_size=80),
       words)
@example("x", "W" * 30, "@" * 80, HeardRequest(Meaning.HELP, Language.FRENCH, "aide"))
@example("x", "W" * 30, "@" * 80, HeardRequest(Meaning.HELP, Language.ENGLISH, "help"))
@example("Clinique Forêt & Associés du Grand-Métis", "", "", HeardRequest(Meaning.STOP, Language.FRENCH, "arret"))
@example("€" * 100, "", "", HeardRequest(Meaning.STOP, Language.ENGLISH, "stop"))
@example("診療所", "", "", HeardRequest(Meaning.STOP, Language.FRENCH, "arret"))
@example("\ufdfa" * 30, "", "", HeardRequest(Meaning.STOP, Language.FRENCH, "arret"))
def test_every_answer_is_one_plain_segment(name, reply_name, contact, word):
    packed = pack_text(answer(word, name, reply_name, contact.strip()))
    assert (packed.alphabet, packed.segments) == (Alphabet.GSM7, 1)


@pytest.mark.parametrize("contact", ["", "+1 416 555 0100"])
@pytest.mark.parametrize("name", ["Clinique", "診療所"])
@pytest.mark.parametrize("meaning", [Meaning.STOP, Meaning.START, Meaning.HELP])
def test_nothing_in_a_french_answer_is_english(meaning, name, contact):
    said = answer(HeardRequest(meaning, Language.FRENCH, "arret"), name, contact=contact)
    assert said
    assert not ENGLISH.search(said)


@pytest.mark.parametrize("word", [HeardRequest(meaning, language, "word") for meaning, language in ANSWERS])
@pytest.mark.parametrize("contact", ["", "call +1 416 555 0100"])
def test_an_answer_is_no_request(word, contact):
    assert hear_request(answer(word, "Harbor Clinic", contact=contact)) is None


@settings(deadline=None)
@given(accepted.filter(lambda name: 0 < len(name.strip()) <= 30), accepted.filter(lambda told: len(told) <= 80), words)
@example("Stop Smoking. STOP", "reply STOP", HeardRequest(Meaning.HELP, Language.ENGLISH, "help"))
def test_an_answer_is_known_whatever_the_name_is(name, contact, word):
    assert is_automatic_answer(answer(word, reply_name=name.strip(), contact=contact.strip()))


@pytest.mark.parametrize("body", ["STOP", "Stop texting me", "you will get no more texts from us", "HELP", ""])
def test_what_people_say_is_no_answer(body):
    assert not is_automatic_answer(body)


def test_likely_words_have_no_answer():
    assert not answer(HeardRequest(Meaning.LIKELY_STOP, Language.ENGLISH, "no"), "Maple")
