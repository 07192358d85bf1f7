"""Handing texts over: several at once where the carrier allows it, each bounded, none begun after a sign to stop."""

import os
import threading
from datetime import timedelta

import pytest

from portal.carriers.base import CarrierError, Fault, OutgoingText
from portal.services.texting import hand_over
from tests.services.carrier import Scripted


def texts(count):
    return [OutgoingText("+14165550101", "+16475550110", f"text {n}", f"ref-{n}") for n in range(count)]


@pytest.fixture
def real():
    """A carrier somewhere else: each call to it has a thread."""
    carrier = Scripted()
    carrier.real = True
    return carrier


@pytest.mark.parametrize("at_once", [1, 3, 20])
def test_answers_stand_where_their_texts_stand(real, at_once):
    def does(text):
        if text.reference == "ref-2":
            raise CarrierError("spam", Fault.TEXT)

    real.at_once, real.does = at_once, does
    answers = hand_over.send_texts(real, texts(6), lambda: True)
    assert [one if isinstance(one, str) else one.code for one in answers] == [
        "id-ref-0", "id-ref-1", "spam", "id-ref-3", "id-ref-4", "id-ref-5"]
    assert hand_over.send_texts(real, [], lambda: True) == []


def test_as_many_are_on_their_way_as_the_carrier_allows(real):
    together, most = threading.Barrier(3), []
    inside, lock = [0], threading.Lock()

    def does(_text):
        with lock:
            inside[0] += 1
            most.append(inside[0])
        together.wait(timeout=60)
        with lock:
            inside[0] -= 1

    real.at_once, real.does = 3, does
    assert len(hand_over.send_texts(real, texts(9), lambda: True)) == 9
    assert max(most) == 3


def test_a_text_that_no_thread_got_to_in_time_is_not_sent_later(real, monkeypatch):
    """Somebody may send it once more in the meantime."""
    jobs = []
    monkeypatch.setattr(hand_over, "DEADLINE_SECONDS", 0.0)
    monkeypatch.setattr(hand_over._ASIDE, "run", jobs.append)
    assert hand_over.send_texts(real, texts(1), lambda: True) == [None]
    jobs.pop()()
    assert real.asked == []
    with pytest.raises(CarrierError) as caught:
        hand_over.call_bounded(lambda: None)
    assert caught.value.fault is Fault.LATER, "a question that was not asked has no answer"


def test_nobody_waits_for_a_carrier_that_does_not_answer(real, monkeypatch):
    """It may have the text. No other is begun, and what is begun is waited for."""
    monkeypatch.setattr(hand_over, "DEADLINE_SECONDS", 2.0)
    silent = threading.Event()
    real.does = lambda text: silent.wait(60) if text.reference == "ref-1" else None
    answers = hand_over.send_texts(real, texts(4), lambda: True)
    silent.set()
    assert answers[0] == "id-ref-0"
    assert (answers[1].code, answers[1].fault) == ("no-answer", Fault.UNSURE)
    assert answers[2:] == [None, None]


@pytest.mark.parametrize(("code", "fault", "stops"), [
    ("account", Fault.ACCOUNT, True), ("too-fast", Fault.LATER, True), ("busy", Fault.LATER, False),
    ("spam", Fault.TEXT, False), ("timeout", Fault.UNSURE, False),
])
@pytest.mark.parametrize("is_real", [True, False])
def test_what_the_next_text_would_hear_too_stops_the_batch(real, is_real, code, fault, stops):
    def refuse(_text):
        raise CarrierError(code, fault)

    real.real, real.does = is_real, refuse
    answers = hand_over.send_texts(real, texts(3), lambda: True)
    assert [one is None for one in answers] == [False, stops, stops]


@pytest.mark.parametrize("is_real", [True, False])
def test_once_time_is_up_nothing_is_begun(real, is_real):
    real.real = is_real
    left = iter([True, True, False])
    answers = hand_over.send_texts(real, texts(4), lambda: next(left))
    assert answers == ["id-ref-0", "id-ref-1", None, None]


@pytest.mark.parametrize("is_real", [True, False])
def test_what_breaks_is_an_answer(real, is_real):
    def broken(text):
        if text.reference == "ref-0":
            raise KeyError(text.reference)

    real.real, real.does = is_real, broken
    answers = hand_over.send_texts(real, texts(2), lambda: True)
    assert (type(answers[0]), answers[1]) == (KeyError, "id-ref-1")


def test_a_question_is_bounded_too(monkeypatch):
    monkeypatch.setattr(hand_over, "DEADLINE_SECONDS", 2.0)
    silent = threading.Event()
    assert hand_over.call_bounded(lambda: "id-1") == "id-1"
    assert hand_over.call_bounded(lambda: None) is None
    with pytest.raises(CarrierError) as caught:
        hand_over.call_bounded(lambda: silent.wait(60) and "late")
    silent.set()
    assert caught.value.fault is Fault.UNSURE
    with pytest.raises(KeyError):
        hand_over.call_bounded(lambda: {}["nothing"])


def test_all_of_it_ends_while_the_lease_holds():
    """What is begun last has its whole time before another worker could recover the text."""
    from portal.services.texting.claims import LEASE

    assert LEASE / 3 + timedelta(seconds=hand_over.DEADLINE_SECONDS) < LEASE


def test_threads_are_used_again(real):
    before = threading.active_count()
    for _ in range(200):
        assert hand_over.send_texts(real, texts(1), lambda: True) == ["id-ref-0"]
    assert threading.active_count() - before < 100


def test_a_copy_of_the_process_has_threads_of_its_own(real):
    assert hand_over.send_texts(real, texts(1), lambda: True) == ["id-ref-0"]
    if not (copy := os.fork()):
        os._exit(hand_over.send_texts(real, texts(1), lambda: True) != ["id-ref-0"])
    assert os.waitpid(copy, 0) == (copy, 0)


# --- all at once ------------------------------------------------------------------------------------------


class Bulk(Scripted):
    """A carrier that takes many texts with one commit."""

    def send_many(self, texts):
        for one in texts:
            self.does(one)
        return [f"together-{one.reference}" for one in texts]


def test_a_carrier_that_takes_many_at_once_gets_them_together():
    assert hand_over.send_texts(Bulk(), texts(3), lambda: True) == [f"together-ref-{n}" for n in range(3)]
    assert hand_over.send_texts(Bulk(), texts(1), lambda: True) == ["id-ref-0"]
    assert hand_over.send_texts(Bulk(), texts(3), lambda: False) == [None] * 3


def test_one_that_cannot_be_taken_does_not_stop_the_others():
    def does(text):
        if text.reference == "ref-1":
            raise ZeroDivisionError

    bulk = Bulk()
    bulk.does = does
    answers = hand_over.send_texts(bulk, texts(3), lambda: True)
    assert [str(one) for one in (answers[0], answers[2])] == ["id-ref-0", "id-ref-2"]
    assert isinstance(answers[1], ZeroDivisionError)
