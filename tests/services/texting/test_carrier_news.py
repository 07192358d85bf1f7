"""Webhooks and lines: what a carrier tells is stored before it hears that we have it."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.carriers.base import CarrierReceipt, CarrierStatus, ForgedWebhook, IncomingText, Webhook, WebhookAnswer
from portal.extensions import db, now
from portal.models import Arrival, Direction, Message, Receipt, TextState
from portal.services.carriers import desk
from portal.services.texting import carrier_news, inbound, sending
from tests.stores import WRITES

THEIRS = "+16475550110"
ULI = "+14165550101"


def lines(direction):
    db.session.rollback()
    return [one.body for one in db.session.scalars(select(Message).where(Message.direction == direction)
                                                   .order_by(Message.id))]


HEADERS, BODY = {"Webhook-ID": "evt_1", "X-More": "yes"}, b'{"of": "the carrier"}'


@pytest.fixture
def tells(carrier, monkeypatch):
    """`tells(events)` makes the carrier read these in every webhook, or raise the error; returns what it was given."""
    def tell(events):
        def read(webhook):
            seen.append(webhook)
            if isinstance(events, BaseException):
                raise events
            return events

        seen = []
        monkeypatch.setattr(carrier, "read", read)
        return seen

    return tell


def text_told(carrier_id, body="Hello", ours=ULI):
    return IncomingText(carrier_id, THEIRS, ours, body)


def answer_webhook():
    headers = {name.lower(): value for name, value in HEADERS.items()}
    return carrier_news.answer_webhook("scripted", headers, BODY).status


def process():
    carrier_news.process_webhook("scripted", Webhook(HEADERS, BODY, now()))


def test_a_webhook_brings_texts_and_receipts(uli, carrier, tells, begun):
    """Receipts in one commit, each text in its own; whatever else the carrier tells is left out."""
    sent = sending.send_text(uli, THEIRS, "Sent", "k")
    assert sent.decision.allowed
    ref = db.session.scalars(select(Message.ref)).one()
    receipt = CarrierReceipt("delivered", CarrierStatus.DELIVERED, ref)
    tells([text_told("in-1", "one"), receipt, receipt, text_told("in-2", "two"), object()])
    db.session.rollback()
    begun.clear()
    process()
    assert begun.count(WRITES) == 3
    assert lines(Direction.IN) == ["one", "two"]
    assert db.session.scalars(select(Message.state).where(Message.ref == ref)).one() is TextState.DELIVERED
    assert db.session.scalars(select(Receipt.carrier)).all() == [carrier.ref] * 2
    assert db.session.scalars(select(Arrival.carrier)).all() == [carrier.ref] * 2


@pytest.mark.parametrize("error", [ForgedWebhook("no"), ValueError("unreadable"), OperationalError("", {}, OSError())])
def test_errors_are_passed_on_and_nothing_is_stored(uli, tells, error):
    tells(error)
    with pytest.raises(type(error)):
        process()
    assert (lines(Direction.IN), db.session.scalars(select(Receipt)).all()) == ([], [])


def test_after_an_error_the_webhook_that_comes_again_loses_and_doubles_nothing(uli, tells, monkeypatch):
    """The first text was stored, the second was not."""
    receive, broken = inbound.receive_text, ["in-2"]

    def breaks(carrier, text):
        if text.id in broken:
            raise OperationalError("insert", {}, OSError("disk full"))
        receive(carrier, text)

    monkeypatch.setattr(inbound, "receive_text", breaks)
    tells([text_told("in-1", "one"), text_told("in-2", "two")])
    with pytest.raises(OperationalError):
        process()
    assert lines(Direction.IN) == ["one"]
    broken.clear()
    process()
    assert lines(Direction.IN) == ["one", "two"]


@pytest.mark.parametrize(("told", "status", "word"), [
    ([], 204, ""), (ForgedWebhook("no"), 401, "webhook_forged"), (ValueError("secret words"), 503, "webhook_not_taken"),
    (UnicodeDecodeError("utf-8", b"", 0, 1, "bad"), 503, "webhook_not_taken"),
    (RecursionError(), 503, "webhook_not_taken"), (OperationalError("", {}, OSError()), 503, "webhook_not_taken"),
])
def test_a_webhook_is_answered_by_what_became_of_it(uli, tells, log_lines, told, status, word):
    """2xx, not valid, or to be sent again; the log does not quote what was told."""
    tells(told)
    db.session.rollback()
    assert answer_webhook() == status
    assert any(word in line for line in log_lines) if word else log_lines == []
    assert not any("secret words" in line or "the carrier" in line for line in log_lines)
    assert not db.session.registry().in_transaction()


def test_a_text_is_stored_before_its_webhook_is_answered(uli, tells):
    tells([text_told("in-1")])
    assert [answer_webhook() for _ in range(2)] == [204, 204]
    assert lines(Direction.IN) == ["Hello"]


def test_the_carrier_gets_the_webhook_as_it_came(uli, tells, clock):
    """Names of headers in lower case, the body in bytes, and when it came."""
    seen, before = tells([]), clock.now()
    answer_webhook()
    webhook, = seen
    assert (webhook.headers, webhook.body) == ({"webhook-id": "evt_1", "x-more": "yes"}, BODY)
    assert before <= webhook.at <= clock.now()


def test_each_carrier_hears_its_own_thanks(uli, carrier, tells):
    tells([])
    carrier.thanks = WebhookAnswer(200, b"<Response/>", "text/xml")
    assert carrier_news.answer_webhook("scripted", HEADERS, BODY) == carrier.thanks


def test_a_carrier_that_there_is_not_and_one_without_its_secrets(uli, carrier, monkeypatch):
    with pytest.raises(LookupError):
        carrier_news.answer_webhook("nobody", HEADERS, BODY)

    def unusable(_ref):
        raise desk.UnusableCarrier

    monkeypatch.setattr(desk, "find_carrier", unusable)
    assert carrier_news.answer_webhook("one", HEADERS, BODY).status == 503


def test_the_carrier_gets_the_method_and_the_address_as_it_called_them(uli, tells):
    seen = tells([])
    carrier_news.answer_webhook("scripted", HEADERS, b"", "GET", "https://portal.example.com/hooks/one?a=%2B1&a=")
    assert (seen[0].method, seen[0].url) == ("GET", "https://portal.example.com/hooks/one?a=%2B1&a=")
