"""Bandwidth on loopback: it gives tokens, keeps texts, and answers by number."""

import json
from dataclasses import replace

from portal.carriers.bandwidth import KIND
from portal.carriers.http import basic_authorization
from portal.carriers.kinds import CarrierSetup
from tests.carriers.http_peer import HttpPeer, HttpReply

from . import HOOK, KEY, LOOPBACK, Promise, Rig, text

PROMISE = Promise(dated=False, signs_body=False)
SETUP = CarrierSetup(
    "a-carrier", {"account": "5500001", "application": "93de2206", "client": "CLI-1", "user": "portal"},
    {"secret": "an invented client secret", "password": "an invented password"})
SIGNED_IN = basic_authorization("CLI-1", SETUP.secrets["secret"])
REFUSED = "+14165550151"


class FakeBandwidth:
    """The other side. `mood`: "busy", "shut out", "cut", "broken", or none; `tokens`: those that are still good."""

    def __init__(self):
        self.texts, self.tokens, self.given, self.mood, self.lasts = [], set(), 0, "", 3600
        self.peer = HttpPeer(self._answer)

    def count(self, reference):
        return sum(one["tag"] == reference for one in self.texts)

    def _answer(self, request):
        if request.path == "/token":
            return self._give_token(request)
        if request.headers["authorization"].removeprefix("Bearer ") not in self.tokens or self.mood == "shut out":
            return said(401, type="unauthorized", description="Authentication Failed")
        if self.mood in {"busy", "broken"}:
            return said(429 if self.mood == "busy" else 503, type="trouble")
        assert request.path == "/api/v2/users/5500001/messages"
        return self._take(json.loads(request.body)) if request.method == "POST" else said(200, messages=[])

    def _give_token(self, request):
        if request.headers["authorization"] != SIGNED_IN or self.mood == "shut out":
            return said(401, error="invalid_client")
        assert request.form == [("grant_type", "client_credentials")]
        self.given += 1
        self.tokens.add(f"token-{self.given}")
        return said(200, access_token=f"token-{self.given}", expires_in=self.lasts, token_type="Bearer")

    def _take(self, asked):
        assert asked.keys() - {"expiration"} == {"applicationId", "to", "from", "text", "tag"}
        if asked["to"] == [REFUSED]:
            return said(400, type="request-validation", description=f"no text to {REFUSED}")
        self.texts.append(asked)
        if self.mood == "cut":
            return HttpReply(cut=True)
        return said(202, id=f"1589228074636lm4k2je7j7jklbn{len(self.texts)}", segmentCount=1, tag=asked["tag"])


def said(answered, **told):
    return HttpReply(answered, json.dumps(told).encode())


def setup_at(peer, **typed):
    """What a carrier is made from that asks this peer."""
    return replace(SETUP, hook=HOOK, key=KEY, networks=LOOPBACK, settings={
        **SETUP.settings, "address": f"{peer.address}/api/v2", "token_address": f"{peer.address}/token", **typed})


def make_rig(folder):
    bandwidth = FakeBandwidth()

    def feel(mood, number="+14165550110"):
        bandwidth.mood = mood
        return text(number)

    return Rig(KIND.make(setup_at(bandwidth.peer)), bandwidth.count, lambda: feel("", REFUSED), lambda: feel("busy"),
               lambda: feel(""), lambda: feel("cut"), lambda: feel("shut out"), bandwidth.peer.close)


def of_another_account(setup):
    return replace(setup, secrets={**setup.secrets, "password": "somebody else's"})


def at_forbidden_place(setup):
    return replace(setup, settings={**setup.settings, "address": "http://169.254.169.254",
                                    "token_address": "http://169.254.169.254"})
