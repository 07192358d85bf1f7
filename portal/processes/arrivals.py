"""The web server's worker: a thread gets a request only when all of it has arrived.

Gunicorn's own worker reads in its threads and waits there for a silent visitor without limit, so that as many
silent connections as there are threads would stop the portal. Here the loop that accepts connections also gathers
their bytes, for at most REQUEST_SECONDS, and a thread never waits for a visitor's next byte. A proxy that buffers
requests does the same, and spares the portal the connections as well.
"""

import errno
import os
import re
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.http.unreader import Unreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from portal.variables import REQUEST_SECONDS

# The longest head, and the longest body that is kept: the largest upload with its form around it.
LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 11 * 1024 * 1024
# Of a body that is too long the rest is read and dropped, so that the visitor gets to read the answer.
LONGEST_DROPPED = 100 * 1024 * 1024
# What all connections together may hold that have not arrived yet; each process has its share.
MOST_BYTES_ARRIVING = 64 * 1024 * 1024
# A browser sends no chunks, and a proxy sends them by kilobytes. Each costs the same, however short it is.
MOST_CHUNKS = 50_000
# What a thread takes of a request at once, and at most where it asks for more.
PIECE_SIZE, LARGEST_PIECE_SIZE = 8 * 1024, 1024 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*0*(\d{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-f]{1,12})[ \t]*(?:;[^\r\n]*)?\r\n", re.IGNORECASE)


class ArrivedBytes(Unreader):  # type: ignore[misc]
    """What a thread reads from: nothing but what has arrived, piece by piece.

    Gunicorn copies all that it holds for each chunk that it takes off: given a long body at once it would be at
    work for minutes.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rest = memoryview(b"")

    def arrive(self, data: bytes) -> None:
        """Hold what has arrived; what was held before has been read or taken."""
        self._rest = memoryview(data)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece, as long as is asked for within bounds.

        Nothing comes after the last. Asked for by a request that was not what it said; its connection closes.
        """
        if not self._rest:
            raise ConnectionResetError(errno.ECONNRESET, "the request ends before it said")
        size = min(max(size_hint or 0, PIECE_SIZE), LARGEST_PIECE_SIZE)
        piece, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return piece

    def take_buffered(self) -> bytes:
        """Take all that is left, which begins the next request."""
        left = bytes(super().take_buffered()) + bytes(self._rest)
        self.arrive(b"")
        return left

    def settle(self) -> None:
        """Put what is left where gunicorn looks for the beginning of the next request."""
        self.unread(self.take_buffered())


class RequestArrival:
    """One request on its way: what is here of it, and until when the rest may come.

    `ends` is its length in bytes once that is known; a chunked body says so at its end only.
    """

    def __init__(self, so_far: bytes, until: float) -> None:
        self.here, self.until, self.dropped = bytearray(so_far), until, 0
        self.body = self.ends = self._next = self._chunks = 0
        self._chunked = False
        # Up to where the end of the head or of a line was looked for in vain, and that of the trailers: nothing is
        # looked at twice, or a byte now and then would cost more with each.
        self._looked = self._looked_behind = 0

    def add(self, data: bytes) -> None:
        """More of it, unless the body is too long to be kept."""
        room = max(0, LONGEST_HEAD + LONGEST_BODY - len(self.here))
        self.here += data[:room]
        self.dropped += max(0, len(data) - room)

    @property
    def complete(self) -> bool:
        """Whether a thread can answer it without waiting."""
        if not self.body and not self._read_head():
            return False
        if self._chunked:
            return self.dropped > 0 or self._last_chunk()
        return len(self.here) + self.dropped >= self.ends or self.ends > LONGEST_DROPPED

    @property
    def headless(self) -> bool:
        """Whether its head is longer than any browser's."""
        return not self.body and len(self.here) > LONGEST_HEAD

    @property
    def crumbled(self) -> bool:
        """Whether its body comes in more chunks than any honest client sends."""
        return self._chunks > MOST_CHUNKS

    @property
    def expects(self) -> bool:
        """Whether the visitor waits to be told to go on, as curl does before long bodies."""
        return self.body > 0 and bool(_EXPECTS.search(self.here, 0, self.body))

    def _read_head(self) -> bool:
        found = self.here.find(b"\r\n\r\n", max(0, self._looked - 3))
        if found < 0:
            self._looked = len(self.here)
            return False
        self.body = self._next = found + 4
        self._chunked = bool(_CHUNKED.search(self.here, 0, self.body))
        self.ends = self.body + max((int(one) for one in _LENGTH.findall(self.here, 0, self.body)), default=0)
        return True

    def _last_chunk(self) -> bool:
        """Go from chunk to chunk. A broken chunk counts as the end: gunicorn then answers the client with an error."""
        while self._next < len(self.here) and not self.crumbled:
            if self.here.find(b"\r\n", max(self._next, self._looked - 1)) < 0:
                self._looked = len(self.here)
                return self._looked - self._next > LONGEST_HEAD
            size = _CHUNK.match(self.here, self._next)
            if size is None:
                return True
            if not int(size[1], 16):
                return self._trailers_end(size.end())
            self._next = size.end() + int(size[1], 16) + 2
            self._chunks += 1
        return False

    def _trailers_end(self, at: int) -> bool:
        begin, self._looked_behind = max(at, self._looked_behind - 3), len(self.here)
        too_long = len(self.here) - at > LONGEST_HEAD
        return self.here.startswith(b"\r\n", at) or self.here.find(b"\r\n\r\n", begin) >= 0 or too_long


