"""Reports as they are filed: what is stored, what is refused, what their reporter learns, and nothing about senders."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import Case, CaseEntry, Conversation, Message, Number, Report
from portal.rules.cases import CaseState, Lane, Match
from portal.rules.facts import Category
from portal.services import hashes
from portal.services.spam import decisions, reports
from portal.services.spam.reports import REFERENCE_LETTERS, ReportInput
from tests import talks
from tests.reports import SPAM, case, number, report, sent, settle, told

FOREIGN = "+1 604 555 0199"


def count():
    return db.session.scalar(select(func.count(Report.id)))


# --- filing --------------------------------------------------------------------------------------


def test_a_report_is_stored_as_it_was_told_and_waits(uli):
    """Of its source only a keyed hash is kept, of the secret in its link only a hash."""
    at = now() - timedelta(days=1)
    filed = reports.file_report(ReportInput(uli.number, SPAM, number(1), at, Category.SCAM, stop=True,
                                            email="jo@example.org", language="fr"), "192.0.2.1")
    held = report(filed)
    assert (held.sender, held.body, held.theirs, held.got_at, held.category) == (
        uli.number, SPAM, number(1), at, Category.SCAM)
    assert (held.stop, held.email, held.language, held.suspect, held.user_id) == (
        True, "jo@example.org", "fr", "", None)
    assert (held.matched, held.lane, held.case_id, held.repeated, held.theirs_key) == (
        Match.WAITING, Lane.NORMAL, None, False, "")
    assert held.source == held.place == hashes.keyed_hash("192.0.2.1", "source")
    assert held.token == hashes.token_hash(filed.token) != filed.token
    assert filed.decision.allowed


@pytest.mark.parametrize(("typed", "kept"), [
    ("+1 (416) 555-0101", "+14165550101"), ("  26246 ", "26246"), ("someone@example.org", "someone@example.org"),
    ("Call 416-555-0101 now", "+14165550101"), ("x" * 100, "x" * 60)])
def test_the_sender_is_kept_as_a_number_or_as_it_was_typed(uli, typed, kept):
    assert report(told(typed)).sender == kept


def test_every_reference_can_be_read_out_and_every_secret_is_long(uli):
    filed = [told(uli.number, number(index)) for index in range(20)]
    refs = {report(one).ref for one in filed}
    assert len(refs) == len({one.token for one in filed}) == 20
    assert all(re.fullmatch(f"[{REFERENCE_LETTERS}]{{4}}-[{REFERENCE_LETTERS}]{{4}}", ref) for ref in refs)
    assert all(len(one.token) >= 24 for one in filed)
    assert not set(REFERENCE_LETTERS) & set("AEIOUYLS015")


@pytest.mark.parametrize("told_of", [
    ReportInput("", SPAM), ReportInput("  ", SPAM), ReportInput("+14165550101"), ReportInput("+14165550101", " \n"),
    ReportInput("26246", SPAM, number(1), stop=True), ReportInput("+14165550101", SPAM, stop=True)])
def test_a_report_with_something_missing_is_not_stored(uli, told_of):
    filed = reports.file_report(told_of, "somewhere")
    assert ([reason.id for reason in filed.decision.blocking], filed.token) == (["report-incomplete"], "")
    assert count() == 0


@pytest.mark.parametrize("enough", [ReportInput(FOREIGN, SPAM), ReportInput(FOREIGN, category=Category.OTHER),
                                    ReportInput(FOREIGN, theirs=number(1), stop=True)])
def test_words_or_their_kind_or_a_request_to_stop_are_enough(uli, enough):
    assert reports.file_report(enough, "somewhere").token


def test_the_eleventh_report_of_an_hour_is_read_last_and_the_hundred_and_first_refused(uli, clock):
    """Each source for itself, and the hour ends."""
    lanes = [report(told(uli.number, source="one place")).lane for _index in range(12)]
    assert lanes == [Lane.NORMAL] * 10 + [Lane.SLOW] * 2
    for _index in range(88):
        told(uli.number, source="one place")
    refused = told(uli.number, source="one place")
    reason, = refused.decision.blocking
    assert (reason.id, refused.token, count()) == ("report-slow-lane", "", 100)
    oldest = db.session.scalar(select(func.min(Report.at)))
    assert reason.values["again"] == oldest + timedelta(hours=1)
    assert report(told(uli.number, source="another place")).lane is Lane.NORMAL
    clock.forward(hours=1, seconds=10)
    assert report(told(uli.number, source="one place")).lane is Lane.NORMAL


def test_the_slow_lane_stays_behind(uli):
    """Reports from one source beyond ten an hour are accepted and weigh nothing for the ladder."""
    sent(uli.id, number(1))
    for index in range(12):
        told(FOREIGN, number(index), source="one place")
    late = told(uli.number, number(1), source="one place")
    settle()
    assert report(late).lane is Lane.SLOW
    assert case().lane is Lane.SLOW


def test_a_report_that_looks_like_a_machines_goes_to_the_slow_lane(uli):
    held = report(told(uli.number, suspect="honeypot"))
    assert (held.lane, held.suspect) == (Lane.SLOW, "honeypot")


def test_filing_takes_the_same_work_for_every_sender(uli, statements):
    """Whether the number is ours, the text was sent or reported before: nobody can see it by the answer."""
    sent(uli.id, number(1))
    told(uli.number, number(1), source="before")
    settle()
    asked = []
    for sender, theirs in ((uli.number, number(1)), (uli.number, number(2)), ("+12065550160", ""), (FOREIGN, ""),
                           ("26246", "")):
        with statements() as seen:
            filed = told(sender, theirs, source=f"from {sender}{theirs}")
        asked.append((seen, filed.decision))
    assert all(one == asked[0] for one in asked)
    assert not any(table in " ".join(asked[0][0]) for table in ("numbers", "messages", "cases"))


# --- the link ------------------------------------------------------------------------------------


def test_only_the_secret_leads_to_a_report(uli):
    filed, other = told(uli.number), told(uli.number)
    held = report(filed)
    assert reports.find_report_by_token(other.token).id != held.id
    for wrong in ("", held.ref, held.token, filed.token[:-1], filed.token + "x", filed.token.swapcase()):
        with pytest.raises(NotFound):
            reports.find_report_by_token(wrong)


# --- where it stands -----------------------------------------------------------------------------


def made(state, **more):
    """A case about Uli's number in this state."""
    held = db.session.scalars(select(Number).where(Number.e164 == "+14165550101")).one()
    with writing() as session:
        one = Case(organization_id=held.organization_id, number_id=held.id, target_at=now(), state=state, **more)
        session.add(one)
    return one.id


