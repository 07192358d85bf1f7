"""Twilio: what is asked, what its answers mean, and that no text is sent again or believed lost on a guess."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.carriers import KINDS, make_carrier
from portal.carriers.base import CarrierError, CarrierReceipt, CarrierStatus, Fault, ForgedWebhook, Webhook
from portal.carriers.http import HttpAnswer
from portal.carriers.twilio.answers import read_refusal

from .http_peer import HttpReply
from .rigs import HOOK, LONG_AGO, OURS, text
from .rigs.twilio import ACCOUNT, SERVICE, SETUP, TOKEN, FakeTwilio, setup_at, signed

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.fixture
def twilio():
    made = FakeTwilio(clock=lambda: NOON)
    yield made
    made.close()


def carrier_at(twilio, secrets=None, **typed):
    setup = replace(setup_at(twilio.peer.address, **typed), clock=lambda: NOON)
    return make_carrier("twilio", replace(setup, secrets=secrets) if secrets else setup)


def error_of(asks, *given):
    with pytest.raises(CarrierError) as caught:
        asks(*given)
    return caught.value.code, caught.value.fault


def posted(form, url=HOOK, **more):
    headers, body = signed(form, url, **more)
    return Webhook(headers, body, NOON, "POST", url)


# --- what is asked ----------------------------------------------------------------------------------------


def test_a_text_as_it_is_posted(twilio):
    carrier_at(twilio).send(text(body="Été 1+1=2 & {€} 👋"))
    request = twilio.peer.requests[0]
    assert (request.method, request.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert dict(request.form) == {"To": "+14165550110", "From": OURS, "Body": "Été 1+1=2 & {€} 👋",
                                  "SmartEncoded": "false", "StatusCallback": f"{HOOK}?ref=ref-1"}


def test_everything_that_can_be_chosen(twilio):
    chosen = carrier_at(twilio, {"secret": TOKEN, "signing_key": "s3 &/é"}, key="SK1", service=SERVICE, discard="1",
                        obfuscate="1", signing="token")
    chosen.send(text(until=NOON + timedelta(minutes=5)))
    form = dict(twilio.peer.requests[0].form)
    assert form["StatusCallback"] == f"{HOOK}?ref=ref-1&token=s3%20%26%2F%C3%A9"
    assert {name: form[name] for name in form if name not in {"To", "From", "Body", "SmartEncoded"}} == {
        "MessagingServiceSid": SERVICE, "ContentRetention": "discard", "AddressRetention": "obfuscate",
        "ValidityPeriod": "300", "StatusCallback": form["StatusCallback"]}


@pytest.mark.parametrize(("until", "seconds"), [
    (timedelta(hours=4), "14400"), (timedelta(days=3), "36000"), (timedelta(seconds=2), "2"),
    (timedelta(milliseconds=1), "1"), (timedelta(), "1"), (timedelta(hours=-1), "1"),
])
def test_the_queue_over_there_does_not_outlive_our_deadline(twilio, until, seconds):
    carrier_at(twilio).send(text(until=NOON + until))
    assert dict(twilio.peer.requests[0].form)["ValidityPeriod"] == seconds


def test_a_portal_without_an_address_asks_for_no_receipts(twilio):
    make_carrier("twilio", replace(setup_at(twilio.peer.address), hook="")).send(text())
    assert "StatusCallback" not in dict(twilio.peer.requests[0].form)


def test_a_clone_has_a_path_of_its_own(twilio):
    twilio.peer.answer = lambda request: HttpReply(201, b'{"sid": "5f1c"}')
    assert carrier_at(twilio, address=twilio.peer.address + "/api/laml/").send(text()) == "5f1c"
    assert twilio.peer.requests[0].path == f"/api/laml/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


@pytest.mark.parametrize(("settings", "secrets"), [
    ({"account": ""}, {}), ({"account": "AC/../x"}, {}), ({"account": "A" * 65}, {}), ({}, {"secret": ""}),
    ({"key": "SK1"}, {}), ({"signing": "shared-key"}, {}), ({"signing": "token"}, {}), ({"address": "ftp://x"}, {}),
])
def test_what_it_cannot_work_with_is_said_at_once(settings, secrets):
    setup = replace(SETUP, settings={**SETUP.settings, **settings}, secrets={**SETUP.secrets, **secrets})
    with pytest.raises(ValueError):
        make_carrier("twilio", setup)


def test_who_answers_stop_is_for_the_operator_to_say():
    silent = replace(SETUP, settings={**SETUP.settings, "answers_keywords": ""})
    assert [make_carrier("twilio", one).answers_keywords for one in (SETUP, silent)] == [True, False]


def test_how_many_at_once_can_be_chosen():
    assert [make_carrier("twilio", replace(SETUP, at_once=many)).at_once for many in (None, 1, 20)] == [4, 1, 20]


# --- what the answers mean --------------------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "code", "fault"), [
    ("51", "filtered", Fault.TEXT), ("57", "opted-out", Fault.TEXT), ("60", "no-such-number", Fault.TEXT),
    ("61", "our-number", Fault.TEXT), ("62", "21608", Fault.TEXT), ("63", "account", Fault.ACCOUNT),
    ("64", "abroad", Fault.TEXT), ("65", "too-fast", Fault.LATER), ("66", "29999", Fault.TEXT),
    ("67", "21609", Fault.ACCOUNT),
])
def test_refusals_by_number(twilio, ending, code, fault):
    assert error_of(carrier_at(twilio).send, text(f"+141655501{ending}")) == (code, fault)
    assert twilio.texts == []


@pytest.mark.parametrize(("status", "body", "code", "fault"), [
    (429, b"", "too-fast", Fault.LATER), (429, b'{"code": 20003}', "too-fast", Fault.LATER),
    (401, b"", "account", Fault.ACCOUNT), (403, b'{"code": 20005}', "account", Fault.ACCOUNT),
    (403, b'{"code": 21408}', "abroad", Fault.TEXT), (401, b'{"code": 70051}', "account", Fault.ACCOUNT),
    (400, b'{"code": 30002}', "account", Fault.ACCOUNT), (404, b'{"code": 20404}', "20404", Fault.ACCOUNT),
    (404, b"<html>", "404", Fault.ACCOUNT), (405, b"", "405", Fault.ACCOUNT), (402, b"", "402", Fault.ACCOUNT),
    (301, b"", "301", Fault.ACCOUNT), (302, b'{"code": 21610}', "opted-out", Fault.ACCOUNT),
    (400, b'{"code": 21617}', "21617", Fault.TEXT), (422, b'{"code": "21217"}', "no-such-number", Fault.TEXT),
    (400, b'{"code": 21660}', "our-number", Fault.TEXT),
    (400, b"", "400", Fault.TEXT), (400, b'{"code": ["x y", {}]}', "x-y", Fault.TEXT),
    (500, b"", "500", Fault.UNSURE), (503, b'{"code": 20503}', "20503", Fault.UNSURE), (408, b"", "408", Fault.UNSURE),
    (502, b'{"code": 21610}', "opted-out", Fault.UNSURE), (504, b"\xff", "504", Fault.UNSURE),
])
def test_whose_fault_a_refusal_is(status, body, code, fault):
    error = read_refusal(HttpAnswer(status, body))
    assert (error.code, error.fault) == (code, fault)


@settings(deadline=None)
@given(st.integers(100, 999), st.binary(max_size=60) | st.integers().map(lambda code: b'{"code": %d}' % code))
def test_no_answer_loses_a_text_that_may_have_been_taken(status, body):
    error = read_refusal(HttpAnswer(status, body))
    assert (error.fault is Fault.UNSURE) is (status >= 500 or status == 408)
    assert error.fault is not Fault.LATER or 400 <= status < 500
    assert len(error.code) <= 40


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"sid": ""}', b'{"sid": 7}', b'{"sid": null}',
                                  b'{"sid": "' + b"x" * 65 + b'"}', b"[" * 100_000])
def test_a_yes_without_an_id_is_unclear(twilio, body):
    twilio.peer.answer = lambda request: HttpReply(201, body)
    assert error_of(carrier_at(twilio).send, text()) == ("unreadable-answer", Fault.UNSURE)


def test_no_words_and_no_secret_stand_in_an_error(twilio):
    with pytest.raises(CarrierError) as caught:
        carrier_at(twilio).send(text("+14165550151", body="Hunter2"))
    shown = f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
    assert not [one for one in ("Hunter2", TOKEN, "+14165550151", "no text") if one in shown]


# --- asking for a text ------------------------------------------------------------------------------------


def test_what_is_found_once_is_certain(twilio):
    """The answer was lost; the same words to somebody else and other words do not count."""
    carrier = carrier_at(twilio)
    twilio.mood = "cut"
    assert error_of(carrier.send, text())[1] is Fault.UNSURE
    twilio.mood = ""
    carrier.send(text(body="Other words.", reference="ref-2"))
    carrier.send(text("+14165550111", reference="ref-3"))
    assert carrier.look_up(text(), NOON) == twilio.texts[0]["sid"]


def test_what_is_not_found_is_not_certain_and_never_sent_again(twilio):
    carrier = carrier_at(twilio)
    assert error_of(carrier.look_up, text(), NOON) == ("not-found", Fault.UNSURE)
    carrier.send(text())
    carrier.send(text())
    assert error_of(carrier.look_up, text(), NOON) == ("several-found", Fault.UNSURE)


@pytest.mark.parametrize("since", [NOON, NOON + timedelta(milliseconds=999), NOON - timedelta(days=400)])
def test_what_was_created_since_then_counts(twilio, since):
    """Twilio's clock tells whole seconds."""
    text_id = carrier_at(twilio).send(text())
    assert carrier_at(twilio).look_up(text(), since) == text_id


