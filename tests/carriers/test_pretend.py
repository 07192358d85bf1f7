"""The pretend carrier: its script and its memory."""

import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.carriers.base import (
    OPTED_OUT_CODE,
    CarrierError,
    CarrierReceipt,
    CarrierStatus,
    Certainty,
    Fault,
    IncomingText,
)
from portal.carriers.pretend import script
from portal.carriers.pretend.ledger import LedgerEvent

from .rigs import COLLEAGUE, LONG_AGO, OURS, THEIRS, text
from .rigs.pretend import Clock, Portal, pretend

ROOT = Path(__file__).parents[2]


def told_after(carrier, portal, clock, number, **by):
    """What is told about a text to this number at once, and in all after a while."""
    carrier.send(text(number))
    carrier.deliver(portal)
    at_once = list(portal.told)
    clock.forward(**by or {"hours": 1})
    carrier.deliver(portal)
    assert carrier.due(clock()) == []
    return at_once, portal.told


# --- the script -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [
    "+14165550110", "+12125550149", "+19025550100", "+14165550199", "+14165550159", "+14165551150", "+442079460150",
    "+141655501500", "+1416555015", "+14165560150",
])
def test_most_numbers_deliver_at_once(carrier, portal, clock, number):
    at_once, told = told_after(carrier, portal, clock, number)
    assert [one.status for one in at_once] == [CarrierStatus.DELIVERED]
    assert told == at_once
    assert (told[0].reference, told[0].id) == ("ref-1", carrier.look_up(text(), LONG_AGO))


@pytest.mark.parametrize("area", ["416", "212", "902"])
def test_a_phone_that_cannot_be_reached(carrier, portal, clock, area):
    _, told = told_after(carrier, portal, clock, f"+1{area}5550150")
    assert [(one.status, one.code) for one in told] == [(CarrierStatus.UNDELIVERED, "unreachable")]


def test_a_stop_that_only_the_carrier_got(carrier, portal, clock):
    """It takes nothing to one number, and says so in a receipt about the other."""
    with pytest.raises(CarrierError, match=OPTED_OUT_CODE) as caught:
        carrier.send(text("+14165550157"))
    assert caught.value.fault is Fault.TEXT
    _, told = told_after(carrier, portal, clock, "+14165550158")
    assert [(one.status, one.code) for one in told] == [(CarrierStatus.UNDELIVERED, OPTED_OUT_CODE)]


def test_spam_is_never_taken(carrier):
    for _ in range(3):
        with pytest.raises(CarrierError, match="spam") as caught:
            carrier.send(text("+14165550151"))
        assert caught.value.fault is Fault.TEXT
    assert carrier.ledger.texts() == []


def test_a_phone_that_says_nothing(carrier, portal, clock):
    assert told_after(carrier, portal, clock, "+14165550152", days=4) == ([], [])
    assert carrier.look_up(text(), LONG_AGO)


@pytest.mark.parametrize(("number", "words"), [
    ("+14165550153", "STOP"), ("+15145550154", "Bonjour, merci de votre message."),
])
def test_phones_that_answer(carrier, portal, clock, number, words):
    at_once, told = told_after(carrier, portal, clock, number, milliseconds=200)
    assert [one.status for one in at_once] == [CarrierStatus.DELIVERED]
    reply = told[1]
    assert (reply.sender, reply.recipient, reply.body, reply.at) == (number, OURS, words, clock.at)


def test_a_phone_that_says_stop_does_not_answer_the_answer(carrier, portal, clock):
    for reference, later in (("a text", 0), ("the answer to STOP", 1), ("a text after that", 70)):
        clock.forward(seconds=later)
        carrier.send(text("+14165550153", reference))
    clock.forward(minutes=5)
    carrier.deliver(portal)
    assert [one.body for one in portal.told if isinstance(one, IncomingText)] == ["STOP", "STOP"]


def test_a_phone_that_works_at_the_third_try_of_each_text(carrier, portal, clock, tmp_path):
    for reference in ("ref-1", "ref-2"):
        for restarted in (carrier, pretend(tmp_path)):
            with pytest.raises(CarrierError, match="busy") as caught:
                restarted.send(text("+14165550155", reference))
            assert caught.value.fault is Fault.LATER
        assert carrier.send(text("+14165550155", reference))
    carrier.deliver(portal)
    assert [one.reference for one in portal.told] == ["ref-1", "ref-2"]


