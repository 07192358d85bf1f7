"""A carrier by SMPP with centers of others behind it: npm's, which the tests script, and the one of smpp34."""

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import smpp34

from portal.carriers.base import CarrierError, CarrierReceipt, CarrierStatus, Fault, IncomingText
from portal.carriers.smpp import KIND, line, session
from portal.carriers.smpp.outgoing import hash_reference
from tests.patience import LONG, wait_for
from tests.peers.center import MessageCenter

from .rigs import OURS, THEIRS, text
from .rigs.smpp import Keeper, setup_at

# Seconds of real traffic each: once a run is enough, whatever the clock says.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DELIVERED, SENT, EXPIRED = CarrierStatus.DELIVERED, CarrierStatus.SENT, CarrierStatus.EXPIRED
UNDELIVERED, FAILED = CarrierStatus.UNDELIVERED, CarrierStatus.FAILED
# By the last two digits of the number: what became of the hand-over, and the statuses that are told in the end.
OUTCOMES = {
    "10": ("taken", {DELIVERED}), "50": ("taken", {UNDELIVERED}), "51": ("no-such-number", set()),
    "52": ("taken", set()), "55": ("taken", {DELIVERED}), "56": ("taken", {DELIVERED}), "57": (Fault.UNSURE, set()),
    "58": (Fault.UNSURE, set()), "59": (Fault.UNSURE, set()), "60": (Fault.LATER, set()), "61": (Fault.LATER, set()),
    "62": ("taken", {DELIVERED}), "63": ("taken", {FAILED}), "64": ("taken", {EXPIRED}),
    "65": ("taken", {SENT, DELIVERED}), "66": ("0x03", set()), "67": ("taken", {DELIVERED}),
    "68": ("taken", {DELIVERED}), "69": ("taken", {DELIVERED}), "70": ("taken", {DELIVERED}),
}
TAKEN_WITHOUT_ANSWER = {"57", "58"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with MessageCenter(tmp_path_factory.mktemp("center")) as center:
        yield center


@pytest.fixture
def ends():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start(running, ends, monkeypatch):
    """`start(center settings, carrier settings)`: a carrier that is bound to the scripted center, and its keeper."""
    monkeypatch.setattr("portal.carriers.smpp._ANSWER_SECONDS", 5)
    monkeypatch.setattr(line, "FIRST_DELAY", 0.05)
    running.reset()
    ends.callback(running.reset)

    def begin(center_settings=None, tls=False, at_once=8, store=lambda news: None, **settings):
        if center_settings:
            running.change(**center_settings)
        if tls:
            settings |= {"host": "localhost", "tls": "1", "authority": running.certificate.read_text()}
        setup = replace(setup_at(running.tls_port if tls else running.port, **settings), at_once=at_once)
        keeper = Keeper(KIND.make(setup), store)
        ends.callback(keeper.stop)
        return running, keeper.carrier, keeper.up()

    return begin


def hand_over(carrier, one, tries=400):
    """Try as the portal does, and as fast as a test may: again after LATER, never after UNSURE. The id, or why not."""
    for _ in range(tries):
        try:
            return carrier.send(one)
        except CarrierError as caught:
            if caught.fault is not Fault.LATER:
                return caught
            error = caught
        time.sleep(0.05)
    return error


def at_number(end):
    return text(f"+164755501{end}", reference=f"ref-{end}", body=f"to {end}")


def bits(reference):
    return int.from_bytes(hash_reference(reference), "big")


def count_references(center):
    """How many texts the center has with the 16 bits of each reference."""
    return Counter(one["reference"] for one in center.texts() if not one["part"] or one["part"]["number"] == 1)


def outcome(said):
    if not isinstance(said, CarrierError):
        return "taken"
    return said.code if said.fault is Fault.TEXT else said.fault


@pytest.mark.parametrize(("tls", "ids", "dlr", "bind"), [
    (False, "dec", "text", "transceiver"), (False, "hex", "tlv", "pair"), (False, "mixed", "both", "transceiver"),
    (True, "mixed", "text", "transceiver"), (True, "dec", "tlv", "transceiver"), (True, "hex", "both", "pair"),
], ids=lambda one: {False: "tcp", True: "tls"}.get(one, one))
def test_every_number_of_the_script(start, tls, ids, dlr, bind):
    center, carrier, keeper = start({"ids": ids, "dlr": dlr, "echo": ""}, tls, bind=bind,
                                    ids="hex-answer" if ids == "mixed" else "as-is")
    # Those that break the line go alone: they would leave others unclear.
    together = [end for end in OUTCOMES if end not in {"57", "59"}]
    with ThreadPoolExecutor(8) as pool:
        said = dict(zip(together, pool.map(lambda end: hand_over(carrier, at_number(end), 8), together), strict=True))
    for end in ("57", "59"):
        wait_for(lambda: carrier._lines[0].session)
        said[end] = hand_over(carrier, at_number(end))
    assert {end: outcome(one) for end, one in said.items()} == {end: known for end, (known, _) in OUTCOMES.items()}
    expected = {(said[end], status) for end, (_, statuses) in OUTCOMES.items() for status in statuses}
    wait_for(lambda: {(one.id, one.status) for one in keeper.told} >= expected, lambda: f"{keeper.told}")
    assert {(one.id, one.status) for one in keeper.told} == expected
    taken = count_references(center)
    assert {end: taken[bits(f"ref-{end}")] for end in OUTCOMES} == {
        end: int(known == "taken" or end in TAKEN_WITHOUT_ANSWER) for end, (known, _) in OUTCOMES.items()}


def test_a_receipt_that_repeats_our_reference(start):
    _center, carrier, keeper = start({"echo": "1"})
    text_id = carrier.send(at_number("10"))
    wait_for(lambda: keeper.told)
    assert keeper.told[0].id == text_id
    assert hand_over(carrier, at_number("62"))
    wait_for(lambda: len(keeper.told) > 1)
    assert keeper.told[1].reference == "ref-62", "it came before the answer, and names the text all the same"


@pytest.mark.parametrize("limits", [{"rate": "5"}, {"window": "3"}], ids=str)
@pytest.mark.parametrize("long_texts", ["payload", "udh", "sar"])
def test_a_center_with_limits_has_every_text_once(start, limits, long_texts, monkeypatch):
    """RATE answers 0x58, WINDOW 0x14: neither was looked at, and a part in between is offered again."""
    monkeypatch.setattr("portal.carriers.smpp._ANSWER_SECONDS", LONG)
    monkeypatch.setattr("portal.carriers.smpp._PART_AGAIN_SECONDS", 0.05)
    center, carrier, _ = start(limits | {"delay": "10"}, long_texts=long_texts, window=8)
    texts = [replace(at_number("10"), reference=f"ref-{at}", body=f"{at} " + "x" * (200 if at % 3 == 0 else 9))
             for at in range(12)]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda one: hand_over(carrier, one), texts))
    assert [outcome(one) for one in said if isinstance(one, CarrierError)] == []
    assert count_references(center) == Counter(bits(one.reference) for one in texts)
    assert sorted(center.whole_texts()) == sorted(("16475550110", one.body) for one in texts)


