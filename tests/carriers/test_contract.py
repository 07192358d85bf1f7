"""What the portal relies on, over every carrier that there is.

What only the other side of a carrier knows stands in its module of `rigs`, what it told on a day in `payloads`.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from portal.carriers import KINDS, make_carrier
from portal.carriers.base import (
    CarrierError,
    CarrierReceipt,
    CarrierStatus,
    Certainty,
    Fault,
    ForgedWebhook,
    IncomingText,
    LineCarrier,
    TextPart,
    Webhook,
    WebhookAnswer,
)

from .rigs import HOOK, LONG_AGO, LOOPBACK, OURS, PAYLOADS, THEIRS, recorded, setup_of, text

ROOT = Path(__file__).parents[2]
RIGS = {name: import_module(f"tests.carriers.rigs.{name}") for name in KINDS}
EACH = [(name, certainty) for name in RIGS for certainty in (Certainty if KINDS[name].embedded else [None])]
RECORDED = recorded()


@pytest.fixture(params=EACH, ids=lambda each: f"{each[0]}{f', {each[1]}' if each[1] else ''}")
def rig(request, tmp_path):
    name, certainty = request.param
    made = RIGS[name].make_rig(tmp_path, *filter(None, [certainty]))
    yield made
    made.close()


def test_every_carrier_is_held_to_this():
    with_webhooks = {name for name, rig in RIGS.items() if rig.PROMISE.tells_by_webhook}
    assert {file.stem for file in PAYLOADS.iterdir()} == with_webhooks


@pytest.mark.parametrize("name", KINDS)
def test_a_carrier_says_who_it_is(name, tmp_path):
    carrier = make_carrier(name, setup_of(name, tmp_path))
    assert carrier.ref == "a-carrier" or KINDS[name].embedded
    assert isinstance(carrier.real, bool)
    assert isinstance(carrier.answers_keywords, bool)
    assert isinstance(carrier.takes_crisis_line, bool)
    assert isinstance(carrier.tells, bool)
    assert carrier.settles_after >= timedelta()
    assert carrier.at_once == (1 if carrier.certainty is Certainty.NONE else carrier.at_once) >= 1
    assert isinstance(carrier.thanks, WebhookAnswer)
    assert carrier.thanks.status in {200, 202, 204}
    assert carrier.certainty in Certainty
    assert list(tmp_path.iterdir()) == [], "it opens its files when it needs them"


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.embedded])
def test_a_kind_says_what_is_typed_for_it(name):
    fields = {field.name: field for field in KINDS[name].fields}
    assert any(field.secret for field in fields.values())
    assert any(field.account for field in fields.values())
    assert not any(field.secret and field.default for field in fields.values())
    assert all(field.label[0].isupper() for field in fields.values())
    assert all(field.default in dict(field.choices) for field in fields.values() if field.choices)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.embedded])
def test_no_secret_shows_when_a_carrier_is_printed(name, tmp_path):
    setup = setup_of(name, tmp_path)
    carrier = make_carrier(name, setup)
    for shown in (repr(setup), repr(carrier), str(vars(carrier).keys())):
        assert not [secret for secret in setup.secrets.values() if secret in shown]


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


def test_it_can_be_asked_for_a_text_or_says_that_it_cannot_tell(rig):
    """None would be read as "it never got the text", and the text would be sent again."""
    if rig.carrier.certainty is Certainty.LOOK_UP:
        text_id = rig.carrier.send(text())
        assert rig.carrier.look_up(text(), LONG_AGO) == text_id
    if rig.carrier.certainty is Certainty.NONE:
        with pytest.raises(CarrierError) as caught:
            rig.carrier.look_up(text(), LONG_AGO)
        assert caught.value.fault is Fault.UNSURE
    try:
        assert rig.carrier.look_up(text(reference="ref-2", body="Never sent."), LONG_AGO) is None
    except CarrierError as error:
        assert error.fault is Fault.UNSURE


def failure(rig, one):
    with pytest.raises(CarrierError) as caught:
        rig.carrier.send(one)
    assert 0 < len(caught.value.code) <= 40
    return caught.value.fault, rig.count("ref-1")


def test_refused_for_good(rig):
    assert failure(rig, rig.refused()) == (Fault.TEXT, 0)


def test_not_taken_for_now(rig):
    busy = rig.put_off()
    assert failure(rig, busy) == (Fault.LATER, 0)
    rig.works_again()
    assert rig.carrier.send(busy)
    assert rig.count("ref-1") == 1


def test_a_text_that_was_taken_without_an_answer(rig):
    """The one case in which trying again would text a person twice."""
    if rig.silent is None:
        assert not rig.carrier.real
        return
    fault, _count = failure(rig, rig.silent())
    assert fault is Fault.UNSURE


def test_an_account_that_is_not_accepted_is_no_fault_of_a_text(rig):
    if rig.shut_out is None:
        assert not rig.carrier.real
        return
    one = rig.shut_out()
    assert failure(rig, one) == (Fault.ACCOUNT, 0)
    with pytest.raises(CarrierError) as caught:
        rig.carrier.check()
    assert caught.value.fault is Fault.ACCOUNT
    rig.works_again()
    assert rig.carrier.send(one)


def test_it_says_how_it_is(rig):
    condition = rig.carrier.check()
    assert len(condition.balance) <= 40
    assert condition.lines is None or 0 <= condition.lines[0] <= condition.lines[1]


# --- webhooks ---------------------------------------------------------------------------------------------


def reader(name, folder, **changed):
    return make_carrier(name, replace(setup_of(name, folder), **changed))


def webhook(one):
    return Webhook(one["headers"], one["body"].encode(), datetime.fromisoformat(one["at"]), one.get("method", "POST"),
                   HOOK + one.get("query", ""))


def meant(kind, said):
    if kind == "Receipt":
        return CarrierReceipt(**{**said, "status": said["status"] and CarrierStatus(said["status"])})
    at, part = said.get("at"), said.get("part")
    return IncomingText(**{**said, "at": datetime.fromisoformat(at) if at else None,
                           "part": TextPart(**part) if part else None})


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


@pytest.mark.parametrize("padded", ["STOP\0", "\0ST\0OP", "STOP" + "\0" * 100])
def test_nul_reaches_no_database(padded):
    """PostgreSQL refuses it, so a carrier would tell the same text for hours; and a padded STOP is one."""
    text_in = IncomingText("1\0", OURS + "\0", THEIRS + "\0", padded)
    assert text_in == IncomingText("1", OURS, THEIRS, "STOP")
    told = CarrierReceipt("deliv\0ered", None, "ref\0-1", "id\0", "co\0de")
    assert told == CarrierReceipt("delivered", None, "ref-1", "id", "code")


@pytest.mark.parametrize(("told", "parts"), [
    (0, 0), (3, 3), (1000, 1000), (1001, 0), (2**63, 0), (10**400, 0), (-1, 0)])
def test_a_count_that_cannot_be_is_none(told, parts):
    """No database stores a number without end, so a carrier would tell the same receipt for hours."""
    assert CarrierReceipt("delivered", parts=told).parts == parts


def forgeries(genuine, promise):
    """A genuine webhook, changed in every way that a stranger could."""
    if promise.signs_body:
        yield "words added", replace(genuine, body=genuine.body + b" ")
        yield "words gone", replace(genuine, body=genuine.body[:-1])
        yield "other words", replace(genuine, body=genuine.body.swapcase())
        yield "no words", replace(genuine, body=b"")
    yield "nothing signed", replace(genuine, headers={}, url=HOOK)
    if promise.dated:
        for seconds in (-301, 301, -86400):
            yield f"{seconds} s", replace(genuine, at=genuine.at + timedelta(seconds=seconds))


def test_what_is_forged_is_refused(one, tmp_path):
    name, said = one
    carrier = reader(name, tmp_path)
    for how, forged in forgeries(webhook(said), RIGS[name].PROMISE):
        with pytest.raises(ForgedWebhook):
            pytest.fail(f"{how}: {carrier.read(forged)}")
    elsewhere = RIGS[name].of_another_account(setup_of(name, tmp_path))
    with pytest.raises(ForgedWebhook):
        make_carrier(name, elsewhere).read(webhook(said))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_what_is_forged_is_not_parsed(name, method, tmp_path):
    """Strangers never reach a parser, so nothing that breaks one tells them anything."""
    for body in (b"\xff{", b'{"kind":' + b"[" * 100_000, b""):
        with pytest.raises(ForgedWebhook):
            reader(name, tmp_path).read(Webhook({}, body, datetime.fromisoformat("2026-03-14T15:09:26Z"), method, HOOK))


# --- the list ---------------------------------------------------------------------------------------------


def test_carriers_load_without_the_portal():
    loads = "import portal.carriers, sys; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    assert "portal.carriers.pretend" in loaded
    assert not loaded & {"flask", "werkzeug", "sqlalchemy"}
    # How a text is packed, how a sentence is marked and the names of files are all that a carrier takes of the portal.
    assert {name.split(".")[1] for name in loaded if name.startswith("portal.")} <= {
        "carriers", "lengths", "marks", "rules", "stored_files"}


def test_a_kind_that_there_is_not(tmp_path):
    with pytest.raises(LookupError, match=f"no carrier of the kind pigeon. There are: {', '.join(KINDS)}."):
        make_carrier("pigeon", setup_of("pretend", tmp_path))


def test_a_key_that_could_be_tried_out_is_refused(tmp_path):
    with pytest.raises(ValueError, match="24 bytes"):
        make_carrier("pretend", replace(setup_of("pretend", tmp_path), key=b"x" * 23))


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.embedded])
@pytest.mark.parametrize("networks", [(), LOOPBACK], ids=["public only", "loopback too"])
def test_it_never_asks_where_no_carrier_may_be(name, networks, tmp_path):
    """A service on this machine, or a cloud's own service with its secrets, hears nothing of ours."""
    carrier = make_carrier(name, replace(RIGS[name].at_forbidden_place(setup_of(name, tmp_path)), networks=networks))
    if isinstance(carrier, LineCarrier):
        asks = carrier.check
    else:
        def asks():
            carrier.send(text())
    with pytest.raises(CarrierError) as caught:
        asks()
    assert (caught.value.code, caught.value.fault) == ("forbidden-address", Fault.LATER)
