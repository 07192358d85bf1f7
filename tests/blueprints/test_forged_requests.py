"""Forged requests to stop, through the real form: three days later nothing is in force and nothing is blocked."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, make_ref, now
from portal.models import OptOut, OptOutState, Report, TextState, User, WebAsk
from portal.processes import tasks
from portal.rules.cases import Match
from portal.services.spam import batches
from portal.services.texting import outbox, sending
from portal.services.texting.send_facts import preview_send
from tests import talks
from tests.blueprints.reader import look, press
from tests.reports import number, sent

PLACES = 3
FORGED = 13
FORM = {"Scam or phishing": True, "Ask this business to stop texting my number": True}


def post(browser, clock, sender, theirs, place):
    """The form as a person sees it, filled in within a person's time, with its token, from one of three places."""
    seen = look(browser, "/report-spam")
    clock.forward(seconds=30)
    browser.environ_base = {**browser.environ_base, "REMOTE_ADDR": f"203.0.113.{place + 1}"}
    done = press(browser, seen, "Send report", {
        "Number that sent the text": sender, "Your number that received it": theirs, **FORM})
    assert (done.status, done.heading) == (200, "Report received")


def run_every_task(clock):
    """The background process, for three days: reports, texts that are due, and every task each hour."""
    worker, reports = outbox.OutboxWorker("test"), batches.ReportBatches()
    for _hour in range(72):
        while reports.step() + worker.step():
            pass
        for name in (one for one in vars(tasks) if one.startswith("run_")):
            getattr(tasks, name).call_local()
        clock.forward(hours=1)
    db.session.rollback()


@pytest.fixture
def senders(inside, people):
    """Numbers of two organizations."""
    return [people["Uli"].number, people["Ben"].number, people["Mia"].number]


def test_thirteen_forged_requests(browse, app, inside, people, senders, carrier, clock):
    """For numbers that this portal never texted, and for the numbers of organizations themselves."""
    victims = [number(index) for index in range(FORGED)]
    for index, theirs in enumerate(victims):
        post(browse(), clock, senders[index % len(senders)], theirs, index % PLACES)
    for index, theirs in enumerate(senders):
        post(browse(), clock, senders[index - 1], theirs, index)
    with inside():
        assert [(one.stop, one.suspect) for one in db.session.scalars(select(Report))] == [(True, "")] * 16
        run_every_task(clock)
        assert {one.matched for one in db.session.scalars(select(Report))} == {Match.UNMATCHED}
        assert db.session.scalars(select(OptOut)).all() == []
        assert db.session.scalars(select(WebAsk).where(WebAsk.waits)).all() == []
        assert [one for one in talks.messages() if one.automatic] == []
        uli = db.session.get_one(User, people["Uli"].id)
        for theirs in (*victims, people["Ben"].number, people["Mia"].number):
            assert preview_send(uli, theirs, "Is Friday good for you?").blocking == ()
        for theirs in victims:
            sending.send_text(uli, theirs, f"For {theirs}", make_ref())
            clock.forward(minutes=1)
        worker = outbox.OutboxWorker("test")
        while worker.step():
            pass
        assert {one.state for one in talks.messages()} == {TextState.HANDED_OVER}
        assert len(carrier.bodies) == FORGED


def test_one_that_was_texted_counts_at_once_and_hears_of_it(browse, inside, people, carrier, clock):
    """The same form, the same minute: proof makes the difference, and whoever did not ask is told how to go back."""
    uli = people["Uli"]
    with inside():
        sent(uli.id, number(1), at=now())
    post(browse(), clock, uli.number, number(1), 0)
    with inside():
        filed = clock.now()
        worker, reports = outbox.OutboxWorker("test"), batches.ReportBatches()
        while reports.step() + worker.step():
            pass
        assert db.session.scalars(select(OptOut.state)).one() is OptOutState.OUT
        (notice,) = carrier.bodies
        assert "Text START" in notice
        assert clock.now() - filed < timedelta(minutes=5)
        talks.come("START", uli.number, number(1))
        assert preview_send(db.session.get_one(User, uli.id), number(1), "Hello").blocking == ()
