"""The message center that tests start, held to a client of somebody else."""

import shutil
import socket
import ssl
from contextlib import suppress

import pytest
import smpplib.client
import smpplib.command
import smpplib.consts
import smpplib.exceptions

from tests.patience import wait_for

from . import center as center_module
from .center import MessageCenter


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with MessageCenter(tmp_path_factory.mktemp("center")) as center:
        yield center


@pytest.fixture
def center(running):
    running.reset()
    return running


class Phone:
    """A client that is bound; `heard` holds every deliver_sm, `answered` (status, id) of every answer."""

    def __init__(self, center, password=center_module.PASSWORD, refuses=0):
        self.heard, self.answered, self.refuses = [], [], refuses
        self.line = smpplib.client.Client("127.0.0.1", center.port, timeout=5, allow_unknown_opt_params=True)
        self.line.set_message_received_handler(self._hear)
        self.line.set_message_sent_handler(
            lambda pdu: self.answered.append((pdu.status, getattr(pdu, "message_id", None))))
        self.line.set_error_pdu_handler(lambda pdu: None)
        self.line.connect()
        try:
            self.line.bind_transceiver(system_id=center_module.SYSTEM, password=password)
        except smpplib.exceptions.PDUError:
            self.close()
            raise

    def _hear(self, pdu):
        self.heard.append(pdu)
        if self.refuses:
            self.refuses -= 1
            return smpplib.consts.SMPP_ESME_RX_T_APPN
        return None

    def submit(self, number, message=b"hello", **more):
        self.line.send_message(
            source_addr_ton=1, source_addr_npi=1, source_addr="14165550101", dest_addr_ton=1, dest_addr_npi=1,
            destination_addr=number, short_message=message, registered_delivery=1, **more)

    def read_until(self, holds):
        def step():
            with suppress(TimeoutError):
                self.line.read_once(auto_send_enquire_link=False)
            return holds()
        return holds() or wait_for(step)

    def words(self):
        return [one.short_message.decode("latin1") for one in self.heard]

    def close(self):
        self.line.disconnect()


@pytest.fixture
def phone(center):
    made = Phone(center)
    yield made
    made.close()


def test_who_may_bind(center):
    with pytest.raises(smpplib.exceptions.PDUError) as caught:
        Phone(center, password="wrong").close()
    assert caught.value.args[1] == 0x0E


@pytest.mark.parametrize(("ending", "status", "receipts"), [
    ("10", 0, ["DELIVRD"]), ("50", 0, ["UNDELIV"]), ("51", 0x0B, []), ("56", 0, ["DELIVRD", "DELIVRD"]),
    ("60", 0x14, []), ("61", 0x08, []), ("62", 0, ["DELIVRD"]), ("63", 0, ["REJECTD"]), ("64", 0, ["EXPIRED"]),
    ("65", 0, ["ACCEPTD", "DELIVRD"]), ("68", 0, ["DELIVRD"]), ("70", 0, ["DELIVRD"]),
])
def test_what_becomes_of_a_text(center, phone, ending, status, receipts):
    phone.submit(f"164755501{ending}")
    phone.read_until(lambda: phone.answered and len(phone.heard) == len(receipts))
    assert phone.answered[0][0] == status
    assert [words.partition("stat:")[2].split()[0] for words in phone.words()] == receipts
    assert len(center.texts()) == (not status)


def test_too_fast_twice_and_then_not(center, phone):
    for many in range(3):
        phone.submit("16475550155")
        phone.read_until(lambda many=many: len(phone.answered) > many)
    assert [status for status, _id in phone.answered] == [0x58, 0x58, 0]


@pytest.mark.parametrize(("ids", "answer", "receipt"), [("dec", 10, 10), ("hex", 16, 16), ("mixed", 16, 10)])
def test_ids_as_it_writes_them(center, phone, ids, answer, receipt):
    center.change(ids=ids)
    phone.submit("16475550110")
    phone.read_until(lambda: phone.answered and phone.heard)
    told = phone.words()[0].partition("id:")[2].split()[0]
    assert int(phone.answered[0][1], answer) == int(told, receipt)
    assert phone.heard[0].receipted_message_id.decode().strip("\0") == told


