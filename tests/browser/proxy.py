"""A proxy in front of several machines, with TLS and the headers of deploy/nginx.conf: each answers in turn."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from tests.patience import LONG
from tests.peers.center import write_certificate

# What concerns one connection alone, or is set anew.
OF_ONE_CONNECTION = frozenset({"connection", "keep-alive", "host", "transfer-encoding", "content-length", "upgrade",
                               "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"})
NO_BODY = (204, 304)


class Passed(NamedTuple):
    """A request that was passed on: to which machine, what was asked, and the status of the answer."""

    machine: int
    method: str
    path: str
    status: int


class AlternatingProxy:
    """`address` is where people come; `passed` lists what they asked, without files that are the same for all."""

    def __init__(self, folder: Path) -> None:
        self.passed: list[Passed] = []
        self._machines: list[str] = []
        self._turns, self._chosen, self._lock = {True: 0, False: 0}, None, threading.Lock()
        write_certificate(folder / "proxy.pem", folder / "proxy.key")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "proxy.pem", folder / "proxy.key")
        self._server = _ProxyServer(("127.0.0.1", 0), _PassingHandler)
        self._server.proxy = self
        # Whoever connects and says nothing keeps nobody else waiting.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"https://localhost:{self._server.server_address[1]}"

    @contextmanager
    def passing_on(self, machines: list[str]) -> Iterator[None]:
        """Pass requests on to these machines, given as host:port."""
        self._machines = machines
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    @contextmanager
    def only(self, machine: int) -> Iterator[None]:
        """One machine answers everything that is asked in the block."""
        self._chosen = machine
        try:
            yield
        finally:
            self._chosen = None

    def begin_with(self, machine: int) -> None:
        """The next request goes to this machine; what was passed on so far is forgotten."""
        with self._lock:
            self._turns[False] = machine
            self.passed.clear()

    def choose(self, path: str) -> int:
        """Whose turn it is. Files have turns of their own: most pages bring as many, and would change nothing."""
        is_file = path.startswith("/static/")
        with self._lock:
            self._turns[is_file] += 1
            return (self._turns[is_file] - 1) % len(self._machines) if self._chosen is None else self._chosen

    def pass_on(self, machine: int, asked: Any, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        """The answer of a machine, and its content. Raises OSError where it does not answer."""
        host = asked.headers["Host"].rpartition(":")[0]
        heads = {name: value for name, value in asked.headers.items() if name.lower() not in OF_ONE_CONNECTION}
        heads |= {"Host": host, "X-Forwarded-For": asked.client_address[0], "X-Forwarded-Host": host}
        with closing(http.client.HTTPConnection(self._machines[machine], timeout=LONG)) as link:
            link.request(asked.command, asked.path, body or None, heads)
            answer = link.getresponse()
            content = answer.read()
        if not asked.path.startswith("/static/"):
            self.passed.append(Passed(machine, asked.command, asked.path, answer.status))
        return answer, content


class _ProxyServer(ThreadingHTTPServer):
    daemon_threads = True
    proxy: AlternatingProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves a page hangs up. What a machine fails to answer is an answer of its own: 502."""


class _PassingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _ProxyServer

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def _pass_on(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        machine = proxy.choose(self.path)
        try:
            answer, content = proxy.pass_on(machine, self, body)
        except (OSError, http.client.HTTPException):
            proxy.passed.append(Passed(machine, self.command, self.path, 502))
            self.send_error(502)
            return
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_ONE_CONNECTION:
                self.send_header(name, value)
        if answer.status not in NO_BODY:
            length = answer.getheader("Content-Length") if self.command == "HEAD" else len(content)
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_HEAD = _pass_on  # noqa: N815 - the names of the library

    def log_message(self, *args: Any) -> None:
        """Nothing: the test says what matters."""
