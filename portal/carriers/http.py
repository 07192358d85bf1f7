"""Asking a carrier by HTTP: what was certainly not written is told apart from what the carrier may have.

urllib3 tells a refused connection from a broken one, follows no redirect when told so, and believes no proxy of the
environment. Two things are ours: a bound for the whole request, because a server that sends a byte now and then keeps
every step within its time limit for minutes; and a look at each address before the portal connects to it.
"""

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from .base import SEND_SECONDS, CarrierError, Fault, Network
from .network import CONNECT_SECONDS, LOOKUP_SECONDS, ForbiddenAddress, open_connection

READ_SECONDS = 7.0
LONGEST_ANSWER = 1024 * 1024
# A connection that was idle for longer may have been closed on the other side a moment ago, and a text that is written
# to it then is unclear.
FRESH_SECONDS = 4.0

# The carrier itself, not a phone: the word "unreachable" is taken for that.
UNREACHABLE, NO_ANSWER, FORBIDDEN = "no-connection", "no-answer", "forbidden-address"


class _Request(threading.local):
    """The request of this thread: until when it may take, and whether anything of it was written."""

    until: float = 0.0
    wrote: bool = False

    def left(self) -> float:
        """Seconds that are left. Raises TimeoutError when none are."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole request took too long")
        return min(left, READ_SECONDS)


_request = _Request()


class _BoundedSocket(socket.socket):
    def recv_into(self, *given: Any, **named: Any) -> int:
        self.settimeout(_request.left())
        return super().recv_into(*given, **named)


class _BoundedTlsSocket(ssl.SSLSocket):
    def recv_into(self, *given: Any, **named: Any) -> int:
        self.settimeout(_request.left())
        return super().recv_into(*given, **named)


class _Watched:
    """What both kinds of connections share: where they may lead, and whether a request was begun on them."""

    networks: tuple[Network, ...] = ()
    used_at = 0.0

    def _new_conn(self: Any) -> socket.socket:
        left = _request.left()
        connection = open_connection(self._dns_host, self.port, self.networks, min(CONNECT_SECONDS, left),
                                     min(LOOKUP_SECONDS, left))
        bounded = _BoundedSocket(connection.family, connection.type, connection.proto, fileno=connection.detach())
        bounded.settimeout(CONNECT_SECONDS)
        return bounded

    def send(self: Any, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.settimeout(_request.left())
        _request.wrote = True
        super().send(data)  # type: ignore[misc]
        self.used_at = time.monotonic()

    @property
    def is_connected(self: Any) -> bool:
        """Whether it can be used once more; urllib3 asks before it takes one that was kept."""
        return bool(super().is_connected) and time.monotonic() - self.used_at < FRESH_SECONDS  # type: ignore[misc]


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _TlsConnection(_Watched, HTTPSConnection):
    pass


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a carrier answered: status, header names in lower case, and the body."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def read_object(self) -> dict[str, Any]:
        """The JSON object of the body, empty when it is none: a proxy in between may answer with a page."""
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


class HttpClient:
    """Asks one address, such as "https://api.example.com"; safe to use from several threads.

    `networks`: private networks that the address may be in. `at_once`: how many connections are kept.
    """

    def __init__(self, address: str, networks: Iterable[Network] = (), at_once: int = 1) -> None:
        parts = urlsplit(address)
        secure = parts.scheme == "https"
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError("an address begins with https:// or http:// and names a host")
        base = _TlsConnection if secure else _PlainConnection
        kind = type(base.__name__, (base,), {"networks": tuple(networks)})
        more: dict[str, Any] = {"ssl_context": _trusting()} if secure else {}
        pool: type[HTTPConnectionPool] = HTTPSConnectionPool if secure else HTTPConnectionPool
        self._pool = pool(parts.hostname, parts.port, maxsize=at_once, retries=False,
                          timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), **more)
        self._pool.ConnectionCls = kind
        self._base = parts.path.rstrip("/")

    def ask(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None,
            seconds: float = SEND_SECONDS) -> HttpAnswer:
        """Make one request and read the whole answer, in so many seconds at most; any status is an answer.

        Raises CarrierError: `LATER` when nothing was written, `UNSURE` when the carrier may have taken it.
        """
        _request.until, _request.wrote = time.monotonic() + seconds, False
        try:
            answer = self._pool.urlopen(method, self._base + path or "/", body=body, headers=dict(headers),
                                        redirect=False, retries=False, preload_content=False, decode_content=False)
            try:
                return HttpAnswer(answer.status, _read(answer),
                                  {name.lower(): value for name, value in answer.headers.items()})
            finally:
                answer.release_conn()
        except (HTTPError, OSError, ValueError) as error:
            raise _failure(error) from None

    def close(self) -> None:
        """Close the connections that were kept."""
        self._pool.close()


def basic_authorization(user: str, password: str) -> str:
    """The value of an Authorization header with a name and a password, as RFC 7617 says."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _BoundedTlsSocket
    return context


def _read(answer: Any) -> bytes:
    """The body, as far as it is not longer than any honest one."""
    body = bytearray()
    while len(body) < LONGEST_ANSWER and (piece := answer.read(64 * 1024)):
        body += piece
    if len(body) >= LONGEST_ANSWER:
        answer.close()
    return bytes(body)


def _failure(error: Exception) -> CarrierError:
    """What a request that got no answer means for a text."""
    if _request.wrote:
        return CarrierError(NO_ANSWER, Fault.UNSURE)
    causes = [error, getattr(error, "reason", None), error.__cause__, error.__context__]
    forbidden = any(isinstance(one, ForbiddenAddress) for one in causes)
    return CarrierError(FORBIDDEN if forbidden else UNREACHABLE, Fault.LATER)
