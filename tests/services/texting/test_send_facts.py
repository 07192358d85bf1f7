"""The facts about a text are the same whether it is asked about alone or in a batch."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import Consent, Message, OptOut, OptOutSource, TextState, User, WebAsk
from portal.rules import facts
from portal.services.texting import erased_numbers, recheck, send_facts
from tests.reports import number
from tests.talks import hold, text_in, text_out

FRESH, OUT, PERHAPS, ERASED, WROTE, ASKED, ANSWERED, LONG_AGO = map(number, range(8))
NUMBERS = (FRESH, OUT, PERHAPS, ERASED, WROTE, ASKED, ANSWERED, LONG_AGO)


@pytest.fixture
def writers(people, inside):
    """Uli, Ben of the same organization and Otto of another, who know the numbers in different ways."""
    with inside():
        found = [db.session.get_one(User, people[name].id) for name in ("Uli", "Ben", "Otto")]
        fill(found[0])
        yield found


def fill(uli):
    day = timedelta(days=1)
    hold(uli.id, text_in(at=now() - day / 2), theirs=WROTE)
    hold(uli.id, text_in(at=now() - day / 4), theirs=ANSWERED)
    hold(uli.id, text_out(at=now() - 3 * day), text_in(at=now() - 2 * day), theirs=LONG_AGO)
    mine = uli.organization_id
    erased = erased_numbers.hash_erased_number(mine, ERASED)
    said = {OUT: Consent.OUT, PERHAPS: Consent.LIKELY_OUT, erased: Consent.OUT}
    with writing() as session:
        session.add_all(OptOut(organization_id=mine, theirs=theirs, consent=consent, source=OptOutSource.WEB)
                        for theirs, consent in said.items())
        session.add_all(WebAsk(organization_id=mine, theirs=theirs, at=now() - day / 3) for theirs in (ASKED, ANSWERED))


def between(user, theirs):
    return send_facts.TextParties(user.organization_id, user.id, theirs)


def alone(user, theirs, moment, body="Hello"):
    """The facts about one text that is being accepted, without what is counted only then."""
    known = send_facts.gather_send_facts(user, send_facts.read_draft(user, theirs, body), moment)
    return replace(known, usage=None, pace=None)


def test_a_batch_says_the_same_as_each_text_alone(writers):
    moment = now()
    asked = {between(user, theirs): user for user in writers for theirs in NUMBERS}
    records = send_facts.SendRecords.of(asked, moment)
    for parties, user in asked.items():
        drafted = send_facts.read_draft(user, parties.theirs, "Hello")
        assert records.facts_about(parties, drafted.recipient, drafted.text) == alone(user, parties.theirs, moment)


def test_every_fact_about_a_contact_is_filled_in_a_batch(writers):
    """A new field of `Contact` that nobody fills, or that has no example here, fails."""
    pairs = [(user.organization_id, theirs) for user in writers for theirs in NUMBERS]
    contacts = send_facts.gather_contacts(pairs, now()).values()
    assert {one.name for one in fields(facts.Contact)} == {
        one.name for one in fields(facts.Contact) for contact in contacts if getattr(contact, one.name) != one.default}


def test_each_number_is_known_as_what_it_is(writers):
    mine = writers[0].organization_id
    found = send_facts.gather_contacts([(mine, theirs) for theirs in NUMBERS], now())
    assert {name: [theirs for theirs in NUMBERS if getattr(found[mine, theirs], name)]
            for name in ("opted_out_at", "perhaps_out", "first", "wrote_lately", "asked_at")} == {
        "opted_out_at": [OUT, ERASED], "perhaps_out": [PERHAPS], "first": [FRESH, OUT, PERHAPS, ERASED, ASKED],
        "wrote_lately": [WROTE, ANSWERED], "asked_at": [ASKED]}


def test_what_one_organization_knows_is_not_anothers(writers):
    theirs = writers[2].organization_id
    found = send_facts.gather_contacts([(one.organization_id, other) for one in writers for other in NUMBERS], now())
    assert {found[theirs, other] for other in NUMBERS} == {facts.Contact(first=True, zones=found[theirs, OUT].zones)}


def test_hand_over_asks_about_the_facts_of_acceptance(writers, monkeypatch):
    """Everything is asked anew but the counts: at both moments the rules are given the same facts."""
    for user in writers:
        for theirs in NUMBERS:
            hold(user.id, text_out(f"To {theirs}", TextState.QUEUED), theirs=theirs)
    waiting = db.session.scalars(select(Message).where(Message.state == TextState.QUEUED).order_by(Message.id)).all()
    moment, given, decide = now(), [], recheck.decide
    expected = [alone(db.session.get_one(User, one.user_id), one.theirs, moment, one.body) for one in waiting]
    monkeypatch.setattr(recheck, "decide", lambda act, known: given.append(known) or decide(act, known))
    recheck.recheck_texts(waiting, moment)
    assert given == expected
    assert len(given) == len(writers) * len(NUMBERS)


def test_a_batch_takes_as_many_statements_as_one_text(writers, statements):
    """An organization is read once; the users and the numbers of all texts are read together."""
    def asked(*texts):
        db.session.expire_all()
        with statements() as seen:
            send_facts.SendRecords.of(texts, now())
        return len(seen)

    uli, ben, _otto = [(user.organization_id, user.id) for user in writers]
    one = asked(send_facts.TextParties(*uli, OUT))
    assert asked(*(send_facts.TextParties(*user, theirs) for user in (uli, ben) for theirs in NUMBERS)) == one == 7
