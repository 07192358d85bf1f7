"""Day 399 is kept, day 401 is gone, from tables and from files (SEC-21)."""

from datetime import timedelta

import pytest
from sqlalchemy import case, select, update

from portal.carriers.base import IncomingText
from portal.extensions import db, make_ref, now, writing
from portal.models import (
    Arrival,
    Case,
    ConsentRecord,
    Conversation,
    Evidence,
    KeptDraft,
    Message,
    OptOut,
    OptOutState,
    Receipt,
    Report,
    RetentionHold,
)
from portal.rules.facts import ConsentKind
from portal.services.texting import drafts, inbound, sending
from portal.services.upkeep import retention
from tests import reports
from tests.talks import hold, text_in

THEIRS = "+16475550110"
WORDS = "the-words-of-day-"


def age(model, **by):
    """Everything there is now becomes older."""
    with writing() as session:
        session.execute(update(model).values(at=now() - timedelta(**by)))


def write(user, days):
    sending.send_text(user, THEIRS, f"{WORDS}{days}", f"key-{days}")
    with writing() as session:
        session.execute(update(Message).where(Message.body == f"{WORDS}{days}").values(at=now() - timedelta(days=days)))


@pytest.mark.sqlite
def test_day_399_stays_and_day_401_goes_from_every_file(uli):
    write(uli, 399)
    write(uli, 401)
    assert retention.check_erasure(f"{WORDS}401".encode()).found
    done = retention.erase_old_texts()
    assert done.texts == 1
    assert db.session.scalars(select(Message.body)).all() == [f"{WORDS}399"]
    db.session.rollback()
    assert retention.check_erasure(f"{WORDS}401".encode()).found == ()
    assert retention.check_erasure(f"{WORDS}399".encode()).found
    assert retention.check_erasure().overdue == 0


def test_the_boundary_is_400_times_24_hours(uli):
    write(uli, 1)
    age(Message, days=399, hours=23, minutes=59)
    assert retention.erase_old_texts().texts == 0
    age(Message, days=400, minutes=1)
    assert retention.erase_old_texts().texts == 1


def test_opt_outs_stay_and_empty_conversations_go(uli):
    inbound.receive_text("pretend", IncomingText("1", THEIRS, "+14165550101", "STOP"))
    for model in (Message, Arrival):
        age(model, days=500)
    with writing() as session:
        session.execute(update(Conversation).values(last_at=now() - timedelta(days=500)))
    retention.erase_old_texts()
    left = [len(db.session.scalars(select(kind)).all()) for kind in (Message, Conversation, Arrival, OptOut)]
    assert left == [0, 0, 0, 1]


def test_the_words_of_an_opt_out_go_with_their_text(uli):
    """Of a STOP nobody needs them from the first day on; words that wait for a decision, or are held, stay."""
    said = "I moved to another doctor, please leave me alone"
    for index, words in ((0, said), (1, said), (2, said), (3, f"STOP. {said}"), (4, "STOP"), (4, "START")):
        inbound.receive_text("pretend", IncomingText(make_ref(), f"+1647555011{index}", "+14165550101", words))
    kept = {one.theirs[-1]: one.said for one in db.session.scalars(select(OptOut))}
    assert kept == {"0": said, "1": said, "2": said, "3": "stop", "4": "start"}
    with writing() as session:
        session.execute(update(OptOut).values(said_at=now() - timedelta(days=401)))
        session.execute(update(OptOut).where(OptOut.theirs != "+16475550110").values(
            state=case((OptOut.theirs == "+16475550114", OptOutState.IN_AGAIN), else_=OptOutState.OUT)))
        session.add(RetentionHold(organization_id=uli.organization_id, theirs="+16475550112", reason="A court",
                                  review_at=now() + timedelta(days=9), set_by_id=uli.id))
    retention.erase_old_texts()
    left = {one.theirs[-1]: one.said for one in db.session.scalars(select(OptOut))}
    assert left == {"0": said, "1": "", "2": said, "3": "", "4": "start"}


def test_more_than_one_batch_is_erased(uli, monkeypatch):
    monkeypatch.setattr(retention, "ROWS_PER_ERASURE", 2)
    for number in range(5):
        sending.send_text(uli, THEIRS, f"text {number}", f"k{number}")
    age(Message, days=401)
    assert retention.erase_old_texts().texts == 5


