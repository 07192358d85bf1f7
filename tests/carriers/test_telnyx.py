"""Telnyx: the same bytes at every try, so that a key is worth something; and nothing believed that it did not sign."""

import base64
import importlib
import json
import time
from contextlib import closing, suppress
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from portal.carriers import http, make_carrier
from portal.carriers.base import CarrierCondition, CarrierError, CarrierStatus, Fault, ForgedWebhook, Webhook
from portal.carriers.telnyx import webhooks
from portal.rules.encoding import Alphabet, pack_text

from .http_peer import HttpReply
from .rigs import HOOK, OURS, THEIRS, text
from .rigs.telnyx import (
    API_KEY,
    REFUSED,
    SIGNING_KEY,
    STRANGERS_KEY,
    TelnyxPeer,
    public_key,
    refusal,
    setup_at,
    sign,
)

SECONDS = 1773500966
AT = datetime.fromtimestamp(SECONDS, UTC)
ELSEWHERE = "https://elsewhere.example.com/hooks/a-carrier"
TEXTS = st.builds(
    text, number=st.just(THEIRS), body=st.text(min_size=1, max_size=400),
    reference=st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True))


@pytest.fixture(scope="module")
def peer():
    with closing(TelnyxPeer()) as peer:
        yield peer


@pytest.fixture
def fresh(peer):
    """The peer, with nothing in it and nothing asked of it."""
    peer.taken.clear()
    peer.requests.clear()
    yield peer
    peer.answer = peer._answer


def their_library(name):
    """A part of Telnyx's own library, which takes so long to load that only the tests that ask for it do."""
    return importlib.import_module(name)


def carrier_at(peer, **changed):
    return make_carrier("telnyx", setup_at(peer, **changed))


def failure(carrier, one=None):
    with pytest.raises(CarrierError) as caught:
        carrier.send(one or text())
    return caught.value.code, caught.value.fault


# --- sending ----------------------------------------------------------------------------------------------


@given(TEXTS)
def test_every_try_is_the_very_same_bytes_also_of_a_carrier_made_anew(peer, one):
    peer.requests.clear()
    peer.taken.clear()
    ids = [carrier_at(peer, settings={"profile": "a-profile"}).send(one) for _ in range(2)]
    first, second = peer.requests
    assert (first.body, first.path, first.query) == (second.body, second.path, second.query)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == one.reference
    assert ids[0] == ids[1]
    assert peer.count(one.reference) == 1


@given(TEXTS)
def test_a_request_says_what_the_portal_counted(peer, one):
    peer.requests.clear()
    peer.taken.clear()
    carrier_at(peer).send(one)
    asked = json.loads(peer.requests[0].body)
    assert asked == {
        "from": OURS, "to": THEIRS, "text": one.body, "use_profile_webhooks": False,
        "webhook_url": f"{HOOK}?ref={one.reference}",
        "encoding": "gsm7" if pack_text(one.body).alphabet is Alphabet.GSM7 else "ucs2"}
    assert peer.requests[0].body.isascii()


def test_telnyxs_own_library_asks_the_same(fresh):
    carrier_at(fresh, settings={"profile": "a-profile"}).send(text(THEIRS, body="À demain {€}"))
    with their_library("telnyx").Telnyx(api_key=API_KEY, base_url=f"{fresh.address}/v2", max_retries=0) as client:
        told = client.messages.send(
            from_=OURS, to=THEIRS, text="À demain {€}", encoding="ucs2", messaging_profile_id="a-profile",
            use_profile_webhooks=False, webhook_url=f"{HOOK}?ref=ref-2", idempotency_key="ref-2")
    assert told.data.id
    ours, theirs = fresh.requests
    assert (ours.method, ours.path, ours.query) == (theirs.method, theirs.path, theirs.query)
    assert json.loads(ours.body) == {**json.loads(theirs.body), "webhook_url": f"{HOOK}?ref=ref-1"}
    for name in ("authorization", "content-type", "accept"):
        assert ours.headers[name] == theirs.headers[name]


def test_an_answer_that_was_lost_is_asked_for_again_and_it_is_one_text(fresh, monkeypatch):
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    carrier, real = carrier_at(fresh), fresh._answer
    fresh.answer = lambda request: real(request) and HttpReply(None)
    assert failure(carrier) == ("no-answer", Fault.UNSURE)
    fresh.answer = real
    assert carrier.send(text())
    assert fresh.count("ref-1") == 1


