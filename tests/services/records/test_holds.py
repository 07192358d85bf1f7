"""Holds keep what the nightly run would erase, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.extensions import db, now, writing
from portal.models import (
    AuditEvent,
    Case,
    Conversation,
    Evidence,
    Message,
    OptOut,
    Organization,
    Report,
    RetentionHold,
    User,
)
from portal.services import waiting
from portal.services.records import holds, requests
from portal.services.refusals import Changed, Clash
from portal.services.texting import optouts
from portal.services.upkeep import retention
from tests import reports
from tests.talks import hold, text_in, text_out

THEIRS, OTHERS = "+16475550110", "+16475550111"
IN_A_MONTH = timedelta(days=30)


@pytest.fixture
def ada(open_app, row):
    return row("Ada")


@pytest.fixture
def old(open_app, people):
    """Uli wrote to two numbers and Ben to one of them, 500 days ago."""
    for name, theirs in (("Uli", THEIRS), ("Uli", OTHERS), ("Ben", THEIRS)):
        hold(people[name].id, text_out(f"{name} {theirs}"), text_in(f"{theirs} {name}"), theirs=theirs)
    with writing() as session:
        session.execute(update(Message).values(at=now() - timedelta(days=500)))
        session.execute(update(Conversation).values(last_at=now() - timedelta(days=500)))


def set_hold(actor, whom):
    return holds.set_hold(actor, whom, "A court asks", now() + IN_A_MONTH)


def left(kind=Message):
    db.session.rollback()
    return sorted({(db.session.get_one(User, one.user_id).name.split()[0], one.theirs)
                   for one in db.session.scalars(select(kind))})


@pytest.mark.parametrize(("whom", "kept"), [
    ("647 555 0110", [("Ben", THEIRS), ("Uli", THEIRS)]),
    ("uli@example.com", [("Uli", THEIRS), ("Uli", OTHERS)]),
])
def test_a_hold_keeps_texts_and_conversations_until_it_ends(ada, old, whom, kept):
    held = set_hold(ada, whom)
    proof = retention.check_erasure()
    assert (proof.overdue, proof.held) == (2, 4)
    retention.erase_old_texts()
    assert left() == left(Conversation) == kept
    proof = retention.check_erasure()
    assert (proof.overdue, proof.held) == (0, 4)
    holds.end_hold(ada, held)
    retention.erase_old_texts()
    assert left() == left(Conversation) == []


def test_an_open_request_for_records_keeps_the_texts_of_its_period(ada, old, row, clock):
    """Until its release ends: who asked must be able to read what was there when they asked."""
    asked = requests.ask_for_records(ada, THEIRS, now() - timedelta(days=600), now(), "The patient asks")
    retention.erase_old_texts()
    assert left() == left(Conversation) == [("Ben", THEIRS), ("Uli", THEIRS)]
    requests.decide_records_request(row("Rita"), asked, released=True, answer="")
    retention.erase_old_texts()
    assert len(left()) == 2
    clock.forward(days=8)
    retention.erase_old_texts()
    assert left() == []


@pytest.mark.parametrize(("theirs", "until"), [(OTHERS, timedelta(0)), (THEIRS, timedelta(days=550))])
def test_a_request_keeps_no_other_texts(ada, old, theirs, until):
    """Neither those with another number nor those after its period."""
    requests.ask_for_records(ada, theirs, now() - timedelta(days=600), now() - until, "The patient asks")
    retention.erase_old_texts()
    assert left() == ([("Uli", OTHERS)] if theirs == OTHERS else [])


def test_a_request_that_was_refused_keeps_nothing(ada, old, row):
    asked = requests.ask_for_records(ada, THEIRS, now() - timedelta(days=600), now(), "The patient asks")
    requests.decide_records_request(row("Rita"), asked, released=False, answer="Not their own number")
    retention.erase_old_texts()
    assert left() == []


def test_the_hold_of_another_organization_keeps_nothing(ada, old, row):
    set_hold(row("Otto"), THEIRS)
    retention.erase_old_texts()
    assert left() == []


def test_each_batch_begins_where_the_last_one_ended(ada, old, statements, monkeypatch):
    set_hold(ada, "uli@example.com")
    monkeypatch.setattr(retention, "ROWS_PER_ERASURE", 1)
    with writing() as session:
        for at, text in enumerate(session.scalars(select(Message).order_by(Message.id))):
            text.at = now() - timedelta(days=500) + timedelta(hours=at)
    with statements() as seen:
        retention.erase_old_texts()
    looks = [one for one in seen if one.startswith("SELECT messages.id, messages.at")]
    assert len(looks) == 3, "two texts of Ben and the end"
    assert ["messages.at >=" in one for one in looks] == [False, True, True]


def test_any_number_of_holds_lets_the_nightly_run_go_on(ada, old, uli):
    reports.sent(uli.id, reports.number(1))
    reports.told(uli.number.e164, reports.number(1))
    reports.settle()
    with writing() as session:
        session.execute(update(Case).values(closed_at=now() - timedelta(days=401)))
        session.add_all(RetentionHold(
            organization_id=ada.organization_id, theirs=f"+1506556{last:04}", set_by_id=ada.id, reason="A court asks",
            review_at=now() + IN_A_MONTH) for last in range(1100))
    retention.erase_old_texts()
    assert [len(db.session.scalars(select(kind)).all()) for kind in (Evidence, Report)] == [0, 0]


@pytest.mark.parametrize("whom", [reports.number(1), "uli@example.com", ""])
def test_evidence_stays_as_long(ada, uli, whom):
    theirs = reports.number(1)
    reports.sent(uli.id, theirs)
    reports.told(uli.number.e164, theirs)
    reports.settle()
    held = set_hold(ada, whom) if whom else None
    with writing() as session:
        session.execute(update(Case).values(closed_at=now() - timedelta(days=401)))
    retention.erase_old_texts()
    many = [len(db.session.scalars(select(kind)).all()) for kind in (Evidence, Report)]
    assert many == ([1, 1] if whom else [0, 0])
    if held:
        db.session.rollback()
        holds.end_hold(ada, held)
        retention.erase_old_texts()
        assert [len(db.session.scalars(select(kind)).all()) for kind in (Evidence, Report)] == [0, 0]


def test_the_erasure_of_a_held_number_waits_and_says_why(ada):
    maple = db.session.get_one(Organization, ada.organization_id)
    optouts.record_optout(ada, maple, THEIRS, "by phone")
    held = set_hold(ada, THEIRS)
    with pytest.raises(Clash) as refused:
        optouts.erase_optout_number(maple, THEIRS)
    assert refused.value.sentence == optouts.HELD
    assert refused.value.values["reason"] == "A court asks"
    holds.end_hold(ada, held)
    optouts.erase_optout_number(maple, THEIRS)
    assert db.session.scalars(select(OptOut.theirs)).one().startswith("erased:")


@pytest.mark.parametrize(("whom", "days", "field"), [
    ("12", 30, "held"), ("nobody@example.com", 30, "held"), ("mia@example.com", 30, "held"), ("", 30, "held"),
    (THEIRS, -1, "review"), (THEIRS, 367, "review"),
])
def test_what_no_hold_can_be_set_on(ada, whom, days, field):
    with pytest.raises(Clash) as refused:
        holds.set_hold(ada, whom, "A court asks", now() + timedelta(days=days))
    assert refused.value.field == field
    assert db.session.scalars(select(RetentionHold)).all() == []


def test_one_hold_at_a_time_and_each_step_is_audited(ada, clock):
    held = set_hold(ada, THEIRS)
    with pytest.raises(Clash):
        set_hold(ada, THEIRS)
    clock.forward(days=31)
    assert waiting.count_for_overview(ada.organization_id, 0).holds == 1
    holds.renew_hold(ada, held, "The court asks for more", clock.now() + IN_A_MONTH)
    assert waiting.count_for_overview(ada.organization_id, 0).holds == 0
    db.session.rollback()
    holds.end_hold(ada, held)
    holds.end_hold(ada, held)
    with pytest.raises(Changed):
        holds.renew_hold(ada, held, "again", clock.now() + IN_A_MONTH)
    holds.set_hold(ada, "uli@example.com", "A court asks", clock.now() + IN_A_MONTH)
    found = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.contains("hold")).order_by(
        AuditEvent.id)).all()
    assert found == ["number-hold-set", "number-hold-renewed", "number-hold-ended", "user-hold-set"]


def test_a_hold_that_ended_goes_after_the_period(ada, clock):
    holds.end_hold(ada, set_hold(ada, THEIRS))
    clock.forward(days=399)
    retention.erase_old_texts()
    assert len(db.session.scalars(select(RetentionHold)).all()) == 1
    db.session.rollback()
    clock.forward(days=2)
    retention.erase_old_texts()
    assert db.session.scalars(select(RetentionHold)).all() == []