def joined(filed, case_id):
    with writing():
        report(filed).case_id = case_id
    return report(filed)


PROGRESS = {
    CaseState.OPEN: "received", CaseState.ASSIGNED: "received", CaseState.UPHELD: "acted",
    CaseState.NOT_UPHELD: "no-violation",
}


@pytest.mark.parametrize("state", PROGRESS)
@pytest.mark.parametrize("original", [False, True])
def test_where_a_report_stands(uli, state, original):
    """A duplicate stands where the case stands that it repeats. Nobody took the case after the report."""
    at = made(state)
    if original:
        at = made(CaseState.DUPLICATE, duplicate_of_id=at)
    assert reports.progress_of_report(joined(told(uli.number), at)) == PROGRESS[state]


def test_a_report_of_no_case_stays_received(uli):
    """So it reads the same whether the number is none of ours or was never looked at."""
    filed = [told(uli.number), told(FOREIGN)]
    assert [reports.progress_of_report(report(one)) for one in filed] == ["received"] * 2
    settle()
    assert [reports.progress_of_report(report(one)) for one in filed] == ["received"] * 2


@pytest.mark.parametrize(("minutes", "word"), [(-1, "received"), (1, "looked-at")])
def test_only_who_reported_before_somebody_took_the_case_sees_that_they_did(uli, minutes, word):
    filed, at = told(uli.number), made(CaseState.ASSIGNED)
    held = joined(filed, at)
    with writing() as session:
        session.add(CaseEntry(case_id=at, at=held.at + timedelta(minutes=minutes), what="assigned"))
        session.add(CaseEntry(case_id=at, at=held.at + timedelta(hours=1), what="note"))
    assert reports.progress_of_report(report(filed)) == word


def test_a_taken_case_does_not_tell_at_once_whose_number_it_is(uli, row):
    sent(uli.id, number(1))
    first = told(uli.number, number(1))
    settle()
    decisions.take_case(row("Olga"), case())
    sent(uli.id, number(2))
    later, foreign = told(uli.number, number(2)), told("+16045550199", number(2))
    settle()
    assert reports.progress_of_report(report(first)) == "looked-at"
    assert reports.progress_of_report(report(later)) == reports.progress_of_report(report(foreign)) == "received"
    decisions.decide_case(row("Olga"), case(), decisions.Verdict(CaseState.UPHELD))
    assert reports.progress_of_report(report(later)) == "acted"


