"""What a line does with texts when the other side is slow, silent, gone, full, or hostile."""

import socket
import ssl
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from portal.carriers import smpp
from portal.carriers.base import SEND_SECONDS, CarrierError, CarrierReceipt, CarrierStatus, Fault, ForgedWebhook
from portal.carriers.http import UNREACHABLE
from portal.carriers.smpp import KIND, line, session
from portal.carriers.smpp.outgoing import hash_reference
from portal.carriers.smpp.pdu import ANSWER_BIT, Command, Pdu, ShortMessage, Tag
from portal.carriers.smpp.session import CenterSession, NotWritten, Unanswered, open_session
from portal.carriers.smpp.settings import read_settings
from tests.patience import wait_for
from tests.peers.center import write_certificate

from .rigs import text
from .rigs.smpp import Keeper, setup_at
from .smpp_peer import DROP, DROP_TAKEN, LONG, SILENT, TAKE, SmppPeer, deliver_body

HELLO = ShortMessage("12125550110", "14165550101", b"hello")


@pytest.fixture
def ends():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start(ends):
    """`start(peer settings, carrier settings)`: a center, a carrier that is bound to it, and its keeper."""

    def begin(store=lambda news: None, decide=lambda message: TAKE, wait=True, at_once=None, **settings):
        peer = SmppPeer(decide=decide)
        ends.callback(peer.close)
        carrier = make(peer.port, at_once, **settings)
        keeper = Keeper(carrier, store)
        ends.callback(keeper.stop)
        return peer, carrier, keeper.up() if wait else keeper

    return begin


def make(port, at_once=None, **settings):
    setup = setup_at(port, **settings)
    object.__setattr__(setup, "at_once", at_once)
    return KIND.make(setup)


def bound_again(peer, keeper):
    """Wait until the center has heard a second bind, and the carrier its answer."""
    peer.wait_for(lambda peer: peer.binds == 2)
    keeper.up()
    wait_for(lambda: keeper.carrier._lines[0].session)


def failure(carrier, one=None):
    with pytest.raises(CarrierError) as caught:
        carrier.send(one or text())
    return caught.value.code, caught.value.fault


def hurry(monkeypatch, seconds=2.0):
    """Answers are given up sooner than in earnest."""
    monkeypatch.setattr("portal.carriers.smpp._ANSWER_SECONDS", seconds)


# --- texts out --------------------------------------------------------------------------------------------


def test_nothing_is_opened_before_the_line_is_kept(ends):
    peer = SmppPeer()
    ends.callback(peer.close)
    carrier = make(peer.port)
    assert failure(carrier) == (UNREACHABLE, Fault.LATER)
    assert peer.seen == []
    assert not carrier.standing().up


@pytest.mark.parametrize(("status", "code", "fault"), [
    (0x0B, "no-such-number", Fault.TEXT), (0x0A, "our-number", Fault.TEXT), (0x01, "0x01", Fault.TEXT),
    (0x33, "0x33", Fault.TEXT), (0x61, "0x61", Fault.TEXT), (0xC4, "0xC4", Fault.TEXT), (0xFF, "0xFF", Fault.TEXT),
    (0x45, "0x45", Fault.TEXT), (0x400, "0x400", Fault.TEXT), (0x65, "0x65", Fault.TEXT),
    (0x58, "too-fast", Fault.LATER), (0x14, "too-fast", Fault.LATER), (0x08, "network-trouble", Fault.LATER),
    (0x64, "0x64", Fault.LATER), (0x04, "0x04", Fault.LATER), (0x0E, "account", Fault.ACCOUNT),
    (0x411, "0x411", Fault.LATER), (0x412, "0x412", Fault.ACCOUNT),
])
def test_what_statuses_mean(start, status, code, fault):
    peer, carrier, _ = start(lambda news: None, lambda message: status, later_codes="0x411", account_codes="1042")
    assert failure(carrier) == (code, fault)
    assert peer.texts == []


