"""The web server as it is really started: silent and slow visitors hold up nobody, and nothing they send is lost."""

import http.client
import os
import re
import select
import selectors
import socket
from contextlib import ExitStack, closing
from functools import partial

import pytest
from gunicorn.config import Config

from portal.processes.arrivals import (
    LONGEST_BODY,
    LONGEST_HEAD,
    MOST_CHUNKS,
    PIECE_SIZE,
    ArrivedBytes,
    GatheringWorker,
    RequestArrival,
    VisitorConnection,
)
from tests.patience import LONG
from tests.processes.standin import start_web_server

# Answers with the method and the length of the body that it could read.
APPLICATION = """
def app(environ, start_response):
    if int(environ.get("CONTENT_LENGTH") or 0) > 20_000_000:
        start_response("413 Too Large", [("Content-Length", "0")])
        return []
    body = f"{environ['REQUEST_METHOD']} {len(environ['wsgi.input'].read())}".encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""
THREADS = 8
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# Half of a request, in the ways there are; each alone would keep a thread that reads it.
HALVES = {
    "a silent body": HEAD + b"Content-Length: 5000\r\n\r\n",
    "a body that stops": HEAD + b"Content-Length: 5000\r\n\r\nabc",
    "half a head": HEAD + b"X-Half: ",
    "a silent line": b"GE",
    "nothing": b"",
    "no chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nabc",
    "a chunk that looks like an end": HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n0\r\n\r\n",
    "no last chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "half a trailer": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n",
    "whoever waits to go on": HEAD + b"Content-Length: 5000\r\nExpect: 100-continue\r\n\r\n",
    "a second request behind the first": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + HEAD
                                          + b"Content-Length: 9\r\n\r\n",
}


def serve(folder, seconds):
    return start_web_server(folder, APPLICATION, PROCESSES="1", THREADS=str(THREADS), REQUEST_SECONDS=str(seconds))


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """A server that waits for requests longer than any test; its port."""
    process, port = serve(tmp_path_factory.mktemp("patient"), seconds=600)
    yield port
    process.terminate()
    assert process.communicate()[1] == b""


@pytest.fixture(scope="module")
def brisk(tmp_path_factory):
    """A server that waits for a second; its port."""
    process, port = serve(tmp_path_factory.mktemp("brisk"), seconds=1)
    yield port
    process.terminate()
    assert process.communicate()[1] == b""


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=LONG)


def read_until(line, words):
    said = b""
    while words not in said:
        said += (more := line.recv(4096))
        assert more, said
    return said


def ask(port, method="GET", body=None, **headers):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)) as link:
        link.request(method, "/", body, headers)
        answer = link.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_who_does_not_finish_takes_no_thread(patient, half):
    """Five times as many as there are threads, and the server would wait ten minutes for each."""
    with ExitStack() as stack:
        for _ in range(5 * THREADS):
            stack.enter_context(connect(patient)).sendall(half)
        assert ask(patient) == (200, "GET 0")


@pytest.mark.parametrize("half", [half for name, half in HALVES.items() if "second" not in name])
def test_what_does_not_arrive_in_time_is_closed(brisk, half):
    with connect(brisk) as line:
        line.sendall(half)
        said = b"".join(iter(lambda: line.recv(4096), b""))
        assert b"408 Request Timeout" in said if half else not said


def test_a_byte_now_and_then_does_not_help(brisk):
    with connect(brisk) as line:
        line.sendall(HALVES["a silent body"])
        # It ends while the bytes go on: each of them is sent when the server has been silent for a moment.
        while not select.select([line], [], [], 0.2)[0]:
            line.sendall(b"a")
        assert line.recv(4096).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("size", [0, 1, 70_000, LONGEST_BODY - LONGEST_HEAD])
def test_bodies_arrive_whole(patient, size):
    assert ask(patient, "POST", b"x" * size) == (200, f"POST {size}")
    parts = (b"x" * len(part) for part in (range(size // 2), range(size - size // 2)) if part)
    assert ask(patient, "POST", parts) == (200, f"POST {size}")


def test_a_body_that_is_too_long_is_answered_and_not_cut_off(patient):
    assert ask(patient, "POST", b"x" * 21_000_000)[0] == 413


def test_chunks_in_pieces_with_extensions_and_trailers(patient):
    chunks = b"A;name=value\r\n0\r\n\r\n67890\r\n03\r\nabc\r\n0\r\nX-Sum: 13\r\n\r\n"
    with connect(patient) as line:
        for byte in HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks:
            line.sendall(bytes([byte]))
        assert b"".join(iter(lambda: line.recv(4096), b"")).endswith(b"\r\n\r\nPOST 13")


def test_whoever_waits_to_go_on_is_told_to(patient):
    with connect(patient) as line:
        line.sendall(HALVES["whoever waits to go on"])
        assert line.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"x" * 5000)
        read_until(line, b"POST 5000")


def test_requests_behind_each_other_and_kept_connections(patient):
    request = HEAD + b"Content-Length: 3\r\n\r\nabc"
    with connect(patient) as line:
        line.sendall(request * 3 + request[:-1])
        said = b""
        while said.count(b"POST 3") < 3:
            said += line.recv(4096)
        line.sendall(b"c")
        while said.count(b"POST 3") < 4:
            said += line.recv(4096)
        assert said.count(b"HTTP/1.1 200") == 4


@pytest.mark.parametrize(("sent", "status"), [
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nno chunk\r\n\r\n", b"400"),
    (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", b"400"),
    (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", b"400"),
    (HEAD + b"Content-Length: three\r\n\r\nabc", b"400"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * (MOST_CHUNKS + 1), b"413"),
])
def test_what_is_no_request_is_refused_at_once(patient, sent, status):
    with connect(patient) as line:
        line.sendall(sent)
        assert re.match(rb"HTTP/1\.\d " + status, line.recv(4096))


def test_more_connections_than_may_be_open(patient):
    """Those that have been silent for longest go first."""
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(patient)) for _ in range(520)]
        for line in lines:
            line.sendall(b"GET")
        assert ask(patient) == (200, "GET 0")
        assert lines[0].recv(4096).startswith(b"HTTP/1.1 503")


def test_a_long_body_is_not_kept():
    arrival = RequestArrival(HEAD + b"Content-Length: 99000000\r\n\r\n", 0)
    for _ in range(98):
        arrival.add(b"x" * 1_000_000)
        assert not arrival.complete
    arrival.add(b"x" * 1_000_000)
    assert arrival.complete
    assert len(arrival.here) <= LONGEST_HEAD + LONGEST_BODY


def test_a_body_in_crumbs_is_refused_before_a_thread_gets_it():
    """Each chunk costs the same, however short it is: a body that is none but short ones is not gone through."""
    arrival = RequestArrival(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * (2 * MOST_CHUNKS), 0)
    assert not arrival.complete
    assert arrival.crumbled
    assert arrival._chunks == MOST_CHUNKS + 1


def test_a_thread_takes_a_body_in_pieces():
    """Gunicorn copies all that it holds with each chunk that it takes off."""
    arrived = ArrivedBytes()
    arrived.arrive(b"x" * 10 * PIECE_SIZE)
    longest = max(len(arrived.read()) for _ in range(10))
    assert longest == PIECE_SIZE
    with pytest.raises(ConnectionResetError):
        arrived.read()


def test_what_a_thread_has_left_begins_the_next_request():
    arrived = ArrivedBytes()
    arrived.arrive(b"x" * 3 * PIECE_SIZE)
    arrived.read(10)
    arrived.settle()
    assert len(arrived.buf.getvalue()) == 3 * PIECE_SIZE - 10
    assert len(arrived.take_buffered()) == 3 * PIECE_SIZE - 10
    assert not arrived.take_buffered()


def test_a_request_behind_a_long_one_is_answered(patient):
    with connect(patient) as line:
        long = HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000
        line.sendall(long + HEAD + b"Content-Length: 3\r\n\r\nabc")
        assert b"POST 100000" in read_until(line, b"POST 3")


@pytest.mark.parametrize("length", [b"0" * 30 + b"5000", b"5000" + b" " * 30])
def test_a_length_is_awaited_however_it_is_written(patient, length):
    with connect(patient) as line:
        line.sendall(HEAD + b"Content-Length: " + length + b"\r\n\r\n" + b"x" * 4000)
        assert not select.select([line], [], [], 0.3)[0]
        line.sendall(b"x" * 1000)
        read_until(line, b"POST 5000")


@pytest.mark.parametrize("waits", ["half a request", "between two requests"])
def test_who_was_closed_to_make_room_and_had_just_sent_something(waits):
    """Both are told to the loop at once, in this order: what is closed by then must not end the worker for all."""
    worker = GatheringWorker(0, os.getpid(), [], None, 30, Config(), None)
    with ExitStack() as stack:
        worker.poller = stack.enter_context(selectors.DefaultSelector())
        stack.callback(worker.tmp.close)
        visitor, ours = map(stack.enter_context, socket.socketpair())
        conn = VisitorConnection(worker.cfg, ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
        worker.nr_conns = 1
        if waits == "half a request":
            worker.enqueue_req(conn)
        else:
            worker.keepalived_conns.append(conn)
            worker.poller.register(ours, selectors.EVENT_READ, partial(worker.on_client_socket_readable, conn))
        visitor.sendall(b"GET")
        told = worker.poller.select(0)
        worker._make_room()
        assert [key.data(key.fileobj) for key, _ in told] == [None]
        assert (worker.nr_conns, worker.arriving, list(worker.keepalived_conns)) == (0, {}, [])


class Counted(bytearray):
    """Bytes that count how many of them were searched."""

    searched = 0

    def find(self, sought, start=0):
        found = super().find(sought, start)
        self.searched += (found if found >= 0 else len(self)) - start
        return found


@pytest.mark.parametrize("opening", [
    b"GET / HTTP/1.1\r\nX: ", CHUNKS, CHUNKS + b"5", CHUNKS + b"5;name=", CHUNKS + b"3\r\nabc\r\n0\r\nX: "])
def test_byte_by_byte_nothing_is_searched_twice(opening):
    """A visitor who sends single bytes would otherwise cost the loop more with each of them."""
    arrival, many = RequestArrival(b"", 0.0), 5_000
    arrival.here = Counted(opening)
    for _ in range(many):
        assert not arrival.complete
        arrival.add(b"x")
    assert arrival.here.searched < 20 * many


@pytest.mark.parametrize("half", [HEAD + b"X: y\r\n\r\n", CHUNKS + b"3;a=b\r\nabc\r\n0\r\n\r\n",
                                  CHUNKS + b"0\r\nX: y\r\nZ: y\r\n\r\n"])
def test_byte_by_byte_the_end_is_found(half):
    arrival = RequestArrival(b"", 0.0)
    for place, byte in enumerate(half, start=1):
        arrival.add(bytes([byte]))
        assert arrival.complete == (place == len(half))