@pytest.mark.parametrize("changed", [{"hook": ELSEWHERE}, {"settings": {"profile": "another"}}])
def test_a_text_that_was_under_way_while_its_settings_changed_is_unclear_and_never_sent_twice(fresh, changed):
    """Other bytes with the same key: whether the first was taken, only its receipt will say."""
    carrier_at(fresh).send(text())
    assert failure(carrier_at(fresh, **changed)) == ("10015", Fault.UNSURE)
    assert fresh.count("ref-1") == 1


@pytest.mark.parametrize(("reply", "means"), [
    (refusal(409, "40300", "Blocked due to STOP message"), ("opted-out", Fault.TEXT)),
    (refusal(403, "40300", "", "Messages cannot be sent due to an existing block rule."), ("opted-out", Fault.TEXT)),
    (refusal(400, "40300", ""), ("opted-out", Fault.TEXT)),
    (refusal(400, "40300", "Forbidden", "The number is on no messaging profile."), ("40300", Fault.TEXT)),
    (refusal(400, "40305", "Invalid 'from' address"), ("our-number", Fault.TEXT)),
    (refusal(400, "40302", "Message too large"), ("40302", Fault.TEXT)),
    (refusal(422, "40302", "Message too large"), ("40302", Fault.TEXT)),
    (refusal(422, "10016", "Phone number must be in +E.164 format"), ("10016", Fault.TEXT)),
    (refusal(422, "10016", "Idempotency-Key was used for a different request"), ("10016", Fault.UNSURE)),
    (refusal(422, "10099", "Different request"), ("10099", Fault.UNSURE)),
    (HttpReply(422, b"a different request"), ("422", Fault.UNSURE)),
    (HttpReply(409, b"{}"), ("409", Fault.UNSURE)), (HttpReply(408, b""), ("408", Fault.UNSURE)),
    (refusal(401, "10009", "Authentication failed"), ("account", Fault.ACCOUNT)),
    (HttpReply(401, b""), ("account", Fault.ACCOUNT)), (HttpReply(403, b"{}"), ("account", Fault.ACCOUNT)),
    (HttpReply(402, b"{}"), ("account", Fault.ACCOUNT)), (HttpReply(404, b"<html>"), ("account", Fault.ACCOUNT)),
    (HttpReply(301, b"", {"location": "/elsewhere"}), ("account", Fault.ACCOUNT)),
    (refusal(403, "20100", "Insufficient funds"), ("account", Fault.ACCOUNT)),
    (refusal(403, "40314", "Messaging disabled on account"), ("account", Fault.ACCOUNT)),
    (refusal(429, "40333", "Messaging profile spend limit reached"), ("account", Fault.ACCOUNT)),
    (refusal(429, "10011", "Too many requests"), ("too-fast", Fault.LATER)),
    (HttpReply(429, b"slow down"), ("too-fast", Fault.LATER)),
    (refusal(400, "40318", "Message queue full"), ("too-fast", Fault.LATER)),
    (HttpReply(418, b"{}"), ("418", Fault.TEXT)), (HttpReply(400, b'{"errors": [7]}'), ("400", Fault.TEXT)),
    (refusal(500, "10007", "Unexpected error"), ("network-trouble", Fault.UNSURE)),
    (refusal(503, "40310", "Invalid 'to' address"), ("network-trouble", Fault.UNSURE)),
    (HttpReply(200, b"{}"), ("network-trouble", Fault.UNSURE)),
    (HttpReply(200, b'{"data": {"id": 7}}'), ("network-trouble", Fault.UNSURE)),
    (HttpReply(200, b"<html>"), ("network-trouble", Fault.UNSURE)),
])
def test_what_an_answer_means(fresh, reply, means):
    fresh.answer = lambda _request: reply
    assert failure(carrier_at(fresh)) == means


def test_a_refusal_names_no_number_and_no_word_of_the_answer(fresh):
    with pytest.raises(CarrierError) as caught:
        carrier_at(fresh).send(text(REFUSED))
    assert str(caught.value) == "no-such-number"