def test_what_is_older_does_not(twilio):
    carrier_at(twilio).send(text())
    assert error_of(carrier_at(twilio).look_up, text(), NOON + timedelta(seconds=1)) == ("not-found", Fault.UNSURE)


def test_where_no_words_are_kept_nobody_is_asked(twilio):
    carrier = carrier_at(twilio, discard="1")
    carrier.send(text())
    assert error_of(carrier.look_up, text(), NOON) == ("no-look-up", Fault.UNSURE)
    assert [request.method for request in twilio.peer.requests] == ["POST"]


@pytest.mark.parametrize(("changed", "found"), [
    ({}, True), ({"direction": "inbound"}, False), ({"body": "Your shoes are ready"}, False), ({"body": None}, False),
    ({"to": "+14165550111"}, False), ({"from": "+14165550111"}, False), ({"date_created": None}, False),
    ({"date_created": "yesterday"}, False), ({"date_created": "Sat, 14 Mar 2026 12:00:00 -0000"}, True),
    ({"date_created": "Sat, 14 Mar 2026 08:00:00 -0400"}, True), ({"sid": None}, False),
])
def test_which_text_of_a_list_it_is(twilio, changed, found):
    carrier = carrier_at(twilio)
    sid = carrier.send(text())
    twilio.texts[0].update(changed)
    twilio._list = lambda query, listed=twilio._list: listed({})
    if found:
        assert carrier.look_up(text(), NOON) == sid
    else:
        assert error_of(carrier.look_up, text(), NOON) == ("not-found", Fault.UNSURE)


