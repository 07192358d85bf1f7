"""Whoever is not texted any more hears of it once, by one text that always fits."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import lengths
from portal.extensions import db, now, writing
from portal.models import Number, OptOut, OptOutState, Organization, TextState
from portal.rules.encoding import Alphabet, pack_text
from portal.rules.facts import Campaign
from portal.rules.keywords import Meaning, hear_request
from portal.services.texting import outbox
from portal.services.texting.answers import is_automatic_answer
from tests import talks
from tests.reports import number, sent, settle, told

START = "Text START"


def ask(uli, theirs, **more):
    told(uli.number.e164, theirs, stop=True, **more)
    settle()


def notices():
    return [one for one in talks.messages() if one.automatic]


def test_they_are_told_at_once_from_the_number_that_they_know(uli, carrier):
    sent(uli.id, number(1))
    ask(uli, number(1))
    (one,) = notices()
    assert one.body.startswith("Maple Clinic: ")
    assert "web" in one.body
    assert START in one.body
    assert (one.theirs, one.number_id) == (number(1), uli.number.id)
    assert timedelta() < one.deadline - one.at <= timedelta(minutes=5)
    outbox.OutboxWorker("test").step()
    assert carrier.bodies == [one.body]
    assert db.session.scalars(select(OptOut.state)).one() is OptOutState.OUT


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["Maple", "W" * lengths.REPLY_NAME, "É" * lengths.REPLY_NAME, "楓" * 20])
def test_it_is_one_segment_with_the_longest_names(uli, language, name):
    with writing() as session:
        session.get_one(Organization, uli.organization_id).reply_name = name[:lengths.REPLY_NAME]
        session.get_one(Organization, uli.organization_id).help_contact = "c" * lengths.HELP_CONTACT
    sent(uli.id, number(1))
    ask(uli, number(1), language=language)
    (one,) = notices()
    packed = pack_text(one.body)
    assert (packed.alphabet, packed.segments) == (Alphabet.GSM7, 1)
    assert ("START" in one.body) is is_automatic_answer(one.body) is True
    assert ("textez" in one.body.lower()) is (language == "fr")


def test_once_in_thirty_days(uli, clock):
    """A forger makes the portal text nobody twice."""
    for days, told_in_all in ((0, 1), (29, 1), (2, 2)):
        clock.forward(days=days)
        sent(uli.id, number(1), at=clock.now())
        ask(uli, number(1))
        assert len([one for one in notices() if "on the web" in one.body]) == told_in_all
        assert db.session.scalars(select(OptOut.state)).one() is OptOutState.OUT
        talks.come("START", uli.number.e164, number(1))


def test_who_opted_out_already_is_not_told(uli):
    sent(uli.id, number(1))
    talks.come("STOP", uli.number.e164, number(1))
    before = len(notices())
    ask(uli, number(1))
    assert len(notices()) == before


def test_nobody_is_told_what_is_not_in_force(uli):
    ask(uli, number(1))
    assert notices() == []


def test_another_number_of_theirs_tells_if_nobody_has_the_one_that_was_named(uli, ben):
    sent(uli.id, number(1), at=now() - timedelta(days=1))
    sent(ben.id, number(1), at=now() - timedelta(days=2))
    ours = uli.number.e164
    with writing() as session:
        session.scalars(select(Number).where(Number.e164 == ours)).one().user_id = None
    told(ours, number(1), stop=True)
    settle()
    (one,) = notices()
    assert one.user_id == ben.id


def test_a_number_without_a_user_tells_nobody(uli):
    sent(uli.id, number(1))
    ours = uli.number.e164
    with writing() as session:
        session.scalars(select(Number).where(Number.e164 == ours)).one().user_id = None
    told(ours, number(1), stop=True)
    settle()
    assert notices() == []
    assert db.session.scalars(select(OptOut.state)).one() is OptOutState.OUT


def test_a_number_that_may_not_send_tells_nobody(uli, carrier):
    sent(uli.id, number(1))
    ask(uli, number(1))
    with writing() as session:
        session.get_one(Organization, uli.organization_id).campaign = Campaign.NONE
    outbox.OutboxWorker("test").step()
    assert carrier.bodies == []
    assert [one.state for one in notices()] == [TextState.REFUSED]


def test_the_portal_does_not_hear_its_own_notice(uli):
    """It says START, and would lift the opt-out if another portal sent it back."""
    sent(uli.id, number(1))
    ask(uli, number(1))
    heard = hear_request(notices()[0].body)
    assert heard is None or heard.meaning is not Meaning.START
    talks.come(notices()[0].body, uli.number.e164, number(1))
    assert db.session.scalars(select(OptOut.state)).one() is OptOutState.OUT