@pytest.mark.parametrize(("told", "balance"), [
    ({"balance": "-12.50", "available_credit": "87.50", "currency": "USD"}, "87.50 USD"),
    ({"balance": "3", "currency": "EUR"}, "3 EUR"), ({"balance": "<b>", "currency": "USD"}, ""), ({}, ""), (None, ""),
])
def test_how_much_can_still_be_spent(fresh, told, balance):
    fresh.answer = lambda _request: HttpReply(200, json.dumps({"data": told}).encode())
    assert carrier_at(fresh).check() == CarrierCondition(balance)


@pytest.mark.parametrize(("status", "fault"), [(401, Fault.ACCOUNT), (400, Fault.LATER), (503, Fault.LATER)])
def test_asking_how_it_is_blames_no_text(fresh, status, fault):
    fresh.answer = lambda _request: HttpReply(status)
    with pytest.raises(CarrierError) as caught:
        carrier_at(fresh).check()
    assert caught.value.fault is fault


@pytest.mark.parametrize("changed", [
    {"settings": {"public_key": ""}}, {"settings": {"public_key": "short"}}, {"settings": {"public_key": "é" * 44}},
    {"settings": {"public_key": base64.b64encode(b"x" * 33).decode()}}, {"settings": {"address": "example.com"}},
    {"secrets": {}}, {"secrets": {"api_key": "KEY with spaces"}}, {"secrets": {"api_key": "KEY\r\nx: y"}},
])
def test_settings_that_it_cannot_work_with(peer, changed):
    with pytest.raises(ValueError, match=r"key|address"):
        carrier_at(peer, **changed)


def test_who_answers_keywords_is_the_operators_choice(peer):
    assert carrier_at(peer, settings={"answers_keywords": "1"}).answers_keywords
    assert not carrier_at(peer, settings={"answers_keywords": ""}).answers_keywords
    assert carrier_at(peer, at_once=3).at_once == 3


# --- webhooks ---------------------------------------------------------------------------------------------


def event(kind="message.finalized", told=None, **payload):
    receipt = {"id": "m-1", "direction": "outbound", "to": [{"phone_number": THEIRS, "status": "delivered"}],
               "webhook_url": f"{HOOK}?ref=ref-1"}
    return {"data": {"event_type": kind, "payload": {**receipt, **payload}}, **(told or {})}


def read(peer, told, url=HOOK, **changed):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return carrier_at(peer, **changed).read(Webhook(sign(body, SECONDS), body, AT, "POST", url))


def passes(body, headers, key):
    """Whether Telnyx's own library and we believe this, at this moment."""
    carrier, theirs = True, their_library("telnyx.lib.webhook_verification")
    telnyx_verdict = True
    try:
        theirs.verify_webhook_signature(body, headers, public_key(key))
    except theirs.WebhookVerificationError:
        telnyx_verdict = False
    try:
        webhooks.verify_telnyx_webhook(Webhook(headers, body, datetime.now(UTC)), key.public_key())
    except ForgedWebhook:
        carrier = False
    assert carrier is telnyx_verdict
    return carrier


@given(st.text(max_size=300), st.binary(min_size=32, max_size=32), st.data())
def test_telnyxs_own_library_believes_what_we_believe(body, seed, data):
    key, body, seconds = Ed25519PrivateKey.from_private_bytes(seed), body.encode(), int(time.time())
    headers = sign(body, seconds, key)
    assert passes(body, headers, key)
    other = data.draw(st.text(max_size=300).map(str.encode).filter(lambda drawn: drawn != body))
    assert not passes(other, headers, key)
    assert not passes(body, {**headers, "telnyx-timestamp": str(seconds - 1)}, key)
    assert not passes(body, sign(body, seconds - 400, key), key)
    assert not passes(body, sign(body, seconds, STRANGERS_KEY), key)
    assert not passes(body, {}, key)


