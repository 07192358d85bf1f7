"""Every state, note and source has its words, and what hides is named."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from portal.carriers import http, words
from portal.carriers.pretend import script
from portal.carriers.smpp import statuses
from portal.models import CallReason, OptOutSource, OptOutState, TextState
from portal.services.texting import (
    call_tasks,
    carrier_blocks,
    likely_optouts,
    optouts,
    outbox,
    sending,
    stand_ins,
    web_requests,
)
from portal.wording import moments, texts

AT = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)


@pytest.fixture
def reading(app):
    """Somebody reads, so that sentences have a language."""
    with app.test_request_context():
        yield


@pytest.mark.parametrize(("table", "members"), [
    (texts.TEXT_STATES, TextState), (texts.OPTOUT_STATES, OptOutState), (texts.OPTOUT_SOURCES, OptOutSource),
    (texts.CALL_REASONS, CallReason)])
def test_every_member_has_its_words(table, members):
    assert set(table) == {member.value for member in members}


def test_states_are_the_words_that_people_know():
    assert {words for _key, words in (*texts.TEXT_STATES.values(), texts.WAITING_LABEL)} == {
        "Received", "Sending", "Sent", "Delivered", "Waiting", "Not sent", "Not delivered",
        "We don't know if this was sent"}


def test_every_key_has_its_looks():
    assert set(texts.LOOK_OF_STATE) == {key for key, _words in (*texts.TEXT_STATES.values(), texts.WAITING_LABEL)}
    stylesheet = (Path(texts.__file__).parents[1] / "static" / "portal.css").read_text(encoding="utf-8")
    assert all(f".{look}" in stylesheet for look in texts.LOOK_OF_STATE.values())


def test_every_note_that_is_written_has_its_sentence(reading):
    written = {OptOutState.OUT, OptOutState.LIKELY_OUT, OptOutState.IN_AGAIN, OptOutState.NOT_MEANT, optouts.ADDED,
               optouts.WITHDRAWN, optouts.OUT_AGAIN, optouts.IMPORTED, web_requests.BY_WEB, web_requests.MANY_BY_WEB,
               likely_optouts.DECIDED_OUT, likely_optouts.UNDONE, likely_optouts.WORDS_READ,
               likely_optouts.OUT_AT_LAST, *likely_optouts.REMINDING.values(), call_tasks.CALLED,
               carrier_blocks.BLOCKED, carrier_blocks.OPTED_OUT, stand_ins.TAKEN_OVER,
               "overdue"}
    assert {str(word) for word in written} == set(texts.NOTE_SENTENCES)
    assert all("%(" not in texts.note_in_words(word, "+14165550101") for word in texts.NOTE_SENTENCES)
    assert texts.note_in_words("out", "+14165550101") == (
        "Opted out by STOP. Only they can undo it: ask them by phone to text START to +1 416 555 0101.")


def test_codes_of_our_own_and_of_the_pretend_carrier_have_words(reading):
    ours = {sending.SAID_SENT, sending.SENT_AGAIN}
    ours |= set(re.findall(r'code="([a-z-]+)"', Path(outbox.__file__).read_text(encoding="utf-8")))
    theirs = {code for one in script.OUTCOME_BY_ENDING.values() for _status, code in one.receipts} | {
        one.refused for one in script.OUTCOME_BY_ENDING.values()}
    for code in (ours | theirs) - {""}:
        assert "%(" not in texts.cause_in_words("failed", code)
        assert texts.cause_in_words("failed", code) != f"the carrier's code is {code}.", code


# Who can do something about it, or that only time can.
MENDERS = re.compile(r"\b[Yy]ou can\b|\b[Tt]ry\b|\bSend it again\b|\bask them\b|\bCompare\b|administrator|provider"
                     r"|nobody but the carrier|We try again|phone to text START")


@pytest.mark.parametrize("word", [*words.WORDS, http.UNREACHABLE, http.FORBIDDEN])
def test_every_word_for_a_carriers_code_says_what_it_is_and_who_can_mend_it(reading, word):
    said = texts.cause_in_words("undelivered", word)
    assert said != f"the carrier's code is {word}."
    assert said[0].islower(), "it goes on after a colon"
    assert said.endswith(".")
    assert MENDERS.search(said)


def test_every_code_that_a_carriers_module_makes_up_has_its_sentence():
    """Those of `look_up` stand with no text: an unclear one says that its answer was lost."""
    modules = [path.read_text(encoding="utf-8") for path in Path(words.__file__).parent.rglob("*.py")]
    made = {code for module in modules for code in re.findall(r'(?:CarrierError|NotWritten)\("([a-z-]+)"', module)}
    named = {statuses.BAD_CERTIFICATE, statuses.NO_TLS, statuses.NO_SMPP, http.UNREACHABLE, http.NO_ANSWER,
             http.FORBIDDEN}
    assert made
    assert (made | named) - {"no-look-up", "not-found", "several-found"} <= set(texts.CODES)


def test_a_text_that_was_taken_for_spam_wants_other_words_and_never_another_number(reading):
    """Another number would only get that one blocked as well."""
    said = texts.cause_in_words("undelivered", words.find_word("twilio", "30007"))
    assert "other words" in said
    assert "number" not in said


def test_a_code_that_nobody_knows_is_shown_as_it_is(reading):
    assert texts.cause_in_words("undelivered", "30007") == "the carrier's code is 30007."
    assert texts.cause_in_words("undelivered", "") == ""
    assert texts.cause_in_words("quarantined", "ValueError") == "something failed on our side."


def test_a_text_that_its_writer_marked_says_so(reading):
    assert texts.text_state_in_words("sent", texts.SAID_SENT).label == "Sent (marked by you)"
    assert texts.cause_in_words("sent", texts.SAID_SENT) == ""
    assert texts.SAID_SENT == sending.SAID_SENT


@pytest.mark.parametrize(("later", "said"), [(timedelta(), "14:03"), (timedelta(days=1), "23 Nov, 14:03")])
def test_a_text_leaves_at_a_time_of_today_or_on_another_day(reading, later, said):
    assert texts.leaving_moment_in_words(AT + later, AT) == said


def test_the_time_of_a_number_in_several_zones_is_a_span(reading):
    one, other = AT, AT.replace(hour=15)
    assert texts.local_times_in_words(()) == ""
    assert texts.local_times_in_words((one, one)) == "14:03"
    assert texts.local_times_in_words((one, other)) == "14:03 to 15:03"


@pytest.mark.parametrize(("number", "there", "said"), [
    ("", (), ""), ("+1 416 555 0110", (), "To +1 416 555 0110"), ("", (AT,), "14:03 there"),
    ("+1 416 555 0110", (AT,), "To +1 416 555 0110 (14:03 there)"),
])
def test_whom_a_text_goes_to_and_what_time_it_is_there(reading, number, there, said):
    assert texts.recipient_in_words(number, there) == said


@pytest.mark.parametrize(("parts", "left", "said"), [
    (1, 141, "1 text, 141 characters left"), (1, 1, "1 text, 1 character left"),
    (3, 0, "1 text in 3 parts, 0 characters left"),
])
def test_the_length_of_a_text(reading, parts, left, said):
    assert texts.length_in_words(parts, left) == said


@given(st.text())
def test_nothing_hidden_is_ever_sent(said):
    shown = texts.mark_hidden_characters(said)
    assert isinstance(shown, Markup)
    for before, char in zip(" " + shown, shown, strict=False):
        assert not texts.is_deceptive_character(char, before)


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_what_hides_nothing_stays(said):
    assert texts.mark_hidden_characters(said).unescape() == said
    assert texts.strip_deceptive_characters(said) == said


@given(st.text())
def test_markup_is_always_escaped(said):
    """Whatever stands between our own badges holds no markup."""
    for piece in re.split(r'<span class="badge">[^<]*</span>', str(texts.mark_hidden_characters(said))):
        assert not set("<>\"'") & set(piece)


@pytest.mark.parametrize(("said", "shown"), [
    ("a\u202eb", 'a<span class="badge">right-to-left override</span>b'),
    ("a\u0000b", 'a<span class="badge">U+0000</span>b'), ("<b>", "&lt;b&gt;"), ("a\r\nb\tc", "a\nb c"),
    ("👩‍👧", "👩‍👧"), ("a\u200db", 'a<span class="badge">zero width joiner</span>b'),
    ("👩\u200d\u200d👧", '👩\u200d<span class="badge">zero width joiner</span>👧')])
def test_how_it_looks(said, shown):
    assert texts.mark_hidden_characters(said) == shown


def test_a_phone_number_hides_nothing():
    assert texts.display_number("+14165550101") == "+1 416 555 0101"
    assert texts.display_number("\u202eACME") == "ACME"


def test_browsers_read_moments_to_the_second():
    assert moments.moment_for_browsers(datetime(2025, 5, 1, 9, 30, 5, 913622, UTC)) == "2025-05-01T09:30:05+00:00"
