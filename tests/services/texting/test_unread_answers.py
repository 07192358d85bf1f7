"""Answers to texts that nobody reads: who gets one, how often, in which words, and that none is given twice."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.carriers.base import CarrierError, Fault, IncomingText
from portal.extensions import db, now, writing
from portal.models import Conversation, Location, Message, Number, Organization, UnreadAnswer, User
from portal.rules.facts import Campaign, Cause, Restraint, Subject
from portal.rules.numbers import read_number
from portal.rules.opening_hours import OpeningHours, OpenSpan
from portal.rules.terms import AnswerLanguage
from portal.services.spam import restrictions
from portal.services.texting import conversations, inbound, outbox, unread_answers
from portal.services.texting.answer_table import AnswerKind
from portal.services.texting.answers import answer_of_number
from portal.services.texting.claims import SendLane
from portal.services.toggles import toggle
from tests.talks import THEIRS, come, hold, messages, text_in

ULI, BEN, FREE = "+14165550101", "+14165550102", "+14165550177"
NOT_READ = "nobody has read"
TORONTO = ZoneInfo("America/Toronto")


def change(kind, **values):
    with writing() as session:
        for row in session.scalars(select(kind)):
            for name, value in values.items():
                setattr(row, name, value)


def switch_off(user):
    with writing():
        toggle.write_setting(user, db.session.get_one(Organization, user.organization_id), toggle.SettingValue(False))


def work():
    db.session.rollback()
    outbox.OutboxWorker("test").step()
    db.session.rollback()


def add_free_number():
    with writing() as session:
        session.add(Number(organization_id=session.scalars(select(Organization.id).order_by(Organization.id)).first(),
                           e164=FREE, kind=read_number(FREE).kind))


@pytest.fixture
def off(uli):
    """Uli of Maple Clinic, where texting is off."""
    switch_off(uli)
    return uli


# --- who gets one --------------------------------------------------------------------------------


def test_a_text_to_a_number_that_is_off_is_answered(off, carrier):
    come("Can I come on Monday?", ULI)
    work()
    assert [(one.sender, one.recipient) for one in carrier.taken.values()] == [(ULI, THEIRS)]
    assert NOT_READ in carrier.bodies[0]
    assert "911" in carrier.bodies[0]


def test_a_text_to_a_number_without_a_user_is_answered(uli, carrier):
    add_free_number()
    come("Can I come on Monday?", FREE)
    work()
    assert [one.sender for one in carrier.taken.values()] == [FREE]


# --- keywords to a number without a user ---------------------------------------------------------


@pytest.mark.parametrize("healthcare", [True, False])
@pytest.mark.parametrize(("said", "answer"), [
    ("STOP", "you will get no more texts"), ("cancel", "About an appointment?"), ("HELP", "for help"),
    ("leave me alone", "we stopped texting you")])
def test_a_keyword_to_a_number_without_a_user_is_answered(uli, carrier, said, answer, healthcare):
    """Also where texts that nobody reads are not answered; what was said is kept nowhere but in the opt-out."""
    add_free_number()
    change(Organization, healthcare=healthcare)
    come(said, FREE)
    work()
    (sent,) = carrier.taken.values()
    assert (sent.sender, sent.recipient) == (FREE, THEIRS)
    assert answer in sent.body
    assert db.session.scalars(select(Message)).all() == []


def test_once_answered_it_waits_no_more(uli, carrier, clock):
    add_free_number()
    come("HELP", FREE)
    work()
    come("HELP", FREE)
    work()
    assert len(carrier.bodies) == 1
    assert [one.body for one in db.session.scalars(select(UnreadAnswer))] == [""]


def test_after_stop_to_it_nothing_else_is_answered(uli, carrier):
    add_free_number()
    for said in ("STOP", "When is my appointment?", "STOP"):
        come(said, FREE)
        work()
    assert len(carrier.bodies) == 1


@pytest.mark.parametrize(("minutes", "answered"), [(5, True), (6, False)])
def test_a_keyword_is_answered_within_five_minutes_or_not_at_all(uli, carrier, clock, minutes, answered):
    clock.stop()
    add_free_number()
    come("STOP", FREE)
    clock.forward(minutes=minutes)
    work()
    assert bool(carrier.bodies) is answered


def test_a_keyword_is_not_answered_without_a_campaign_nor_to_a_short_code(uli, carrier):
    add_free_number()
    come("STOP", FREE, "72345")
    change(Organization, campaign=Campaign.SUSPENDED)
    come("STOP", FREE)
    work()
    assert not carrier.bodies


# --- members and numbers ---------------------------------------------------------------------------


def test_a_text_of_a_number_that_the_member_blocks_is_answered_in_the_same_words(uli, off, carrier):
    come("Can I come on Monday?", ULI)
    work()
    with writing():
        toggle.write_setting(uli, db.session.get_one(Organization, uli.organization_id), toggle.SettingValue(True))
    hold(uli.id, text_in(), theirs="+16475550111")
    conversations.set_conversation_block(db.session.scalars(select(Conversation)).one(), on=True)
    come("Can I come on Monday?", ULI, theirs="+16475550111")
    work()
    assert len(carrier.bodies) == 2
    assert len(set(carrier.bodies)) == 1


def test_a_text_that_is_read_is_not_answered(uli, carrier):
    come("Can I come on Monday?", ULI)
    work()
    assert not carrier.bodies
    assert not db.session.scalars(select(UnreadAnswer)).all()


def test_nothing_of_the_text_is_kept(off):
    come("Can I come on Monday?", ULI)
    assert not messages()
    assert not db.session.scalars(select(Conversation)).all()
    row = db.session.scalars(select(UnreadAnswer)).one()
    assert "Monday" not in row.body
    work()
    assert db.session.scalars(select(UnreadAnswer)).one().body == ""


@pytest.mark.parametrize("theirs", ["72975", "+442079460000", "+18005550100"])
def test_short_codes_and_numbers_abroad_get_none(off, carrier, theirs):
    come("Your code is 1", ULI, theirs=theirs)
    work()
    assert not carrier.asked


@pytest.mark.parametrize("said", ["STOP", "please take me off your list"])
def test_opted_out_and_likely_ones_get_none(off, carrier, said):
    come(said, ULI)
    work()
    before = len(carrier.asked)
    come("When is my appointment?", ULI)
    work()
    assert len(carrier.asked) == before


def test_a_stop_in_between_keeps_the_answer_back(off, carrier):
    come("When is my appointment?", ULI)
    come("STOP", ULI)
    work()
    assert not any(NOT_READ in body for body in carrier.asked)


@pytest.mark.parametrize("kind", AnswerKind)
@pytest.mark.parametrize("language", AnswerLanguage)
def test_answers_of_other_portals_are_not_answered(off, carrier, kind, language):
    change(Location, answer_language=language)
    number = db.session.scalars(select(Number).where(Number.e164 == BEN)).one()
    come(answer_of_number(number, kind, opens=("Monday 8:00 AM", "lundi 8 h", "lundi/Monday 08:00")), ULI)
    work()
    assert not carrier.asked


def test_two_portals_do_not_answer_each_other_for_ever(off, carrier):
    """Even if the other side words its answers in a way that nobody knows here."""
    for n in range(30):
        come(f"This mailbox is not monitored. Ticket {n}", ULI)
        work()
    assert len(carrier.asked) == 1


# --- the setting of the organization -------------------------------------------------------------


@pytest.mark.parametrize(("healthcare", "said", "answered"), [
    (True, None, True), (False, None, False), (True, False, False), (False, True, True)])
def test_on_for_healthcare_until_an_administrator_says_otherwise(off, carrier, healthcare, said, answered):
    change(Organization, healthcare=healthcare, answers_unread=said)
    come("Hello?", ULI)
    work()
    assert bool(carrier.bodies) is answered


# --- how often -----------------------------------------------------------------------------------


def test_once_in_twelve_hours_for_each_number(off, carrier, clock):
    for ours in (ULI, BEN, ULI):
        come("Hello?", ours)
        work()
    assert len(carrier.bodies) == 1
    come("Hello?", ULI, theirs="+16475550111")
    clock.forward(hours=11, minutes=59)
    come("Hello?", ULI)
    work()
    assert len(carrier.bodies) == 1  # that of the other number came too late
    clock.forward(minutes=2)
    come("Hello?", ULI)
    work()
    assert len(carrier.bodies) == 2


def test_a_clock_that_was_set_back_silences_nobody(off, carrier, clock):
    come("Hello?", ULI)
    work()
    clock.set(days=-3)
    come("Hello?", ULI)
    work()
    assert len(carrier.bodies) == 2


@pytest.mark.parametrize(("minutes", "answered"), [(4, True), (6, False)])
def test_not_later_than_five_minutes(off, carrier, clock, minutes, answered):
    come("Hello?", ULI)
    db.session.rollback()
    clock.forward(minutes=minutes)
    work()
    assert bool(carrier.bodies) is answered
    assert db.session.scalars(select(UnreadAnswer)).one().body == ""


def test_a_text_that_comes_late_gets_none(off, carrier):
    come("Hello?", ULI, at=now() - timedelta(minutes=6))
    work()
    assert not carrier.asked


# --- when nothing may go out ---------------------------------------------------------------------


def test_none_where_the_carrier_answers_by_itself(off, carrier):
    carrier.answers_keywords = True
    come("Hello?", ULI)
    work()
    assert not carrier.asked


def test_none_without_a_campaign(off, carrier):
    change(Organization, campaign=Campaign.SUSPENDED)
    come("Hello?", ULI)
    work()
    assert not carrier.asked


@pytest.mark.parametrize("subject", [Subject.NUMBER, Subject.ORGANIZATION])
def test_none_from_what_an_operator_has_blocked(uli, row, carrier, subject):
    add_free_number()
    mine = uli.organization_id
    number_id = db.session.scalars(select(Number.id).where(Number.e164 == FREE)).one()
    terms = restrictions.RestrictionTerms(Restraint.BLOCK, Cause.FRAUD, "Ask first", now() + timedelta(days=3), None)
    scope = restrictions.RestrictionScope(subject, mine, number_id=number_id if subject is Subject.NUMBER else None)
    with writing():
        restrictions.add_restriction(row("Oskar"), terms, scope, now())
    come("Hello?", FREE)
    work()
    assert not carrier.asked


def test_none_from_a_number_that_has_left_in_the_meantime(off, carrier):
    come("Hello?", ULI)
    change(Number, until_on=(now() - timedelta(days=2)).date())
    work()
    assert not carrier.asked


def test_none_from_a_number_that_is_not_here_yet(off, carrier):
    change(Number, from_on=(now() + timedelta(days=2)).date())
    come("Hello?", ULI)
    work()
    assert not carrier.asked


# --- handing over --------------------------------------------------------------------------------


def test_a_carrier_that_fails_is_asked_once(off, carrier, log_lines):
    def fail(_text):
        raise CarrierError("busy", Fault.LATER)

    carrier.does = fail
    come("Hello?", ULI)
    work()
    carrier.does = lambda _text: None
    work()
    assert len(carrier.asked) == 1
    assert any("unread_answer_not_sent" in line for line in log_lines)
    assert not any(THEIRS in line for line in log_lines)


def test_after_a_crash_it_is_missing_rather_than_given_twice(off, carrier):
    def crash(_text):
        raise KeyboardInterrupt

    carrier.does = crash
    come("Hello?", ULI)
    with pytest.raises(KeyboardInterrupt):
        unread_answers.hand_over_unread_answers(now(), SendLane(), carrier)
    carrier.does = lambda _text: None
    work()
    assert len(carrier.asked) == 1


def test_a_failing_carrier_pauses_answers_too(off, carrier):
    worker = outbox.OutboxWorker("test")
    for _ in range(5):
        worker.breaker.note(failed=True, moment=now())
    come("Hello?", ULI)
    worker.step()
    assert not carrier.asked


def test_many_wait_and_all_are_handed_over(off, carrier):
    for n in range(15):
        come("Hello?", ULI, theirs=f"+164755501{n:02}")
    assert [unread_answers.hand_over_unread_answers(now(), SendLane(), carrier)[0] for _ in range(3)] == [10, 5, 0]
    assert len(carrier.bodies) == 15


def test_one_that_breaks_something_loses_no_other(off, carrier, log_lines):
    def crash(text):
        if text.recipient == THEIRS:
            raise TypeError(text.recipient)

    carrier.does = crash
    come("Hello?", ULI)
    come("Hello?", ULI, "+16475550111")
    work()
    assert (len(carrier.asked), len(carrier.bodies)) == (2, 1)
    assert any("unread_answer_crashed" in line and "TypeError" in line for line in log_lines)
    assert not any(THEIRS in line for line in log_lines)


def test_what_another_worker_has_taken_is_not_sent_again(off, carrier, monkeypatch):
    come("Hello?", ULI)
    gather = unread_answers._texts_to_hand_over

    def while_another_takes_them(*given):
        found = gather(*given)
        change(UnreadAnswer, body="")
        return found

    monkeypatch.setattr(unread_answers, "_texts_to_hand_over", while_another_takes_them)
    unread_answers.hand_over_unread_answers(now(), SendLane(), carrier)
    assert carrier.asked == []


# --- opening hours -------------------------------------------------------------------------------


def closed_now(**more):
    """Hours of one minute a day, twelve hours from now in Toronto."""
    later = (now() + timedelta(hours=12)).astimezone(TORONTO).time().replace(second=0, microsecond=0)
    later = min(later, time(23, 58))
    span = OpenSpan(later, time(later.hour, later.minute + 1) if later.minute < 59 else time(later.hour + 1))
    change(Location, opening_hours=OpeningHours(span, span, span).as_line(), **more)
    return later


def test_outside_opening_hours_the_text_is_kept_and_answered(uli, carrier):
    closed_now()
    come("Can I come on Monday?", ULI)
    work()
    conversation = db.session.scalars(select(Conversation)).one()
    assert conversation.unread == 1
    assert "we are closed" in carrier.bodies[0]
    answer = db.session.scalars(select(Message).where(Message.automatic)).one()
    assert answer.conversation_id == conversation.id


def test_within_opening_hours_nothing_is_answered(uli, carrier):
    change(Location, opening_hours=OpeningHours(closed=((now() + timedelta(days=40)).date(),)).as_line())
    come("Hello?", ULI)
    work()
    assert not carrier.asked


def test_closed_and_off_count_together(uli, carrier):
    closed_now()
    come("Hello?", ULI)
    switch_off(uli)
    come("Hello?", ULI)
    work()
    assert len(carrier.asked) == 1


def test_a_number_that_is_off_says_so_outside_opening_hours_too(off, carrier):
    closed_now()
    come("Hello?", ULI)
    work()
    assert NOT_READ in carrier.bodies[0]


def test_a_closed_location_without_the_setting_is_silent(uli, carrier):
    closed_now()
    change(Organization, answers_unread=False)
    come("Hello?", ULI)
    work()
    assert not carrier.asked


@pytest.mark.parametrize(("moment", "said"), [
    # The clock is set forward on 8 March 2026 and back on 1 November; both are Sundays.
    ("2026-03-07T18:00:00-05:00", "Sunday 9:00 AM"), ("2026-03-08T08:59:00-04:00", "Sunday 9:00 AM"),
    ("2026-03-08T09:00:00-04:00", None), ("2026-10-31T18:00:00-04:00", "Sunday 9:00 AM"),
    ("2026-11-01T08:59:00-05:00", "Sunday 9:00 AM"), ("2026-11-01T12:00:00-05:00", "Monday 8:30 AM"),
])
def test_the_time_of_the_location_counts(uli, moment, said):
    clinic = OpeningHours(OpenSpan(time(8, 30), time(17)), sunday=OpenSpan(time(9), time(12)))
    change(Location, opening_hours=clinic.as_line())
    number = db.session.scalars(select(Number).where(Number.e164 == ULI)).one()
    with writing():
        body = unread_answers.answer_unread_text(number, THEIRS, inbound.ArrivalOutcome.SHOWN, None,
                                                 datetime.fromisoformat(moment).astimezone(UTC))
    assert (f"before {said}." in body) if said else not body


# --- languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("setting", "english", "french"), [
    (AnswerLanguage.KEYWORD, True, False), (AnswerLanguage.FRENCH, False, True), (AnswerLanguage.BOTH, True, True)])
def test_the_language_of_the_location(off, carrier, setting, english, french):
    change(Location, answer_language=setting)
    come("Hello?", ULI)
    work()
    assert ("nobody" in carrier.bodies[0], "ersonne" in carrier.bodies[0]) == (english, french)


def test_the_language_of_an_earlier_keyword(off, carrier):
    come("AIDE", ULI)
    work()
    come("Bonjour?", ULI)
    work()
    assert "personne ne l'a lu" in carrier.bodies[-1]


@pytest.mark.parametrize(("settings", "both"), [(("french", "french"), False), (("keyword", "french"), True),
                                                (("both", "both"), True)])
def test_a_number_without_a_location_speaks_for_all(uli, carrier, settings, both):
    places = db.session.scalars(select(Location).where(Location.organization_id == uli.organization_id)).all()
    with writing():
        for place, setting in zip(places, settings, strict=True):
            place.answer_language = AnswerLanguage(setting)
    add_free_number()
    come("Hello?", FREE)
    work()
    assert ("nobody" in carrier.bodies[0], "personne" in carrier.bodies[0]) == (both, True)


def test_keywords_are_answered_in_the_language_of_the_location(uli, carrier):
    change(Location, answer_language=AnswerLanguage.BOTH)
    come("STOP", ULI)
    work()
    assert "plus nos textos / no more texts" in carrier.bodies[0]


def test_a_number_of_nobody_known_is_not_answered(uli, carrier):
    come("Hello?", "+14165550999")
    work()
    assert not carrier.asked


def test_a_deactivated_user_is_answered_for(uli, carrier):
    change(User, account="deactivated")
    inbound.receive_text("scripted", IncomingText("1", THEIRS, ULI, "Hello?"))
    work()
    assert NOT_READ in carrier.bodies[0]
