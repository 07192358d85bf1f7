"""Likely opt-outs: who is told, who decides, who is reminded, and what can be undone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import (
    AccountState,
    AuditEvent,
    ConsentEnding,
    Conversation,
    OptOut,
    OptOutSource,
    OptOutState,
    Organization,
    TextState,
    User,
)
from portal.rules.terms import ConsentKind, NotMeantReason
from portal.services import waiting
from portal.services.refusals import Clash
from portal.services.texting import consents, likely_optouts, optouts, outbox, sending
from tests.talks import NOTE, THEIRS, come, hold, messages, read_all, text_out

ULI, BEN = "+14165550101", "+14165550102"
WORDS = "who is this, leave me alone"
JOKE = NotMeantReason.JOKE
TOLD = "Maple Clinic: we stopped texting you. To get texts again, text START to this number."


@pytest.fixture
def ada(open_app, row):
    return row("Ada")


@pytest.fixture
def maple(ada):
    return db.session.get_one(Organization, ada.organization_id)


def entry():
    db.session.rollback()
    return db.session.scalars(select(OptOut)).one()


def refused(user):
    return [reason.id for reason in sending.send_text(user, THEIRS, "Hi", f"key-{now()}").decision.blocking]


def noted():
    return [one.body for one in messages(NOTE)]


def logged():
    return [(one.action, one.details) for one in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
            if one.action.startswith("opt-out")]


def answers():
    return [one.body for one in messages() if one.automatic]


def wait_for_step(clock, step):
    """Let the time pass until a step is due, and a second more."""
    due = likely_optouts.step_moments(entry())[step - 1]
    clock.forward(seconds=(due - clock.now()).total_seconds() + 1)
    db.session.rollback()
    done = likely_optouts.advance_likely_optouts()
    db.session.rollback()
    return done


# --- told ----------------------------------------------------------------------------------------


def test_they_are_told_once_that_texts_have_stopped(uli, carrier, clock):
    come(WORDS, ULI)
    outbox.OutboxWorker("w").step()
    assert carrier.bodies == [TOLD]
    come("I said leave me alone", ULI)
    come("START", ULI)
    come(WORDS, ULI)
    assert answers().count(TOLD) == 1
    assert entry().state is OptOutState.LIKELY_OUT


def test_they_are_told_again_after_thirty_days(uli, clock):
    for days in (0, 29, 2):
        clock.forward(days=days)
        come(WORDS, ULI)
        come("START", ULI)
    assert answers().count(TOLD) == 2


def test_they_are_told_in_french_if_they_wrote_so(uli):
    come("ne me textez plus svp", ULI)
    (said,) = answers()
    assert said.startswith("Maple Clinic : nous avons cessé de vous texter.")


def test_nobody_is_told_late_or_where_the_carrier_answers(uli, carrier, clock, monkeypatch):
    come(WORDS, ULI, at=clock.now() - timedelta(minutes=6))
    come(WORDS, ULI, theirs="72726")
    assert answers() == []
    monkeypatch.setattr(type(carrier), "answers_keywords", True, raising=False)
    come(WORDS, ULI, theirs="+16475550111")
    assert answers() == []
    assert {one.told_at for one in db.session.scalars(select(OptOut))} == {None}


def test_silence_changes_nothing(uli, clock):
    come(WORDS, ULI)
    clock.forward(days=3)
    assert entry().state is OptOutState.LIKELY_OUT
    assert refused(uli) == ["maybe-opted-out"]


# --- decided -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reason", "after", "note", "event"), [
    (None, OptOutState.OUT, "decided-out", ("opt-out-decided", {"number": THEIRS, "decided": "yes"})),
    (JOKE, OptOutState.NOT_MEANT, "not-meant", ("opt-out-decided-reason", {"number": THEIRS, "because": "joke"}))])
def test_a_decision_counts_once(ada, maple, uli, reason, after, note, event):
    come(WORDS, ULI)
    assert refused(uli) == ["maybe-opted-out"]
    assert likely_optouts.decide_likely_optout(uli, maple, entry(), reason=reason)
    assert not likely_optouts.decide_likely_optout(ada, maple, entry(), reason=None)
    assert entry().state is after
    assert refused(uli) == ([] if reason else ["opted-out"])
    assert noted() == ["likely-out", note]
    assert logged() == [event]


def test_a_yes_stops_what_waits(ada, maple, uli):
    come(WORDS, ULI)
    hold(uli.id, text_out("slipped in", TextState.QUEUED))
    likely_optouts.decide_likely_optout(ada, maple, entry(), reason=None)
    found = [(one.state, one.why) for one in messages() if not one.automatic]
    assert found == [(TextState.REFUSED, ["opted-out"])]


@pytest.mark.parametrize("overdue", [False, True])
def test_what_wording_led_to_can_be_withdrawn(ada, maple, uli, clock, overdue):
    come(WORDS, ULI)
    if overdue:
        wait_for_step(clock, 3)
    else:
        likely_optouts.decide_likely_optout(uli, maple, entry(), reason=None)
    row = entry()
    assert (row.state, row.source) == (OptOutState.OUT, OptOutSource.WORDING)
    optouts.withdraw_recorded_optout(ada, maple, row, "asked by phone; recording 4711")
    assert refused(uli) == []
    assert logged()[-1] == ("opt-out-withdrawn", {"number": THEIRS, "reason": "asked by phone; recording 4711"})


def test_a_second_request_within_ninety_days_of_a_no_counts_at_once(uli, maple, clock):
    come(WORDS, ULI)
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=JOKE)
    clock.forward(days=89)
    come("I said remove me", ULI)
    row = entry()
    assert (row.state, row.source, row.said) == (OptOutState.OUT, OptOutSource.WORDING, "I said remove me")
    assert noted() == ["likely-out", "not-meant", "out-again"]
    assert refused(uli) == ["opted-out"]
    assert optouts.can_withdraw_optout(row)
    come("START", ULI)
    assert refused(uli) == []


@pytest.mark.parametrize("how", ["decided", "by hand"])
def test_who_withdraws_says_no_as_well(ada, uli, maple, how):
    """A Yes that is withdrawn at once must not be a way around the No that nobody may say yet."""
    come(WORDS, ULI)
    if how == "decided":
        likely_optouts.decide_likely_optout(ada, maple, entry(), reason=None)
    else:
        optouts.record_optout(ada, maple, THEIRS, "By phone")
    optouts.withdraw_recorded_optout(ada, maple, entry(), "A slip")
    assert refused(uli) == []
    come("I said remove me", ULI)
    assert (entry().state, refused(uli)) == (OptOutState.OUT, ["opted-out"])
    come("START", ULI)
    come(WORDS, ULI)
    assert entry().state is OptOutState.LIKELY_OUT


def test_after_ninety_days_it_is_asked_again(uli, maple, clock):
    come(WORDS, ULI)
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=JOKE)
    clock.forward(days=90, seconds=1)
    come("I said remove me", ULI)
    assert entry().state is OptOutState.LIKELY_OUT


def test_a_stop_is_theirs_alone_whatever_was_decided(ada, maple, uli):
    come(WORDS, ULI)
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=None)
    come("STOP", ULI)
    assert not likely_optouts.undo_optout_decision(uli, maple, entry())
    with pytest.raises(Clash):
        optouts.withdraw_recorded_optout(ada, maple, entry(), "please")


# --- who -----------------------------------------------------------------------------------------


def test_administrators_say_no_only_when_it_is_their_turn(ada, maple, uli, clock):
    """A member has a conversation with the number: for two working days the member decides."""
    come(WORDS, ULI)
    for step in (1, 2):
        with pytest.raises(Clash) as clash:
            likely_optouts.decide_likely_optout(ada, maple, entry(), reason=JOKE)
        assert clash.value.field == "reason"
        assert waiting.count_for_overview(maple.id, 0).likely == 0
        wait_for_step(clock, step)
    assert waiting.count_for_overview(maple.id, 0).likely == 1
    assert likely_optouts.decide_likely_optout(ada, maple, entry(), reason=JOKE)
    assert waiting.count_for_overview(maple.id, 0).likely == 0


def test_any_member_with_a_conversation_decides(maple, uli, ben):
    come(WORDS, ULI)
    with pytest.raises(Clash):
        likely_optouts.decide_likely_optout(ben, maple, entry(), reason=JOKE)
    hold(ben.id, text_out())
    assert likely_optouts.decide_likely_optout(ben, maple, entry(), reason=JOKE)


@pytest.mark.parametrize("gone", ["no conversation", "deactivated", "blocked"])
def test_where_no_member_can_read_it_administrators_decide_at_once(ada, maple, uli, gone):
    if gone != "no conversation":
        come(WORDS, ULI)
    else:
        with writing() as session:
            session.add(OptOut(organization_id=maple.id, theirs=THEIRS, state=OptOutState.LIKELY_OUT,
                               source=OptOutSource.WORDING, said=WORDS))
    with writing() as session:
        if gone == "deactivated":
            session.get_one(User, uli.id).account = AccountState.DEACTIVATED
        if gone == "blocked":
            conversation = session.scalars(select(Conversation)).one()
            conversation.blocked = True
    assert waiting.count_for_overview(maple.id, 0).likely == 1
    assert likely_optouts.read_likely_words(ada, maple, entry()) == WORDS
    assert likely_optouts.decide_likely_optout(ada, maple, entry(), reason=JOKE)


def test_who_can_read_what_a_number_wrote(uli, ben, mia):
    other = "+16475550111"
    hold(uli.id, text_out())
    hold(ben.id, text_out())
    hold(ben.id, text_out(), theirs=other)
    held = likely_optouts.readers_of_numbers(uli.organization_id, [THEIRS, other, "+16475550112"])
    assert {number: list(names.values()) for number, names in held.items()} == {
        THEIRS: ["Ben Okafor", "Uli Brandt"], other: ["Ben Okafor"], "+16475550112": []}
    assert likely_optouts.readers_of_numbers(mia.organization_id, [THEIRS]) == {THEIRS: {}}
    assert likely_optouts.readers_of_numbers(uli.organization_id, []) == {}


def test_words_are_read_when_it_is_their_turn_and_each_look_is_told(ada, maple, uli, clock):
    come(WORDS, ULI)
    with pytest.raises(Clash):
        likely_optouts.read_likely_words(ada, maple, entry())
    wait_for_step(clock, 1)
    wait_for_step(clock, 2)
    for _ in range(2):
        assert likely_optouts.read_likely_words(ada, maple, entry()) == WORDS
    assert logged() == [("opt-out-read", {"number": THEIRS})] * 2
    assert noted() == ["likely-out", "reminded", "admins-asked", "words-read", "words-read"]
    likely_optouts.decide_likely_optout(ada, maple, entry(), reason=None)
    with pytest.raises(Clash):
        likely_optouts.read_likely_words(ada, maple, entry())


# --- while nobody decides ------------------------------------------------------------------------


def test_the_member_is_reminded_then_administrators_and_at_last_it_is_listed(maple, uli, clock):
    come(WORDS, ULI)
    talk = db.session.scalars(select(Conversation)).one()
    read_all(talk)
    likely_optouts.advance_likely_optouts()
    assert noted() == ["likely-out"]
    for step, note in enumerate(("reminded", "admins-asked", "listed"), 1):
        assert entry().state is OptOutState.LIKELY_OUT
        assert wait_for_step(clock, step) == 1
        assert likely_optouts.advance_likely_optouts() == 0
        assert noted()[-1] == note
    assert db.session.scalars(select(Conversation.unread)).one() == 2
    assert (entry().state, entry().source) == (OptOutState.OUT, OptOutSource.WORDING)
    assert logged() == [("opt-out-listed", {"number": THEIRS})]
    assert refused(uli) == ["opted-out"]


def test_nothing_is_done_before_its_working_day(uli, clock):
    come(WORDS, ULI)
    likely_optouts.advance_likely_optouts()
    clock.forward(seconds=(likely_optouts.step_moments(entry())[0] - clock.now()).total_seconds() - 60)
    assert likely_optouts.advance_likely_optouts() == 0
    assert noted() == ["likely-out"]


def test_saying_it_again_does_not_put_the_decision_off(uli, clock):
    come(WORDS, ULI)
    first = likely_optouts.step_moments(entry())
    clock.forward(hours=20)
    come("leave me alone!!", ULI)
    assert likely_optouts.step_moments(entry()) == first
    assert entry().said == WORDS


def test_a_decision_ends_the_reminders(maple, uli, clock):
    come(WORDS, ULI)
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=JOKE)
    clock.forward(days=40)
    assert likely_optouts.advance_likely_optouts() == 0
    assert entry().state is OptOutState.NOT_MEANT


def test_without_member_and_location_the_days_are_those_of_utc(maple, organizations):
    with writing() as session:
        row = OptOut(organization_id=maple.id, theirs=THEIRS, state=OptOutState.LIKELY_OUT,
                     source=OptOutSource.WORDING, due_at=now())
        session.add(row)
    assert len(likely_optouts.step_moments(row)) == 3


# --- undone --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [None, JOKE])
def test_both_decisions_can_be_undone_for_ten_minutes(ada, maple, uli, clock, reason):
    come(WORDS, ULI)
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=reason)
    waits = sending.send_text(uli, THEIRS, "Hi", "key-1").decision.allowed
    assert waits is (reason is JOKE)
    clock.forward(minutes=9)
    assert likely_optouts.undo_optout_decision(ada, maple, entry())
    assert not likely_optouts.undo_optout_decision(ada, maple, entry())
    assert entry().state is OptOutState.LIKELY_OUT
    assert refused(uli) == ["maybe-opted-out"]
    assert [one.state for one in messages() if not one.automatic] == [TextState.REFUSED] * waits
    assert noted()[-1] == "undone"
    assert logged()[-1] == ("opt-out-undone", {"number": THEIRS, "decided": "no" if reason else "yes"})
    assert likely_optouts.decide_likely_optout(uli, maple, entry(), reason=None)


def test_a_yes_that_is_undone_gives_the_consents_back(maple, uli, clock):
    """Those that it ended, and no others."""
    told = consents.ConsentSaid(ConsentKind.EXPRESS, now() - timedelta(days=9), "Form of the first visit")
    kept = consents.record_consent(uli, maple, THEIRS, told)
    over = consents.record_consent(uli, maple, THEIRS, replace(told, proof="By phone"))
    consents.withdraw_consent(uli, maple, over, "Typed for the wrong person")
    come(WORDS, ULI)
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=None)
    assert consents.consent_of_number(maple.id, THEIRS) is None
    clock.forward(minutes=5)
    likely_optouts.undo_optout_decision(uli, maple, entry())
    assert consents.consent_of_number(maple.id, THEIRS) is kept
    assert (kept.ended_at, kept.ending, over.ending) == (None, None, ConsentEnding.WITHDRAWN)


def test_texts_that_were_refused_stay_so(maple, uli):
    come(WORDS, ULI)
    hold(uli.id, text_out("slipped in", TextState.QUEUED))
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=None)
    likely_optouts.undo_optout_decision(uli, maple, entry())
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=JOKE)
    assert [one.state for one in messages() if not one.automatic] == [TextState.REFUSED]


def test_after_ten_minutes_it_is_too_late(maple, uli, clock):
    come(WORDS, ULI)
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=None)
    clock.forward(minutes=10, seconds=1)
    assert not likely_optouts.undo_optout_decision(uli, maple, entry())
    assert entry().state is OptOutState.OUT


def test_an_undone_no_is_no_no(maple, uli):
    come(WORDS, ULI)
    likely_optouts.decide_likely_optout(uli, maple, entry(), reason=JOKE)
    likely_optouts.undo_optout_decision(uli, maple, entry())
    come("I said remove me", ULI)
    assert entry().state is OptOutState.LIKELY_OUT
