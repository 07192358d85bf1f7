"""ABU-03, ABU-05: what senders, rivals and operators might try, and what it brings them."""

import smtplib
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import Restriction, User
from portal.processes import tasks
from portal.rules.cases import CaseState, Lane
from portal.rules.facts import Category, Cause, Restraint, Subject
from portal.services import letters
from portal.services.refusals import Clash
from portal.services.spam import appeals, decisions, outcome_mail, restrictions
from portal.services.texting import outbox, sending
from tests import talks
from tests.reports import case, number, reported, sent, settle, told
from tests.services.carrier import Scripted

pytestmark = pytest.mark.usefixtures("open_app")


def held():
    db.session.rollback()
    return [one.restraint for one in db.session.scalars(select(Restriction).order_by(Restriction.id))]


# --- senders who report themselves, and people with a list of numbers ----------------------------


@pytest.mark.parametrize("weak", [{"suspect": "honeypot"}, {"body": "In other words than those of the text"}])
def test_weak_reports_in_their_names_do_not_silence_the_recipients(uli, weak):
    for index in range(10):
        sent(uli.id, number(index))
        told(uli.number, number(index), **{"category": Category.WRONG_PERSON, **weak})
    settle()
    assert held() == []
    for index in range(10):
        told(uli.number, number(index))
    settle()
    assert held() == [Restraint.THROTTLE, Restraint.BLOCK]
    assert (case().verified, case().known, case().lane, case().category) == (10, 0, Lane.NORMAL, Category.SCAM)


def test_one_place_with_a_list_of_numbers_restrains_nobody(uli):
    reported(uli.id, uli.number, 10, source="one place")
    assert held() == []
    assert case().verified == 10


def test_whoever_quotes_no_text_blocks_nobody(uli):
    for index in range(12):
        sent(uli.id, number(index))
        told(uli.number, number(index), body="")
    settle()
    assert held() == [Restraint.THROTTLE]


def test_the_share_is_that_of_the_texts_that_were_reported(uli):
    """Recipients of two days ago count where texts of two days ago are reported."""
    for index in range(400):
        sent(uli.id, number(index), at=now() - timedelta(hours=30))
    for index in range(3):
        told(uli.number, number(index))
    settle()
    assert held() == []


# --- answers -------------------------------------------------------------------------------------


def test_an_answer_to_help_does_not_wait_behind_a_slowed_text(uli, app, monkeypatch):
    monkeypatch.setitem(app.extensions, "carrier", carrier := Scripted())
    with writing():
        restrictions.add_restriction(None, restrictions.RestrictionTerms(
            Restraint.THROTTLE, Cause.SPAM, "Slow.", now() + timedelta(hours=72)),
            restrictions.RestrictionScope(Subject.USER, db.session.get_one(User, uli.id).organization_id, uli.id),
            now())
    for index in range(3):
        sending.send_text(db.session.get_one(User, uli.id), number(index), f"Text {index}", f"key {index}")
    talks.come("HELP", uli.number, number(2))
    outbox.OutboxWorker("test").step()
    assert [body for body in carrier.bodies if "help" in body]
    assert "Text 2" not in carrier.bodies


# --- letters -------------------------------------------------------------------------------------


@pytest.fixture
def mail(app, monkeypatch):
    """`mail(refuse)` sets a mail server that raises what `refuse` says for an address; what it took."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail_server="smtp://localhost"))

    def set_up(refuse):
        taken = []

        class Server:
            def send_message(self, letter):
                if error := refuse.get(letter["To"]):
                    raise error
                taken.append(letter["To"])

        @contextmanager
        def connected():
            yield Server()

        monkeypatch.setattr(letters, "connect_mail_server", connected)
        return taken

    return set_up


def test_one_strange_address_stops_no_other_letter(uli, row, mail):
    addresses = ["=?utf-8?q?a=0D=0ABcc=3A_x=40y.z?=@x.com", "full@example.org", "gone@example.org", "later@example.org",
                 "jo@example.org"]
    for index, address in enumerate(addresses):
        sent(uli.id, number(index))
        told(uli.number, number(index), email=address)
    settle()
    decisions.decide_case(row("Olga"), case(), decisions.Verdict(CaseState.UPHELD))
    taken = mail({
        "full@example.org": smtplib.SMTPDataError(554, b"no"),
        "gone@example.org": smtplib.SMTPRecipientsRefused({"gone@example.org": (550, b"gone")}),
        "later@example.org": smtplib.SMTPRecipientsRefused({"later@example.org": (450, b"wait")})})
    db.session.rollback()
    assert outcome_mail.send_outcome_letters(tasks._outcome) == 4
    assert taken == ["jo@example.org"]
    taken = mail({})
    assert outcome_mail.send_outcome_letters(tasks._outcome) == 1
    assert taken == ["later@example.org"]


# --- operators -----------------------------------------------------------------------------------


def slowed(row, by="Olga", whom="Uli"):
    person = row(whom)
    with writing():
        one = restrictions.add_restriction(row(by) if by else None, restrictions.RestrictionTerms(
            Restraint.THROTTLE, Cause.SPAM, "Slow.", now() + timedelta(days=3)),
            restrictions.RestrictionScope(Subject.USER, person.organization_id, person.id), now())
        return one.id


def test_an_appeal_always_has_somebody_to_decide_it(row, clock):
    """The other operator is the one who appealed: then the first decides, on another day and marked so."""
    with writing():
        row("Oskar").operator = False
        row("Ada").operator = True
    one = db.session.get_one(Restriction, slowed(row))
    appeal = appeals.file_appeal(row("Ada"), one, "It was a mistake")
    db.session.commit()
    waiting = appeals.find_appeal_for_operator(appeal.ref)
    assert appeals.obstacle_to_decision(row("Ada"), waiting)
    assert "tomorrow" in appeals.obstacle_to_decision(row("Olga"), waiting)
    clock.forward(days=1)
    assert appeals.obstacle_to_decision(row("Olga"), appeals.find_appeal_for_operator(appeal.ref)) == ""


def test_whoever_extended_it_does_not_answer_the_appeal(row):
    one = db.session.get_one(Restriction, slowed(row, by=None))
    restrictions.move_restriction_end(row("Olga"), one, now() + timedelta(days=30), "It goes on")
    appeal = appeals.file_appeal(row("Uli"), db.session.get_one(Restriction, one.id), "It was a mistake")
    assert "another operator" in appeals.obstacle_to_decision(row("Olga"), appeals.find_appeal_for_operator(appeal.ref))
    assert appeals.obstacle_to_decision(row("Oskar"), appeals.find_appeal_for_operator(appeal.ref)) == ""


def test_a_lone_operator_does_not_block_beyond_thirty_days_in_steps(row, clock):
    with writing():
        row("Oskar").operator = False
    one = db.session.get_one(Restriction, slowed(row))
    clock.forward(days=2)
    with pytest.raises(Clash, match="days of its beginning"):
        restrictions.move_restriction_end(row("Olga"), one, now() + timedelta(days=2) + timedelta(days=30),
                                          "It goes on")