@pytest.mark.parametrize(("took", "rows"), [(0.0, 800), (0.05, 400), (0.1, 200), (3.0, 200), (0.04, 500)])
def test_the_next_batch_is_as_large_as_a_short_write_lets_it_be(took, rows):
    assert retention.next_batch_size(400, took) == rows


def test_no_batch_is_smaller_than_a_commit_is_worth_or_larger_than_the_largest():
    assert retention.next_batch_size(retention.FEWEST_ROWS, 60.0) == retention.FEWEST_ROWS
    assert retention.next_batch_size(retention.ROWS_PER_ERASURE, 0.0) == retention.ROWS_PER_ERASURE


def test_evidence_outlives_its_text_and_goes_with_its_case(uli):
    """What is held for a case stays until 400 days after the case was closed; the copy and not the text."""
    reports.sent(uli.id, THEIRS)
    reports.told(uli.number.e164, THEIRS)
    reports.told("+16045550199", THEIRS, source="elsewhere")
    reports.settle()
    age(Message, days=500)
    age(Report, days=31)
    retention.erase_old_texts()
    assert not db.session.scalars(select(Message)).all()
    assert [one.body for one in db.session.scalars(select(Evidence))] == [reports.SPAM]
    assert len(db.session.scalars(select(Report)).all()) == 1, "what matched nothing is erased after 30 days"
    for days, left in ((399, 1), (401, 0)):
        with writing() as session:
            session.execute(update(Case).values(closed_at=now() - timedelta(days=days)))
        retention.erase_old_texts()
        assert len(db.session.scalars(select(Evidence)).all()) == left
        assert len(db.session.scalars(select(Report)).all()) == left
        db.session.rollback()
    assert retention.check_erasure(b"parcel-fees.example").found == ()


def test_a_receipt_without_its_text_is_kept_for_72_hours(uli):
    moment = now()
    with writing() as session:
        session.add_all(Receipt(carrier="pretend", raw=raw, at=moment - timedelta(hours=72) + timedelta(seconds=ago))
                        for raw, ago in (("younger", 60), ("older", -60)))
    retention.erase_old_texts(moment)
    assert db.session.scalars(select(Receipt.raw)).all() == ["younger"]


def test_consents_are_kept_for_proof_and_go_three_years_after_their_end(uli):
    kept, hour = retention.CONSENTS_KEPT, timedelta(hours=1)
    with writing() as session:
        for theirs, until, ended in (
                ("forever", None, None), ("long over", kept + hour, None), ("over", kept - hour, None),
                ("opted out", None, kept + hour), ("withdrawn", None, kept - hour)):
            session.add(ConsentRecord(
                organization_id=uli.organization_id, theirs=theirs, kind=ConsentKind.EXPRESS, given_at=now(),
                until=until and now() - until, ended_at=ended and now() - ended))
    retention.erase_old_texts()
    assert set(db.session.scalars(select(ConsentRecord.theirs))) == {"forever", "over", "withdrawn"}


@pytest.mark.sqlite
def test_a_draft_goes_seven_days_after_its_last_change_from_every_file(uli, clock):
    drafts.keep_draft(uli, None, THEIRS, f"{WORDS}draft", "key-of-the-draft")
    assert retention.check_erasure(f"{WORDS}draft".encode()).found
    clock.forward(days=7, minutes=-1)
    retention.erase_old_texts()
    assert db.session.scalars(select(KeptDraft.body)).all() == [f"{WORDS}draft"]
    clock.forward(minutes=2)
    assert retention.check_erasure().drafts == 0, "it ends with the next nightly run"
    clock.forward(days=1)
    assert retention.check_erasure().drafts == 1
    retention.erase_old_texts()
    assert retention.check_erasure(f"{WORDS}draft".encode()) == retention.ErasureProof(0, None, ())


def test_a_conversation_in_which_its_member_is_writing_stays_as_long(uli, clock):
    ref = hold(uli.id, text_in(at=now() - timedelta(days=401)))
    with writing() as session:
        session.execute(update(Conversation).values(last_at=now() - timedelta(days=401)))
    talk = db.session.scalars(select(Conversation).where(Conversation.ref == ref)).one()
    drafts.keep_draft(uli, talk, "", "Dear Jane", "key-of-the-draft")
    done = retention.erase_old_texts()
    assert (done.texts, done.conversations) == (1, 0)
    clock.forward(days=8)
    assert retention.erase_old_texts().conversations == 1
