"""A carrier behind HTTP and its other side on loopback, so that the interface is not cut to the pretend one.

Everything about it differs where carriers differ: texts leave over a socket, webhooks are forms, and receipts
name the carrier's id only.
"""

import json
import socket
import threading
from collections import Counter
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, quote, urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from portal.carriers import signing
from portal.carriers.base import CarrierError, CarrierReceipt, CarrierStatus, Certainty, IncomingText

STATUSES = {"DELIVRD": CarrierStatus.DELIVERED, "UNDELIV": CarrierStatus.UNDELIVERED, "EXPIRED": CarrierStatus.EXPIRED}
# Nothing was written: the other side was never reached.
NEVER_LEFT = (ConnectionRefusedError, socket.gaierror)


class Stay(HTTPRedirectHandler):
    """A text goes where it was sent, and is not sent on as a GET."""

    def redirect_request(self, *_):
        return None


class Wire:
    """Speaks HTTP; `timeout` is in seconds, for each step of a request."""

    name = "wire"
    real = True
    answers_keywords = True
    takes_crisis_line = False

    def __init__(self, address="", secret=b"", certainty=Certainty.LOOK_UP, timeout=10):
        self.certainty, self._address, self._secret, self._timeout = certainty, address, secret, timeout
        self._open = build_opener(ProxyHandler({}), Stay).open

    def send(self, text):
        form = {"From": text.sender, "To": text.recipient, "Body": text.body, "Reference": text.reference}
        return self._ask(Request(f"{self._address}/texts", urlencode(form).encode()))

    def look_up(self, reference):
        if self.certainty is Certainty.NONE:
            raise CarrierError("no-look-up", permanent=True, unsure=True)
        try:
            return self._ask(Request(f"{self._address}/texts/{quote(reference)}"))
        except CarrierError as error:
            if error.code == "404":
                return None
            raise

    def read(self, webhook):
        signing.verify_webhook(webhook, (self._secret,))
        # Of a field that comes twice the first counts.
        told = dict(reversed(parse_qsl(webhook.body.decode(), keep_blank_values=True)))
        if "Status" in told:
            word = told["Status"]
            return [CarrierReceipt(raw=word, status=STATUSES.get(word), id=told["Id"], code=told.get("Error", ""))]
        if "Body" in told:
            media = int(told.get("NumMedia", "0"))
            return [IncomingText(told["Id"], told["From"], told["To"], told["Body"], media)]
        return []

    def _ask(self, request):
        try:
            with self._open(request, timeout=self._timeout) as answer:
                return str(json.load(answer)["id"])
        except HTTPError as error:
            with error:
                raise _refused(error.code) from error
        except URLError as error:
            raise CarrierError("unreachable", unsure=not isinstance(error.reason, NEVER_LEFT)) from error
        except (OSError, HTTPException, ValueError, KeyError) as error:
            raise CarrierError("no-answer", unsure=True) from error


def _refused(status):
    """What an answer other than 2xx means for a text: 429 and 503 say that it was not even looked at."""
    later = status in (429, 503)
    return CarrierError(str(status), permanent=status < 500 and not later, unsure=status >= 500 and not later)


class Server:
    """The other side. `answer` is the status of the next answers; None: none at all, the line goes dead."""

    def __init__(self, certainty):
        self.certainty, self.answer, self.garbled = certainty, 200, False
        self.taken, self.ids = Counter(), {}
        self.closing, self._at_once = threading.Event(), threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"other": self}))
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def count(self, reference):
        return self.taken[reference]

    def take(self, reference):
        """Take a text before the answer is decided; returns its id, "" if it is not taken."""
        with self._at_once:
            known = self.certainty is Certainty.KEY and self.taken[reference]
            if self.answer in (200, 500, None) and not known:
                self.taken[reference] += 1
                self.ids.setdefault(reference, []).append(f"SM{self.taken.total()}")
            return self.ids.get(reference, [""])[-1]

    def close(self):
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    other: Server

    def do_POST(self):
        form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
        text_id = self.other.take(form["Reference"])
        if self.other.answer is None:
            self.other.closing.wait(10)
            return
        self._say(self.other.answer, text_id)

    def do_GET(self):
        ids = self.other.ids.get(self.path.rpartition("/")[2])
        self._say(200 if ids else 404, ids[0] if ids else "")

    def _say(self, status, text_id):
        body = b"<html>" if self.other.garbled else json.dumps({"id": text_id}).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
