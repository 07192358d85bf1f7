"""The carrier Kannel: what it writes and what it makes of answers. test_kannel_real asks a real one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.carriers import make_carrier, signing
from portal.carriers.base import CarrierError, CarrierReceipt, CarrierStatus, Fault, ForgedWebhook, Webhook
from portal.carriers.kannel import KIND

from .http_peer import HttpPeer, HttpReply
from .rigs import HOOK, KEY, OURS, THEIRS, setup_of, text
from .rigs.kannel import (
    PASSWORD,
    QUEUED,
    SETUP,
    STATUS_PASSWORD,
    TOKEN,
    USER,
    KannelPeer,
    basic,
    setup_at,
)

AT = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


@pytest.fixture
def peer():
    made = KannelPeer()
    yield made
    made.close()


def carrier_at(peer, **changed):
    return make_carrier("kannel", setup_at(peer, clock=lambda: AT, **changed))


def test_what_is_written(peer):
    carrier_at(peer).send(text(body="Grüße {€} & so", until=AT + timedelta(minutes=90, seconds=59)))
    request = peer.taken[0]
    assert (request.method, request.path, request.query) == ("POST", "/cgi-bin/sendsms", [])
    told = {name: value for name, value in request.headers.items() if name.startswith(("x-kannel", "content-type"))}
    assert told.pop("x-kannel-dlr-url") == (
        f"{HOOK}?ref=ref-1&sig={signing.sign_reference(KEY, 'ref-1')}&type=%d&id=%F&said=%k")
    assert told == {
        "x-kannel-username": USER, "x-kannel-password": PASSWORD, "x-kannel-from": OURS, "x-kannel-to": "+14165550110",
        "x-kannel-coding": "0", "x-kannel-validity": "90", "x-kannel-dlr-mask": "63",
        "content-type": "text/plain; charset=UTF-8"}
    assert request.body.decode() == "Grüße {€} & so"


@pytest.mark.parametrize(("body", "coding"), [("é {€}", "0"), ("ê", "2"), ("Привет", "2"), ("🙂", "2"), ("\t", "2")])
def test_the_alphabet_in_which_the_portal_counted(peer, body, coding):
    carrier_at(peer).send(text(body=body))
    assert peer.taken[0].headers["x-kannel-coding"] == coding


@pytest.mark.parametrize(("seconds", "minutes"), [(-60, "1"), (0, "1"), (59, "1"), (119, "1"), (120, "2")])
def test_kannel_keeps_no_text_for_longer_than_it_is_wanted(peer, seconds, minutes):
    """It knows whole minutes only, and takes none for none."""
    carrier_at(peer).send(text(until=AT + timedelta(seconds=seconds)))
    assert peer.taken[0].headers["x-kannel-validity"] == minutes


def test_another_way_to_the_portal(peer):
    carrier = carrier_at(peer, settings={"portal_address": "http://127.0.0.1:5000/"})
    carrier.send(text())
    assert peer.taken[0].headers["x-kannel-dlr-url"].startswith("http://127.0.0.1:5000/hooks/a-carrier?ref=ref-1&sig=")


def test_what_kannel_would_fill_in_is_ours_in_a_reference(peer):
    carrier_at(peer).send(text(reference="50% %d/é"))
    address = peer.taken[0].headers["x-kannel-dlr-url"].replace("%%", "\0")
    assert address.count("%") == 3
    assert dict(parse_qsl(urlsplit(address.replace("\0", "%")).query))["ref"] == "50% %d/é"


@pytest.mark.parametrize(("status", "body", "code", "fault"), [
    (202, b"<html>", "202", Fault.UNSURE), (200, b"0: Accepted for delivery", "200", Fault.UNSURE),
    (302, b"", "account", Fault.ACCOUNT), (400, b"", "400", Fault.TEXT), (401, b"", "account", Fault.ACCOUNT),
    (403, b"", "account", Fault.ACCOUNT), (404, b"", "account", Fault.ACCOUNT), (429, b"", "too-fast", Fault.LATER),
    (500, b"", "500", Fault.UNSURE), (503, b"", "network-trouble", Fault.LATER), (504, b"", "504", Fault.UNSURE),
])
def test_answers(status, body, code, fault):
    peer = HttpPeer(lambda request: HttpReply(status, body))
    try:
        with pytest.raises(CarrierError) as caught:
            carrier_at(peer).send(text())
    finally:
        peer.close()
    assert (caught.value.code, caught.value.fault) == (code, fault)


def test_what_waits_in_its_queue_is_taken():
    peer = HttpPeer(lambda request: HttpReply(202, QUEUED))
    try:
        assert carrier_at(peer).send(text())
    finally:
        peer.close()


def test_how_many_lines_are_up(peer):
    with_page = {"settings": {"status_address": peer.address}}
    assert carrier_at(peer, **with_page).check().lines == (1, 2)
    assert carrier_at(peer, **with_page, secrets={"status_password": STATUS_PASSWORD}).check().lines == (1, 2)
    with pytest.raises(CarrierError) as caught:
        carrier_at(peer, **with_page, secrets={"status_password": "wrong"}).check()
    assert caught.value.fault is Fault.ACCOUNT
    assert carrier_at(peer).check().lines is None
    assert peer.taken == []


@pytest.mark.parametrize(("secrets", "settings"), [
    ({"token": "short"}, {}), ({"token": ""}, {}), ({"password": ""}, {}), ({"password": "a\r\nb"}, {}),
    ({}, {"user": "ü"}), ({}, {"address": "kannel"}), ({}, {"status_address": "ftp://127.0.0.1"}),
])
def test_what_it_cannot_be_made_from(secrets, settings):
    with pytest.raises(ValueError, match=r"token|plain|address"):
        KIND.make(replace(SETUP, settings={**SETUP.settings, **settings}, secrets={**SETUP.secrets, **secrets}))


# --- what it tells ----------------------------------------------------------------------------------------


def told(query="?id=1", method="POST", body=b"STOP", **headers):
    usual = {"authorization": basic(TOKEN), "content-type": 'text/plain; charset="UTF-8"', "x-kannel-from": THEIRS,
             "x-kannel-to": OURS, "x-kannel-time": "2026-03-14 15:09:25"}
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return Webhook({**usual, **changed}, body, AT, method, HOOK + query)


@pytest.fixture
def carrier(tmp_path):
    return make_carrier("kannel", setup_of("kannel", tmp_path))


@pytest.mark.parametrize("header", ["", "Basic", "Basic !", "Basic YQ==", TOKEN, f"Bearer {TOKEN}", basic(TOKEN[:-1]),
                                    basic(TOKEN).replace("Basic", "Digest"), basic(""), basic(TOKEN + "é")])
def test_a_token_that_is_none(carrier, header):
    with pytest.raises(ForgedWebhook):
        carrier.read(told(authorization=header))


def test_a_receipt_cannot_pass_for_a_text_nor_a_text_for_a_receipt(carrier):
    with pytest.raises(ForgedWebhook):
        carrier.read(told(method="GET"))
    signed = f"?ref=ref-1&sig={signing.sign_reference(KEY, 'ref-1')}&type=1"
    with pytest.raises(ForgedWebhook):
        carrier.read(told(signed, authorization=""))


@pytest.mark.parametrize("changed", [
    {"query": ""}, {"query": "?id="}, {"x_kannel_from": ""}, {"content_type": "text/plain; charset=KOI8-R"},
])
def test_a_setting_that_is_missing_in_kannel_is_no_silence(carrier, changed):
    with pytest.raises(ValueError, match=r"send-sender|mo-recode"):
        carrier.read(told(**changed))


@pytest.mark.parametrize(("body", "kind", "means"), [
    (b"\xff cut \xd0", "text/plain; charset=UTF-8", "\ufffd cut \ufffd"), (b"plain", "text/plain", "plain"),
    ("Ж".encode("utf-16-be"), "text/plain; charset=UTF-16BE", "Ж"), (b"\xe9", "text/plain; charset=ISO-8859-1", "é"),
])
def test_words_in_whatever_characters(carrier, body, kind, means):
    assert carrier.read(told(body=body, content_type=kind))[0].body == means


@pytest.mark.parametrize("time", ["", "yesterday", "2026-13-14 15:09:25"])
def test_a_time_that_cannot_be_read_loses_no_text(carrier, time):
    assert carrier.read(told(x_kannel_time=time))[0].at is None


def receipt(carrier, raw, said=""):
    signature = signing.sign_reference(KEY, "ref-1")
    return carrier.read(told(f"?ref=ref-1&sig={signature}&type={raw}&id=7&said={said}", "GET", b""))


@pytest.mark.parametrize(("raw", "status", "code"), [
    ("1", CarrierStatus.DELIVERED, ""), ("2", CarrierStatus.UNDELIVERED, ""), ("4", CarrierStatus.SENT, ""),
    ("8", CarrierStatus.SENT, ""), ("16", CarrierStatus.FAILED, "refused-by-network"), ("0", None, ""),
    ("32", CarrierStatus.EXPIRED, "too-late"), ("34", CarrierStatus.EXPIRED, "too-late"), ("64", None, ""),
    ("12", CarrierStatus.SENT, ""),
])
def test_the_sum_of_what_happened(carrier, raw, status, code):
    assert receipt(carrier, raw) == [CarrierReceipt(raw, status, "ref-1", "7", code)]


@pytest.mark.parametrize("raw", ["", "x", "-1", "1.0", "99999", "１"])
def test_a_receipt_that_cannot_be_read_is_an_error_and_no_silence(carrier, raw):
    with pytest.raises(ValueError, match="type"):
        receipt(carrier, raw)


def test_what_an_earlier_key_signed_is_still_ours(peer):
    carrier_at(peer).send(text())
    address = peer.taken[-1].headers["x-kannel-dlr-url"].replace("%d", "1").replace("%F", "7").replace("%k", "")
    called = told(f"?{urlsplit(address).query}", method="GET", authorization="")
    for keys, is_ours in (((b"new", KEY), True), ((b"new", b"other"), False)):
        changed = carrier_at(peer, key=keys[0], old_keys=keys[1:])
        if is_ours:
            assert [one.reference for one in changed.read(called)] == ["ref-1"]
        else:
            with pytest.raises(ForgedWebhook):
                changed.read(called)


@given(st.text(), st.text(), st.binary(min_size=1))
@example("ref-1", "ref-2", KEY)
def test_a_signature_is_good_for_one_reference_and_one_key(reference, other, key):
    signature = signing.sign_reference(KEY, reference)
    if reference:
        signing.verify_reference([key, KEY], reference, signature)
    for wrong in ({"reference": other}, {"keys": [key]}, {"keys": []}, {"signature": signature[:-1]},
                  {"signature": other}):
        given_ = {"keys": [KEY], "reference": reference, "signature": signature, **wrong}
        if given_ != {"keys": [KEY], "reference": reference, "signature": signature} or not reference:
            with pytest.raises(ForgedWebhook):
                signing.verify_reference(**given_)
