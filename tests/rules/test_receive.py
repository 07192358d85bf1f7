"""RECEIVE and ANSWER: whose texts arrive, and which words are answered."""

from dataclasses import replace

import pytest

from portal.rules import Act, Effect, Facts, decide
from portal.rules.facts import Answer, CarrierFacts, Inbound
from portal.rules.numbers import NumberKind, NumberReading, read_number

from .examples import LONDON, answering


def told(inbound: Inbound) -> dict[str, Effect]:
    return {reason.id: reason.effect for reason in decide(Act.RECEIVE, Facts(inbound=inbound)).reasons}


@pytest.mark.parametrize("kind", NumberKind)
def test_only_texts_from_abroad_do_not_arrive(kind):
    """Territories and short codes are delivered, and so is who hides behind a name."""
    expected = {"inbound-international": Effect.BLOCK} if kind is NumberKind.ABROAD else {}
    assert told(Inbound(NumberReading(kind))) == expected


@pytest.mark.parametrize("raw", ["+1 242 555 0123", "+1 876 555 0123", "+44 20 7946 0018"])
def test_abroad_is_abroad_with_the_same_country_code_too(raw):
    assert told(Inbound(read_number(raw))) == {"inbound-international": Effect.BLOCK}


@pytest.mark.parametrize("attachments", [1, 12])
def test_attachments_are_dropped_and_the_words_arrive(attachments):
    decision = decide(Act.RECEIVE, Facts(inbound=Inbound(read_number("416 555 0101"), attachments)))
    assert decision.allowed
    assert decision.warnings[0].values == {"attached": attachments}


def test_all_that_is_in_the_way_is_told():
    assert list(told(Inbound(LONDON, attachments=1, wanted=False))) == [
        "inbound-international", "inbound-mms", "inbound-unavailable"]


@pytest.mark.parametrize(("answer", "carrier", "possible"), [
    (Answer(), CarrierFacts(), True),
    (Answer(age=300), CarrierFacts(real=True), True),
    (Answer(age=301), CarrierFacts(), False),
    (Answer(may_send=False), CarrierFacts(), False),
    (Answer(help_lately=True), CarrierFacts(), False),
    (Answer(), CarrierFacts(answers_keywords=True), False),
], ids=["at once", "after five minutes", "later", "may not send", "HELP again", "the carrier does"])
def test_when_a_word_is_answered(answer, carrier, possible):
    assert decide(Act.ANSWER, Facts(answer=answer, carrier=carrier)).allowed is possible


def test_where_nothing_is_known_of_the_carrier_nothing_is_asked():
    assert decide(Act.ANSWER, replace(answering(age=301), carrier=None)).allowed


def test_receiving_does_not_ask_what_sending_asks():
    assert decide(Act.SEND, Facts(inbound=Inbound(LONDON, 1, wanted=False))).reasons == ()
    assert decide(Act.RECEIVE, answering(may_send=False)).reasons == ()