@pytest.mark.parametrize(("name", "said"), [
    ("telnyx-timestamp", ""), ("telnyx-timestamp", "now"), ("telnyx-timestamp", f"+{SECONDS}"),
    ("telnyx-timestamp", f"{SECONDS}.0"), ("telnyx-timestamp", "١٧٧٣٥٠٠٩٦٦"), ("telnyx-timestamp", "9" * 400),
    ("telnyx-signature-ed25519", ""), ("telnyx-signature-ed25519", "AAAA"), ("telnyx-signature-ed25519", "é" * 88),
    ("telnyx-signature-ed25519", base64.b64encode(b"x" * 64).decode()),
])
def test_headers_that_are_nearly_right(peer, name, said):
    body = json.dumps(event()).encode()
    headers = {**sign(body, SECONDS), name: said}
    if name == "telnyx-timestamp":
        signature = base64.b64encode(SIGNING_KEY.sign(f"{said}|".encode() + body)).decode()
        headers["telnyx-signature-ed25519"] = signature
    with pytest.raises(ForgedWebhook):
        carrier_at(peer).read(Webhook(headers, body, AT, "POST", HOOK))


@pytest.mark.parametrize("url", [HOOK, f"{HOOK}?ref=ref-of-another", f"{ELSEWHERE}?ref=ref-of-another&ref=x"])
def test_the_address_that_was_called_is_not_believed(peer, url):
    """It is not signed: a stranger could send a genuine receipt to the address of another text."""
    assert [one.reference for one in read(peer, event(), url)] == ["ref-1"]
    assert [one.reference for one in read(peer, event(webhook_url=None), url)] == [""]


@pytest.mark.parametrize(("address", "reference"), [
    (f"{HOOK}?ref=ref-1", "ref-1"), (f"{HOOK}?a=b&ref=ref%2D1", "ref-1"), (HOOK, ""), (f"{HOOK}?ref=", ""),
    (f"{HOOK}-other?ref=ref-1", ""), (f"{ELSEWHERE}?ref=ref-1", ""), (7, ""), (None, ""), ({"ref": "ref-1"}, ""),
])
def test_which_addresses_hold_our_reference(peer, address, reference):
    (by_request,) = read(peer, event(webhook_url=address))
    (by_call,) = read(peer, event(webhook_url=None, told={"meta": {"delivered_to": address}}))
    assert (by_request.reference, by_call.reference) == (reference, reference)
    assert by_request.id == "m-1"


@pytest.mark.parametrize(("raw", "status"), [
    ("queued", "sent"), ("sending", "sent"), ("sent", "sent"), ("delivered", "delivered"), ("read", "delivered"),
    ("delivery_unconfirmed", "sent"), ("sending_failed", "failed"), ("delivery_failed", "undelivered"),
    ("expired", "expired"), ("webhook_delivered", None), ("gw_timeout", None),
])
def test_every_status(peer, raw, status):
    (receipt,) = read(peer, event(to=[{"phone_number": THEIRS, "status": raw}]))
    assert (receipt.raw, receipt.status) == (raw, status and CarrierStatus(status))
    assert receipt.code == ("no-report" if raw == "delivery_unconfirmed" else "")


def test_in_a_text_to_a_group_our_number_is_found(peer):
    told = event("message.received", direction="inbound", text="Hello", **{"from": {"phone_number": THEIRS}},
                 to=[{"phone_number": "+12125550111"}, {"phone_number": OURS}])
    assert [one.recipient for one in read(peer, told, own=lambda number: number == OURS)] == [OURS]


@pytest.mark.parametrize("body", [
    b"", b"\xff", b"[]", b"7", b"{}", b'{"data": []}', b'{"data": {"event_type": 7}}', b"[" * 100_000,
    b'{"data": {"event_type": "message.sent"}}',
    *(json.dumps(one).encode() for one in (
        event(id=None), event(id=7), event(to=[]), event(to=[7]), event(to=[{"status": None}]),
        event("message.received"), event("message.received", to=[], **{"from": {"phone_number": THEIRS}}),
        event("message.received", text=7, **{"from": {"phone_number": THEIRS}}))),
])
def test_what_it_signed_and_nobody_can_read(peer, body):
    with pytest.raises(ValueError, match=r"webhook|text|JSON|codec|Expecting"):
        read(peer, body)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["data", "event_type", "payload", "id", "to", "from", "status", "phone_number", "errors", "code", "media"]),
        inner, max_size=4)), max_leaves=12)


@given(JSON, st.sampled_from(["message.finalized", "message.received", "call.answered"]))
def test_whatever_it_signs_is_read_or_refused_as_unreadable(peer, payload, kind):
    for told in (payload, {"data": payload}, {"data": {"event_type": kind, "payload": payload}}):
        with suppress(ValueError):
            assert isinstance(read(peer, told), list)