def test_the_line_breaks_before_and_after_it_took_a_text(center):
    for ending, taken in (("59", 0), ("57", 1)):
        center.reset()
        phone = Phone(center)
        phone.submit(f"164755501{ending}")
        with pytest.raises((smpplib.exceptions.ConnectionError, OSError)):
            phone.read_until(lambda: False)
        phone.close()
        assert len(center.texts()) == taken


def test_what_is_refused_or_not_answered_is_told_again(center):
    phone = Phone(center, refuses=1)
    center.text_in("+16475550110", "+14165550101", "STOP")
    phone.read_until(lambda: len(phone.heard) == 2)
    assert phone.words() == ["STOP"] * 2
    wait_for(lambda: center.acks() == [0x64, 0])
    phone.close()
    with socket.create_connection(("127.0.0.1", center.port)) as deaf:
        bind = smpplib.command.BindTransceiver(
            "bind_transceiver", sequence=1, system_id=center_module.SYSTEM, password=center_module.PASSWORD,
            client=None, interface_version=0x34, addr_ton=0, addr_npi=0, address_range="", system_type="")
        deaf.sendall(bind.generate())
        wait_for(lambda: center.sessions() == ["transceiver"])
        center.text_in("+16475550110", "+14165550101", "again")
        wait_for(lambda: b"again" in deaf.recv(4096))
    phone = Phone(center)
    phone.read_until(lambda: phone.words() == ["again"])
    phone.close()


def test_a_long_text_is_put_together(center, phone):
    halves = ("Grüße {€} ".encode("utf-16-be") * 6, "und 🙂".encode("utf-16-be"))
    for number, half in enumerate(halves, 1):
        phone.submit("16475550110", bytes([5, 0, 3, 77, 2, number]) + half, esm_class=0x40, data_coding=8)
    phone.read_until(lambda: len(phone.answered) == 2)
    assert center.whole_texts() == [("16475550110", "Grüße {€} " * 6 + "und 🙂")]


def test_a_long_text_comes_in_parts(center, phone):
    center.text_in("+16475550110", "+14165550101", "абв" * 40, coding="ucs2", parts=2, backwards=True)
    phone.read_until(lambda: len(phone.heard) == 2)
    second, first = (one.short_message for one in phone.heard)
    assert (first[4:6], second[4:6]) == (bytes([2, 1]), bytes([2, 2]))
    assert (first[6:] + second[6:]).decode("utf-16-be") == "абв" * 40


def test_a_pace_and_a_window(center, phone):
    center.change(window=1, delay=3000)
    for _ in range(2):
        phone.submit("16475550110")
    phone.read_until(lambda: len(phone.answered) == 2)
    assert sorted(status for status, _id in phone.answered) == [0, 0x14]


def test_the_answers_of_people(center, phone):
    for ending in ("53", "53", "54"):
        phone.submit(f"164755501{ending}")
    phone.read_until(lambda: len(phone.heard) == 5)
    assert sorted(words for words in phone.words() if "stat:" not in words) == [
        "Bonjour, merci de votre message.", "STOP"]


def test_tls_with_a_certificate_of_its_own(center):
    trusting = ssl.create_default_context(cafile=str(center.certificate))
    with (socket.create_connection(("127.0.0.1", center.tls_port)) as plain,
          trusting.wrap_socket(plain, server_hostname="localhost") as line):
        assert line.version() == "TLSv1.3"


def test_it_starts_again_on_the_same_ports(tmp_path):
    with MessageCenter(tmp_path) as one:
        ports = (one.port, one.tls_port, one.control_port)
        one.stop()
        one.start()
        assert (one.port, one.tls_port, one.control_port) == ports
        assert one.texts() == []


def test_it_goes_when_whoever_started_it_goes(tmp_path):
    with MessageCenter(tmp_path) as one:
        one._process.stdin.close()
        assert one._process.wait(60) == 0
        one._process.stdin = None


def test_a_machine_without_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(center_module, "MODULES", tmp_path)
    monkeypatch.delenv("PEERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="make peers"):
        MessageCenter(tmp_path).start()
    monkeypatch.setenv("PEERS", "1")
    with pytest.raises(pytest.fail.Exception, match="make peers"):
        MessageCenter(tmp_path).start()
    assert shutil.which("node")
