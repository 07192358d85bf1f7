"""Every request to Twilio is one that Twilio's own description allows; the rig judges those of all other tests too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.rest import Client

from portal import lengths
from portal.carriers import make_carrier
from portal.carriers.base import CarrierError
from portal.carriers.twilio.webhooks import STATUSES

from .http_peer import HttpRequest
from .rigs import HOOK, LONG_AGO, OURS, THEIRS, text
from .rigs.twilio import ACCOUNT, SERVICE, TOKEN, FakeTwilio, setup_at
from .rigs.twilio_facts import ACCOUNT_STATUSES, TEXT_STATUSES, find_faults

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
POST = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
FORM = {"To": THEIRS, "From": OURS, "Body": "yes"}
numbers = st.integers(10**6, 10**15 - 1).map("+{}".format)
bodies = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=lengths.TEXT_BODY)
choices = st.fixed_dictionaries({}, optional={
    "service": st.just(SERVICE), "discard": st.just("1"), "obfuscate": st.just("1"), "answers_keywords": st.just("1"),
    "signing": st.sampled_from(["signature", "shared-key", "token"])})


@pytest.fixture(scope="module")
def twilio():
    made = FakeTwilio()
    yield made
    made.close()


@pytest.mark.slow
@settings(deadline=None)
@given(typed=choices, number=numbers, body=bodies, reference=st.from_regex(r"[A-Za-z0-9_-]{1,16}", fullmatch=True),
       left=st.none() | st.timedeltas(timedelta(days=-2), timedelta(days=9)), key=st.text(min_size=1, max_size=40))
def test_every_request_is_one_that_twilio_allows(twilio, typed, number, body, reference, left, key):
    keys = {"secret": TOKEN, "signing_key": key.encode(errors="replace").decode()}
    carrier = make_carrier("twilio", replace(setup_at(twilio.peer.address, **typed), secrets=keys))
    one = text(number, reference, body, None if left is None else datetime.now(UTC) + left)
    for asks in (lambda: carrier.send(one), lambda: carrier.look_up(one, datetime.now(UTC)), carrier.check):
        try:
            asks()
        except CarrierError as error:
            assert error.code not in {"400", "404"}
    assert twilio.faults == []


def test_twilios_own_library_asks_the_same(twilio):
    """Form, sign-in and list are what its client sends; and it understands the other side of these tests."""
    theirs = Client(ACCOUNT, TOKEN)
    theirs.api.base_url, theirs.get_hostname = twilio.peer.address, lambda url: url
    ours = make_carrier("twilio", replace(setup_at(twilio.peer.address, service=SERVICE), clock=lambda: NOON))
    one = text(body="Été 1+1=2 & {€} 👋", until=NOON + timedelta(minutes=5))
    twilio.peer.requests.clear()
    sids = [ours.send(one), theirs.messages.create(
        to=one.recipient, from_=one.sender, body=one.body, smart_encoded=False, validity_period=300,
        status_callback=f"{HOOK}?ref=ref-1", messaging_service_sid=SERVICE).sid]
    with pytest.raises(CarrierError, match="several-found"):
        ours.look_up(one, LONG_AGO)
    found = theirs.messages.list(to=one.recipient, from_=one.sender, date_sent_after=LONG_AGO, page_size=1000)
    assert [message.sid for message in found if message.body == one.body] == sids
    by_us, by_them, our_list, their_list = twilio.peer.requests
    assert sorted(by_us.form) == sorted(by_them.form)
    assert {name for name, _value in our_list.query} == {name for name, _value in their_list.query}
    for name in ("authorization", "content-type", "accept"):
        assert by_us.headers[name] == by_them.headers[name]
    assert theirs.balance.fetch().balance == "12.5"
    assert theirs.api.accounts(ACCOUNT).fetch().status == "active"
    # It writes a moment where Twilio documents a day.
    assert {fault.split(": ", 1)[1].split(" cannot")[0] for fault in twilio.faults} <= {"parameter DateSent>"}
    twilio.faults.clear()


@pytest.mark.parametrize(("changed", "fault"), [
    ({"To": "12125550110"}, "field To cannot be"), ({"To": "+1 212 555 0110"}, "field To cannot be"),
    ({"From": ""}, "field From cannot be"), ({"Body": ""}, "field Body cannot be"),
    ({"Body": "x" * 1601}, "field Body cannot be"), ({"ValidityPeriod": "0"}, "field ValidityPeriod cannot be"),
    ({"ValidityPeriod": "36001"}, "field ValidityPeriod cannot be"),
    ({"ValidityPeriod": "1.5"}, "ValidityPeriod cannot"),
    ({"SmartEncoded": "False"}, "field SmartEncoded cannot be"),
    ({"ContentRetention": "none"}, "ContentRetention cannot"),
    ({"AddressRetention": "discard"}, "AddressRetention cannot"), ({"MessagingServiceSid": "MG1"}, "ServiceSid cannot"),
    ({"StatusCallback": "/hooks/ab"}, "StatusCallback cannot"), ({"Text": "x"}, "no field Text"),
    ({"StatusCallback": "https://a_b.example.com/"}, "StatusCallback cannot"),
])
def test_the_judge_knows_wrong_fields(changed, fault):
    assert [one for one in find_faults(request(FORM | changed)) if fault in one]


@pytest.mark.parametrize("gone", ["To", "From", "Body"])
def test_the_judge_knows_what_is_missing(gone):
    assert find_faults(request({name: FORM[name] for name in FORM if name != gone})) == ["a field is missing"]


def test_the_judge_knows_wrong_requests():
    assert find_faults(request(FORM)) == []
    assert find_faults(request(FORM, method="PUT")) == [f"there is no PUT {POST}"]
    assert find_faults(request(FORM, path="/2010-04-01/Messages.json"))[0].startswith("there is no POST")
    assert find_faults(request(FORM, path=POST.replace(ACCOUNT, "AC1"))) == ["the account is none"]
    assert find_faults(request(FORM, authorization="Bearer x")) == ["nobody signed in"]
    assert find_faults(request(FORM, kind="application/json")) == ["no form"]
    assert find_faults(request(FORM, query=[("To", THEIRS)])) == ["no parameter To"]
    assert find_faults(request([*FORM.items(), ("To", THEIRS)])) == ["field To twice"]


def request(form, method="POST", path=POST, authorization="Basic x", kind="application/x-www-form-urlencoded",
            query=()):
    headers = {"authorization": authorization, "content-type": kind}
    return HttpRequest(method, path, list(query), headers, urlencode(form).encode())


def test_all_words_of_twilio_for_what_becomes_of_a_text_are_known():
    """Receiving and received are texts that come in."""
    assert STATUSES.keys() == TEXT_STATUSES - {"receiving", "received"}
    assert "active" in ACCOUNT_STATUSES
