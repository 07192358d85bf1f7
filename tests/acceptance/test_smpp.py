"""Texts of members through a message center by SMPP: each number with a script ends in its state and word."""

import threading
from collections import Counter
from contextlib import contextmanager

import pytest

from portal.models import Direction, TextState
from tests.patience import LONG, wait_for
from tests.peers.center import PASSWORD, SYSTEM
from tests.products import WHOLE

pytestmark = pytest.mark.slow

FLOOD = 20
# While texts flow at this pace, the line breaks every so many seconds.
PACE, BREAKS_AFTER = 5, 2
BROKEN_FLOOD = 300 if WHOLE else 75

# By the last two digits of the number: the state of the text and the word that explains it.
OUTCOMES = {
    "10": ("delivered", ""), "50": ("undelivered", "phone-off"), "51": ("failed", "no-such-number"),
    "52": ("handed-over", ""), "54": ("delivered", ""), "55": ("delivered", ""), "56": ("delivered", ""),
    "57": ("unknown", "no-answer"), "58": ("unknown", "no-answer"), "59": ("unknown", "no-answer"),
    "60": ("queued", "too-fast"), "61": ("queued", "network-trouble"), "62": ("delivered", ""),
    "63": ("undelivered", "refused-by-network"), "64": ("undelivered", "too-late"), "65": ("delivered", ""),
    "66": ("failed", "0x03"), "67": ("delivered", ""), "68": ("delivered", ""), "69": ("delivered", ""),
    "70": ("delivered", ""),
}
NOT_TAKEN = {"51", "59", "60", "61", "66"}


def place_of(center, tls):
    """What an operator types for a center: its authority stands in the form, and nobody else is believed."""
    if tls:
        return {"port": str(center.tls_port), "tls": "1", "authority": center.certificate.read_text()}
    return {"port": str(center.port), "tls": ""}


def add_center(portal, center, tls=False, paces=None, **settings):
    typed = {"host": "127.0.0.1", "account": SYSTEM, **place_of(center, tls), **settings}
    return portal.carry_all(portal.add_carrier("smpp", {"password": PASSWORD}, typed, **(paces or {})))


@pytest.mark.parametrize(("tls", "ids", "writing", "dlr"), [
    (False, "dec", "as-is", "both"), (True, "hex", "as-is", "text"), (True, "mixed", "hex-answer", "tlv"),
], ids=["tcp", "tls hex text", "tls mixed tlv"])
def test_every_outcome(portal, center, tls, ids, writing, dlr):
    center.change(ids=ids, dlr=dlr)
    add_center(portal, center, tls, ids=writing)
    portal.send_scripted(OUTCOMES)
    portal.wait_for_outcomes(OUTCOMES)
    taken = Counter(text for _number, text in center.whole_texts())
    assert taken == {f"Your shoes are ready, {ending}.": 1 for ending in OUTCOMES.keys() - NOT_TAKEN}
    wait_for(lambda: [one.body for one in portal.texts(Direction.IN)] == ["Bonjour, merci de votre message."])


@pytest.mark.usefixtures("busy_members")
@pytest.mark.parametrize("limit", [{"rate": 5}, {"window": 3}], ids=["rate 5", "window 3"])
def test_a_center_that_wants_fewer_at_once_gets_each_text_once(portal, center, limit):
    center.change(**limit, delay=100)
    ref = add_center(portal, center, paces={"at_once": 10})
    refs = portal.send_many(FLOOD)
    ended = portal.wait_until_ended(refs)
    assert Counter(one.state for one in ended) == {TextState.DELIVERED: FLOOD}
    assert Counter(one["text"] for one in center.texts()) == {f"Text {place}": 1 for place in range(FLOOD)}
    assert portal.carrier(ref).slowed_at


@contextmanager
def breaking(center):
    """The line breaks again and again."""
    over = threading.Event()

    def go_on():
        while not over.wait(BREAKS_AFTER):
            center.drop()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.usefixtures("busy_members")
def test_a_line_that_breaks_again_and_again_loses_nothing_and_doubles_nothing(portal, center, capsys):
    center.change(delay=200)
    add_center(portal, center, paces={"at_once": 10, "pace": PACE})
    refs = portal.send_many(BROKEN_FLOOD)
    with breaking(center):
        ended = portal.wait_until_ended(refs, seconds=10 * LONG)
    states = Counter(one.state for one in ended)
    taken = Counter(one["text"] for one in center.texts())
    with capsys.disabled():
        print(f"\nbreaking line: {dict(Counter(one.state.value for one in ended))}, at the center {len(taken)}")
    assert states.keys() <= {TextState.DELIVERED, TextState.UNKNOWN}
    assert sum(states.values()) == BROKEN_FLOOD
    assert [body for body, times in taken.items() if times > 1] == []
    assert {one.body for one in ended if one.state is TextState.DELIVERED} <= taken.keys()
