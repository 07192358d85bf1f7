"""A carrier by SMPP with a message center behind it, and the line kept as the background process does it."""

import threading
from dataclasses import replace

from portal.carriers.kinds import CarrierSetup
from portal.carriers.smpp import KIND
from portal.carriers.smpp.outgoing import hash_reference
from tests.carriers.smpp_peer import DROP_TAKEN, LONG, TAKE, SmppPeer
from tests.patience import wait_for

from . import LOOPBACK, Promise, Rig, text

PROMISE = Promise(tells_by_webhook=False)
SETUP = CarrierSetup("a-carrier", {"host": "127.0.0.1", "port": "2775", "tls": "", "account": "portal"},
                     {"password": "secret word of the tests"}, networks=LOOPBACK)
OUTCOMES = {"0151": 0x0B, "0155": 0x58, "0157": DROP_TAKEN}


def at_forbidden_place(setup):
    return replace(setup, settings={**setup.settings, "host": "169.254.169.254"})


def setup_at(port, password="secret", secrets=None, **settings):
    """The setup of a carrier at a center on this machine."""
    known = {**SETUP.settings, "port": str(port), **{name: str(value) for name, value in settings.items()}}
    return replace(SETUP, settings=known, secrets={"password": password})


class Keeper:
    """Runs `keep` of a carrier in a thread and remembers what it told; `store` may raise."""

    def __init__(self, carrier, store=lambda news: None):
        self.carrier, self.store, self.told, self.batches = carrier, store, [], []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=carrier.keep, args=(self.tell, self.stopping))
        self.thread.start()

    def tell(self, news):
        self.batches.append(news)
        self.store(news)
        self.told += news

    def up(self):
        wait_for(lambda: self.carrier.standing().up, lambda: f"{self.carrier.standing()}")
        return self

    def stop(self):
        self.stopping.set()
        self.thread.join(LONG)
        assert not self.thread.is_alive()


def make_rig(folder):
    peer = SmppPeer(decide=lambda message: OUTCOMES.get(message.dest[-4:], TAKE))
    carrier = KIND.make(replace(setup_at(peer.port), folder=folder))
    keepers = [Keeper(carrier).up()]

    def start_again():
        keepers[-1].stop()
        keepers.append(Keeper(carrier))

    def shut_out():
        peer.account = (b"portal", b"another")
        start_again()
        wait_for(lambda: carrier.standing().refused)
        return text()

    def works_again():
        peer.account, peer.decide = (b"portal", b"secret"), lambda message: TAKE
        start_again()
        keepers[-1].up()

    def close():
        keepers[-1].stop()
        peer.close()

    return Rig(carrier, lambda reference: peer.count(hash_reference(reference)),
               lambda: text("+14165550151"), lambda: text("+14165550155"), works_again,
               lambda: text("+14165550157"), shut_out, close)
