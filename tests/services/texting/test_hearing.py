"""What a word of a recipient does, in the order in which it was said, and whose words a text holds."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import OptOut, OptOutSource, OptOutState, User
from portal.rules.terms import NotMeantReason
from portal.services.texting import likely_optouts, optouts, outbox, sending
from tests.talks import THEIRS, come, hold, text_out

ULI, BEN = "+14165550101", "+14165550102"
# Times that are far ahead of the portal's are not believed, so a fixed day would not do.
NOON = datetime.now(UTC) - timedelta(hours=2)
EARLIER, LATER = NOON - timedelta(minutes=30), NOON + timedelta(minutes=30)


def consent(theirs=THEIRS):
    db.session.rollback()
    row = db.session.scalars(select(OptOut).where(OptOut.theirs == theirs)).first()
    return row and row.state


# --- what a word does ----------------------------------------------------------------------------


def test_start_brings_it_back_and_yes_does_not(uli):
    come("STOP", ULI)
    come("YES", ULI)
    assert consent() is OptOutState.OUT
    come("START", ULI)
    assert consent() is OptOutState.IN_AGAIN
    assert sending.send_text(uli, THEIRS, "Welcome back", "k").decision.allowed


def test_stop_to_one_number_stops_all_of_the_organization(uli):
    come("STOP", BEN)
    assert [one.id for one in sending.send_text(uli, THEIRS, "Hi", "k").decision.blocking] == ["opted-out"]


def test_another_organization_is_not_stopped(uli, mia):
    come("STOP", ULI)
    assert optouts.optout_of_number(mia.organization_id, THEIRS) is None


def test_free_wording_blocks_until_a_person_decides(uli):
    come("please remove me from your list", ULI)
    assert consent() is OptOutState.LIKELY_OUT
    assert [one.id for one in sending.send_text(uli, THEIRS, "Hi", "k").decision.blocking] == ["maybe-opted-out"]
    row = db.session.scalars(select(OptOut)).one()
    assert likely_optouts.decide_likely_optout(uli, uli.organization, row, reason=NotMeantReason.JOKE)
    assert sending.send_text(uli, THEIRS, "Hi", "k").decision.allowed


# --- answers -------------------------------------------------------------------------------------


def test_help_is_answered_once_an_hour_even_after_stop(uli, carrier, clock):
    come("STOP", ULI)
    outbox.OutboxWorker("test").step()
    for _ in range(3):
        come("HELP", ULI)
    outbox.OutboxWorker("test").step()
    assert sum("for help" in body for body in carrier.bodies) == 1
    clock.forward(minutes=61)
    come("AIDE", ULI)
    outbox.OutboxWorker("test").step()
    assert "pour de l'aide" in carrier.bodies[-1]


def test_an_answer_too_late_is_not_given(uli, carrier):
    """Five minutes after the word; the word counts all the same."""
    come("STOP", ULI, at=now() - timedelta(minutes=6))
    outbox.OutboxWorker("test").step()
    assert (carrier.bodies, consent()) == ([], OptOutState.OUT)


def test_a_carrier_that_answers_by_itself_is_left_to_it(uli, carrier):
    carrier.answers_keywords = True
    come("STOP", ULI)
    outbox.OutboxWorker("test").step()
    assert (carrier.bodies, consent()) == ([], OptOutState.OUT)


def test_stop_from_abroad_is_honored_and_not_answered(uli, carrier):
    come("STOP", ULI, "+447911123456")
    outbox.OutboxWorker("test").step()
    assert (consent("+447911123456"), carrier.bodies) == (OptOutState.OUT, [])


# --- the order of events -------------------------------------------------------------------------


@pytest.mark.parametrize(("stop", "start", "left"), [
    (NOON, EARLIER, OptOutState.OUT), (NOON, LATER, OptOutState.IN_AGAIN), (NOON, NOON, OptOutState.IN_AGAIN),
    (NOON, None, OptOutState.IN_AGAIN), (None, EARLIER, OptOutState.IN_AGAIN), (None, None, OptOutState.IN_AGAIN),
])
@pytest.mark.parametrize(("word", "kept"), [("STOP", OptOutState.OUT), ("leave me alone", OptOutState.LIKELY_OUT)])
def test_an_older_start_never_undoes_a_newer_stop(uli, word, kept, stop, start, left):
    come(word, ULI, at=stop)
    come("START", ULI, at=start)
    assert consent() is (kept if left is OptOutState.OUT else left)


def test_a_late_stop_always_counts(uli):
    come("STOP", ULI, at=EARLIER)
    come("START", ULI, at=LATER)
    assert consent() is OptOutState.IN_AGAIN
    come("Stop.", ULI, at=NOON)
    assert consent() is OptOutState.OUT


def test_a_stop_that_comes_late_does_not_make_the_newer_one_older(uli):
    come("STOP", ULI, at=LATER)
    come("STOP", ULI, at=EARLIER)
    come("START", ULI, at=NOON)
    assert consent() is OptOutState.OUT
    come("START", ULI, at=LATER + timedelta(seconds=1))
    assert consent() is OptOutState.IN_AGAIN


def test_a_start_that_comes_late_does_not_undo_what_was_said_on_the_phone(uli, people):
    ada = db.session.get_one(User, people["Ada"].id)
    come("STOP", ULI)
    come("START", ULI)
    optouts.record_optout(ada, uli.organization, THEIRS, "by phone")
    come("START", ULI, at=now() - timedelta(hours=1))
    assert consent() is OptOutState.OUT
    come("START", ULI, at=now() + timedelta(seconds=1))
    assert consent() is OptOutState.IN_AGAIN


def test_a_clock_years_ahead_locks_nobody_out(uli):
    come("STOP", ULI, at=now() + timedelta(days=4_000))
    assert consent() is OptOutState.OUT
    come("START", ULI, at=now())
    assert consent() is OptOutState.IN_AGAIN


# --- whose words ---------------------------------------------------------------------------------

TEXT = "Please stop texting us your questions, call us instead: we are open from nine to five."


@pytest.mark.parametrize("body", [
    f"Ngiyayithanda “{TEXT}”", f"Eske so kak “{TEXT[:40]}…”", f"„{TEXT}“ zzz", f"kazalu: « {TEXT[:50]}... »",
])
def test_a_text_of_ours_that_is_repeated_is_nobodys_request(uli, body):
    hold(uli.id, text_out(TEXT))
    come(body, ULI)
    assert consent() is None


@pytest.mark.parametrize("body", [
    "Ngiyayithanda “Please stop texting me”", f"stop texting me “{TEXT}”", "Edited to “Please stop texting us”",
])
def test_other_words_are_their_own(uli, body):
    hold(uli.id, text_out(TEXT))
    come(body, ULI)
    assert consent() in {OptOutState.LIKELY_OUT, OptOutState.OUT}


def test_a_text_to_somebody_else_does_not_count(uli):
    hold(uli.id, text_out(TEXT), theirs="+16475550199")
    come(f"Ngiyayithanda “{TEXT}”", ULI)
    assert consent() is OptOutState.LIKELY_OUT


# --- two numbers of this portal ------------------------------------------------------------------


@pytest.mark.parametrize("word", ["HELP", "AIDE", "STOP", "ARRET"])
@pytest.mark.parametrize("name", ["Harbor", "Stop Smoking Now", "STOP"])
def test_an_automatic_answer_to_one_of_our_numbers_is_no_opt_out(uli, carrier, word, name):
    with writing():
        uli.organization.reply_name = name
    come(word, ULI, BEN)
    outbox.OutboxWorker("test").step()
    [answer] = carrier.bodies
    come(answer, BEN, ULI)
    assert consent(ULI) is None


def test_words_of_a_person_from_one_of_our_numbers_count(uli):
    come("STOP", BEN, ULI)
    assert consent(ULI) is OptOutState.OUT
    assert db.session.scalars(select(OptOut.source)).one() is OptOutSource.STOP
