"""Signatures of Twilio's webhooks, held to Twilio's own validator, and what strangers and broken forms can do."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from portal.carriers import make_carrier
from portal.carriers.base import CarrierReceipt, ForgedWebhook, IncomingText, Webhook
from portal.carriers.twilio import signature, webhooks

from .rigs import HOOK, OURS, THEIRS
from .rigs.twilio import SETUP, TOKEN, signed

AT = datetime(2026, 3, 14, 15, tzinfo=UTC)
SID = "SM0123456789abcdef0123456789abcdef"
TEXT = {"MessageSid": SID, "From": THEIRS, "To": OURS, "Body": "yes", "NumMedia": "0"}
CARRIER = make_carrier("twilio", SETUP)
RECEIPT = {"MessageSid": SID, "MessageStatus": "delivered", "From": OURS, "To": THEIRS}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)
forms = st.lists(st.tuples(names, texts), max_size=8)
queries = st.dictionaries(st.sampled_from(["ref", "a", "é"]), texts, max_size=2).map(urlencode)
addresses = st.builds("{}://{}{}/hooks/ab{}".format, st.sampled_from(["https", "http"]),
                      st.sampled_from(["texting.example.com", "10.0.0.7", "localhost"]),
                      st.sampled_from(["", ":443", ":80", ":8080"]), queries.map(lambda query: query and f"?{query}"))
keys = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40)
algorithms = st.sampled_from([HMAC_SHA1, HMAC_SHA256])


class ManyValues(dict):
    """A form in which a name can come twice, as the web frameworks hand it to Twilio's validator."""

    def getall(self, name):
        return self[name]


def as_they_parse(body):
    form = ManyValues()
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        form.setdefault(name, []).append(value)
    return form


def webhook(body, url, told, algorithm=None):
    headers = {"x-twilio-signature": told}
    if algorithm:
        headers[signature.SETTINGS] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    return Webhook(headers, body, AT, "POST", url)


@settings(deadline=None)
@given(forms, addresses, keys, algorithms)
def test_their_validator_accepts_our_signature(form, url, key, algorithm):
    body = urlencode(form).encode()
    ours = signature.sign_form(key.encode(), url, signature.parse_form(body), algorithm).decode()
    assert RequestValidator(key).compute_signature(url, as_they_parse(body), algorithm) == ours
    assert RequestValidator(key).validate(url, as_they_parse(body), ours, algorithm)


@settings(deadline=None)
@given(forms, addresses, addresses, keys, algorithms)
def test_we_accept_their_signature_and_no_other(form, url, other, key, algorithm):
    body, shared = urlencode(form).encode(), algorithm == HMAC_SHA256
    theirs = RequestValidator(key).compute_signature(url, as_they_parse(body), algorithm)
    genuine = webhook(body, url, theirs, algorithm if shared else None)
    assert signature.verify_form(genuine, key.encode(), shared=shared) == signature.parse_form(body)
    elsewhere = RequestValidator(key).validate(other, as_they_parse(body), theirs, algorithm)
    for changed, right in ((replace(genuine, url=other), elsewhere), (genuine, True)):
        assert accepts(changed, key, shared) is right
    assert not accepts(genuine, key + "x", shared)
    assert not accepts(replace(genuine, body=body + b"&Body=STOP&Body=x"), key, shared)


def accepts(one, key, shared):
    try:
        signature.verify_form(one, key.encode(), shared=shared)
    except ForgedWebhook:
        return False
    return True


@pytest.mark.parametrize("called", ["https://t.example.com/h?ref=1", "https://t.example.com:443/h?ref=1"])
@pytest.mark.parametrize("signed_for", ["https://t.example.com/h?ref=1", "https://t.example.com:443/h?ref=1"])
def test_with_and_without_the_port_it_is_the_same_address(called, signed_for):
    theirs = RequestValidator("key").compute_signature(signed_for, {"a": "b"})
    assert accepts(webhook(b"a=b", called, theirs), "key", shared=False)


@pytest.mark.parametrize("url", ["", "hooks/ab", "https://[::1/h", "https://[::1]:8080/h", "https://h", "ftp://h/x",
                                 "https://h\udce9/x"])