def test_the_line_is_dropped_again_and_again_while_texts_flow(start):
    center, carrier, keeper = start({"delay": "20"}, at_once=4)
    texts = [replace(at_number("10"), reference=f"ref-{at}", body=f"text {at}") for at in range(300)]
    assert len({bits(one.reference) for one in texts}) > 295
    over = threading.Event()

    def drop():
        while not over.wait(0.3):
            with suppress(OSError):
                center.drop()

    dropping = threading.Thread(target=drop)
    dropping.start()
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda one: hand_over(carrier, one), texts))
    over.set()
    dropping.join(LONG)
    unclear = {one.body for one, told in zip(texts, said, strict=True) if outcome(told) is Fault.UNSURE}
    assert {outcome(one) for one in said} <= {"taken", Fault.UNSURE}
    at_center = Counter(one["text"] for one in center.texts())
    assert max(at_center.values()) == 1, "nobody got a text twice"
    assert {one.body for one in texts} - at_center.keys() <= unclear, "none was lost"
    taken = {one for one in said if isinstance(one, str)}
    assert len(taken) == 300 - len(unclear)
    wait_for(lambda: taken <= {one.id for one in keeper.told if one.status is DELIVERED})


def test_a_center_that_falls_silent_is_noticed(start, monkeypatch):
    monkeypatch.setattr(session, "PATIENCE_SECONDS", 0.5)
    center, carrier, _ = start(enquire=1)
    center.mute()
    wait_for(lambda: not carrier.standing().up)
    assert hand_over(carrier, at_number("10"), 1).fault is Fault.LATER
    center.reset()
    wait_for(lambda: carrier.standing().up)
    wait_for(lambda: isinstance(hand_over(carrier, at_number("10"), 1), str))


def test_a_password_that_is_put_right(start):
    center, carrier, keeper = start()
    center.change(password="another")
    center.drop()
    wait_for(lambda: carrier.standing().refused)
    assert hand_over(carrier, at_number("10")).fault is Fault.ACCOUNT
    keeper.stop()
    center.change(password="secret")
    again = Keeper(carrier).up()
    assert isinstance(hand_over(carrier, at_number("10")), str)
    again.stop()