def test_a_center_that_does_not_understand_a_text_has_refused_it(start):
    peer, carrier, _ = start(lambda news: None, lambda message: SILENT)
    peer.take_submit = lambda connection, pdu: connection.write(Pdu(Command.GENERIC_NACK, 3, pdu.sequence))
    assert failure(carrier) == ("0x03", Fault.TEXT)


@pytest.mark.parametrize(("said", "taken"), [(DROP, 0), (DROP_TAKEN, 1)])
def test_a_line_that_is_lost_before_the_answer_leaves_the_text_unclear(start, said, taken, monkeypatch):
    hurry(monkeypatch, 5 * LONG)
    peer, carrier, keeper = start(lambda news: None, lambda message: said)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(failure, carrier).result(LONG) == ("no-answer", Fault.UNSURE), "at once, not when time is up"
    assert len(peer.texts) == taken
    peer.decide = lambda message: TAKE
    bound_again(peer, keeper)
    assert carrier.send(text(reference="ref-2"))


def test_a_center_that_gives_no_answer(start, monkeypatch):
    hurry(monkeypatch)
    peer, carrier, _ = start(lambda news: None, lambda message: SILENT)
    assert failure(carrier) == ("no-answer", Fault.UNSURE)
    assert peer.count(hash_reference("ref-1")) == 1


def test_it_waits_for_the_answer_less_long_than_those_who_wait_for_it():
    assert smpp._ANSWER_SECONDS < SEND_SECONDS


def test_an_answer_counts_although_the_line_ends_with_it(start):
    peer, carrier, keeper = start()

    def answer_and_go(connection, pdu):
        connection.raw.sendall(Pdu(Command.SUBMIT_SM | ANSWER_BIT, 0, pdu.sequence, b"77\0").write_bytes())
        connection.drop()

    peer.take_submit = answer_and_go
    assert carrier.send(text()) == "77"
    bound_again(peer, keeper)


def test_a_late_answer_settles_the_text_and_its_receipts_find_it(start, monkeypatch):
    hurry(monkeypatch)
    peer, carrier, keeper = start(lambda news: None, lambda message: SILENT)
    failure(carrier)
    [taken] = peer.texts
    peer.bound().write(Pdu(Command.SUBMIT_SM | ANSWER_BIT, 0, taken.pdu.sequence, b"77\0"))
    wait_for(lambda: keeper.told)
    assert keeper.told == [CarrierReceipt("late answer", CarrierStatus.SENT, "ref-1", "77")]
    assert peer.tell(ShortMessage("14165550110", "14165550101", b"id:77 stat:DELIVRD err:000", esm_class=4)) == 0
    assert (keeper.told[-1].reference, keeper.told[-1].status) == ("ref-1", CarrierStatus.DELIVERED)


def test_a_late_refusal_settles_the_text_too(start, monkeypatch):
    hurry(monkeypatch)
    peer, carrier, keeper = start(lambda news: None, lambda message: SILENT)
    failure(carrier)
    peer.bound().write(Pdu(Command.SUBMIT_SM | ANSWER_BIT, 0x0B, peer.texts[0].pdu.sequence))
    wait_for(lambda: keeper.told)
    assert keeper.told == [CarrierReceipt("late answer", CarrierStatus.FAILED, "ref-1", code="no-such-number")]


def test_a_receipt_that_repeats_our_reference_settles_an_unclear_text(start):
    peer, carrier, keeper = start(lambda news: None, lambda message: DROP_TAKEN)
    failure(carrier)
    bound_again(peer, keeper)
    echo = {Tag.USER_REFERENCE: hash_reference("ref-1"), Tag.RECEIPTED_ID: b"1001\0", Tag.MESSAGE_STATE: b"\2"}
    assert peer.tell(ShortMessage("14165550110", "14165550101", b"", esm_class=4, parameters=echo)) == 0
    assert peer.tell(ShortMessage("14165550199", "14165550101", b"", esm_class=4, parameters=echo | {
        Tag.RECEIPTED_ID: b"1002\0"})) == 0
    assert [(one.reference, one.id) for one in keeper.told] == [("ref-1", "1001"), ("", "1002")], (
        "16 bits alone are the reference of nobody")