def test_addresses_that_are_none_break_nothing(url):
    right = signature.sign_form(b"key", url, [(b"a", b"b")]).decode()
    assert accepts(webhook(b"a=b", url, right), "key", shared=False)
    assert not accepts(webhook(b"a=b", url, "AAAA"), "key", shared=False)


@pytest.mark.parametrize(("settings", "right"), [
    ("key=k,algorithm=HMAC_SHA256", True), ("algorithm=HMAC_SHA256,key=k", True),
    (" key=k , algorithm = hmac_sha256", True),
    ("key=k,algorithm=HMAC_SHA1", False), ("key=k,algorithm=MD5", False), ("key=k", False), ("", False),
    ("algorithm=HMAC_SHA1,algorithm=HMAC_SHA256", False), (",,=,algorithm", False),
])
def test_the_header_names_the_algorithm_of_a_shared_key(settings, right):
    told = signature.sign_form(b"key", HOOK, [(b"a", b"b")], signature.SHA256).decode()
    one = Webhook({"x-twilio-signature": told, signature.SETTINGS: settings}, b"a=b", AT, "POST", HOOK)
    assert accepts(one, "key", shared=True) is right


def test_nobody_chooses_an_algorithm_for_us():
    """With the auth token the second header is not read; without it a shared key accepts nothing."""
    by_sha256 = signature.sign_form(b"key", HOOK, [(b"a", b"b")], signature.SHA256).decode()
    by_sha1 = signature.sign_form(b"key", HOOK, [(b"a", b"b")]).decode()
    assert not accepts(webhook(b"a=b", HOOK, by_sha256, HMAC_SHA256), "key", shared=False)
    assert not accepts(webhook(b"a=b", HOOK, by_sha1), "key", shared=True)
    assert accepts(webhook(b"a=b", HOOK, by_sha1, HMAC_SHA256), "key", shared=False)


def test_a_clone_calls_the_header_otherwise():
    told = signature.sign_form(b"key", HOOK, [(b"a", b"b")]).decode()
    assert accepts(Webhook({"x-signalwire-signature": told}, b"a=b", AT, "POST", HOOK), "key", shared=False)


# --- hostile forms ----------------------------------------------------------------------------------------


def read(form, url=HOOK):
    """What the carrier reads in a form, a mapping or raw bytes, which Twilio signed."""
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    told = signature.sign_form(TOKEN.encode(), url, signature.parse_form(body)).decode()
    return CARRIER.read(webhook(body, url, told))[0]


def raw(**changed):
    return "&".join(f"{name}={value}" for name, value in {**TEXT, "From": quote(THEIRS), "To": quote(OURS),
                                                          **changed}.items()).encode()


@pytest.mark.parametrize(("body", "becomes"), [
    ("%FF", "\ufffd"), ("caf%E9", "caf\ufffd"), ("%F0%9F%91", "\ufffd"), ("%ED%A0%BD", "\ufffd\ufffd\ufffd"),
    ("%", "%"),
    ("%zz", "%zz"), ("a%00b", "ab"), ("ST%00OP", "STOP"), ("1%2B1+=%202", "1+1 = 2"), ("%F0%9F%91%8B", "👋"),
    ("é", "é"), ("", ""),
])
def test_words_that_no_database_would_take(body, becomes):
    """Broken UTF-8, halves of characters and NUL are signed as they came, and lose no text."""
    assert read(raw(Body=body)) == IncomingText(SID, THEIRS, OURS, becomes)


@settings(deadline=None)
@given(st.text(), st.text())
def test_every_text_of_twilio_arrives_as_something_that_can_be_kept(body, number):
    form = urlencode({**TEXT, "Body": body, "From": number or "?"}, errors="surrogatepass").encode()
    text_in = read(form)
    text_in.body.encode()
    text_in.sender.encode()
    assert "\0" not in text_in.body + text_in.sender


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_whatever_is_signed_is_read_or_an_error_and_never_silence(body):
    try:
        assert read(body)
    except ValueError:
        assert b"SM" not in body or SID.encode() not in body


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=60))
def test_strangers_get_nowhere(body, told):
    for one in (webhook(body, HOOK, told), webhook(body, HOOK, told, HMAC_SHA256), Webhook({}, body, AT, "POST", HOOK)):
        with pytest.raises(ForgedWebhook):
            CARRIER.read(one)


