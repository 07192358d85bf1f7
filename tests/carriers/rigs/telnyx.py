"""Telnyx, as it answers on loopback: it keeps the key of every text that it took, and signs what it tells."""

import base64
import json
import threading
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.carriers import make_carrier
from portal.carriers.kinds import CarrierSetup
from tests.carriers.http_peer import HttpPeer, HttpReply

from . import HOOK, KEY, LOOPBACK, Promise, Rig, text

PROMISE = Promise()
API_KEY = "KEYan-invented-key-of-the-tests"
SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(b"an invented seed of the tests...")
STRANGERS_KEY = Ed25519PrivateKey.from_private_bytes(b"what a stranger made up, 32 long")
REFUSED, SILENT = "+12125550151", "+12125550154"


def public_key(private):
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


SETUP = CarrierSetup("a-carrier", {"address": "https://api.telnyx.com", "public_key": public_key(SIGNING_KEY)},
                     {"api_key": API_KEY})


def sign(body, seconds, private=SIGNING_KEY):
    """The headers of a webhook that Telnyx sends at this second."""
    signature = private.sign(f"{seconds}|".encode() + body)
    return {"content-type": "application/json", "telnyx-timestamp": str(seconds),
            "telnyx-signature-ed25519": base64.b64encode(signature).decode()}


def refusal(status, code, title="Refused", detail=""):
    error = {"code": code, "title": title, "detail": detail, "meta": {"url": "https://developers.telnyx.com"}}
    return HttpReply(status, json.dumps({"errors": [error]}).encode())


class TelnyxPeer(HttpPeer):
    """What Telnyx holds: `taken` has (the bytes, the answer) of each key. `busy`, `shut`: it refuses everything."""

    def __init__(self):
        super().__init__(self._answer)
        self.taken, self.busy, self.shut, self._lock = {}, False, False, threading.Lock()

    def _answer(self, request):
        if self.shut or request.headers.get("authorization") != f"Bearer {API_KEY}":
            return refusal(401, "10009", "Authentication failed")
        if (request.method, request.path) == ("GET", "/v2/balance"):
            told = {"balance": "-12.50", "available_credit": "87.50", "currency": "USD", "record_type": "balance"}
            return HttpReply(200, json.dumps({"data": told}).encode())
        if (request.method, request.path) != ("POST", "/v2/messages"):
            return refusal(404, "10005", "Resource not found")
        if self.busy:
            return refusal(429, "10011", "Too many requests")
        with self._lock:
            return self._take(request.headers["idempotency-key"], request.body)

    def _take(self, key, body):
        asked = json.loads(body)
        if key in self.taken:
            before, answer = self.taken[key]
            other = refusal(422, "10015", "Bad Request", "This Idempotency-Key came with a different request")
            return answer if before == body else other
        if asked["to"] == REFUSED:
            return refusal(400, "40310", "Invalid 'to' address")
        told = {"data": {"id": f"40385f64-5717-4562-b3fc-{len(self.taken):012d}", "record_type": "message", "parts": 1,
                         "to": [{"phone_number": asked["to"], "status": "queued"}], "errors": []}}
        self.taken[key] = (body, HttpReply(200, json.dumps(told).encode()))
        return HttpReply(504, b"<html>") if asked["to"] == SILENT else self.taken[key][1]

    def count(self, reference):
        return sum(key == reference for key in self.taken)


def setup_at(peer, **changed):
    """What a carrier is made from that asks this peer."""
    settings = {**SETUP.settings, "address": peer.address, **changed.pop("settings", {})}
    return replace(SETUP, settings=settings, **{"networks": LOOPBACK, "hook": HOOK, "key": KEY, **changed})


def make_rig(folder):
    peer = TelnyxPeer()

    def fail(how):
        setattr(peer, how, True)
        return text()

    def works_again():
        peer.busy = peer.shut = False

    return Rig(make_carrier("telnyx", setup_at(peer, folder=folder)), peer.count, lambda: text(REFUSED),
               lambda: fail("busy"), works_again, lambda: text(SILENT), lambda: fail("shut"), peer.close)


def of_another_account(setup):
    return replace(setup, settings={**setup.settings, "public_key": public_key(STRANGERS_KEY)})


def at_forbidden_place(setup):
    return replace(setup, settings={**setup.settings, "address": "http://169.254.169.254"})