def test_when_each_step_of_a_report_was(uli, row):
    """What has not happened, or is not told, has no moment."""
    sent(uli.id, number(1))
    filed, foreign = told(uli.number, number(1)), told(FOREIGN)
    settle()
    mine = report(filed)
    assert reports.steps_of_report(mine) == (mine.at, None, None)
    decisions.take_case(row("Olga"), case())
    _received, looked, decided = reports.steps_of_report(report(filed))
    assert looked is not None
    assert decided is None
    decisions.decide_case(row("Olga"), case(), decisions.Verdict(CaseState.UPHELD))
    assert reports.steps_of_report(report(filed)) == (mine.at, looked, case().closed_at)
    assert reports.steps_of_report(report(foreign))[1:] == (None, None)


@pytest.mark.parametrize(("took", "median"), [
    ([], None), ([3], 3), ([1, 2, 30], 2), ([30, 2, 1], 2), ([0.01], 1), ([2.4], 2), ([2.6], 3), ([1, 5], 5),
    ([400], 400)])
def test_how_many_days_a_decision_takes(uli, took, median):
    """The middle one of the last year, and never none."""
    moment = now()
    made(CaseState.OPEN)
    for days in took:
        made(CaseState.UPHELD, opened_at=moment - timedelta(days=days), closed_at=moment)
    made(CaseState.UPHELD, opened_at=moment - timedelta(days=500), closed_at=moment - timedelta(days=366))
    assert reports.days_to_outcome() == median


def test_how_many_days_a_decision_took_lately(uli):
    moment = now()
    for days in (2, 40):
        made(CaseState.UPHELD, opened_at=moment - timedelta(days=days + 7), closed_at=moment - timedelta(days=days))
    assert reports.days_to_outcome(timedelta(days=1)) is None
    assert reports.days_to_outcome(timedelta(days=3)) == 7


# --- out of a conversation -----------------------------------------------------------------------


@pytest.fixture
def talk(uli):
    """Uli's conversation with a stranger, and its texts: two that came in, one that went out."""
    ref = talks.hold(uli.id, talks.text_in(SPAM), talks.text_in("Are you there?"), talks.text_out("Who is this?"),
                     theirs=FOREIGN.replace(" ", ""))
    db.session.rollback()
    held = db.session.scalars(select(Conversation).where(Conversation.ref == ref)).one()
    return held, db.session.scalars(select(Message).where(Message.conversation_id == held.id).order_by(
        Message.id)).all()


def test_a_text_that_came_in_is_reported_from_its_readers_own_number(uli, row, talk):
    conversation, texts = talk
    at = texts[0].at
    held = report(reports.report_incoming_text(row("Uli"), conversation, texts[0]))
    assert (held.sender, held.theirs, held.body, held.got_at, held.category) == (
        "+16045550199", uli.number, SPAM, at, Category.OTHER)
    assert (held.user_id, held.lane, held.stop, held.email) == (uli.id, Lane.NORMAL, False, "")
    assert held.source == hashes.keyed_hash(f"user:{uli.id}", "source")


def test_members_meet_the_rule_about_many_reports_too(uli, row, talk):
    conversation, texts = talk
    for index in range(100):
        told(FOREIGN, body=str(index), source=f"user:{uli.id}")
    refused = reports.report_incoming_text(row("Uli"), conversation, texts[0])
    assert (refused.token, count()) == ("", 100)


def test_a_member_finds_their_own_reports_again_and_nobody_elses(row, talk):
    conversation, texts = talk
    reporters = [row(name) for name in ("Uli", "Ben", "Ada", "Otto")]
    ref = texts[0].ref
    assert reports.report_refs_by_text(reporters[0], conversation, texts) == {}
    filed = report(reports.report_incoming_text(reporters[0], conversation, texts[0]))
    found = [reports.report_refs_by_text(one, conversation, texts) for one in reporters]
    assert found == [{ref: filed.ref}, {}, {}, {}]


def test_a_text_of_another_conversation_or_moment_is_not_the_one_that_was_reported(uli, row, talk):
    conversation, texts = talk
    reports.report_incoming_text(row("Uli"), conversation, texts[0])
    talks.hold(uli.id, talks.text_in(SPAM, at=texts[0].at), theirs=number(7))
    talks.hold(uli.id, talks.text_in(SPAM, at=texts[0].at + timedelta(minutes=5)), theirs="+16045550199")
    other = db.session.scalars(select(Conversation).where(Conversation.theirs == number(7))).one()
    lines = db.session.scalars(select(Message).where(Message.id.not_in([one.id for one in texts])).order_by(
        Message.id)).all()
    assert len(lines) == 2
    assert reports.report_refs_by_text(row("Uli"), other, lines) == {}
    assert reports.report_refs_by_text(row("Uli"), conversation, [*lines[1:], texts[2]]) == {}
    assert reports.report_refs_by_text(row("Uli"), conversation, []) == {}
