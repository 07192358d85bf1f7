"""What HTTP does to certainty: what was never written, what may have been taken, and how long it may take."""

import socket
import threading
import time
from contextlib import closing
from ipaddress import ip_network

import pytest

from portal.carriers import http, network
from portal.carriers.base import CarrierError, Fault
from tests.patience import LONG, wait_for

from .http_peer import HttpPeer, HttpReply
from .rigs import LOOPBACK


@pytest.fixture
def peer():
    with closing(HttpPeer(lambda request: HttpReply(200, b"{}"))) as peer:
        yield peer


@pytest.fixture
def asking(peer):
    """`asking(answer)` asks a peer that answers so."""
    clients = []

    def ask(answer=None, seconds=10.0, networks=LOOPBACK, address=""):
        peer.answer = (lambda _request: answer) if answer else peer.answer
        clients.append(http.HttpClient(address or peer.address, networks))
        return clients[-1].ask("POST", "/texts", headers={}, body=b"Hello", seconds=seconds)

    yield ask
    for client in clients:
        client.close()


def failure(ask, *given, **named):
    with pytest.raises(CarrierError) as caught:
        ask(*given, **named)
    return caught.value.code, caught.value.fault


def test_who_is_not_there_never_got_the_text(asking):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    assert failure(asking, address=f"http://127.0.0.1:{port}") == ("no-connection", Fault.LATER)
    assert failure(asking, address="http://nobody.invalid") == ("no-connection", Fault.LATER)


def test_who_speaks_no_tls_never_got_the_text(asking, peer):
    assert failure(asking, address=peer.address.replace("http:", "https:")) == ("no-connection", Fault.LATER)
    assert peer.requests == []


def test_who_does_not_answer_may_have_it(asking, peer):
    assert failure(asking, HttpReply(None), seconds=3) == ("no-answer", Fault.UNSURE)
    wait_for(lambda: peer.requests)
    assert [one.body for one in peer.requests] == [b"Hello"], "it had"


def test_a_line_that_breaks_after_the_text_leaves_us_unsure(asking, peer):
    peer.closing.set()
    assert failure(asking, HttpReply(None)) == ("no-answer", Fault.UNSURE)


@pytest.mark.parametrize("body", [b"x" * 5_000, b""], ids=["in the body", "in the head"])
def test_a_server_that_drips_is_not_waited_for(asking, monkeypatch, body):
    """Each byte comes well within the limit of a step; the whole would take minutes."""
    began = time.monotonic()
    assert failure(asking, HttpReply(200, body, drip=0.1), seconds=3) == ("no-answer", Fault.UNSURE)
    assert time.monotonic() - began < 60, "far less than all of it would take"


def test_any_status_is_an_answer_and_nobody_is_sent_elsewhere(asking, peer):
    for status in (200, 302, 307, 404, 429, 500, 503):
        answer = asking(HttpReply(status, b"no", {"location": "/elsewhere"}))
        assert (answer.status, answer.body, answer.read_object()) == (status, b"no", {})
    assert {one.path for one in peer.requests} == {"/texts"}


def test_an_endless_answer_is_cut(asking, monkeypatch):
    monkeypatch.setattr(http, "LONGEST_ANSWER", 1000)
    answer = asking(HttpReply(200, b"{}" + b" " * 300_000))
    assert 1000 <= len(answer.body) < 300_000


def test_an_answer_never_shows_itself(asking):
    assert "secret" not in repr(asking(HttpReply(200, b"a secret", {"x-secret": "secret"})))


def test_a_connection_that_was_idle_is_not_used_again(peer, monkeypatch):
    """The other side may have closed it a moment ago; a text written to it then would be unclear."""
    with closing(http.HttpClient(peer.address, LOOPBACK)) as client:
        opened = []
        monkeypatch.setattr(http, "open_connection", lambda *given: opened.append(given) or network.open_connection(
            *given))
        for fresh in (60.0, 60.0, -1.0, -1.0):
            monkeypatch.setattr(http, "FRESH_SECONDS", fresh)
            client.ask("GET", "/", headers={})
    assert len(opened) == 3


@pytest.mark.parametrize(("address", "networks", "allowed"), [
    ("8.8.8.8", "", True), ("2606:4700::1111", "", True), ("127.0.0.1", "", False), ("10.1.2.3", "", False),
    ("192.168.1.1", "", False), ("::1", "", False), ("fd00::1", "", False), ("100.64.0.1", "", False),
    ("127.0.0.1", "127.0.0.0/8", True), ("10.1.2.3", "10.1.0.0/16", True), ("10.2.2.3", "10.1.0.0/16", False),
    ("::1", "::1/128", True), ("fd00::1", "fd00::/8", True), ("169.254.169.254", "", False),
    ("169.254.169.254", "0.0.0.0/0", False), ("fe80::1%eth0", "::/0", False), ("::ffff:169.254.169.254", "::/0", False),
    ("::ffff:10.0.0.1", "", False), ("::ffff:127.0.0.1", "127.0.0.0/8", True), ("0.0.0.0", "0.0.0.0/0", False),
    ("::", "::/0", False), ("224.0.0.1", "0.0.0.0/0", False), ("2002:a9fe:a9fe::", "::/0", False),
    ("255.255.255.255", "", False), ("64:ff9b::808:808", "", True), ("64:ff9b::a9fe:a9fe", "::/0", False),
    ("64:ff9b::7f00:1", "", False), ("64:ff9b:1::a9fe:a9fe", "", False), ("::7f00:1", "", False),
    ("::ffff:0:7f00:1", "", False), ("fec0::1", "", False),
])
def test_where_a_carrier_may_be(address, networks, allowed):
    assert network.is_address_allowed(address, [ip_network(networks)] if networks else []) is allowed


def test_a_name_is_looked_at_when_the_portal_connects(asking, peer, monkeypatch):
    assert failure(asking, networks=()) == ("forbidden-address", Fault.LATER)
    assert failure(asking, address=peer.address.replace("127.0.0.1", "localhost"), networks=()) == (
        "forbidden-address", Fault.LATER)
    assert peer.requests == []
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in ("8.8.8.8", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: inside)
    assert failure(asking, address="http://example.com") == ("forbidden-address", Fault.LATER)


def test_a_resolver_that_does_not_answer_leaves_no_text_unclear(asking, monkeypatch):
    """Nothing is written before the address is known, so the text can be tried again."""
    ended = threading.Event()
    monkeypatch.setattr(http, "LOOKUP_SECONDS", 0.01)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: ended.wait(LONG) and [])
    assert failure(asking, address="http://example.com") == ("no-connection", Fault.LATER)
    ended.set()


def test_a_request_whose_time_is_over_when_the_line_is_up_is_not_begun(asking, peer, monkeypatch):
    def late(*given):
        connection = network.open_connection(*given)
        http._request.until = 0.0
        return connection

    monkeypatch.setattr(http, "open_connection", late)
    assert failure(asking) == ("no-connection", Fault.LATER)
    assert peer.requests == []


@pytest.mark.parametrize("address", ["ftp://example.com", "example.com", "https://", "https://me:pw@example.com", ""])
def test_what_is_no_address_of_a_carrier(address):
    with pytest.raises(ValueError, match="address"):
        http.HttpClient(address)