@pytest.mark.parametrize(("reply", "fault"), [
    (HttpReply(200, b'{"messages": [], "next_page_uri": "/more"}'), Fault.UNSURE),
    (HttpReply(200, b'{"messages": {}}'), Fault.UNSURE), (HttpReply(200, b'{"messages": [7, null]}'), Fault.UNSURE),
    (HttpReply(200, b"<html>"), Fault.UNSURE), (HttpReply(503), Fault.LATER), (HttpReply(429), Fault.LATER),
    (HttpReply(401), Fault.LATER), (HttpReply(cut=True), Fault.LATER), (HttpReply(301), Fault.LATER),
])
def test_no_answer_about_a_text_means_that_it_never_arrived(twilio, reply, fault):
    twilio.peer.answer = lambda request: reply
    assert error_of(carrier_at(twilio).look_up, text(), LONG_AGO)[1] is fault


# --- how the account is -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("balance", "shown"), [
    ({"balance": "12.5", "currency": "USD"}, "12.50 USD"), ({"balance": "-0.5", "currency": "cad"}, "-0.50 CAD"),
    ({}, ""), ({"balance": None, "currency": "USD"}, ""), ({"balance": "nan", "currency": "USD"}, ""),
    ({"balance": "1", "currency": "<b>"}, ""), ({"balance": "1" * 99, "currency": "USD"}, ""),
])
def test_the_balance(twilio, balance, shown):
    twilio.balance = balance
    assert carrier_at(twilio).check().balance == shown


