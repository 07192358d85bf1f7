"""Twilio on loopback: it keeps texts, answers by number, judges every request, and signs what it tells."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from ipaddress import ip_network
from itertools import count
from threading import Lock
from urllib.parse import parse_qsl, urlencode, urlsplit

from portal.carriers.kinds import CarrierSetup
from portal.carriers.twilio import KIND
from portal.carriers.twilio.signature import SHA1, parse_form, sign_form
from tests.carriers.http_peer import HttpPeer, HttpReply

from . import HOOK, KEY, Promise, Rig, text
from .twilio_facts import PATH, find_faults

PROMISE = Promise(dated=False)
ACCOUNT, TOKEN = "AC0123456789abcdef0123456789abcdef", "an invented auth token of the tests"
SERVICE = "MG0123456789abcdef0123456789abcdef"
SETUP = CarrierSetup("a-carrier", {"account": ACCOUNT, "answers_keywords": "1"}, {"secret": TOKEN})

# By the last two digits of a number: the status and the code of a refusal.
REFUSALS = {"51": (400, 30007), "57": (400, 21610), "60": (400, 21211), "61": (400, 21606), "62": (400, 21608),
            "63": (400, 21704), "64": (403, 21408), "65": (400, 21611), "66": (400, 29999), "67": (400, 21609)}
# By the same: what becomes of a text that is taken, each as (status, code).
FATES = {"50": [("sent", ""), ("undelivered", "30003")], "52": [], "58": [("undelivered", "21610")],
         "70": [("failed", "30036")]}
DELIVERED = [("queued", ""), ("sent", ""), ("delivered", "")]


class FakeTwilio:
    """The other side. `mood`: "busy", "shut out", "suspended", "cut", "broken", or none; `faults`: wrong requests."""

    def __init__(self, token=TOKEN, clock=lambda: datetime.now(UTC)):
        self.texts, self.faults, self.mood, self.balance = [], [], "", {"balance": "12.5", "currency": "USD"}
        self._token, self._clock, self._ids, self._lock = token, clock, count(1), Lock()
        self.peer = HttpPeer(self._answer)

    def references(self):
        return [dict(parse_qsl(urlsplit(one["callback"]).query)).get("ref", "") for one in self.texts]

    def change_token(self, token):
        self._token = token

    def close(self):
        self.peer.close()
        assert self.faults == []

    def news_of(self, one):
        """The forms that tell what became of a text, each with the address that it is posted to."""
        for status, code in FATES.get(one["to"][-2:], DELIVERED):
            form = {"SmsSid": one["sid"], "SmsStatus": status, "MessageStatus": status, "To": one["to"],
                    "MessageSid": one["sid"], "AccountSid": ACCOUNT, "From": one["from"], "ApiVersion": "2010-04-01"}
            yield one["callback"], {**form, "ErrorCode": code} if code else form

    def _answer(self, request):
        with self._lock:
            self.faults += [f"{request.method} {request.path}: {fault}" for fault in find_faults(request)]
            moods = {"busy": said(429, code=20429), "broken": said(503, code=20503)}
            if self.mood == "shut out" or not self._knows(request):
                return said(401, code=20003)
            return moods.get(self.mood) or self._route(request, PATH.fullmatch(request.path)[2])

    def _knows(self, request):
        told = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        return told.partition(":")[2] == self._token

    def _route(self, request, resource):
        if resource == ".json":
            status = "suspended" if self.mood == "suspended" else "active"
            return said(200, sid=ACCOUNT, status=status, type="Full")
        if resource == "/Balance.json":
            return said(200, account_sid=ACCOUNT, **self.balance) if self.balance else said(404, code=20404)
        return self._create(dict(request.form)) if request.method == "POST" else self._list(dict(request.query))

    def _create(self, form):
        if form["To"][-2:] in REFUSALS:
            status, code = REFUSALS[form["To"][-2:]]
            return said(status, code=code, message=f"no text to {form['To']}: {form['Body']}")
        sid = f"SM{next(self._ids):032x}"
        kept = "" if form.get("ContentRetention") == "discard" else form["Body"]
        self.texts.append({"sid": sid, "to": form["To"], "from": form["From"], "body": kept, "status": "queued",
                           "direction": "outbound-api", "date_created": format_datetime(self._clock()),
                           "callback": form.get("StatusCallback", ""), "form": form})
        return HttpReply(cut=True) if self.mood == "cut" else said(201, sid=sid, status="queued", error_code=None)

    def _list(self, query):
        found = [{name: one[name] for name in one if name not in {"callback", "form"}} for one in self.texts
                 if query.get("To", one["to"]) == one["to"] and query.get("From", one["from"]) == one["from"]]
        return said(200, messages=found, next_page_uri=None, page_size=int(query.get("PageSize", 50)))


def said(answered, **told):
    refusal = {"status": answered, "more_info": "https://www.twilio.com/docs/errors"} if answered >= 400 else {}
    return HttpReply(answered, json.dumps({**refusal, **told}).encode())


def signed(form, url=HOOK, key=TOKEN, algorithm=SHA1):
    """A form as Twilio posts it: its headers and its body."""
    body = urlencode(form).encode()
    signature = sign_form(key.encode(), url, parse_form(body), algorithm).decode()
    return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}, body


def setup_at(place, **typed):
    """What a carrier is made from that asks at this address."""
    return replace(SETUP, hook=HOOK, key=KEY, networks=(ip_network("127.0.0.0/8"),),
                   settings={**SETUP.settings, "address": place, **typed})


def make_rig(folder):
    twilio = FakeTwilio()

    def feel(mood, number="+14165550110"):
        twilio.mood = mood
        return text(number)

    return Rig(KIND.make(setup_at(twilio.peer.address)), lambda reference: twilio.references().count(reference),
               refused=lambda: feel("", "+14165550151"), put_off=lambda: feel("busy"), works_again=lambda: feel(""),
               silent=lambda: feel("cut"), shut_out=lambda: feel("shut out"), close=twilio.close)


def of_another_account(setup):
    return replace(setup, secrets={"secret": "somebody else's auth token"})


def at_forbidden_place(setup):
    return replace(setup, settings={**setup.settings, "address": "http://169.254.169.254"})
