"""Kannel, as it answers on loopback: what a real one said, word by word, on the way in."""

from base64 import b64encode
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from portal.carriers import make_carrier
from portal.carriers.kinds import CarrierSetup
from tests.carriers.http_peer import HttpPeer, HttpReply

from . import HOOK, KEY, LOOPBACK, Promise, Rig, text

# Nothing that Kannel tells is signed but the reference, which we signed ourselves.
PROMISE = Promise(dated=False, signs_body=False)
USER, PASSWORD, TOKEN = "portal", "an invented password", "an-invented-token-of-the-tests"
STATUS_PASSWORD = "an invented password of the status page"
REFUSED, SILENT = "+12125550151", "+12125550158"
SETUP = CarrierSetup("a-carrier", {"address": "http://127.0.0.1:13013", "user": USER},
                     {"password": PASSWORD, "token": TOKEN})
STATUS_PAGE = """<?xml version="1.0"?>
<gateway>
<version>Kannel bearerbox version `1.4.5'.
</version>
<status>running, uptime 0d 0h 0m 7s</status>
<boxes>
\t<box>
\t\t<type>smsbox</type>
\t\t<status>on-line 0d 0h 0m 6s</status>
\t</box></boxes>
<smscs><count>{}</count>
{}</smscs>
</gateway>
"""
SMSC = """\t<smsc>
\t\t<name>SMPP:127.0.0.1:2775/2775:portal:</name>
\t\t<admin-id>operator</admin-id>
\t\t<id>operator</id>
\t\t<status>{}</status>
\t\t<failed>2</failed>
\t</smsc>
"""
ACCEPTED, QUEUED = b"0: Accepted for delivery", b"3: Queued for later delivery"
DENIED, MISSING = b"Authorization failed for sendsms", b"Missing receiver(s) number(s), rejected"
BLACK_LISTED = b"Number(s) has/have been denied by white- and/or black-lists."
BUSY, UNKNOWN = b"Temporal failure, try again later", b"Unknown request."


def basic(token):
    return "Basic " + b64encode(f"kannel:{token}".encode()).decode()


class KannelPeer(HttpPeer):
    """What Kannel took: the requests in `taken`. `busy`, `shut`: it refuses all. `lines`: how its lines stand."""

    def __init__(self):
        super().__init__(self._answer)
        self.taken, self.busy, self.shut, self.lines = [], False, False, ["online 7s", "re-connecting"]

    def _answer(self, request):
        if request.path == "/status.xml":
            return self._status(dict(request.query).get("password"))
        if request.path != "/cgi-bin/sendsms":
            return HttpReply(404, UNKNOWN)
        told = request.headers
        if self.shut or (told.get("x-kannel-username"), told.get("x-kannel-password")) != (USER, PASSWORD):
            return HttpReply(403, DENIED)
        if "x-kannel-to" not in told:
            return HttpReply(400, MISSING)
        if self.busy:
            return HttpReply(503, BUSY)
        if told["x-kannel-to"] == REFUSED:
            return HttpReply(400, BLACK_LISTED)
        self.taken.append(request)
        return HttpReply(None) if told["x-kannel-to"] == SILENT else HttpReply(202, ACCEPTED)

    def _status(self, password):
        if password not in {None, STATUS_PASSWORD}:
            return HttpReply(200, b'<?xml version="1.0"?>\n<gateway>\nDenied</gateway>\n')
        lines = "".join(SMSC.format(state) for state in self.lines)
        return HttpReply(200, STATUS_PAGE.format(len(self.lines), lines).encode())

    def count(self, reference):
        return sum(parse_qs(urlsplit(request.headers["x-kannel-dlr-url"]).query)["ref"] == [reference]
                   for request in self.taken)


def setup_at(peer, **changed):
    """What a carrier is made from that asks this peer."""
    settings = {**SETUP.settings, "address": peer.address, **changed.pop("settings", {})}
    secrets = {**SETUP.secrets, **changed.pop("secrets", {})}
    made = replace(SETUP, settings=settings, secrets=secrets)
    return replace(made, **{"networks": LOOPBACK, "hook": HOOK, "key": KEY, **changed})


def make_rig(folder):
    peer = KannelPeer()

    def fail(how):
        setattr(peer, how, True)
        return text()

    def works_again():
        peer.busy = peer.shut = False

    return Rig(make_carrier("kannel", setup_at(peer, folder=folder)), peer.count, lambda: text(REFUSED),
               lambda: fail("busy"), works_again, lambda: text(SILENT), lambda: fail("shut"), peer.close)


def of_another_account(setup):
    return replace(setup, key=b"somebody else's key, long enough", secrets={**setup.secrets, "token": "another " * 4})


def at_forbidden_place(setup):
    return replace(setup, settings={**setup.settings, "address": "http://169.254.169.254"})
