"""Bodies of the pretend carrier's webhooks: there and back, and what a real one might send some day."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.carriers.base import CarrierReceipt, CarrierStatus, IncomingText, OutgoingText, Webhook
from portal.carriers.pretend import webhooks

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
words = st.text(characters, min_size=1)
moments = st.none() | st.datetimes(timezones=st.just(UTC))
TEXT = {"kind": "text", "id": "in_1", "sender": "+12125550110", "recipient": "+14165550101", "body": "yes"}
RECEIPT = {"kind": "receipt", "id": "text_1", "reference": "ref-1", "status": "delivered", "code": ""}


def read(told, **changed):
    return webhooks.read_webhook_body(json.dumps({**told, **changed}).encode())


@pytest.mark.parametrize("one", [
    OutgoingText("+14165550101", "+12125550110", "yes", "ref-1"),
    IncomingText("in_1", "+12125550110", "+14165550101", "yes"),
    Webhook({"authorization": "yes"}, b"yes +14165550101", datetime(2026, 3, 14, tzinfo=UTC),
            url="https://a.example/?yes"),
])
def test_nothing_that_travels_shows_numbers_words_or_secrets(one):
    assert not any(part in repr(one) for part in ("4165550101", "2125550110", "yes"))


@given(words, words, words, st.text(characters), st.integers(0, 99), moments)
def test_a_text_comes_back_as_it_was(text_id, sender, recipient, body, attachments, at):
    text = IncomingText(text_id, sender, recipient, body, attachments, at)
    assert webhooks.read_webhook_body(webhooks.write_webhook_body(text)) == [text]


@given(st.sampled_from(CarrierStatus), words, words, words)
def test_a_receipt_comes_back_as_it_was(status, reference, text_id, code):
    receipt = CarrierReceipt(status.value, status, reference, text_id, code)
    assert webhooks.read_webhook_body(webhooks.write_webhook_body(receipt)) == [receipt]


@pytest.mark.parametrize("raw", ["DELIVERED", "delivered ", "queued", "Delivered", "?"])
def test_a_word_that_nobody_has_mapped_is_kept_as_it_is(raw):
    assert read(RECEIPT, status=raw) == [CarrierReceipt(raw, None, "ref-1", "text_1")]


@pytest.mark.parametrize("kind", ["weather", "", None, 7, ["text"], {}, "TEXT"])
def test_kinds_that_nobody_knows_say_nothing(kind):
    assert read(TEXT, kind=kind) == []


def test_keys_that_nobody_knows_are_left_out():
    assert read(TEXT, price="0.01") == read(TEXT)


@pytest.mark.parametrize("body", [
    b"", b"yes", b"null", b"[]", b'"text"', b"\xff\xfe", b'{"kind": "text"', b"{} {}",
    json.dumps(TEXT).encode("utf-16"),
])
def test_what_is_no_webhook_is_an_error_and_no_silence(body):
    with pytest.raises(ValueError):
        webhooks.read_webhook_body(body)


@pytest.mark.parametrize("changed", [
    {"id": ""}, {"id": None}, {"id": 7}, {"sender": None}, {"sender": ""}, {"recipient": ["+14165550101"]},
    {"body": 7}, {"attachments": -1}, {"attachments": "2"}, {"attachments": 1.5},
])
def test_a_text_that_cannot_be_read_is_an_error_and_no_silence(changed):
    with pytest.raises(ValueError):
        read(TEXT, **changed)


@pytest.mark.parametrize("changed", [{"status": None}, {"status": ""}, {"reference": "", "id": ""}, {"code": 7}])
def test_a_receipt_that_cannot_be_read_is_one_too(changed):
    with pytest.raises(ValueError):
        read(RECEIPT, **changed)


@pytest.mark.parametrize("at", [None, "", "yesterday", 1773500966, "2026-03-14T15:09:26", "2026-13-14T15:09:26Z"])
def test_a_time_that_cannot_be_read_loses_no_text(at):
    assert read(TEXT, at=at)[0].at is None


@pytest.mark.parametrize(("body", "becomes"), [
    ("cut \ud83d", "cut \ufffd"), ("\udc4b cut", "\ufffd cut"), ("\ud83d\ud83d", "\ufffd\ufffd"),
    ("\ud83d\udc4b", "\U0001f44b"), ("\ufeffwhole", "\ufeffwhole"),
])
def test_halves_of_characters_become_something_that_can_be_kept(body, becomes):
    assert read(TEXT, body=body)[0].body == becomes
