"""What the sent log says about a case."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete

from portal.extensions import now, writing
from portal.models import Message
from portal.services.spam import cases, evidence, likeness
from tests.reports import SPAM, case, number, reported, sent, settle, told
from tests.talks import come

OTHERS = "Your table is booked for tonight at seven, see you soon"


def test_the_line_counts_this_wording_of_this_sender(uli, people):
    sent(uli.id, number(9), at=now() - timedelta(hours=2, minutes=1))
    sent(uli.id, number(8), OTHERS)
    sent(people["Ben"].id, number(7))
    reported(uli.id, uli.number, 3, recipients=5)
    sent(uli.id, number(0))
    come("STOP", uli.number, number(4))
    found = evidence.summarize_sent_texts(case())
    assert (found.texts, found.recipients, found.hours, found.stopped, found.reported) == (7, 6, 2, 1, 3)


def test_without_texts_there_is_nothing_to_count(uli):
    reported(uli.id, uli.number, 1)
    with writing() as session:
        session.execute(delete(Message))
    found = evidence.summarize_sent_texts(case())
    assert (found.texts, found.recipients, found.hours, found.first) == (0, 0, 0, None)


def test_similar_wordings_of_others_are_found_with_whose_they_are(uli, people):
    for index in range(3):
        sent(people["Ben"].id, number(20 + index), SPAM.replace("2.99", "4.50"))
    sent(people["Ben"].id, number(30), OTHERS)
    sent(people["Mia"].id, number(31), SPAM, at=now() - timedelta(days=8))
    reported(uli.id, uli.number, 1)
    (one,) = evidence.list_similar_wordings(case())
    assert (one.user, one.number, one.many, one.organization) == ("Ben Okafor", people["Ben"].number, 3, "Maple Clinic")


# --- the budget of a page ------------------------------------------------------------------------

FEE = "Your parcel waits for a small fee, pay it today or it goes back"
MANY_DIGITS = "zzaab " + "1/" * 700


def hostile(uli, people, wordings=4, others=13):
    """Reported texts and those of a colleague that want as much work as texts can."""
    for index in range(wordings):
        body = f"{FEE} {chr(ord('a') + index) * 3} {MANY_DIGITS}"
        sent(uli.id, number(index), body)
        told(uli.number, number(index), body)
    for index in range(others):
        sent(people["Ben"].id, number(100 + index), f"{FEE} {chr(ord('k') + index) * 3} {MANY_DIGITS}")
    settle()


def test_nobody_looks_for_numbers_in_hundreds_of_digits(uli, people, monkeypatch):
    """M6: what finds numbers takes the longer the more digits there are."""
    def fail(*_given, **_named):
        raise AssertionError("looked for numbers")

    monkeypatch.setattr(likeness, "PhoneNumberMatcher", fail)
    hostile(uli, people)
    assert len(evidence.list_similar_wordings(case())) == 13
    for digits in ("1/" * 301, "416-555-0101 " * 40, "(1) " * 400, "+1 " * 400, "٤" * 400):
        assert likeness.traits_of_text(digits).numbers == frozenset()


def test_a_text_with_some_numbers_has_them(uli):
    body = " ".join(f"+1416555{index:04}" for index in range(101, 121))
    assert len(likeness.traits_of_text(body).numbers) == 20


def test_each_text_is_looked_at_once(uli, people, monkeypatch):
    """M6: however many reported wordings it is compared with."""
    looked = Counter()

    def look(body):
        looked[body] += 1
        return likeness.traits_of_text(body)

    monkeypatch.setattr(evidence, "traits_of_text", look)
    hostile(uli, people)
    evidence.list_similar_wordings(case())
    assert len(looked) == 4 + 13
    assert set(looked.values()) == {1}


def test_no_more_are_looked_at_than_the_budget_allows(uli, people, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_SEEN", 5)
    hostile(uli, people)
    similar, finished = evidence.compare_wordings(case())
    assert (len(similar), finished) == (5, False)


@pytest.mark.parametrize("ticks", [0, 1, 3, 8])
def test_it_ends_when_the_time_is_over(uli, people, monkeypatch, ticks):
    """M6: by a clock of the test, that stops the comparison wherever it is."""
    hostile(uli, people)
    left = iter([0.0] * (ticks + 1))
    monkeypatch.setattr(evidence, "monotonic", lambda: next(left, 1e9))
    similar, finished = evidence.compare_wordings(case())
    assert (len(similar) < 13, finished) == (True, False)


@pytest.mark.parametrize("over", [True, False])
def test_the_page_opens_and_says_whether_it_was_finished(people, inside, browse, monkeypatch, over):
    with inside():
        hostile(people["Uli"], people, 2, 3)
        ref = case().ref
    monkeypatch.setattr(evidence, "monotonic", iter([0.0, *([1e9 if over else 0.0] * 100)]).__next__)
    page = browse("Olga").get(f"/operator/cases/{ref}")
    assert page.status_code == 200
    assert ("There was too much to compare for one page" in page.text) is over


def test_texts_of_the_seven_days_before_a_case_count(uli):
    """The evidence names the reported wording; the week is counted back from the moment the case was opened."""
    reported(uli.id, uli.number, 1)
    found = case()
    known = evidence.summarize_sent_texts(found).texts
    sent(uli.id, number(40), at=found.opened_at - timedelta(days=7) + timedelta(minutes=1))
    sent(uli.id, number(41), at=found.opened_at - timedelta(days=7, minutes=1))
    assert evidence.summarize_sent_texts(found).texts == known + 1


def test_texts_are_counted_by_wording(uli):
    """As many in all as the summary counts, with the kept texts read before or not."""
    reported(uli.id, uli.number, 3, recipients=5)
    sent(uli.id, number(8), OTHERS)
    found = case()
    kept = cases.evidence_of_case(found)
    assert list(evidence.count_sent_by_wording(found, kept).values()) == [5]
    assert evidence.summarize_sent_texts(found, kept) == evidence.summarize_sent_texts(found)