class VisitorConnection(TConn):  # type: ignore[misc]
    """A visitor's connection; closing it waits for nobody, because the loop does it."""

    def init(self) -> None:
        """Read from what has arrived."""
        if not self.initialized:
            super().init()
            self.parser.unreader = ArrivedBytes()

    def close(self, graceful: bool = False) -> None:
        """Close, and with `graceful` take what is there already, so that the answer is not lost."""
        if graceful:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_WR)
                self.sock.setblocking(False)
                self.sock.recv(LONGEST_HEAD)
        util.close(self.sock)


class GatheringWorker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's worker with threads, with gathering before them."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # In the order in which they began, which is that in which their time is up.
        self.arriving: dict[VisitorConnection, RequestArrival] = {}
        # Bytes of requests that threads have, or will have as soon as one is free.
        self.passed: dict[VisitorConnection, int] = {}
        self.seconds = REQUEST_SECONDS.value(os.environ)
        self.most_bytes = max(MOST_BYTES_ARRIVING // self.cfg.workers, LONGEST_HEAD + LONGEST_BODY)

    def accept(self, listener: Any) -> None:
        """Take a new connection; where there are too many, the one closes that has been at it for longest."""
        try:
            visitor, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                return
            raise
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        self.enqueue_req(VisitorConnection(self.cfg, visitor, address, listener.getsockname()))

    def enqueue_req(self, conn: VisitorConnection) -> None:
        """Gather a request before a thread gets it, on a new connection and on one that is kept alive."""
        conn.init()
        conn.sock.setblocking(False)
        self.arriving[conn] = RequestArrival(conn.parser.unreader.take_buffered(), time.monotonic() + self.seconds)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read_on, conn))
        self._read_on(conn, conn.sock)

    def on_client_socket_readable(self, conn: VisitorConnection, client: Any) -> None:
        """Go on with a connection that was kept, unless it was closed to make room a moment ago."""
        if conn in self.keepalived_conns:
            super().on_client_socket_readable(conn, client)

    def _read_on(self, conn: VisitorConnection, visitor: Any) -> None:
        """Take what has come, and pass the request on when it is complete."""
        arrival = self.arriving.get(conn)
        if arrival is None:
            return  # closed to make room; the loop heard of both at once
        data = _waiting(visitor)
        if data == b"":
            self._drop(conn)
            return
        head_before = arrival.body > 0
        arrival.add(data or b"")
        if arrival.complete:
            self._pass_on(conn)
        elif arrival.headless:
            self._drop(conn, b"431 Request Header Fields Too Large")
        elif arrival.crumbled:
            self._drop(conn, b"413 Content Too Large")
        else:
            self._wait_on(arrival, visitor, just_read=not head_before)

    def _wait_on(self, arrival: RequestArrival, visitor: Any, *, just_read: bool) -> None:
        """Tell a client that asked for it to go on, once, and keep no more than there is room for."""
        if just_read and arrival.expects:
            _say(visitor, b"100 Continue\r\n\r\n")
        if sum(len(one.here) for one in self.arriving.values()) + sum(self.passed.values()) > self.most_bytes:
            self._make_room()

    def _pass_on(self, conn: VisitorConnection) -> None:
        self.poller.unregister(conn.sock)
        here = bytes(self.arriving.pop(conn).here)
        self.passed[conn] = len(here)
        conn.parser.unreader.arrive(here)
        super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """A thread has answered; what it did not read begins the next request."""
        self.passed.pop(conn, None)
        conn.parser.unreader.settle()
        super().finish_request(conn, fs)

    def _drop(self, conn: VisitorConnection, status: bytes = b"") -> None:
        """Close a connection whose request has not arrived."""
        self.poller.unregister(conn.sock)
        del self.arriving[conn]
        self.nr_conns -= 1
        if status:
            _say(conn.sock, status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        conn.close(graceful=bool(status))

    def _make_room(self) -> None:
        """Close the connection that has been idle or on its way for longest."""
        if self.keepalived_conns:
            idle = self.keepalived_conns.popleft()
            self.poller.unregister(idle.sock)
            self.nr_conns -= 1
            idle.close()
        elif self.arriving:
            self._drop(next(iter(self.arriving)), b"503 Service Unavailable")

    def murder_pending(self) -> None:
        """Close what has not arrived in time. Gunicorn calls this about once a second."""
        moment = time.monotonic()
        for conn, arrival in list(self.arriving.items()):
            if arrival.until > moment:
                break
            self._drop(conn, b"408 Request Timeout" if arrival.here else b"")

    def _cap_keepalive(self, deadline: float) -> None:
        """A worker that stops waits for nobody much longer."""
        super()._cap_keepalive(deadline)
        for arrival in self.arriving.values():
            arrival.until = min(arrival.until, deadline)


def _waiting(visitor: Any) -> bytes | None:
    """What waits in a connection: None for nothing yet, empty when it has ended."""
    try:
        return bytes(visitor.recv(64 * 1024))
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""


def _say(visitor: Any, said: bytes) -> None:
    """Send a few words, as far as they go without waiting."""
    with suppress(OSError):
        visitor.send(b"HTTP/1.1 " + said)
