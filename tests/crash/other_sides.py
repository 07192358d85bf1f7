"""What stands at the other end of a carrier while the portal is killed: it lives on, and remembers what it took."""

from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass

from portal.carriers import KINDS
from portal.carriers.base import Certainty
from portal.extensions import writing
from portal.models import CarrierRecord
from portal.services.carriers import carrier_secrets
from tests.carriers.rigs import twilio
from tests.peers.center import PASSWORD, SYSTEM, MessageCenter

AT_ONCE = 4


@dataclass(frozen=True)
class OtherSide:
    """`taken()`: the words of every text that the carrier took, as often as it took it.

    `unclear`: of how many texts at most nobody can tell after a worker's death whether the carrier has them.
    """

    taken: Callable[[], list[str]]
    unclear: int


@contextmanager
def pretend(app, _folder):
    """The pretend carrier, which keeps its texts in a file."""
    carrier = app.extensions["carrier"]
    unclear = carrier.at_once if carrier.certainty is Certainty.NONE else 0
    yield OtherSide(lambda: [text.body for _id, text in carrier.ledger.texts()], unclear)


@contextmanager
def center(app, folder):
    """A message center, by SMPP: nobody can be asked."""
    with MessageCenter(folder) as peer:
        add_carrier(app, "smpp", {"host": "127.0.0.1", "port": str(peer.port), "tls": "", "account": SYSTEM},
                    {"password": PASSWORD})
        yield OtherSide(lambda: [words for _number, words in peer.whole_texts()], AT_ONCE)


@contextmanager
def like_twilio(app, _folder):
    """A carrier like Twilio: what its list shows is certain, what it does not show is not."""
    with closing(twilio.FakeTwilio()) as peer:
        add_carrier(app, "twilio", {**twilio.SETUP.settings, "address": peer.peer.address}, twilio.SETUP.secrets)
        yield OtherSide(lambda: [one["body"] for one in peer.texts], AT_ONCE)


def add_carrier(app, kind, settings, secrets, at_once=AT_ONCE):
    """Let every text leave by a carrier of this kind."""
    filled = {one.name: one.default for one in KINDS[kind].fields if not one.secret}
    with app.app_context(), writing() as session:
        session.add(CarrierRecord(ref="one", kind=kind, name="One", settings={**filled, **settings}, by_default=True,
                                  secrets=carrier_secrets.encrypt_secrets(secrets), at_once=at_once))
