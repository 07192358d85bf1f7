"""ABU-01: what a report is compared with, and which reports reach the queue."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.extensions import db, now
from portal.models import Case, Evidence, Message, OptOut, OptOutSource, OptOutState, Report, TextState, User
from portal.processes.worker import WorkerThread
from portal.rules.cases import Match
from portal.rules.facts import Category
from portal.services.spam import matching, reported_words, reports
from portal.services.texting import sending
from tests import talks
from tests.reports import SPAM, case, number, report, sent, settle, told

THEIRS = number(1)


def cases():
    return db.session.scalar(select(func.count(Case.id)))


def test_a_text_to_the_reporters_number_is_verified(uli):
    """ABU-01: number, words and time fit; the number is kept as a hash from then on."""
    sent(uli.id, THEIRS)
    filed = told(uli.number, THEIRS)
    assert report(filed).theirs == THEIRS
    settle()
    found = report(filed)
    assert (found.matched, found.theirs, len(found.theirs_key)) == (Match.VERIFIED, "", 64)
    held = case()
    assert (held.user_id, held.verified, held.known, held.weight) == (uli.id, 1, 0, 10)
    (kept,) = db.session.scalars(select(Evidence))
    assert (kept.body, kept.theirs_key) == (SPAM, found.theirs_key)


def test_words_that_were_sent_to_others_are_known(uli):
    sent(uli.id, THEIRS)
    for theirs in ("", number(2)):
        filed = told(uli.number, theirs)
        settle()
        assert report(filed).matched is Match.KNOWN
    assert (case().verified, case().known, case().weight) == (0, 2, 2)


@pytest.mark.parametrize(("sender", "theirs", "body"), [
    ("+1 604 555 0199", THEIRS, SPAM), ("+1 416 555 0102", THEIRS, SPAM), ("26246", THEIRS, SPAM),
    ("someone@example.org", THEIRS, SPAM), (None, number(3), "Your table for two is ready at seven"),
    (None, number(3), ""), (None, "", ""),
])
def test_what_matches_nothing_never_enters_the_queue(uli, sender, theirs, body):
    sent(uli.id, THEIRS)
    filed = told(sender or uli.number, theirs, body)
    settle()
    assert report(filed).matched is Match.UNMATCHED
    assert cases() == 0


def test_somebody_who_got_a_text_may_tell_of_it_in_their_own_words(uli):
    """It is looked at, proves little and copies nothing of the conversation."""
    sent(uli.id, THEIRS)
    filed = told(uli.number, THEIRS, "They say I won something and want money")
    settle()
    assert report(filed).matched is Match.KNOWN
    assert not db.session.scalars(select(Evidence)).all()


def test_without_words_the_time_decides(uli):
    sent(uli.id, THEIRS, at=now() - timedelta(days=9))
    near, far = (
        reports.file_report(reports.ReportInput(uli.number, "", THEIRS, now() - timedelta(days=days), Category.OTHER),
                            f"{days}")
        for days in (8, 5))
    settle()
    assert [report(one).matched for one in (near, far)] == [Match.VERIFIED, Match.UNMATCHED]


def test_a_text_that_never_left_proves_nothing(uli):
    talks.hold(uli.id, talks.text_out(SPAM, TextState.REFUSED), theirs=THEIRS)
    filed = told(uli.number, THEIRS)
    settle()
    assert report(filed).matched is Match.UNMATCHED


def test_stop_on_the_web_is_an_opt_out_at_once(uli):
    sent(uli.id, THEIRS)
    told(uli.number, THEIRS, stop=True)
    settle()
    out = db.session.scalars(select(OptOut)).one()
    assert (out.theirs, out.state, out.source) == (THEIRS, OptOutState.OUT, OptOutSource.WEB)


def test_people_who_only_ask_to_stop_accuse_nobody(uli):
    """Patients who take the way out of the public page open no case, and slow no sender down."""
    for index in range(4):
        sent(uli.id, number(index))
        told(uli.number, number(index), "", category=None, stop=True)
    settle()
    assert db.session.scalar(select(func.count(OptOut.id))) == 4
    assert set(db.session.scalars(select(Report.matched))) == {Match.UNMATCHED}
    assert cases() == 0


@pytest.mark.parametrize(("body", "category"), [(SPAM, None), ("", Category.ADVERTISING)])
def test_who_asks_to_stop_and_tells_of_spam_reports_it(uli, body, category):
    sent(uli.id, THEIRS)
    told(uli.number, THEIRS, body, category=category, stop=True)
    settle()
    assert (case().verified, db.session.scalar(select(func.count(OptOut.id)))) == (1, 1)


def test_at_most_five_numbers_a_day_are_stopped_from_one_source(uli):
    for index in range(8):
        sent(uli.id, number(index))
        told(uli.number, number(index), stop=True, source="one place")
    settle()
    assert db.session.scalar(select(func.count(OptOut.id))) == 5
    assert db.session.scalar(select(func.count(Report.id))) == 8


def test_what_waits_is_found_in_small_portions(uli, monkeypatch):
    monkeypatch.setattr(matching, "LONGEST_MATCHING", 60)
    for index in range(25):
        told(uli.number, number(index))
    assert [matching.match_waiting_reports(), matching.match_waiting_reports(),
            matching.match_waiting_reports()] == [20, 5, 0]


def test_texts_do_not_wait_long_for_reports(uli, monkeypatch):
    monkeypatch.setattr(matching, "LONGEST_MATCHING", 0)
    for index in range(3):
        told(uli.number, number(index))
    assert [matching.match_waiting_reports() for _ in range(4)] == [1, 1, 1, 0]


def test_words_that_cannot_be_compared_keep_nobody_waiting(uli, monkeypatch, log_lines):
    def fail(_reported, _sent):
        raise ValueError(SPAM)

    sent(uli.id, THEIRS)
    monkeypatch.setattr(matching, "may_quote_text", fail)
    filed = [told(uli.number, THEIRS), told("+16045550199", number(2))]
    settle()
    assert [report(one).matched for one in filed] == [Match.UNMATCHED] * 2
    assert "report_not_compared" in str(log_lines)
    assert "parcel" not in str(log_lines)


def test_whoever_asks_on_the_web_gets_none_of_the_texts_that_wait(uli, app, tmp_path):
    """One step of the sender: reports are looked into before texts are handed over."""
    sent(uli.id, THEIRS)
    user = db.session.get_one(User, uli.id)
    sending.send_text(user, THEIRS, "One more", "one more")
    told(uli.number, THEIRS, stop=True)
    db.session.rollback()
    WorkerThread(app, tmp_path / "sock")._work()
    waiting = db.session.scalars(select(Message).where(Message.body == "One more")).one()
    assert (waiting.state, waiting.why) == (TextState.REFUSED, ["opted-out"])


# --- work ----------------------------------------------------------------------------------------

COMMON = ["the", "a", "to", "of", "and", "in", "it", "is", "you", "that"]


def babble(seed, many=200):
    """Words that stand in every text, in an order of their own: nothing is more work to compare."""
    return " ".join(random.Random(seed).choices(COMMON, k=many))[:1600]


def test_one_report_may_take_only_so_much_work(uli, monkeypatch):
    """L16: pairs of words that are read closely, over all the texts that it may quote."""
    pairs = []
    real = reported_words._run
    monkeypatch.setattr(reported_words, "_run",
                        lambda one, other: pairs.append(len(one) * len(other)) or real(one, other))
    for index in range(20):
        sent(uli.id, number(index), babble(index)[:1530])
    for theirs in ("", number(3)):
        pairs.clear()
        filed = told(uli.number, theirs, babble(99))
        settle()
        assert 0 < sum(pairs) <= matching.MOST_WORK
        assert report(filed).matched in (Match.UNMATCHED, Match.KNOWN)


def test_a_text_of_full_length_is_found_with_a_remark(uli):
    """The budget is enough for the longest text that can be sent, quoted by somebody who adds a word to it."""
    body = " ".join(random.Random(7).choices([f"{one}{other}" for one in COMMON for other in COMMON], k=450))[:1530]
    sent(uli.id, THEIRS, body)
    filed = told(uli.number, THEIRS, f"Look what I got: {body}")
    settle()
    assert report(filed).matched is Match.VERIFIED


def test_texts_go_between_two_reports_that_take_long(uli, monkeypatch):
    """After each report that took long the sender goes on with its texts."""
    ticks = iter(range(1000))
    monkeypatch.setattr(matching, "monotonic", lambda: float(next(ticks)))
    for index in range(3):
        told(uli.number, number(index))
    assert matching.match_waiting_reports() == 1