def test_a_receipt_that_comes_twice(carrier, portal, clock):
    _, told = told_after(carrier, portal, clock, "+14165550156")
    assert told == [told[0]] * 2
    assert len(set(portal.ids)) == 2, "as two webhooks, which no memory of webhooks can tell to be one"


@pytest.mark.parametrize("scripted", ["+14165550151", "+14165550150", COLLEAGUE])
def test_our_own_numbers_win_over_the_script(tmp_path, clock, scripted):
    carrier = pretend(tmp_path, own={scripted}, clock=clock)
    portal = Portal(carrier, clock)
    _, told = told_after(carrier, portal, clock, scripted)
    receipt, arrived = told
    assert receipt.status is CarrierStatus.DELIVERED
    assert arrived == IncomingText(arrived.id, OURS, scripted, "Your shoes are ready.", 0, Clock.at)


def test_the_script_as_it_is_told():
    """Every ending that the module's own words name, and no other, does something of its own."""
    for ending in script.OUTCOME_BY_ENDING:
        assert f"01{ending}" in script.__doc__


def test_a_text_from_outside(carrier, portal, clock):
    text_id = carrier.call_in(THEIRS, OURS, "Où? \U0001f44b", attachments=2)
    assert carrier.deliver(portal) == 1
    assert portal.told == [IncomingText(text_id, THEIRS, OURS, "Où? \U0001f44b", 2, clock.at)]


# --- many at once -----------------------------------------------------------------------------------------

PLAIN, SPAM, BUSY, ANSWERS = "+14165550110", "+14165550151", "+14165550155", "+14165550153"


def told_about(carrier, clock, send):
    """The answers to texts to all kinds of numbers, and what is told about them within a minute."""
    portal = Portal(carrier, clock)
    answers = send(carrier, [text(to, f"ref-{place}") for place, to in enumerate((
        PLAIN, SPAM, COLLEAGUE, BUSY, ANSWERS, "+14165550150", "+14165550156", "+14165550154"))])
    carrier.deliver(portal)
    clock.forward(minutes=1)
    carrier.deliver(portal)
    told = [(one.reference, one.raw, one.code) if isinstance(one, CarrierReceipt) else (one.body, one.sender)
            for one in portal.told]
    return [str(one) if isinstance(one, CarrierError) else "taken" for one in answers], sorted(told)


def test_many_at_once_become_what_each_would_become_alone(tmp_path, clock):
    alone = told_about(pretend(tmp_path / "alone", own={COLLEAGUE}, clock=clock), clock,
                       lambda carrier, texts: [carrier._attempt(one) for one in texts])
    assert alone[0] == ["taken", "spam", "taken", "busy", *["taken"] * 4]
    assert told_about(pretend(tmp_path / "many", own={COLLEAGUE}, clock=clock), clock,
                      lambda carrier, texts: carrier.send_many(texts)) == alone


def test_what_was_taken_before_is_taken_once_among_many(carrier):
    first = carrier.send(text(PLAIN))
    assert carrier.send_many([text(PLAIN), text(PLAIN, "ref-2"), text(PLAIN, "ref-2")])[0] == first
    assert [one.reference for _id, one in carrier.ledger.texts()] == ["ref-1", "ref-2"]


def test_many_are_taken_with_one_commit_or_not_at_all(carrier):
    """What the file cannot hold stops all of them, and nobody has to guess which were taken."""
    with pytest.raises(UnicodeEncodeError):
        carrier.send_many([text(PLAIN), text(PLAIN, "ref-2", "half a character: \ud800")])
    assert carrier.ledger.texts() == []


def test_a_file_that_cannot_be_used_leaves_us_unsure_of_many(tmp_path):
    (tmp_path / "pretend.db").mkdir()
    answers = pretend(tmp_path).send_many([text(PLAIN), text(PLAIN, "ref-2")])
    assert [(str(one), one.fault) for one in answers] == [("storage", Fault.UNSURE)] * 2


# --- what it remembers ------------------------------------------------------------------------------------


