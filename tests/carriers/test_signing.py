"""Signatures: only the raw bytes, only live secrets, only now."""

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.carriers import signing
from portal.carriers.base import ForgedWebhook, Webhook

AT = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
SECRET, SECOND, STRANGER = b"an invented secret of the tests", b"the second invented secret", b"what a stranger made up"
SECRETS = (SECRET, SECOND)

BODIES = {
    "plain": b'{"kind": "receipt"}',
    "empty": b"",
    "trailing spaces": b"Body=hello  \r\n ",
    "plus sign": b"From=+14165550101&Body=1+1%2B1",
    "duplicate keys": b"Body=yes&Body=no&Body=yes",
    "unicode": "Grüße, zażółć ☕ \U0001f44b".encode(),
    "no text at all": bytes(range(256)),
    "looks like what is signed": b"evt_1.1773500966.evt_1.1773500966.",
}
# What somebody who parses first and signs then would not tell apart.
RETOLD = [
    (b"Body=hello  ", b"Body=hello"), (b"Body=1+1", b"Body=1%201"), (b"Body=a+b", b"Body=a%2Bb"),
    (b"Body=yes&Body=no", b"Body=yes"), (b"Body=yes&Body=no", b"Body=no&Body=yes"), (b'{"a": 1}', b'{"a":1}'),
    (b'{"a": 1, "a": 2}', b'{"a": 2}'), (b'"\\u00e9"', '"é"'.encode()), ("é".encode(), "e\u0301".encode()),
]


def signed(body=b"hello", secret=SECRET, at=AT, webhook_id="evt_1", **changed):
    """A webhook as it arrives at AT, its headers changed as told; None takes one away."""
    headers = signing.sign_webhook(secret, webhook_id, at, body)
    headers.update({f"webhook-{name}": value for name, value in changed.items()})
    return Webhook({name: value for name, value in headers.items() if value is not None}, body, AT)


def signature(**how):
    return signed(**how).headers["webhook-signature"]


def rightly(webhook_id, seconds):
    """The signature that these two would have, so that nothing but they themselves can be refused."""
    return signing._signature(SECRET, webhook_id or "", seconds or "", b"hello").decode()


def refused(webhook, secrets=SECRETS):
    with pytest.raises(ForgedWebhook):
        signing.verify_webhook(webhook, secrets)
    return True


def test_the_published_example_of_standard_webhooks():
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    assert signing.sign_webhook(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("secret", SECRETS)
def test_what_was_signed_passes_byte_for_byte(body, secret):
    assert signing.verify_webhook(signed(body, secret), SECRETS) == "evt_1"


@pytest.mark.parametrize(("body", "retold"), RETOLD)
def test_what_only_means_the_same_does_not(body, retold):
    webhook = signed(body)
    assert refused(Webhook(webhook.headers, retold, AT))


@given(st.binary(max_size=200), st.data())
def test_no_byte_can_be_changed(body, data):
    webhook = signed(body)
    assert signing.verify_webhook(webhook, SECRETS)
    other = data.draw(st.binary(max_size=200).filter(lambda drawn: drawn != body))
    assert refused(Webhook(webhook.headers, other, AT))


# --- secrets and signatures -------------------------------------------------------------------------------


def test_two_secrets_live_while_they_are_exchanged():
    assert refused(signed(secret=SECOND), (SECRET,))
    assert signing.verify_webhook(signed(secret=SECOND), (SECRET, SECOND))
    assert refused(signed(secret=SECRET), (SECOND,)), "the old one is dead once it is taken away"
    assert refused(signed(secret=STRANGER))
    assert refused(signed(), ())


def test_the_header_may_hold_several_signatures():
    wrong, right = signature(secret=STRANGER), signature()
    for said in (f"{wrong} {right}", f"{right} {wrong}", f"v1a,AAAA {right}", f"  {right} ", f"{right} {right}"):
        assert signing.verify_webhook(signed(signature=said), SECRETS)
    assert refused(signed(signature=f"{wrong} {wrong}"))


@pytest.mark.parametrize("said", [
    None, "", " ", "v1", "v1,", ",", signature()[3:], signature().replace("v1,", "v2,"), signature().lower(),
    signature().rstrip("="), signature() + "=", signature().replace(",", ", "), signature()[:-5], f"{signature()}\n",
    f"{signature()},{signature()}", f"\t{signature()}", "v1,ÿ", f"{signature()}\udcff", "v1," + "A" * 9999,
])
def test_a_signature_that_is_nearly_one(said):
    assert refused(signed(signature=said))


def test_all_pairs_are_compared_whichever_matches(monkeypatch):
    """So that the time taken does not say which secret or signature was right."""
    compared = []

    def compare(one, other):
        compared.append((one, other))
        return real(one, other)

    real = hmac.compare_digest
    monkeypatch.setattr(signing.hmac, "compare_digest", compare)
    wrong = signature(secret=STRANGER)
    for said in (f"{signature()} {wrong}", f"{wrong} {signature(secret=SECOND)}"):
        signing.verify_webhook(signed(signature=said), SECRETS)
        assert len(set(compared)) == 4
        compared.clear()


# --- id and time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "passes"), [
    (0, True), (-299, True), (-300, True), (-301, False), (299, True), (300, True), (301, False), (-86400, False),
])
def test_five_minutes_either_way(seconds, passes):
    webhook = signed(at=AT + timedelta(seconds=seconds))
    assert signing.verify_webhook(webhook, SECRETS) if passes else refused(webhook)


def test_a_replay_passes_within_five_minutes_only():
    """Within them it is the carrier's own repetition; what it says is taken once further up."""
    webhook = signed()
    again = Webhook(webhook.headers, webhook.body, AT + timedelta(minutes=5))
    assert signing.verify_webhook(webhook, SECRETS) == signing.verify_webhook(
        webhook, SECRETS) == signing.verify_webhook(again, SECRETS)
    assert refused(Webhook(webhook.headers, webhook.body, AT + timedelta(minutes=5, seconds=1)))


@pytest.mark.parametrize("said", [
    None, "", "0", "now", "-1773500966", "+1773500966", " 1773500966", "1773500966 ", "1773500966\n", "1773500966.0",
    "1_773_500_966", "17735009661", "9" * 400, "１７７３５００９６６", "0x69B57D26", "1773500966,1773500966",
    "inf", "nan",
])
def test_a_time_that_is_none(said):
    assert refused(signed(timestamp=said, signature=rightly("evt_1", said)))


@pytest.mark.parametrize("said", [None, "", "evt 1", "evt_1.1", "evt_1\n", "é", "e" * 101])
def test_an_id_that_is_none(said):
    assert refused(signed(id=said, signature=rightly(said, "1773500966")))


def test_id_and_time_are_signed():
    assert refused(signed(id="evt_2"))
    assert refused(signed(timestamp="1773500967"))


def test_the_parts_cannot_be_moved_into_each_other():
    """With a dot in the id, "a" at 1773500966 with "5.x" would be signed like "a.1773500966" at 5 with "x"."""
    webhook = signed(b"1773500966.x", webhook_id="a")
    moved = {**webhook.headers, "webhook-id": "a.1773500966"}
    assert refused(Webhook(moved, b"x", AT))
    with pytest.raises(ValueError, match="no id of a webhook"):
        signing.sign_webhook(SECRET, "a.1", AT, b"")
