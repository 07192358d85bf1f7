"""What flows through machines while they are killed: texts of members, and what carriers tell, until it is taken."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from urllib.parse import urlencode

from portal.carriers.http import basic_authorization
from tests.carriers.rigs import bandwidth, telnyx
from tests.patience import LONG

HOST = "localhost:5000"
FORM = "application/x-www-form-urlencoded"


class Visitor(threading.Thread):
    """Whoever has something to say: at either machine, again until one of them has taken it, then the next.

    `said` holds what was taken, `seen` how often there was which answer.
    """

    def __init__(self, ports):
        super().__init__(daemon=True)
        self.ports, self.stopping, self.said, self.seen = ports, threading.Event(), [], Counter()

    def run(self):
        for what in self.things():
            while not self.stopping.is_set() and not self.is_taken(what):
                self.stopping.wait(0.02)
            if self.stopping.is_set():
                return
            self.said.append(what)

    def ask(self, path, body, headers):
        """The status of the answer and where it leads; 0 where nobody answered."""
        there = http.client.HTTPConnection("127.0.0.1", random.choice(self.ports), timeout=LONG)
        try:
            there.request("POST", path, body, {"Host": HOST, **headers})
            answer = there.getresponse()
            answer.read()
            self.seen[answer.status] += 1
            return answer.status, answer.getheader("Location", "")
        except (OSError, http.client.HTTPException):
            self.seen[0] += 1
            return 0, ""
        finally:
            there.close()

    def stop(self):
        self.stopping.set()
        self.join(LONG)
        assert not self.is_alive(), "somebody waits for an answer for ever"


class Member(Visitor):
    """A member who sends texts, and presses the button again where the answer did not come."""

    def __init__(self, ports, browser, name):
        super().__init__(ports)
        cookie = browser.application.config["SESSION_COOKIE_NAME"]
        self.token = browser.token()
        self.headers = {"Cookie": f"{cookie}={browser.get_cookie(cookie).value}", "Content-Type": FORM}
        self.member = name

    def things(self):
        for number in range(10**9):
            yield f"{self.member}-{number:015}"

    def is_taken(self, key):
        form = {"number": f"+1647555{2000 + int(key[-3:]) % 500}", "key": key, "csrf_token": self.token,
                "body": f"text {key}"}
        status, place = self.ask("/messages/new", urlencode(form), self.headers)
        return status == 303 and place.startswith("/messages/")


class Telling(Visitor):
    """A carrier that tells one thing of every text that it took: that it was sent, or that it was delivered."""

    def __init__(self, ports, side, status):
        super().__init__(ports)
        self.side, self.status = side, status

    def things(self):
        told = 0
        while not self.stopping.is_set():
            taken = self.side.references()
            yield from taken[told:]
            told = len(taken)
            self.stopping.wait(0.02)

    def is_taken(self, reference):
        return self.ask(f"/hooks/{self.side.ref}", *self.side.receipt(reference, self.status))[0] == 204

    def is_done(self):
        return len(self.said) == len(self.side.references())


class Arriving(Visitor):
    """People outside who write to a member."""

    def __init__(self, ports, side, number):
        super().__init__(ports)
        self.side, self.number = side, number

    def things(self):
        for number in range(10**9):
            self.stopping.wait(0.1)
            yield f"{self.side.ref}-{number:09}"

    def is_taken(self, text_id):
        return self.ask(f"/hooks/{self.side.ref}", *self.side.arrival(text_id, self.number))[0] == 204


class ByTelnyx:
    """A carrier that knows a text again: handed over twice it is one."""

    ref = kind = "telnyx"

    def __init__(self):
        self.peer = telnyx.TelnyxPeer()
        self.settings, self.secrets = {**telnyx.SETUP.settings, "address": self.peer.address}, telnyx.SETUP.secrets

    def references(self):
        return list(self.peer.taken)

    def bodies(self):
        return [json.loads(body)["text"] for body, _answer in list(self.peer.taken.values())]

    def receipt(self, reference, status):
        hook = f"http://{HOST}/hooks/{self.ref}?ref={reference}"
        return self._event("message.finalized", id=f"id of {reference}", direction="outbound", webhook_url=hook,
                           to=[{"phone_number": "+16475552000", "status": status}])

    def arrival(self, text_id, number):
        return self._event("message.received", id=text_id, direction="inbound", text=f"arrival {text_id}",
                           to=[{"phone_number": number}], **{"from": {"phone_number": f"+16475552{text_id[-3:]}"}})

    def _event(self, kind, **payload):
        body = json.dumps({"data": {"event_type": kind, "payload": payload}}).encode()
        return body, telnyx.sign(body, int(time.time()))

    def close(self):
        self.peer.close()


class ByBandwidth:
    """A carrier of which nobody can tell afterwards what it got: handed over twice it is two."""

    ref = kind = "bandwidth"

    def __init__(self):
        self.fake = bandwidth.FakeBandwidth()
        made = bandwidth.setup_at(self.fake.peer)
        self.settings, self.secrets = made.settings, made.secrets

    def references(self):
        return [one["tag"] for one in list(self.fake.texts)]

    def bodies(self):
        return [one["text"] for one in list(self.fake.texts)]

    def receipt(self, reference, status):
        return self._event({"type": f"message-{status}", "message": {
            "id": f"id of {reference}", "owner": "+12065550160", "tag": reference}})

    def arrival(self, text_id, number):
        return self._event({"type": "message-received", "message": {
            "id": text_id, "owner": number, "from": f"+16475552{text_id[-3:]}", "text": f"arrival {text_id}"}})

    def _event(self, event):
        known = basic_authorization(self.settings["user"], self.secrets["password"])
        return json.dumps([event]).encode(), {"authorization": known, "content-type": "application/json"}

    def close(self):
        self.fake.peer.close()