def test_the_window_is_never_exceeded(start):
    now, most, lock = [0], [0], threading.Lock()

    def slowly(connection, pdu):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])

        def answer():
            with lock:
                now[0] -= 1
            connection.write(Pdu(Command.SUBMIT_SM | ANSWER_BIT, 0, pdu.sequence, b"%d\0" % pdu.sequence))

        threading.Timer(0.02, answer).start()

    peer, carrier, _ = start(window=3, at_once=20)
    assert carrier.at_once == 3
    peer.take_submit = slowly
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda at: carrier.send(text(reference=f"ref-{at}")), range(40)))
    assert len(set(ids)) == 40
    assert 1 < most[0] <= 3


def test_who_finds_no_place_in_the_window_has_not_been_written(start, monkeypatch):
    monkeypatch.setattr(session, "PLACE_SECONDS", 0.1)
    peer, carrier, _ = start(lambda news: None, lambda message: SILENT, window=1)
    hurry(monkeypatch, 3)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(failure, carrier)
        peer.wait_for(lambda peer: peer.texts)
        assert failure(carrier, text(reference="ref-2")) == ("busy", Fault.LATER)
        assert first.result() == ("no-answer", Fault.UNSURE)
    assert peer.count(hash_reference("ref-2")) == 0


def test_texts_at_once_and_what_the_operator_says():
    assert (make(1).at_once, make(1, 4).at_once, make(1, 50, window=50).at_once, make(1, 50).at_once) == (1, 4, 50, 10)


@pytest.mark.parametrize("long_texts", ["udh", "sar"])
def test_a_long_text_has_the_id_of_its_last_part(start, long_texts):
    peer, carrier, _ = start(long_texts=long_texts)
    assert carrier.send(text(body="x" * 400)) == peer.texts[-1].id
    assert len(peer.texts) == 3


def refuse_second(status, times=99):
    seen = []

    def decide(message):
        seen.append(message)
        return status if 2 <= len(seen) < 2 + times else TAKE

    return decide


def test_a_part_that_is_refused_after_another_was_taken_leaves_the_text_unclear(start):
    peer, carrier, _ = start(lambda news: None, refuse_second(0x0B), long_texts="udh")
    assert failure(carrier, text(body="x" * 400)) == ("no-such-number", Fault.UNSURE)
    assert len(peer.texts) == 1, "no part is sent after one that was refused"


def test_a_first_part_that_is_refused_refuses_the_text(start):
    peer, carrier, _ = start(lambda news: None, lambda message: 0x58, long_texts="udh")
    assert failure(carrier, text(body="x" * 400)) == ("too-fast", Fault.LATER)
    assert peer.texts == []


def test_a_later_part_is_offered_again_to_a_busy_center(start, monkeypatch):
    monkeypatch.setattr("portal.carriers.smpp._PART_AGAIN_SECONDS", 0.01)
    peer, carrier, _ = start(lambda news: None, refuse_second(0x58, 2), long_texts="udh")
    assert carrier.send(text(body="x" * 400)) == peer.texts[-1].id
    assert [one.message.words[5] for one in peer.texts] == [1, 2, 3]


def test_a_center_that_stays_busy_leaves_a_text_unclear_whose_first_part_it_took(start, monkeypatch):
    hurry(monkeypatch)
    monkeypatch.setattr("portal.carriers.smpp._PART_AGAIN_SECONDS", 0.01)
    peer, carrier, _ = start(lambda news: None, refuse_second(0x58, 10**6), long_texts="udh")
    # Time may be up just while the part is offered once more, or before that has begun: so says the code.
    assert failure(carrier, text(body="x" * 400)) in {
        ("too-fast", Fault.UNSURE), ("no-answer", Fault.UNSURE), ("no-connection", Fault.UNSURE)}
    assert len(peer.texts) == 1


