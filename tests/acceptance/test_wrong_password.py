"""A password that is wrong of a sudden: no text fails, operators see it, and the right one lets all leave."""

from contextlib import closing

import pytest

from portal.models import TextState
from portal.services.carriers import carrier_state
from portal.services.carriers.carrier_state import CarrierVerdict
from tests.acceptance.running import number_of
from tests.carriers.rigs.twilio import ACCOUNT, TOKEN, FakeTwilio
from tests.patience import wait_for
from tests.peers.center import PASSWORD, SYSTEM

pytestmark = pytest.mark.slow

ENDINGS = [str(number) for number in range(10, 18)]
LEFT = {TextState.HANDED_OVER, TextState.DELIVERED}


def verdict(portal, ref):
    with portal.inside():
        (found,) = [one for one in carrier_state.list_carrier_states() if one.record.ref == ref]
        return found.verdict


class Center:
    """A message center as the other side."""

    def __init__(self, center):
        self.center, self.right = center, {"password": "other"}
        self.kind, self.secrets = "smpp", {"password": PASSWORD}
        self.settings = {"host": "127.0.0.1", "port": str(center.port), "tls": "", "account": SYSTEM}

    def change_password(self):
        self.center.change(password="other")
        self.center.drop()

    def count(self):
        return len(self.center.texts())


class Twilio:
    """Twilio as the other side."""

    def __init__(self, twilio):
        self.twilio, self.right = twilio, {"secret": "another token of the tests"}
        self.kind, self.secrets = "twilio", {"secret": TOKEN}
        self.settings = {"account": ACCOUNT, "address": twilio.peer.address}

    def change_password(self):
        self.twilio.change_token(self.right["secret"])

    def count(self):
        return len(self.twilio.texts)


@pytest.fixture(params=["smpp", "twilio"])
def other_side(request):
    if request.param == "smpp":
        yield Center(request.getfixturevalue("center"))
    else:
        with closing(FakeTwilio()) as twilio:
            yield Twilio(twilio)


def test_nothing_fails_and_all_leave_once_it_is_put_right(portal, other_side, browse):
    ref = portal.carry_all(portal.add_carrier(other_side.kind, other_side.secrets, other_side.settings))
    portal.send(number_of(10), "The first")
    wait_for(lambda: portal.texts()[0].state in LEFT)
    other_side.change_password()
    for ending in ENDINGS:
        portal.send(number_of(ending), f"Text {ending}")
    wait_for(lambda: portal.carrier(ref).fault_code)
    assert (portal.carrier(ref).fault_code, verdict(portal, ref)) == ("account", CarrierVerdict.FAULT)
    waiting = portal.texts()[1:]
    assert {one.state for one in waiting} <= {TextState.QUEUED, TextState.CLAIMED}
    assert {one.tries for one in waiting if one.state is TextState.QUEUED} <= {0}
    page = browse("Olga", which=portal.app).get(f"/operator/carriers/{ref}")
    assert "does not accept" in page.text
    portal.change_carrier(ref, other_side.right)
    wait_for(lambda: {one.state for one in portal.texts()} <= LEFT, lambda: str(portal.outcomes()))
    assert other_side.count() == 1 + len(ENDINGS)
    assert (portal.carrier(ref).fault_code, verdict(portal, ref)) == ("", CarrierVerdict.WORKING)
