"""Automatic answers: one plain segment for whatever the forms accept, in each language, and no words of a person."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.blueprints.admin.forms import PLAIN_CHARACTERS
from portal.rules.encoding import Alphabet, pack_text
from portal.rules.keywords import HeardRequest, Language, Meaning, hear_request
from portal.rules.terms import AnswerLanguage
from portal.services.texting.answer_table import ANSWER_TABLE, EARLIER_ANSWERS, AnswerKind
from portal.services.texting.answers import (
    answer_text,
    is_automatic_answer,
    plain_reply_name,
    shorten_contact,
    word_answer,
    word_opening_time,
)

ENGLISH = re.compile(r"\b(?:ask|the|who|you|texts?(?! START)|for help|reply|will|from us|to this|call|closed|read)\b")
ACCEPTED = [chr(code) for code in range(32, 127) if PLAIN_CHARACTERS.fullmatch(chr(code))]
names = st.text(st.sampled_from(ACCEPTED), max_size=30)
contacts = st.text(st.sampled_from(ACCEPTED), max_size=80) | st.sampled_from([
    "", "+1 416 555 0100", "call +1 (416) 555-0100 from Monday to Friday, or ask the person at the front desk here",
    "www.maple-clinic.example/contact, or any of our front desks from Monday to Friday"])
# Every language in which an answer can be: by the keyword, or by the location.
TONGUES = [*product(Language, [AnswerLanguage.KEYWORD]), (Language.ENGLISH, AnswerLanguage.FRENCH),
           (Language.ENGLISH, AnswerLanguage.BOTH)]
EVERY = list(product(AnswerKind, TONGUES))
# The longest that the portal prints as the time at which a location opens again.
OPENS = ("0" * 24,) * 3


def clinic(name="Harbor Clinic", reply_name="", contact=""):
    return SimpleNamespace(name=name, reply_name=reply_name, help_contact=contact)


def answer(kind, tongue, organization):
    return word_answer(organization, kind, *tongue, opens=OPENS)


# --- for whatever the forms accept ---------------------------------------------------------------


@settings(deadline=None)
@given(st.text(), names, contacts, st.sampled_from(EVERY))
@example("x", "W" * 30, "@" * 80, (AnswerKind.HELP, TONGUES[1]))
@example("x", "W" * 30, "@" * 80, (AnswerKind.HELP, TONGUES[3]))
@example("Clinique Forêt & Associés du Grand-Métis", "", "", (AnswerKind.STOP, TONGUES[1]))
@example("€" * 100, "", "", (AnswerKind.STOP, TONGUES[0]))
@example("診療所", "", "€" * 80, (AnswerKind.START, TONGUES[3]))
@example("\ufdfa" * 30, "", "\ufdfa" * 80, (AnswerKind.STOP, TONGUES[1]))
def test_every_answer_is_one_plain_segment(name, reply_name, contact, which):
    packed = pack_text(answer(*which, clinic(name, reply_name, contact.strip())))
    assert (packed.alphabet, packed.segments) == (Alphabet.GSM7, 1)


@pytest.mark.parametrize("contact", ["", "+1 416 555 0100"])
@pytest.mark.parametrize("name", ["Clinique", "診療所"])
@pytest.mark.parametrize("kind", AnswerKind)
@pytest.mark.parametrize("tongue", [TONGUES[1], TONGUES[2]])
def test_nothing_in_a_french_answer_is_english(kind, tongue, name, contact):
    assert not ENGLISH.search(word_answer(clinic(name, contact=contact), kind, *tongue, opens=("", "lundi 8 h 30", "")))


@pytest.mark.parametrize(("kind", "tongue"), EVERY)
@pytest.mark.parametrize("contact", ["", "call +1 416 555 0100", "x" * 80])
def test_an_answer_is_no_request(kind, tongue, contact):
    assert hear_request(answer(kind, tongue, clinic(contact=contact))) is None


@settings(deadline=None)
@given(names.filter(str.strip), contacts, st.sampled_from(EVERY))
@example("Stop Smoking. STOP", "reply STOP", (AnswerKind.HELP, TONGUES[0]))
@example("0", " . ", (AnswerKind.CANCEL, TONGUES[0]))
def test_an_answer_is_known_whatever_the_name_is(name, contact, which):
    assert is_automatic_answer(answer(*which, clinic(reply_name=name.strip(), contact=contact.strip())))


@pytest.mark.parametrize("kind", AnswerKind)
def test_a_phone_number_fits_beside_the_longest_name(kind):
    for tongue, wordings in zip((TONGUES[0], TONGUES[1], TONGUES[3]), ANSWER_TABLE[kind], strict=True):
        said = answer(kind, tongue, clinic(reply_name="W" * 30, contact="call +1 416 555 0100 " + "x" * 50))
        assert ("+1 416 555 0100" in said) == any("{contact}" in one for one in wordings)


# --- what is left out first ----------------------------------------------------------------------


CANCEL = (AnswerKind.CANCEL, TONGUES[0])


@pytest.mark.parametrize(("contact", "said", "left_out"), [
    ("call +1 416 555 0100", "appointment? call +1 416 555 0100. To get", "Call us"),
    ("call +1 416 555 0100 from Monday to Friday.", "appointment? +1 416 555 0100. To get", "Friday"),
    ("our page www.maple-clinic.example/contact, or the front desk", "appointment? Call us.", "maple"),
    ("our page is maple.example, or come to the front desk", "appointment? maple.example. To get", "desk"),
    ("come to the front desk from Monday to Friday, eight to five", "appointment? Call us.", "desk"),
    ("", "appointment? Call us.", "contact"),
])
def test_the_words_of_the_contact_go_first_then_the_contact(contact, said, left_out):
    body = answer(*CANCEL, clinic(reply_name="W" * 30, contact=contact))
    assert said in body
    assert left_out not in body


def test_a_contact_that_fits_stays_whole():
    assert "for help " + "@" * 80 in answer(AnswerKind.HELP, TONGUES[0], clinic(reply_name="W" * 30, contact="@" * 80))


@pytest.mark.parametrize(("contact", "brief"), [
    ("call (416) 555-0100 now", "(416) 555-0100"), ("1-800-555-0100", "1-800-555-0100"),
    ("maple.example", "maple.example"), ("ask us", ""), ("open 9 to 5", ""), ("w" * 40 + ".example", ""), ("", ""),
])
def test_what_a_contact_becomes(contact, brief):
    assert shorten_contact(contact) == brief


def test_the_name_for_replies_is_plain():
    assert plain_reply_name(clinic("Clinique Forêt\n")) == "Clinique Foret"


@pytest.mark.parametrize(("spoken", "setting", "said"), [
    (Language.ENGLISH, AnswerLanguage.KEYWORD, "you will get texts"), (Language.FRENCH, AnswerLanguage.KEYWORD, "vous"),
    (Language.ENGLISH, AnswerLanguage.FRENCH, "vous"), (Language.FRENCH, AnswerLanguage.BOTH, "you will get texts"),
])
def test_the_setting_of_the_location_goes_before_the_keyword(spoken, setting, said):
    assert said in answer_text(clinic(), HeardRequest(Meaning.START, spoken, "start"), setting)


# --- when a location opens again -----------------------------------------------------------------


@pytest.mark.parametrize(("opens", "said"), [
    ("2026-11-30T08:30", ("Monday 8:30 AM", "lundi 8 h 30", "lundi/Monday 08:30")),
    ("2026-12-02T13:00", ("Wednesday 1:00 PM", "mercredi 13 h", "mercredi/Wednesday 13:00")),
    ("2026-12-05T00:00", ("Saturday 12:00 AM", "samedi 0 h", "samedi/Saturday 00:00")),
    ("2026-12-06T12:15", ("2026-12-06 12:15 PM", "le 2026-12-06, 12 h 15", "2026-12-06 12:15")),
])
def test_when_a_location_opens_again(opens, said):
    today = datetime(2026, 11, 29, 3, tzinfo=UTC)
    assert word_opening_time(datetime.fromisoformat(opens).replace(tzinfo=UTC), today) == said


def test_no_opening_time_is_longer_than_there_is_room():
    start = datetime(2026, 11, 29, tzinfo=UTC)
    for minutes in range(0, 60 * 24 * 9, 15):
        said = word_opening_time(start + timedelta(minutes=minutes), start)
        assert max(map(len, said)) <= len(OPENS[0])


# --- what is an answer ---------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["STOP", "Stop texting me", "you will get no more texts from us", "HELP", ""])
def test_what_people_say_is_no_answer(body):
    assert not is_automatic_answer(body)


def test_likely_words_are_answered_with_how_to_get_texts_again():
    said = answer_text(clinic(), HeardRequest(Meaning.LIKELY_STOP, Language.ENGLISH, "no"))
    assert said == "Harbor Clinic: we stopped texting you. To get texts again, text START to this number."


@pytest.mark.parametrize("earlier", EARLIER_ANSWERS)
def test_an_answer_of_an_earlier_version_is_still_known(earlier):
    assert is_automatic_answer(earlier.format(name="Maple Clinic", contact="+1 416 555 0100"))
