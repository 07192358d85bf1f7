"""Requests among many: a person decides, and after two weeks they count."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db, now, writing
from portal.models import AuditEvent, OptOut, OptOutSource, OptOutState, TextState, WebAsk
from portal.services import waiting
from portal.services.texting import optouts, outbox, web_decisions
from tests import talks
from tests.reports import number, sent

YES, NO = True, False


@pytest.fixture
def ask(uli):
    """`ask(1)`: a request for that number that waits for a person."""
    def make(index, at=None):
        sent(uli.id, number(index))
        with writing() as session:
            session.add(WebAsk(organization_id=uli.organization_id, theirs=number(index), at=at or now(), waits=True))
        return db.session.scalars(select(WebAsk).where(WebAsk.theirs == number(index))).one()
    return make


@pytest.fixture
def ada(uli, row):
    return row("Ada")


def test_requests_that_wait_are_counted_for_their_organization(ask, ada, row):
    first = ask(1)
    ask(2)
    assert waiting.count_for_overview(ada.organization_id, 0).asked == 2
    assert waiting.count_for_overview(row("Otto").organization_id, 0).asked == 0
    web_decisions.decide_web_request(ada, ada.organization, first, NO)
    assert waiting.count_for_overview(ada.organization_id, 0).asked == 1


def kept():
    db.session.rollback()
    return {one.theirs: (one.state, one.source) for one in db.session.scalars(select(OptOut))}


def actions():
    return [one.action for one in db.session.scalars(select(AuditEvent).where(
        AuditEvent.action.like("opt-out%")).order_by(AuditEvent.id))]


OUT = (OptOutState.OUT, OptOutSource.WEB)


def test_yes_puts_it_in_force_and_stops_texts_that_wait(ada, uli, ask):
    request = ask(1)
    talks.hold(uli.id, talks.text_out("Waits", TextState.QUEUED), theirs=number(1))
    assert web_decisions.decide_web_request(ada, ada.organization, request, YES)
    assert kept() == {number(1): OUT}
    assert [one.why for one in talks.messages() if one.body == "Waits"] == [["opted-out"]]
    assert db.session.scalars(select(WebAsk)).all() == []
    assert actions() == ["opt-out-web-decided"]


def test_after_yes_the_number_is_told_from_the_number_that_it_knows(ada, uli, ask, carrier):
    """The request may be a forger's, and its owner learns of it only so."""
    web_decisions.decide_web_request(ada, ada.organization, ask(1), YES)
    (notice,) = [one for one in talks.messages() if one.automatic]
    assert (notice.theirs, notice.number_id, notice.user_id) == (number(1), uli.number.id, uli.id)
    outbox.OutboxWorker("test").step()
    assert carrier.bodies == [notice.body]
    assert "web" in notice.body
    assert "START" in notice.body
    assert (notice.deadline - notice.at) <= timedelta(minutes=5)


def test_who_was_told_within_thirty_days_or_opted_out_before_is_not_told(ada, uli, ask):
    for index, state in ((1, OptOutState.IN_AGAIN), (2, OptOutState.OUT)):
        request = ask(index)
        with writing() as session:
            session.add(OptOut(organization_id=uli.organization_id, theirs=number(index), state=state,
                               source=OptOutSource.STOP, told_at=now() - timedelta(days=29)))
        assert web_decisions.decide_web_request(ada, ada.organization, request, YES)
    assert [one for one in talks.messages() if one.automatic] == []


def test_after_two_weeks_nobody_is_told(ask, clock):
    """By then ten business days are over, after which no text may follow a request to stop."""
    ask(1)
    clock.forward(days=14, hours=1)
    assert web_decisions.count_overdue_requests() == 1
    assert [one for one in talks.messages() if one.automatic] == []


def test_no_leaves_the_warning(ada, ask):
    request = ask(1)
    assert web_decisions.decide_web_request(ada, ada.organization, request, NO)
    assert kept() == {}
    assert not web_decisions.decide_web_request(ada, ada.organization, request, YES)
    assert kept() == {}
    assert web_decisions.list_waiting_requests(ada.organization_id) == []
    assert [one.theirs for one in db.session.scalars(select(WebAsk))] == [number(1)]
    assert actions() == ["opt-out-web-decided"]


def test_it_waits_for_two_weeks(ask, clock):
    ask(1)
    clock.forward(days=13, hours=23)
    assert web_decisions.count_overdue_requests() == 0
    assert kept() == {}
    clock.forward(hours=2)
    assert web_decisions.count_overdue_requests() == 1
    assert kept() == {number(1): OUT}
    assert actions() == ["opt-out-web-overdue"]
    assert web_decisions.count_overdue_requests() == 0


def test_who_has_texted_start_since_is_left_alone(uli, ask, clock):
    with writing() as session:
        session.add(OptOut(organization_id=uli.organization_id, theirs=number(1), state=OptOutState.OUT,
                           source=OptOutSource.STOP))
    ask(1)
    clock.forward(days=1)
    talks.come("START", uli.number.e164, number(1))
    clock.forward(days=14)
    assert web_decisions.count_overdue_requests() == 1
    assert kept()[number(1)][0] is OptOutState.IN_AGAIN


@pytest.mark.parametrize("how", ["STOP", "by hand"])
def test_who_opts_out_otherwise_waits_for_nobody(ada, uli, ask, clock, how):
    ask(1)
    if how == "STOP":
        talks.come("STOP", uli.number.e164, number(1))
    else:
        optouts.record_optout(ada, ada.organization, number(1), "by phone")
    assert web_decisions.list_waiting_requests(uli.organization_id) == []
    clock.forward(days=15)
    assert web_decisions.count_overdue_requests() == 0
    assert "opt-out-web-overdue" not in actions()


def test_only_the_organization_finds_it(ask, ada, mia):
    request = ask(1)
    assert web_decisions.find_web_request(ada.organization_id, request.ref) is request
    for organization_id, ref in ((mia.organization_id, request.ref), (None, request.ref), (ada.organization_id, "x")):
        with pytest.raises(NotFound):
            web_decisions.find_web_request(organization_id, ref)
    assert web_decisions.list_waiting_requests(mia.organization_id) == []


def test_operators_see_how_many_wait(ask, clock):
    begun = now() - timedelta(hours=3)
    ask(1, begun), ask(2)
    (alarm,) = web_decisions.list_request_alarms()
    assert (alarm.organization.name, alarm.waiting, alarm.first) == ("Maple Clinic", 2, begun)
    assert alarm.latest > alarm.first
    assert web_decisions.count_alarming_organizations() == 1
    clock.forward(days=1, minutes=1)
    assert web_decisions.count_alarming_organizations() == 0
    assert len(web_decisions.list_request_alarms()) == 1
