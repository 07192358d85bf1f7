"""How stubbornly the pretend carrier tells what became of texts and what came in."""

from datetime import timedelta
from urllib.error import URLError

import pytest

from portal.carriers.base import CarrierReceipt, CarrierStatus, Webhook
from portal.carriers.pretend.ledger import DELAYS, EVENTS_PER_BATCH

from .rigs import KEY, LONG_AGO, OURS, THEIRS, text
from .rigs.pretend import Portal, pretend


def test_webhooks_as_they_are_posted(carrier, clock):
    posted = []
    carrier.send(text())
    assert carrier.deliver(lambda headers, body: posted.append((headers, body)) or 204) == 1
    headers, body = posted[0]
    assert headers.keys() == {"content-type", "webhook-id", "webhook-timestamp", "webhook-signature"}
    assert carrier.read(Webhook(headers, body, clock.at)) == [
        CarrierReceipt("delivered", CarrierStatus.DELIVERED, "ref-1", carrier.look_up(text(), LONG_AGO))]


@pytest.mark.parametrize("status", [503, 500, 404, 400, 401, 429, 301, 100, 0])
def test_whatever_is_not_heard_is_told_again(carrier, portal, clock, status):
    carrier.send(text())
    portal.status = status
    assert carrier.deliver(portal) == 0
    assert carrier.deliver(portal) == 0
    assert len(portal.ids) == 1, "not at once"
    portal.status = 204
    clock.forward(seconds=DELAYS[0])
    assert carrier.deliver(portal) == 1
    assert [one.status for one in portal.told] == [CarrierStatus.DELIVERED]
    assert len(set(portal.ids)) == 1, "under the same id"
    clock.forward(days=1)
    assert (carrier.deliver(portal), carrier.due(clock.at)) == (0, [])


def test_a_clock_that_was_set_back_puts_nothing_off(carrier, portal, clock):
    """What was put off by a moment that is a day away by now is told at once."""
    carrier.send(text())
    portal.status = 503
    assert carrier.deliver(portal) == 0
    clock.forward(days=-1)
    portal.status = 204
    assert carrier.deliver(portal) == 1


@pytest.mark.parametrize("error", [URLError("refused"), TimeoutError(), ValueError("a fault over there")])
def test_an_error_over_there_is_no_answer(carrier, clock, error):
    def fail(headers, body):
        raise error

    carrier.send(text())
    assert carrier.deliver(fail) == 0
    clock.forward(hours=1)
    assert carrier.deliver(lambda headers, body: 200) == 1


def test_it_gives_up_after_five_hours_and_keeps_what_nobody_heard(carrier, portal, clock, caplog):
    carrier.send(text())
    portal.status, began, waits = 503, clock.at, []
    while (events := carrier.due(clock.at + timedelta(days=30))) and len(waits) < 20:
        waits.append((events[0].due - clock.at).total_seconds())
        clock.at = events[0].due
        carrier.deliver(portal)
    assert waits == [0, *DELAYS]
    assert timedelta(hours=4) < clock.at - began < timedelta(hours=5)
    assert carrier.ledger.given_up() == 1
    assert [record.message for record in caplog.records] == ["webhook_given_up"]


def test_one_that_is_not_heard_holds_up_no_other(carrier, clock):
    for reference in ("ref-1", "ref-2", "ref-3"):
        carrier.send(text(reference=reference))
    assert carrier.deliver(lambda headers, body: 503 if b"ref-1" in body else 204) == 2
    assert [b"ref-1" in event.body for event in carrier.due(clock.at + timedelta(hours=1))] == [True]


def test_receipts_of_many_texts_come_together(carrier, portal, clock):
    """A text that comes in is told alone, in its turn."""
    for reference in ("ref-1", "ref-2"):
        carrier.send(text(reference=reference))
    clock.forward(milliseconds=1)
    carrier.call_in(THEIRS, OURS, "yes")
    clock.forward(milliseconds=1)
    carrier.send(text(reference="ref-3"))
    assert carrier.deliver(portal) == 4
    assert [getattr(one, "reference", "yes") for one in portal.told] == ["ref-1", "ref-2", "yes", "ref-3"]
    assert len(set(portal.ids)) == 3


def test_receipts_that_are_not_heard_together_are_told_alone(carrier, portal, clock):
    for reference in ("ref-1", "ref-2"):
        carrier.send(text(reference=reference))
    portal.status = 503
    assert carrier.deliver(portal) == 0
    assert len(portal.ids) == 3
    clock.forward(seconds=DELAYS[0])
    portal.status = 204
    assert carrier.deliver(portal) == 2
    assert [one.reference for one in portal.told] == ["ref-1", "ref-2"]


def test_dying_between_the_answer_and_its_note_tells_twice(carrier, portal, clock, monkeypatch):
    def die(event):
        raise KeyboardInterrupt

    carrier.call_in(THEIRS, OURS, "yes")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(carrier.ledger, "told", die)
        carrier.deliver(portal)
    assert carrier.deliver(portal) == 1
    assert portal.told == [portal.told[0]] * 2
    assert len(set(portal.ids)) == 1


def test_what_is_signed_long_after_is_signed_anew(carrier, portal, clock):
    """A webhook that waited for hours is not older than its signature."""
    carrier.send(text())
    clock.forward(hours=3)
    assert carrier.deliver(portal) == 1


def test_the_first_secret_signs(tmp_path, clock):
    carrier = pretend(tmp_path, clock=clock)
    carrier._keys = (b"the new secret of the tests", KEY)
    carrier.send(text())
    assert carrier.deliver(Portal(carrier, clock)) == 1
    old = pretend(tmp_path, clock=clock)
    carrier.send(text(reference="ref-2"))
    assert carrier.deliver(Portal(old, clock)) == 0


def test_what_waits_longest_is_told_first(carrier, portal, clock):
    """Not what was put down first: a reply that is still to come lets others pass."""
    carrier.send(text("+14165550153"))
    clock.forward(milliseconds=100)
    carrier.send(text(reference="ref-2"))
    clock.forward(milliseconds=100)
    assert carrier.deliver(portal) == 3
    assert [getattr(one, "reference", "STOP") for one in portal.told] == ["ref-1", "ref-2", "STOP"]


def test_many_are_told_in_turn(carrier, clock):
    told = []
    for number in range(EVENTS_PER_BATCH + 1):
        carrier.call_in(THEIRS, OURS, str(number))
    assert carrier.deliver(lambda headers, body: told.append(body) or 204) == EVENTS_PER_BATCH
    assert carrier.deliver(lambda headers, body: told.append(body) or 204) == 1
    assert [f'"{number}"'.encode() in body for number, body in enumerate(told)] == [True] * (EVENTS_PER_BATCH + 1)