def test_a_center_that_gives_no_ids(start):
    peer, carrier, _ = start()
    peer.write_id = lambda number: ""
    assert carrier.send(text()) == "no-id-ref-1"


def test_it_cannot_be_asked_for_a_text_and_calls_nobody():
    with pytest.raises(CarrierError) as caught:
        make(1).look_up(text(), None)
    assert caught.value.fault is Fault.UNSURE
    with pytest.raises(ForgedWebhook):
        make(1).read(None)


# --- the line ---------------------------------------------------------------------------------------------


def test_two_binds_each_for_its_direction(start):
    peer, carrier, keeper = start(bind="pair")
    assert {one.kind for one in peer.connections} == {Command.BIND_TRANSMITTER, Command.BIND_RECEIVER}
    assert carrier.send(text())
    assert peer.tell(HELLO) == 0
    assert [one.body for one in keeper.told] == ["hello"]
    assert carrier.check().lines == (2, 2)


def test_a_line_that_is_lost_is_bound_again(start):
    peer, carrier, keeper = start()
    peer.drop()
    bound_again(peer, keeper)
    assert carrier.send(text())


def test_at_the_end_it_unbinds_and_gives_every_answer_that_is_due(start):
    release, began = threading.Event(), threading.Event()

    def store(news):
        began.set()
        assert release.wait(60)

    peer, carrier, keeper = start(store)
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(peer.tell, HELLO)
        assert began.wait(60)
        keeper.stopping.set()
        release.set()
        assert status.result() == 0
    keeper.stop()
    assert peer.unbinds == 1
    assert not carrier.standing().up
    assert failure(carrier) == (UNREACHABLE, Fault.LATER)


@pytest.mark.parametrize("status", [0x0D, 0x0E, 0x0F, 0x05])
def test_an_account_that_is_not_accepted_waits_for_a_person(ends, status):
    peer = SmppPeer()
    peer.bind_status = status
    ends.callback(peer.close)
    carrier = make(peer.port)
    keeper = Keeper(carrier)
    ends.callback(keeper.stop)
    wait_for(lambda: carrier.standing().refused)
    assert carrier.standing().code == "account"
    assert failure(carrier) == ("account", Fault.ACCOUNT)
    assert peer.seen.count(peer.seen[0]) == 1, "no hammering"


@pytest.mark.parametrize(("status", "refused"), [(0x08, False), (0x58, False), (0x411, True)])
def test_other_refusals_of_a_bind(ends, status, refused):
    peer = SmppPeer()
    peer.bind_status = status
    ends.callback(peer.close)
    carrier = make(peer.port)
    keeper = Keeper(carrier)
    ends.callback(keeper.stop)
    wait_for(lambda: carrier.standing().code)
    assert carrier.standing().refused is refused


def test_delays_grow_and_have_an_end(monkeypatch):
    class Stopping(threading.Event):
        def __init__(self):
            super().__init__()
            self.waited = []

        def wait(self, seconds=None):
            self.waited.append(seconds)
            if len(self.waited) == 7:
                self.set()

    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    made, stopping = make(port), Stopping()
    made._lines[0].run(stopping)
    assert stopping.waited == [2, 4, 8, 16, 30, 30, 30]
    assert line.FIRST_DELAY == 1


def test_a_silent_center_is_noticed(ends, monkeypatch):
    peer = SmppPeer()
    ends.callback(peer.close)
    center = read_settings(setup_at(peer.port, enquire=1))
    made = open_session(center, Command.BIND_TRANSCEIVER, lambda *given: False, lambda *given: None)
    made._patience = 0.5
    peer.is_mute = True
    with pytest.raises(OSError, match="silent"):
        made.run(threading.Event())
    assert peer.seen[-1].command == Command.ENQUIRE_LINK


