"""What becomes of a text when things come in an order that nobody planned."""

import pytest
from sqlalchemy import update

from portal.carriers.base import CarrierError, CarrierReceipt, CarrierStatus, Certainty, Fault
from portal.extensions import now, writing
from portal.models import Message, TextState
from portal.processes.worker import WorkerThread
from portal.services.texting import outbox, receipts, sending
from tests.talks import messages

THEIRS = "+16475550110"


def send(user, body="Hello", theirs=THEIRS):
    return sending.send_text(user, theirs, body, f"key-{body}").decision


def only():
    return messages()[0]


def work(times=1):
    worker = outbox.OutboxWorker("test")
    for _ in range(times):
        worker.step()


# --- a receipt before our own commit --------------------------------------------------------------

BY = {
    "reference": lambda text: CarrierReceipt("delivered", CarrierStatus.DELIVERED, text.reference),
    "id": lambda text: CarrierReceipt("delivered", CarrierStatus.DELIVERED, "", f"id-{text.reference}"),
    "both": lambda text: CarrierReceipt("delivered", CarrierStatus.DELIVERED, text.reference, f"id-{text.reference}"),
}


@pytest.mark.parametrize("by", BY)
def test_a_receipt_before_our_commit_counts(uli, carrier, by):
    """REL-21: it names our reference, or an id that we have not even been told."""
    send(uli)
    carrier.does = lambda text: receipts.take_receipts("scripted", [BY[by](text)])
    work(3)
    assert carrier.asked == ["Hello"]
    assert (only().state, only().carrier_id) == (TextState.DELIVERED, f"id-{only().ref}")


def test_a_later_receipt_by_id_counts_after_an_early_one_by_reference(uli, carrier):
    """REL-21: the id of the text is known although the early receipt was faster than our commit."""
    send(uli)
    carrier.does = lambda text: receipts.take_receipts("scripted",
                                                       [CarrierReceipt("sent", CarrierStatus.SENT, text.reference)])
    work()
    assert only().state is TextState.SENT
    receipts.take_receipts("scripted", [CarrierReceipt("delivered", CarrierStatus.DELIVERED, "", f"id-{only().ref}")])
    assert only().state is TextState.DELIVERED


@pytest.mark.parametrize("certainty", Certainty)
def test_a_receipt_of_a_text_whose_worker_died_counts(uli, carrier, certainty):
    """REL-21, REL-05: by the time somebody looks into it, the receipt has said everything."""
    carrier.certainty = certainty
    send(uli)

    def dies(text):
        receipts.take_receipts("scripted", [BY["reference"](text)])
        raise CarrierError("timeout", Fault.UNSURE)

    carrier.does = dies
    work(3)
    assert carrier.asked == ["Hello"]
    assert only().state is TextState.DELIVERED


@pytest.mark.parametrize(("certainty", "taken", "state"), [
    (Certainty.KEY, True, TextState.UNKNOWN), (Certainty.KEY, False, TextState.UNKNOWN),
    (Certainty.LOOK_UP, True, TextState.HANDED_OVER), (Certainty.LOOK_UP, False, TextState.EXPIRED),
    (Certainty.NONE, True, TextState.UNKNOWN), (Certainty.NONE, False, TextState.UNKNOWN),
])
def test_after_the_deadline_nothing_is_sent_again_and_nothing_is_said_that_nobody_knows(
        uli, carrier, certainty, taken, state):
    """REL-20, REL-05: a worker died, and the next one came hours later."""
    carrier.certainty = certainty
    send(uli)
    if taken:
        work()
    asked, gone = list(carrier.asked), now() - outbox.LEASE
    with writing() as session:
        session.execute(update(Message).values(state=TextState.CLAIMED, lease_until=gone, deadline=gone))
    work(3)
    assert only().state is state
    assert carrier.asked == asked


# --- code that breaks while it looks into a text ---------------------------------------------------


def test_poison_in_a_look_up_stops_nobody(uli, carrier, monkeypatch, log_lines):
    """REL-18: a carrier's answer that its own module cannot read, three times; the others go on."""
    def look_up(text, since):
        raise KeyError(THEIRS)

    carrier.certainty = Certainty.LOOK_UP
    monkeypatch.setattr(carrier, "look_up", look_up)
    send(uli, "poison")
    with writing() as session:
        session.execute(update(Message).values(state=TextState.CLAIMED, lease_until=now() - outbox.LEASE))
    send(uli, "next")
    send(uli, "elsewhere", "+16475550111")
    work(5)
    assert {one.body: one.state for one in messages()} == {
        "poison": TextState.QUARANTINED, "next": TextState.HANDED_OVER, "elsewhere": TextState.HANDED_OVER}
    assert "poison" not in carrier.asked
    assert any("message_crashed" in line and "KeyError" in line for line in log_lines)
    assert not any(THEIRS in line for line in log_lines)


@pytest.mark.parametrize("error", [KeyError(THEIRS), OSError("disk I/O error"), RuntimeError()])
def test_whatever_breaks_in_a_step_the_sender_works_on(app, uli, carrier, tmp_path, monkeypatch, log_lines, error):
    """REL-18: a thread that ended would leave every text waiting, and nobody would know."""
    def breaks():
        raise error

    sending = WorkerThread(app, tmp_path / "sender.sock")
    with monkeypatch.context() as broken:
        broken.setattr(sending.worker, "step", breaks)
        assert sending._work() > 0
    assert any("sender_failed" in line for line in log_lines)
    assert not any(THEIRS in line for line in log_lines)
    send(uli)
    sending._work()
    assert carrier.bodies == ["Hello"]


# --- a worker that is too slow ---------------------------------------------------------------------


def test_a_slow_carrier_leaves_nothing_claimed_past_its_lease(uli, carrier, clock):
    """REL-22, REL-05: what a worker cannot hand over in a third of its lease it gives back, and nothing is lost."""
    for number in range(6):
        send(uli, f"text {number}", f"+1647555{1100 + number}")
    carrier.does = lambda _text: clock.forward(seconds=4)
    worker = outbox.OutboxWorker("slow")
    worker.step()
    states = [one.state for one in messages()]
    assert states == [TextState.HANDED_OVER] * 3 + [TextState.QUEUED] * 3
    assert [one.tries for one in messages()] == [1] * 3 + [0] * 3
    worker.step()
    assert carrier.bodies == [f"text {number}" for number in range(6)]
