"""Bandwidth: tokens that come and go, what its answers mean, and callbacks that nobody signed."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.carriers import KINDS, make_carrier
from portal.carriers.base import CarrierError, CarrierReceipt, Fault, ForgedWebhook, Webhook
from portal.carriers.http import basic_authorization

from .http_peer import HttpReply
from .rigs import HOOK, OURS, text
from .rigs.bandwidth import SETUP, FakeBandwidth, setup_at

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
PASSWORD = SETUP.secrets["password"]
CARRIER = make_carrier("bandwidth", SETUP)
EVENT = {"type": "message-delivered", "message": {"id": "1", "owner": OURS, "tag": "ref-1"}}


@pytest.fixture
def bandwidth():
    made = FakeBandwidth()
    yield made
    made.peer.close()


@pytest.fixture
def carrier(bandwidth):
    return make_carrier("bandwidth", replace(setup_at(bandwidth.peer), clock=lambda: NOON))


def error_of(asks, *given):
    with pytest.raises(CarrierError) as caught:
        asks(*given)
    return caught.value.code, caught.value.fault


def callback(body, user="portal", password=PASSWORD):
    told = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Webhook({"authorization": basic_authorization(user, password)}, told, NOON, "POST", HOOK)


def test_a_text_as_it_is_posted(bandwidth, carrier):
    carrier.send(text(body="Été {€} 👋", until=NOON + timedelta(hours=4)))
    assert bandwidth.texts == [{"applicationId": "93de2206", "to": ["+14165550110"], "from": OURS, "text": "Été {€} 👋",
                                "tag": "ref-1", "expiration": "2026-03-14T16:00:00Z"}]


def test_a_text_that_is_over_still_expires_ahead(bandwidth, carrier):
    """One that lies behind is refused."""
    carrier.send(text(until=NOON - timedelta(hours=1)))
    assert bandwidth.texts[0]["expiration"] == "2026-03-14T12:00:05Z"


@pytest.mark.parametrize(("lasts", "given_out"), [(3600, 1), (61, 1), (60, 3), (0, 3), ("soon", 3)])
def test_a_token_is_kept_until_a_minute_before_it_ends(bandwidth, carrier, lasts, given_out, monkeypatch):
    monkeypatch.setattr("portal.carriers.bandwidth.time.monotonic", lambda: 1000.0)
    bandwidth.lasts = lasts
    for one in "abc":
        carrier.send(text(reference=one))
    assert (bandwidth.given, len(bandwidth.texts)) == (given_out, 3)


def test_a_token_that_ends_early_costs_one_try(bandwidth, carrier):
    carrier.send(text())
    bandwidth.tokens.clear()
    assert error_of(carrier.send, text()) == ("account", Fault.LATER)
    assert carrier.send(text())
    assert bandwidth.given == 2


def test_a_credential_that_is_not_accepted(bandwidth):
    other = replace(setup_at(bandwidth.peer), secrets={**SETUP.secrets, "secret": "another"})
    assert error_of(make_carrier("bandwidth", other).send, text()) == ("account", Fault.ACCOUNT)
    assert bandwidth.texts == []


@pytest.mark.parametrize(("reply", "fault"), [
    (HttpReply(503), Fault.LATER), (HttpReply(429), Fault.LATER), (HttpReply(cut=True), Fault.LATER),
    (HttpReply(400), Fault.ACCOUNT), (HttpReply(302), Fault.ACCOUNT), (HttpReply(200, b"<html>"), Fault.ACCOUNT),
    (HttpReply(200, b'{"access_token": "two lines\\r\\nx: y"}'), Fault.ACCOUNT),
])
def test_without_a_token_no_text_is_unclear(bandwidth, carrier, reply, fault):
    bandwidth._give_token = lambda request: reply
    assert error_of(carrier.send, text())[1] is fault
    assert len(bandwidth.peer.requests) == 1


@pytest.mark.parametrize(("status", "body", "code", "fault"), [
    (400, b'{"type": "request-validation"}', "request-validation", Fault.TEXT), (422, b"", "422", Fault.TEXT),
    (403, b'{"type": "forbidden"}', "account", Fault.ACCOUNT), (404, b"<html>", "account", Fault.ACCOUNT),
    (301, b"", "account", Fault.ACCOUNT), (429, b"", "too-fast", Fault.LATER), (500, b"", "500", Fault.UNSURE),
    (503, b'{"type": "trouble"}', "trouble", Fault.UNSURE), (408, b"", "408", Fault.UNSURE),
    (202, b"{}", "unreadable-answer", Fault.UNSURE), (202, b'{"id": ""}', "unreadable-answer", Fault.UNSURE),
])
def test_whose_fault_a_refusal_is(bandwidth, carrier, status, body, code, fault):
    bandwidth._take = lambda asked: HttpReply(status, body)
    assert error_of(carrier.send, text()) == (code, fault)


def test_no_words_and_no_secret_stand_in_an_error(carrier):
    with pytest.raises(CarrierError) as caught:
        carrier.send(text("+14165550151", body="Hunter2"))
    assert not [one for one in ("Hunter2", "+1416", "no text", "secret") if one in f"{caught.value!r}"]


@pytest.mark.parametrize("name", ["account", "application", "client", "user"])
def test_what_it_cannot_work_with_is_said_at_once(name):
    with pytest.raises(ValueError):
        make_carrier("bandwidth", replace(SETUP, settings={**SETUP.settings, name: ""}))


@pytest.mark.parametrize("typed", [{"account": "../x"}, {"address": "ftp://x"}, {"token_address": "x"}])
def test_settings_that_are_none(typed):
    with pytest.raises(ValueError):
        make_carrier("bandwidth", replace(SETUP, settings={**SETUP.settings, **typed}))


@pytest.mark.parametrize(("user", "password"), [("portal", "x"), ("x", PASSWORD), ("", ""), ("portal", ""),
                                                ("portal", PASSWORD + " "), ("é", "👋")])
def test_a_callback_without_the_right_name_and_password_is_forged(carrier, user, password):
    with pytest.raises(ForgedWebhook):
        carrier.read(callback([EVENT], user, password))


@pytest.mark.parametrize("body", [
    b"", b"{}", b"null", b"[7]", b"[[]]", b"\xff", b"[" * 100_000, [{}], [{"type": 7}], [{"type": "message-sent"}],
    [{"type": "message-received", "message": {"id": "1"}}], [EVENT, {"type": "message-sent", "message": {}}],
])
def test_what_cannot_be_read_is_an_error_and_no_silence(carrier, body):
    with pytest.raises(ValueError):
        carrier.read(callback(body))


@settings(deadline=None)
@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.text(max_size=5) | st.integers() | st.sampled_from(["message-failed", "message-received"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["type", "message", "id", "tag", "from", "owner", "text", "media", "errorCode", "segmentCount"]), inner)))
def test_nothing_that_comes_breaks_it(body):
    """What cannot be read is a ValueError, never another error."""
    with suppress(ValueError):
        assert isinstance(CARRIER.read(callback(body)), list)


@pytest.mark.parametrize(("message", "means"), [
    ({"tag": None}, ""), ({"tag": "\0ref-1"}, ""), ({"tag": "x" * 17}, ""),
    ({"tag": "ref-1", "segmentCount": -1}, "ref-1"),
    ({"tag": "ref-1", "segmentCount": "2"}, "ref-1"),
])
def test_receipts_with_odd_fields(carrier, message, means):
    event = {**EVENT, "message": {"id": "1", "owner": OURS, **message}}
    assert carrier.read(callback([event])) == [CarrierReceipt("message-delivered", "delivered", means, "1")]


def test_an_empty_list_says_nothing(carrier):
    assert carrier.read(callback([])) == []


def test_the_page_of_the_docs_names_every_field():
    page = (Path(__file__).parents[2] / "docs/carriers/bandwidth.md").read_text(encoding="utf-8")
    assert [field.label for field in KINDS["bandwidth"].fields if f"| {field.label} |" not in page] == []