def test_a_center_that_answers_looks_is_kept_and_heard(ends):
    peer = SmppPeer()
    ends.callback(peer.close)
    center, stopping = read_settings(setup_at(peer.port, enquire=1)), threading.Event()
    made = open_session(center, Command.BIND_TRANSCEIVER, lambda *given: False, lambda *given: None)
    made._enquire, made._patience = 0.05, 60
    thread = threading.Thread(target=made.run, args=(stopping,))
    thread.start()
    wait_for(lambda: sum(one.command == Command.ENQUIRE_LINK for one in peer.seen) > 3)
    assert peer.bound().request(Command.ENQUIRE_LINK, b"").status == 0
    stopping.set()
    made.wake()
    thread.join(60)
    assert made.ended is not None


def test_a_center_that_unbinds_is_answered_and_bound_again(start):
    peer, _carrier, _keeper = start()
    assert peer.bound().request(Command.UNBIND, b"").command == Command.UNBIND | ANSWER_BIT
    peer.wait_for(lambda peer: peer.binds == 2)


def test_check_binds_for_a_moment_where_no_line_is_kept(ends):
    peer = SmppPeer()
    ends.callback(peer.close)
    assert make(peer.port).check().lines is None
    wait_for(lambda: peer.unbinds == 1 and not peer.connections)
    assert peer.seen[0].command == Command.BIND_TRANSMITTER
    peer.bind_status = 0x05
    make(peer.port).check()
    peer.bind_status = 0x08
    with pytest.raises(CarrierError) as caught:
        make(peer.port).check()
    assert caught.value.fault is Fault.LATER


def test_check_says_that_the_lines_of_this_process_are_up(start):
    peer, carrier, _ = start()
    assert carrier.check().lines == (1, 1)
    assert peer.binds == 1


# --- TLS --------------------------------------------------------------------------------------------------


@pytest.fixture
def tls_peer(ends, tmp_path):
    certificate, key = tmp_path / "center.pem", tmp_path / "center.key"
    write_certificate(certificate, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    peer = SmppPeer(context)
    ends.callback(peer.close)
    return peer, certificate.read_text()


def check_failure(carrier):
    with pytest.raises(CarrierError) as caught:
        carrier.check()
    return caught.value.code, caught.value.fault


@pytest.mark.parametrize("typed", [str, lambda pem: pem.replace("\n", " "), lambda pem: pem.replace("\n", "")],
                         ids=["lines", "spaces", "one line"])
def test_tls_with_an_authority_of_the_centers_own(tls_peer, ends, typed):
    peer, pem = tls_peer
    carrier = make(peer.port, host="localhost", tls="1", authority=typed(pem))
    keeper = Keeper(carrier).up()
    ends.callback(keeper.stop)
    assert carrier.send(text())
    assert peer.tell(HELLO) == 0
    many = ShortMessage("12125550110", "14165550101", b"", parameters={Tag.PAYLOAD: b"x" * 60_000})
    assert peer.tell(many) == 0, "more than TLS shows at once"
    assert len(keeper.told[-1].body) == 60_000


def test_tls_that_is_not_to_be_trusted(tls_peer):
    peer, _pem = tls_peer
    assert check_failure(make(peer.port, host="localhost", tls="1")) == ("certificate", Fault.LATER)
    assert peer.seen == [], "no password was said"


def test_tls_with_another_host(tls_peer, monkeypatch):
    peer, pem = tls_peer
    carrier = make(peer.port, host="another.example.com", tls="1", authority=pem)
    found = socket.getaddrinfo("127.0.0.1", peer.port, type=socket.SOCK_STREAM)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: found)
    assert check_failure(carrier) == ("certificate", Fault.LATER)
    assert peer.seen == []