def test_an_account_that_is_not_active(twilio):
    twilio.mood = "suspended"
    assert error_of(carrier_at(twilio).check) == ("account", Fault.ACCOUNT)


def test_a_key_that_may_send_but_not_read_the_account(twilio):
    """Twilio's standard keys are like this."""
    routes = twilio._route
    twilio._route = lambda request, resource: HttpReply(401) if resource == ".json" else routes(request, resource)
    keyed = {"secret": TOKEN, "signing_key": "the auth token"}
    assert carrier_at(twilio, keyed, key="SK1").check().balance == "12.50 USD"
    assert error_of(carrier_at(twilio).check) == ("account", Fault.ACCOUNT)


@pytest.mark.parametrize(("reply", "fault"), [
    (HttpReply(200, b"<html>Welcome"), Fault.ACCOUNT), (HttpReply(404), Fault.ACCOUNT), (HttpReply(301), Fault.ACCOUNT),
    (HttpReply(cut=True), Fault.LATER), (HttpReply(429), Fault.LATER), (HttpReply(503), Fault.UNSURE),
])
def test_an_address_where_somebody_else_answers(twilio, reply, fault):
    twilio.peer.answer = lambda request: reply
    assert error_of(carrier_at(twilio).check)[1] is fault


# --- from a text to its receipts --------------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "status", "code"), [
    ("10", CarrierStatus.DELIVERED, ""), ("50", CarrierStatus.UNDELIVERED, "phone-off"), ("52", None, ""),
    ("58", CarrierStatus.UNDELIVERED, "opted-out"), ("70", CarrierStatus.EXPIRED, "too-late"),
])
def test_the_receipts_of_a_text_carry_its_reference(twilio, ending, status, code):
    carrier = carrier_at(twilio)
    text_id = carrier.send(text(f"+141655501{ending}", reference="Ab_9-x"))
    told = [one for url, form in twilio.news_of(twilio.texts[0]) for one in carrier.read(posted(form, url))]
    assert {(one.reference, one.id) for one in told} <= {("Ab_9-x", text_id)}
    last = told[-1] if told else CarrierReceipt("")
    assert (last.status, last.code) == (status, code)


def test_a_reference_that_was_changed_is_forged(twilio):
    """It stands in the address, and the signature covers the address."""
    carrier_at(twilio).send(text())
    url, form = next(twilio.news_of(twilio.texts[0]))
    genuine = posted(form, url)
    for other in (HOOK, f"{HOOK}?ref=ref-2", f"{url}&ref=ref-2", f"{url}2"):
        with pytest.raises(ForgedWebhook):
            carrier_at(twilio).read(replace(genuine, url=other))


def test_the_page_of_the_docs_names_every_field():
    page = (Path(__file__).parents[2] / "docs/carriers/twilio.md").read_text(encoding="utf-8")
    assert [field.label for field in KINDS["twilio"].fields if f"| {field.label} |" not in page] == []
