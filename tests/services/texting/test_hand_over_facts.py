"""What is kept about a decision: enough to explain it, and nothing that a person wrote or could be called by."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal.extensions import db, now, writing
from portal.models import HandOver, Organization, User
from portal.rules import EDITIONS, Facts, facts
from portal.services.texting import hand_over_facts, outbox, send_facts, sending
from tests.talks import messages

THEIRS, BODY = "+16475550110", "Lunch at noon? https://bit.ly/x"


@pytest.fixture
def uli(app, people, carrier):
    with app.app_context():
        yield db.session.get_one(User, people["Uli"].id)


def test_every_hand_over_says_what_decided_it(uli, carrier):
    assert sending.send_text(uli, THEIRS, BODY, "key").decision.allowed
    outbox.OutboxWorker("test").step()
    row = db.session.scalars(select(HandOver)).one()
    assert (row.message_id, row.carrier, row.result, row.code) == (messages()[0].id, carrier.ref, "handed-over", "")
    assert row.edition == EDITIONS[-1].number
    assert row.why == [reason for reason in row.why if isinstance(reason, str)] != []
    assert row.facts["text"]["segments"] == 1
    assert row.facts["organization"]["healthcare"] is True
    assert row.facts["carrier"] == {"real": False, "answers_keywords": False, "takes_crisis_line": False}
    told = json.dumps([row.facts, row.why])
    for secret in (THEIRS, THEIRS[-4:], BODY, "Lunch", "bit.ly", uli.name, uli.email, uli.number.e164, "Toronto"):
        assert secret not in told


def test_a_refusal_is_kept_with_its_reasons(uli, carrier):
    assert sending.send_text(uli, "+12125550123", "Hello", "key").decision.allowed
    with writing() as session:
        session.get_one(Organization, uli.organization_id).calling_plan = False
    outbox.OutboxWorker("test").step()
    row = db.session.scalars(select(HandOver)).one()
    assert (row.result, "calling-plan" in row.why) == ("refused", True)


def test_no_string_of_any_fact_is_kept(uli):
    known = send_facts.gather_send_facts(uli, send_facts.read_draft(uli, THEIRS, BODY), now())
    stored = json.loads(hand_over_facts.write_facts(known))

    def check(value, kept):
        for field in fields(value):
            one, plain = getattr(value, field.name), kept.get(field.name)
            if is_dataclass(one):
                check(one, plain)
            elif type(one) is str:
                assert plain is None, field.name
            elif isinstance(one, tuple | frozenset) and one and all(type(part) is str for part in one):
                assert plain == len(one), field.name

    check(known, stored)


def test_moments_enums_and_counts():
    at = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)
    stored = json.loads(hand_over_facts.write_facts(Facts(
        now=at, usage=facts.Usage(texts_day=7), contact=facts.Contact(zones=("America/Toronto", "America/Iqaluit")))))
    assert stored["now"] == at.isoformat()
    assert stored["usage"]["texts_day"] == 7
    assert stored["contact"]["zones"] == 2
    assert hand_over_facts.write_facts(None) == "{}"


def test_parts_that_texts_have_in_common_are_written_alike(uli):
    moment, known = now(), {}
    gathered = [send_facts.gather_send_facts(uli, send_facts.read_draft(uli, f"+1647555{n:04}", BODY), moment)
                for n in (110, 111, 112)]
    remembered = [hand_over_facts.write_facts(one, known) for one in gathered]
    assert remembered == [hand_over_facts.write_facts(one) for one in gathered]