def test_a_center_without_tls_hears_no_password(ends):
    peer = SmppPeer()
    ends.callback(peer.close)
    code, fault = check_failure(make(peer.port, host="localhost", tls="1"))
    assert (code, fault) in {("no-tls", Fault.LATER), (UNREACHABLE, Fault.LATER)}
    assert peer.binds == 0


# --- hostile ----------------------------------------------------------------------------------------------


def test_a_pdu_in_two_halves_with_a_pause_between(start):
    peer, carrier, keeper = start(enquire=1)
    connection = peer.bound()
    wire = Pdu(Command.DELIVER_SM, 0, 5, deliver_body(HELLO)).write_bytes()
    with connection.lock:
        connection.raw.sendall(wire[:21])
        # Longer than the line is silent before it asks, and in the other direction it goes on.
        wait_for(lambda: peer.seen[-1].command == Command.ENQUIRE_LINK)
        connection.raw.sendall(wire[21:])
    assert carrier.send(text())
    wait_for(lambda: keeper.told)
    assert keeper.told[0].body == "hello"
    assert peer.tell(HELLO) == 0, "in step"


def test_what_nobody_knows_is_not_understood(start):
    peer, _carrier, _ = start()
    for command in (0x03, 0x07, 0x1234, Command.SUBMIT_SM, Command.BIND_RECEIVER):
        peer.bound().write(Pdu(command, 0, 77, b"any"))
        wait_for(lambda: [one for one in peer.seen if one.command == Command.GENERIC_NACK])
        assert peer.seen.pop() == Pdu(Command.GENERIC_NACK, 3, 77)


def test_what_wants_no_answer_gets_none(start):
    peer, _carrier, _ = start()
    for command in (Command.OUTBIND, Command.ALERT_NOTIFICATION, 0x80001234, Command.SUBMIT_SM | ANSWER_BIT,
                    Command.GENERIC_NACK):
        peer.bound().write(Pdu(command, 0, 0x7777, b"\xff" * 9))
    assert peer.bound().request(Command.ENQUIRE_LINK, b"").status == 0
    assert [one.command for one in peer.seen] == [Command.BIND_TRANSCEIVER, Command.ENQUIRE_LINK | ANSWER_BIT]


@pytest.mark.parametrize("garbage", [
    struct.pack(">LLLL", 3, 5, 0, 1), struct.pack(">LLLL", 2**32 - 1, 5, 0, 1), b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\0" * 64, b"\xff" * 64,
])
def test_a_line_that_is_out_of_step_is_bound_anew(start, garbage):
    peer, carrier, keeper = start()
    peer.bound().raw.sendall(garbage)
    bound_again(peer, keeper)
    assert carrier.send(text())


@pytest.mark.parametrize("body", [b"", b"\0", b"no end", deliver_body(HELLO)[:-3], b"\0\1\1" + b"9" * 300])
def test_a_text_that_cannot_be_read_is_refused_for_good(start, body):
    peer, _carrier, keeper = start()
    assert peer.bound().request(Command.DELIVER_SM, body).status == 0x65
    assert keeper.told == []
    assert peer.tell(HELLO) == 0


def test_who_answers_a_bind_with_rubbish(ends):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail.example.com ESMTP\r\n" * 9)
                connection.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        assert check_failure(make(server.getsockname()[1])) == ("no-smpp", Fault.LATER)
        thread.join(60)


def test_a_bind_that_is_never_answered_has_an_end(ends, monkeypatch):
    monkeypatch.setattr("portal.carriers.smpp._CHECK_SECONDS", 0.3)
    peer = SmppPeer()
    peer.is_mute = True
    ends.callback(peer.close)
    assert check_failure(make(peer.port)) == (UNREACHABLE, Fault.LATER)


