"""Texts to 988 are refused with what to do, or handed to a carrier that supports them and then held by nothing."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.extensions import db, now, writing
from portal.models import (
    BrandDay,
    Conversation,
    OptOut,
    OptOutSource,
    OptOutState,
    Organization,
    Restriction,
    TextState,
)
from portal.rules import BY_ID, Effect
from portal.rules.facts import Campaign, Cause, Restraint, Subject
from portal.services.texting import sending
from portal.services.texting.outbox import OutboxWorker
from tests.talks import hold, messages, text_out

NUMBER = "988"


@pytest.fixture
def routed(app, carrier, monkeypatch):
    """`routed(switched_on, supported)` sets what the host chose and what the carrier can do."""
    def choose(switched_on=True, supported=True):
        settings = dataclasses.replace(app.config["SETTINGS"], route_988=switched_on)
        monkeypatch.setitem(app.config, "SETTINGS", settings)
        carrier.takes_crisis_line = supported

    return choose


def send(user, key="key"):
    return sending.send_text(user, NUMBER, "I need somebody to talk to", key)


@pytest.mark.parametrize(("switched_on", "supported"), [(False, False), (False, True), (True, False)])
def test_unless_both_agree_it_is_refused_with_what_to_do(uli, routed, switched_on, supported):
    routed(switched_on, supported)
    refused = send(uli).decision
    assert [reason.id for reason in refused.blocking] == ["crisis-line"]
    assert "at any hour" in refused.headline.remedy
    assert messages() == []


def test_where_both_agree_it_reaches_the_carrier_and_still_says_what_else_helps(uli, routed, carrier):
    routed()
    decision = send(uli).decision
    assert [(reason.id, reason.effect) for reason in decision.reasons] == [("crisis-line", Effect.WARN)]
    assert "call or text 988 from your own phone" in decision.headline.remedy
    OutboxWorker("worker").step()
    (taken,) = carrier.taken.values()
    assert (taken.recipient, taken.sender) == (NUMBER, uli.number.e164)
    assert [one.state for one in messages()] == [TextState.HANDED_OVER]
    assert db.session.query(Conversation).one().theirs == NUMBER


def test_the_same_submission_is_one_text(uli, routed):
    routed()
    assert send(uli).conversation == send(uli).conversation
    assert len(messages()) == 1


def test_a_text_that_waits_is_refused_once_it_is_switched_off(uli, routed, carrier):
    routed()
    send(uli)
    routed(switched_on=False)
    OutboxWorker("worker").step()
    assert [(one.state, one.why) for one in messages()] == [(TextState.REFUSED, ["crisis-line"])]
    assert carrier.taken == {}


def opted_out(user):
    with writing() as session:
        session.add(OptOut(organization_id=user.organization_id, theirs=NUMBER, state=OptOutState.OUT,
                           source=OptOutSource.STOP))


def no_campaign(user):
    with writing() as session:
        session.execute(update(Organization).values(campaign=Campaign.NONE))


def restrict(user, restraint):
    with writing() as session:
        session.add(Restriction(organization_id=user.organization_id, subject=Subject.USER, restraint=restraint,
                                cause=Cause.SPAM, since=now(), until=now() + timedelta(days=1), user_id=user.id,
                                per_minute=1))


def blocked(user):
    restrict(user, Restraint.BLOCK)


def slowed(user):
    restrict(user, Restraint.THROTTLE)
    hold(user.id, text_out("before", at=now(), due_at=now(), left_at=now(), state=TextState.SENT))


def used_up(user):
    """As many texts as a user may send in a day, all in this minute."""
    moment = now()
    hold(user.id, *(text_out(f"text {at}", at=moment, due_at=moment, state=TextState.SENT)
                    for at in range(BY_ID["daily-user"].limits["most"])))


@pytest.mark.parametrize("hinder", [opted_out, no_campaign, blocked, slowed, used_up], ids=lambda one: one.__name__)
def test_nothing_else_holds_it_back(uli, routed, carrier, hinder):
    routed()
    hinder(uli)
    assert send(uli).decision.allowed
    OutboxWorker("worker").step()
    assert [one.recipient for one in carrier.taken.values()] == [NUMBER]


def test_no_brand_counts_it(uli, routed):
    routed()
    send(uli)
    assert db.session.query(BrandDay).all() == []
    sending.cancel_waiting_text(messages()[0])
    assert db.session.query(BrandDay).all() == []


def test_who_has_no_texting_cannot_text_it_either(mia, routed):
    """The page says so, and how to reach the crisis line."""
    routed()
    decision = send(mia).decision
    assert "texting-off" in {reason.id for reason in decision.blocking}
    assert "crisis-line" in {reason.id for reason in decision.reasons}
