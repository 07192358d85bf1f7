"""Every request to Twilio is one that Twilio's own description allows; the rig judges those of all other tests too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import lengths
from portal.carriers import make_carrier
from portal.carriers.base import CarrierError
from portal.carriers.twilio.webhooks import STATUSES

from .http_peer import HttpRequest
from .rigs import OURS, THEIRS, text
from .rigs.twilio import ACCOUNT, SERVICE, TOKEN, FakeTwilio, setup_at
from .rigs.twilio_facts import ACCOUNT_STATUSES, TEXT_STATUSES, find_faults

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