def test_a_handshake_that_drips_has_an_end(ends, monkeypatch):
    monkeypatch.setattr("portal.carriers.smpp._CHECK_SECONDS", 0.5)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        done = threading.Event()

        def drip():
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"\x16\x03\x03\x40\x00")
                while not done.wait(0.05):
                    try:
                        connection.sendall(b"\x02")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        assert check_failure(make(server.getsockname()[1], tls="1", host="localhost"))[1] is Fault.LATER
        done.set()
        thread.join(60)


def test_a_center_that_tells_more_than_there_is_room_for_is_asked_to_keep_it(start):
    release = threading.Event()
    peer, _carrier, keeper = start(lambda news: release.wait(60))
    connection = peer.bound()
    for at in range(400):
        body = deliver_body(ShortMessage("12125550110", "14165550101", b"text %d" % at))
        connection.write(Pdu(Command.DELIVER_SM, 0, 5000 + at, body))
    wait_for(lambda: any(one.status == 0x14 for one in connection.answers.values()))
    release.set()
    wait_for(lambda: len(connection.answers) == 400)
    taken = [number for number, one in connection.answers.items() if one.status == 0]
    assert {f"text {number - 5000}" for number in taken} == {one.body for one in keeper.told}
    assert {one.status for one in connection.answers.values()} == {0, 0x14}


def test_a_center_that_asks_and_never_reads_is_left(ends, monkeypatch):
    """Our answers would fill the memory."""
    monkeypatch.setattr("portal.carriers.smpp.wire._MOST_UNWRITTEN", 10_000)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        accepted = []

        def serve():
            connection, _ = server.accept()
            accepted.append(connection)
            bind = connection.recv(1000)
            answer = Pdu(Command.BIND_TRANSCEIVER | ANSWER_BIT, 0, int.from_bytes(bind[12:16], "big"), b"c\0")
            connection.sendall(answer.write_bytes())
            look = Pdu(Command.ENQUIRE_LINK, 0, 1).write_bytes() * 1000
            try:
                while True:
                    connection.sendall(look)
            except OSError:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        center = read_settings(setup_at(server.getsockname()[1]))
        with pytest.raises(OSError, match="reads nothing"):
            open_session(center, Command.BIND_TRANSCEIVER, lambda *given: False, lambda *given: None).run(
                threading.Event())
        thread.join(60)


def test_a_text_that_was_not_begun_when_the_line_was_lost_is_tried_again(ends):
    """The peer reads nothing, so the second text waits behind the first and is certainly not there."""
    peer = SmppPeer()
    ends.callback(peer.close)
    made = open_session(read_settings(setup_at(peer.port)), Command.BIND_TRANSCEIVER, lambda *given: False,
                        lambda *given: None)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(made.submit, b"never written", "ref-1", time.monotonic() + 5 * LONG)
        wait_for(lambda: made._queued)
        made.close()
        with pytest.raises(NotWritten):
            waiting.result(LONG)
    with pytest.raises(NotWritten):
        made.submit(b"after the end", "ref-2", time.monotonic() + 60)


def test_an_answer_that_was_given_up_is_not_remembered_for_ever(ends, monkeypatch):
    monkeypatch.setattr(session, "_MOST_GIVEN_UP", 1)
    peer = SmppPeer(decide=lambda message: SILENT)
    ends.callback(peer.close)
    made = open_session(read_settings(setup_at(peer.port)), Command.BIND_TRANSCEIVER, lambda *given: False,
                        lambda *given: None)
    assert isinstance(made, CenterSession)
    stopping = threading.Event()
    thread = threading.Thread(target=made.run, args=(stopping,))
    thread.start()
    body = KIND.make(setup_at(1))._writer.write_text(text())[0]
    for at in range(3):
        with pytest.raises(Unanswered):
            made.submit(body, f"ref-{at}", time.monotonic() + 1)
    assert len(made._waiting) == 1
    stopping.set()
    made.wake()
    thread.join(60)
