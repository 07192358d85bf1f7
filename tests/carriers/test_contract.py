"""What the portal relies on, over every carrier that there is, and over one behind HTTP for the tests."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal.carriers import CARRIERS, make_carrier, signing
from portal.carriers.base import (
    CarrierError,
    CarrierReceipt,
    CarrierStatus,
    Certainty,
    ForgedWebhook,
    IncomingText,
    Webhook,
)

from .rigs import PAYLOADS, RIGS, SECRET, recorded, text
from .wire import Wire

ROOT = Path(__file__).parents[2]
EACH = [(name, certainty) for name in RIGS for certainty in Certainty]
RECORDED = recorded()


@pytest.fixture(params=EACH, ids=lambda each: f"{each[0]}, {each[1]}")
def rig(request, tmp_path):
    name, certainty = request.param
    made = RIGS[name](tmp_path, certainty)
    yield made
    made.close()


def test_every_carrier_is_held_to_this():
    assert set(CARRIERS) <= set(RIGS)
    assert {file.stem for file in PAYLOADS.iterdir()} == set(RIGS)


@pytest.mark.parametrize("name", CARRIERS)
def test_a_carrier_says_who_it_is(name, tmp_path):
    carrier = make_carrier(name, tmp_path, {name: SECRET})
    assert carrier.name == name
    assert isinstance(carrier.real, bool)
    assert isinstance(carrier.answers_keywords, bool)
    assert isinstance(carrier.takes_crisis_line, bool)
    assert carrier.certainty in Certainty
    assert list(tmp_path.iterdir()) == [], "it opens its files when it needs them"


# --- sending ----------------------------------------------------------------------------------------------


def test_a_text_that_is_taken_has_an_id_of_its_own(rig):
    ids = [rig.carrier.send(text(reference=f"ref-{one}")) for one in range(3)]
    assert all(0 < len(one) <= 64 for one in ids)
    assert len(set(ids)) == 3
    assert [rig.count(f"ref-{one}") for one in range(3)] == [1, 1, 1]


def test_the_same_reference_again_is_one_text_only_with_a_key(rig):
    first, second = rig.carrier.send(text()), rig.carrier.send(text())
    with_key = rig.carrier.certainty is Certainty.KEY
    assert (first == second) is with_key
    assert rig.count("ref-1") == (1 if with_key else 2)


def test_the_same_reference_at_once_is_one_text_with_a_key(rig):
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(rig.carrier.send, [text()] * 8))
    with_key = rig.carrier.certainty is Certainty.KEY
    assert len(set(ids)) == rig.count("ref-1") == (1 if with_key else 8)


def test_it_can_be_asked_for_a_reference_unless_it_offers_nothing(rig):
    if rig.carrier.certainty is Certainty.NONE:
        with pytest.raises(CarrierError) as caught:
            rig.carrier.look_up("ref-1")
        assert caught.value.unsure, "None would say that it never got the text"
        return
    assert rig.carrier.look_up("ref-1") is None
    assert rig.carrier.look_up("ref-1") == rig.carrier.look_up("ref-2") is None
    text_id = rig.carrier.send(text())
    rig.carrier.send(text())
    assert (rig.carrier.look_up("ref-1"), rig.carrier.look_up("ref-2")) == (text_id, None), "the first one's"


def test_refused_for_good(rig):
    with pytest.raises(CarrierError) as caught:
        rig.carrier.send(rig.refused())
    error = caught.value
    assert (error.permanent, error.unsure, rig.count("ref-1")) == (True, False, 0)
    assert 0 < len(error.code) <= 40


def test_not_taken_for_now(rig):
    busy = rig.put_off()
    with pytest.raises(CarrierError) as caught:
        rig.carrier.send(busy)
    assert (caught.value.permanent, caught.value.unsure, rig.count("ref-1")) == (False, False, 0)
    rig.works_again()
    assert rig.carrier.send(busy)
    assert rig.count("ref-1") == 1


# --- webhooks ---------------------------------------------------------------------------------------------


def reader(name, folder, secret=SECRET):
    return make_carrier(name, folder, {name: secret}) if name in CARRIERS else Wire(secret=secret)


def webhook(one):
    return Webhook(one["headers"], one["body"].encode(), datetime.fromisoformat(one["at"]))


def meant(kind, said):
    if kind == "Receipt":
        return CarrierReceipt(**{**said, "status": said["status"] and CarrierStatus(said["status"])})
    at = said.get("at")
    return IncomingText(**{**said, "at": datetime.fromisoformat(at) if at else None})


@pytest.fixture(params=RECORDED, ids=lambda one: f"{one[0]}: {one[1]['what']}")
def one(request):
    return request.param


def test_recorded_webhooks_mean_what_was_noted(one, tmp_path):
    name, said = one
    means = [meant(*pair) for meaning in said["means"] for pair in meaning.items()]
    assert reader(name, tmp_path).read(webhook(said)) == means


@pytest.mark.parametrize(("told", "e164"), [
    ("14165550101", "+14165550101"), ("4165550101", "+14165550101"), ("+1 (416) 555-0101", "+14165550101"),
    ("416.555.0101", "+14165550101"), ("tel:+14165550101", "+14165550101"), ("0014165550101", "+14165550101"),
    (" +14165550101 ", "+14165550101"), ("447700900123", "+447700900123"), ("+447700900123", "+447700900123"),
    ("01144 7700 900123", "+447700900123"), ("12345", "12345"), ("5550101", "5550101"), ("AMAZON", "AMAZON"), ("", ""),
])
def test_numbers_of_what_comes_in_are_e164_however_a_carrier_writes_them(told, e164):
    """So no carrier can forget it, and a text to "14165550101" finds whose number it is."""
    text_in = IncomingText("1", told, told, "STOP")
    assert (text_in.sender, text_in.recipient) == (e164, e164)


@pytest.mark.parametrize("name", CARRIERS)
def test_what_is_nested_too_deeply_is_a_webhook_that_cannot_be_read(name, tmp_path):
    body, at = b'{"kind":' + b"[" * 100_000, datetime.fromisoformat("2026-03-14T15:09:26Z")
    signed = signing.sign_webhook(SECRET, "evt_deep", at, body)
    with pytest.raises(ValueError, match="too deeply"):
        reader(name, tmp_path).read(Webhook({key.lower(): value for key, value in signed.items()}, body, at))


def forgeries(genuine):
    """A genuine webhook, changed in every way that a stranger could."""
    yield "words added", replace(genuine, body=genuine.body + b" ")
    yield "words gone", replace(genuine, body=genuine.body[:-1])
    yield "other words", replace(genuine, body=genuine.body.swapcase())
    yield "no words", replace(genuine, body=b"")
    yield "nothing signed", replace(genuine, headers={})
    for seconds in (-301, 301, -86400):
        yield f"{seconds} s", replace(genuine, at=genuine.at + timedelta(seconds=seconds))


def test_what_is_forged_is_refused(one, tmp_path):
    name, said = one
    carrier = reader(name, tmp_path)
    for how, forged in forgeries(webhook(said)):
        with pytest.raises(ForgedWebhook):
            pytest.fail(f"{how}: {carrier.read(forged)}")
    with pytest.raises(ForgedWebhook):
        reader(name, tmp_path, b"somebody else's secret, long enough").read(webhook(said))


def test_what_is_forged_is_not_parsed(tmp_path):
    """Strangers never reach a parser, so nothing that breaks one tells them anything."""
    for name in RIGS:
        with pytest.raises(ForgedWebhook):
            reader(name, tmp_path).read(Webhook({}, b"\xff{", datetime.fromisoformat("2026-03-14T15:09:26Z")))


# --- the list ---------------------------------------------------------------------------------------------


def test_carriers_load_without_the_portal():
    loads = "import portal.carriers, sys; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    assert "portal.carriers.pretend" in loaded
    assert not loaded & {"flask", "werkzeug", "sqlalchemy", "phonenumbers"}
    # The names of its files are all that a carrier takes from the portal.
    assert {name for name in loaded if name.startswith("portal.")} - {"portal.stored_files"} == {
        name for name in loaded if name.startswith("portal.carriers")}


@pytest.mark.parametrize(("name", "keys", "told"), [
    ("pigeon", {"pigeon": SECRET}, "no carrier named pigeon. There are: pretend."),
    ("pretend", {}, "have no secret"),
    ("pretend", {"pretend": ()}, "have no secret"),
    ("pretend", {"pretend": b""}, "have no secret"),
])
def test_a_carrier_that_cannot_be_had(name, keys, told, tmp_path):
    with pytest.raises(LookupError, match=told):
        make_carrier(name, tmp_path, keys)


def test_a_secret_that_could_be_tried_out_is_refused(tmp_path):
    for keys in (b"x" * 23, (SECRET, b"x" * 23)):
        with pytest.raises(ValueError, match="too short"):
            make_carrier("pretend", tmp_path, {"pretend": keys})