def test_nobody_else_on_the_machine_can_read_its_file(tmp_path):
    pretend(tmp_path / "new").send(text())
    assert {file.stat().st_mode & 0o077 for file in (tmp_path / "new").iterdir()} == {0}


def test_what_it_took_outlives_its_process(tmp_path):
    """Killed right after the answer: the text, its receipt and its reference are there."""
    program = (
        "import os, signal, sys; sys.path.insert(0, '.'); from pathlib import Path\n"
        "from tests.carriers.rigs import text\n"
        "from tests.carriers.rigs.pretend import pretend\n"
        "print(pretend(Path(sys.argv[1])).send(text()), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    carrier = pretend(tmp_path)
    assert told.stdout.strip() == carrier.look_up(text(), LONG_AGO) == carrier.send(text())
    assert len(carrier.due(datetime.now(UTC))) == 1


def test_two_at_its_file_for_the_first_time(tmp_path):
    """Each thread opens the file for itself; who comes second finds it made."""
    for number in range(10):
        begin, ids = threading.Barrier(4), []

        def send(number=number, begin=begin, ids=ids):
            carrier = pretend(tmp_path / str(number))
            begin.wait()
            ids.append(carrier.send(text()))

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ids) == 4
        assert len(set(ids)) == 1


def test_a_connection_does_not_cross_a_fork(tmp_path):
    carrier = pretend(tmp_path)
    carrier.send(text())
    mine = carrier.ledger._rows()
    child = os.fork()
    if not child:
        os._exit(carrier.ledger._rows() is mine)
    assert os.waitpid(child, 0)[1] == 0
    assert carrier.ledger._rows() is mine


@pytest.mark.parametrize("certainty", [Certainty.KEY, Certainty.LOOK_UP])
def test_a_file_that_cannot_be_used_leaves_us_unsure(tmp_path, certainty):
    (tmp_path / "pretend.db").mkdir()
    carrier = pretend(tmp_path, certainty)
    for ask, fault in ((lambda: carrier.send(text()), Fault.UNSURE), (carrier.check, Fault.LATER),
                       (lambda: carrier.look_up(text(), LONG_AGO), Fault.LATER)):
        with pytest.raises(CarrierError, match="storage") as caught:
            ask()
        assert caught.value.fault is fault


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CarrierError, match="storage"):
        pretend(tmp_path / "file").send(text())


def test_it_writes_through_to_the_disk(carrier):
    asked = ("journal_mode", "synchronous", "secure_delete", "busy_timeout")
    rows = carrier.ledger._rows()
    assert [rows.execute(f"PRAGMA {name}").fetchone()[0] for name in asked] == ["wal", 2, 1, 5000]


def test_a_text_is_kept_with_all_that_will_be_told_or_not_at_all(carrier, clock):
    event = LedgerEvent("evt_1", b"{}", clock.at)
    with pytest.raises(sqlite3.IntegrityError):
        carrier.ledger.take_all([("text_1", text(), [event, event])], clock.at, once=True)
    assert (carrier.look_up(text(), LONG_AGO), carrier.due(clock.at)) == (None, [])


def test_what_it_forgets_is_gone_from_its_files(carrier, portal, clock, tmp_path):
    carrier.send(text("+14165550152", body="the old secret words"))
    carrier.call_in(THEIRS, OURS, "the old answer")
    clock.forward(days=400)
    carrier.send(text("+14165550152", reference="ref-2", body="the new words"))
    carrier.call_in(THEIRS, OURS, "the new answer")
    assert carrier.forget(clock.at) == 2
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [words in held for words in (b"the old", b"the new words", b"the new answer")] == [False, True, True]
    assert (carrier.look_up(text(), LONG_AGO), carrier.forget(clock.at)) == (None, 0)


def test_a_locked_file_is_waited_for_and_then_given_back(carrier, tmp_path):
    carrier.send(text())
    other = sqlite3.connect(tmp_path / "pretend.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    carrier.ledger._rows().execute("PRAGMA busy_timeout=10")
    with pytest.raises(CarrierError, match="storage"):
        carrier.send(text(reference="ref-2"))
    other.execute("ROLLBACK")
    other.close()
    assert carrier.send(text(reference="ref-2"))
