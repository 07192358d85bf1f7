"""The other side of a carrier that is asked by HTTP, on loopback: it answers as the test says and remembers all."""

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class HttpRequest:
    """A request that came: the path without the query, the query, header names in lower case, the raw body."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self):
        """The fields of a form, in their order."""
        return parse_qsl(self.body.decode(), keep_blank_values=True)


@dataclass
class HttpReply:
    """What is answered; `status` None: nothing, the line goes dead. `drip`: seconds between one byte and the next.

    `cut`: the line is closed in place of an answer.
    """

    status: int | None = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    cut: bool = False


class HttpPeer:
    """A server on loopback. `answer` gets each HttpRequest and returns an HttpReply; `requests` holds all that came."""

    def __init__(self, answer):
        self.answer, self.requests, self.closing = answer, [], threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"peer": self}))
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    peer: HttpPeer

    def _take(self):
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # whoever asked has died
            return
        request = HttpRequest(self.command, parts.path, parse_qsl(parts.query, keep_blank_values=True),
                              {name.lower(): value for name, value in self.headers.items()}, body)
        self.peer.requests.append(request)
        reply = self.peer.answer(request)
        if reply.cut:
            self.close_connection = True
            return
        if reply.status is None:
            self.peer.closing.wait(10)
            self.close_connection = True
            return
        self._say(reply)

    def do_GET(self):
        self._take()

    def do_POST(self):
        self._take()

    def _say(self, reply):
        if reply.drip:
            self._drip(reply)
            return
        self.send_response(reply.status)
        for name, value in {"content-length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def _drip(self, reply):
        whole = f"HTTP/1.1 {reply.status} OK\r\ncontent-length: {len(reply.body)}\r\n\r\n".encode() + reply.body
        for byte in whole:
            if self.peer.closing.is_set():
                break
            try:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            except OSError:
                break
            time.sleep(reply.drip)
        self.close_connection = True

    def log_message(self, *_):
        pass
