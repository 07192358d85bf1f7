"""Requests over HTTP from several connections at once, each kept open, with little work for each."""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from .threads import work_in_parts

PIECE = 65_536
LONGEST_ANSWER = 60
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser: the cookies of a session, and the token that their forms bring."""

    cookie: str = ""
    token: str = ""


@dataclass(slots=True)
class Burst:
    """What came of a burst: requests a second, and the milliseconds of each."""

    rate: float = 0.0
    times: list[float] = field(default_factory=list)


def make_request(path: str, visitor: Visitor | None = None, form: Mapping[str, str] | None = None,
                 **heads: str) -> bytes:
    """The bytes of a GET, or with a form those of a POST. `heads` are further headers, `_` for `-`."""
    visitor = visitor or Visitor()
    body = urlencode({"csrf_token": visitor.token, **form}).encode() if form is not None else b""
    lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if visitor.cookie:
        lines.append(f"Cookie: {visitor.cookie}")
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in heads.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class OpenConnection:
    """One connection that stays open as long as the server lets it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._where = (parts.hostname or "", parts.port or 80)
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; the status and the head and body of its answer."""
        if self._socket is None:
            self._socket = socket.create_connection(self._where, LONGEST_ANSWER)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        answer = self._read_until_complete(self._socket)
        if b"connection: close" in answer.partition(HEAD_END)[0].lower():
            self.close()
        return int(answer[9:12]), answer

    def close(self) -> None:
        """Close it; the next request opens another."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def _read_until_complete(self, opened: socket.socket) -> bytes:
        answer, needed = b"", None
        while needed is None or len(answer) < needed:
            piece = opened.recv(PIECE)
            if not piece:
                raise SystemExit("The server closed a connection in the middle of an answer.")
            answer += piece
            if needed is None and HEAD_END in answer:
                needed = length_of_answer(answer)
        return answer


def length_of_answer(begun: bytes) -> int:
    """How many bytes an answer has, of which at least the head is here."""
    head, _end, _body = begun.partition(HEAD_END)
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(head) + len(HEAD_END) + int(line.partition(b":")[2])
    if int(begun[9:12]) in (204, 304):
        return len(head) + len(HEAD_END)
    raise SystemExit("An answer came without its length.")


def send_burst(address: str, queues: Sequence[Iterator[bytes]], seconds: float, status: int) -> Burst:
    """Ask from as many connections as there are queues of requests, for so long; every answer has to have this status.

    Each connection asks for the next thing when it has the answer to the one before. A queue that ends ends its
    connection's part; nothing is taken from a queue that is not asked for.
    """
    burst, failures = Burst(), []
    starts = time.perf_counter()
    ends = starts + seconds

    def work(requests: Iterator[bytes]) -> None:
        connection = OpenConnection(address)
        try:
            while (began := time.perf_counter()) < ends and (request := next(requests, None)):
                got, answer = connection.ask(request)
                burst.times.append(1e3 * (time.perf_counter() - began))
                if got != status:
                    failures.append(f"{got} instead of {status}: {request[:300]!r} {answer[:600]!r}")
                    break
        except (OSError, SystemExit) as error:
            failures.append(repr(error))
        finally:
            connection.close()

    work_in_parts(work, queues, failures)
    burst.rate = len(burst.times) / (time.perf_counter() - starts)
    return burst