def test_of_a_field_that_comes_twice_the_first_counts():
    assert read(raw() + b"&Body=STOP&From=%2B15005550006&MessageSid=x") == IncomingText(SID, THEIRS, OURS, "yes")
    assert read(raw() + b"&&&=&=x&Body") == IncomingText(SID, THEIRS, OURS, "yes")


def test_a_form_longer_than_any_honest_one_is_not_parsed(monkeypatch):
    monkeypatch.setattr(signature, "parse_form", pytest.fail)
    one = webhook(b"a=" + b"x" * signature.LONGEST_FORM, HOOK, "AAAA")
    with pytest.raises(ForgedWebhook):
        CARRIER.read(one)


def test_a_thousand_fields_are_signed_and_read():
    assert read(raw() + b"&a" * 100_000) == IncomingText(SID, THEIRS, OURS, "yes")


@pytest.mark.parametrize(("query", "reference"), [
    ("?ref=Ab_9-x", "Ab_9-x"), ("?x=1&ref=ref-1", "ref-1"), ("?ref=one&ref=two", "one"), ("?ref=%72ef-1", "ref-1"),
    ("", ""), ("?", ""), ("?ref", ""), ("?ref=", ""), ("?reference=ref-1", ""), ("?ref=a%00b", ""), ("?ref=%27--", ""),
    ("?ref=%FF", ""), ("?ref=%F0%9F%91%8B", ""), ("?ref=" + "x" * 17, ""), ("?ref=a%20b", ""),
    ("?&&=&ref=ref-1", "ref-1"),
])
def test_the_reference_in_the_address(query, reference):
    """One that cannot be ours is none, and the receipt still has its id."""
    assert read(RECEIPT, HOOK + query) == CarrierReceipt("delivered", webhooks.STATUSES["delivered"], reference, SID)


@pytest.mark.parametrize("changed", [{"MessageSid": ""}, {"MessageSid": "x" * 65}, {"MessageSid": "SM 1"}, {"From": ""},
                                     {"To": ""}, {"MessageSid": "é"}])
def test_a_text_that_cannot_be_read_is_an_error(changed):
    with pytest.raises(ValueError):
        read({**TEXT, **changed})


@pytest.mark.parametrize(("told", "attachments"), [("0", 0), ("10", 10), ("", 0), ("-1", 0), ("1e3", 0), ("9999", 0),
                                                   ("²", 0), ("٣", 0)])
def test_how_many_attachments(told, attachments):
    assert read({**TEXT, "NumMedia": told}).attachments == attachments


def test_codes_are_words_or_the_carriers_own():
    assert [read({**RECEIPT, "MessageStatus": "failed", "ErrorCode": code}).code
            for code in ("30003", "0", "", "99999", "<b>" * 99, "30\x0003")] == [
                "phone-off", "", "", "99999", ("b-" * 20), "30-03"]


# --- carriers that do not sign ----------------------------------------------------------------------------

TOKENED = replace(SETUP, settings={**SETUP.settings, "signing": "token"},
                  secrets={**SETUP.secrets, "signing_key": "a long token & more"})


@pytest.mark.parametrize(("query", "right"), [
    ("?token=a+long+token+%26+more", True), ("?ref=ref-1&token=a%20long%20token%20%26%20more", True),
    ("?token=a+long+token+%26+mor", False), ("?token=", False), ("?token", False), ("", False), ("?token=%FF", False),
    ("?TOKEN=a+long+token+%26+more", False), ("?token=x&token=a+long+token+%26+more", False),
])
def test_a_token_stands_for_a_signature(query, right):
    one = Webhook({}, urlencode(TEXT).encode(), AT, "POST", HOOK + query)
    if right:
        assert make_carrier("twilio", TOKENED).read(one) == [IncomingText(SID, THEIRS, OURS, "yes")]
    else:
        with pytest.raises(ForgedWebhook):
            make_carrier("twilio", TOKENED).read(one)


def test_a_token_does_not_stand_for_a_signature_where_webhooks_are_signed():
    headers, body = signed(TEXT)
    one = Webhook(headers, body, AT, "POST", HOOK + "?token=" + TOKEN)
    with pytest.raises(ForgedWebhook):
        CARRIER.read(one)