@pytest.mark.parametrize(("body", "how"), [
    ("Grüße {€}", {}), ("héllo ÿ", {"coding": "latin1"}), ("Привет 🙂", {"coding": "ucs2"}),
    ("x" * 300, {"by": "payload"}), ("abc" * 100, {"parts": 2, "backwards": True}),
    ("ю🙂" * 60, {"parts": 3, "coding": "ucs2", "by": "sar"}),
])
def test_texts_in(start, body, how):
    center, _carrier, keeper = start()
    center.text_in(THEIRS, OURS, body, **how)
    many = how.get("parts", 1)
    wait_for(lambda: len(keeper.told) == many and len(center.acks()) == many)
    assert all(isinstance(one, IncomingText) and (one.sender, one.recipient) == (THEIRS, OURS) for one in keeper.told)
    assert "".join(one.body for one in sorted(keeper.told, key=lambda one: one.part.number if one.part else 1)) == body
    assert len({one.part.key for one in keeper.told if one.part}) == (many > 1)
    assert center.acks() == [0] * many


def test_what_the_database_does_not_take_comes_again(start):
    fails = [True, True]

    def store(news):
        if fails:
            fails.pop()
            raise OSError

    center, _carrier, keeper = start(store=store)
    center.text_in(THEIRS, OURS, "STOP")
    wait_for(lambda: center.acks() == [0x64, 0x64, 0])
    assert [one.body for one in keeper.told] == ["STOP"]


def test_a_process_that_is_killed_between_storing_and_answering(running, tmp_path, ends):
    """The center tells the text again, to the next process, and it is one text. Said again by a person, it is two."""
    running.reset()
    file = tmp_path / "texts.db"
    program = [sys.executable, "-m", "tests.carriers.smpp_portal", str(running.port), str(file)]
    running.text_in(THEIRS, OURS, "yes")
    assert subprocess.run([*program, "dies"], cwd=ROOT, check=False).returncode == -signal.SIGKILL

    def stored():
        with sqlite3.connect(file) as rows:
            return [row[0] for row in rows.execute("SELECT body FROM texts")]

    assert stored() == ["yes"]
    assert running.acks() == []
    second = subprocess.Popen(program, cwd=ROOT)
    ends.callback(second.kill)
    wait_for(lambda: running.acks() == [0])
    assert stored() == ["yes"]
    running.text_in(THEIRS, OURS, "yes")
    wait_for(lambda: running.acks() == [0, 0])
    assert stored() == ["yes", "yes"]
    second.terminate()
    assert second.wait(LONG) == 0
    wait_for(lambda: running.sessions() == [])


# --- the center of smpp34 ---------------------------------------------------------------------------------


class OtherCenter:
    """A center by smpp34 in a thread: takes each text, reports it delivered, and tells one text at the beginning."""

    def __init__(self):
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        self.taken, self.answers, self.loop = [], [], asyncio.new_event_loop()
        self.ready, self.over = threading.Event(), None
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.serve(),))
        self.thread.start()
        assert self.ready.wait(LONG)

    async def serve(self):
        server, lines, self.over = smpp34.Server("127.0.0.1", self.port, system_id="center"), {}, asyncio.Event()
        await server.start()
        self.ready.set()
        ending = asyncio.ensure_future(self.over.wait())
        while True:
            told = asyncio.ensure_future(server.next())
            await asyncio.wait({told, ending}, return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                told.cancel()
                break
            await self.take(told.result(), lines)
        await server.stop()

    async def take(self, told, lines):
        if isinstance(told, smpp34.Esme):
            lines[told.session_id] = told
            said = await told.deliver_sm(source_addr="12125550110", destination_addr="14165550101",
                                         source_addr_ton=1, dest_addr_ton=1, short_message=b"hello")
            self.answers.append(said.command_status)
        elif isinstance(told, smpp34.SubmitSmEvent):
            self.taken.append(told)
            told.accept(message_id=f"id-{len(self.taken)}")
            said = await lines[told.session_id].deliver_sm(
                source_addr=told.destination_addr, destination_addr=told.source_addr, esm_class=4,
                tlvs=[smpp34.Tlv(0x1E, b"id-%d\0" % len(self.taken)), smpp34.Tlv(0x0427, b"\2")])
            self.answers.append(said.command_status)

    def stop(self):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(LONG)
        self.loop.close()


def test_another_center(ends):
    center = OtherCenter()
    ends.callback(center.stop)
    carrier = KIND.make(setup_at(center.port))
    keeper = Keeper(carrier)
    ends.callback(keeper.stop)
    keeper.up()
    assert [carrier.send(text(reference=f"ref-{at}", body=body)) for at, body in enumerate(["hello", "🙂" * 100])] == [
        "id-1", "id-2"]
    wait_for(lambda: len(center.answers) == 3)
    assert center.answers == [0, 0, 0]
    assert keeper.told == [
        replace(keeper.told[0], sender=THEIRS, recipient=OURS, body="hello"),
        CarrierReceipt("DELIVRD", DELIVERED, id="id-1"), CarrierReceipt("DELIVRD", DELIVERED, id="id-2")]
    assert center.taken[0].short_message == b"hello"
    [words] = [one.value for one in center.taken[1].tlvs if one.tag == 0x0424]
    assert words.decode("utf-16-be") == "🙂" * 100
