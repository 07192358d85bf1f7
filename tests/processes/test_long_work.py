"""Long work: every kind gets its turn, one that breaks holds up no other, and the thread ends when it is told to."""

import threading

from portal.processes.long_work import LongWorkThread
from tests.patience import LONG


def counted(*answers):
    """A step that gives these answers in turn, then False; `calls` grows with each."""
    left, calls = list(answers), []

    def step():
        calls.append(len(calls))
        return left.pop(0) if left else False

    return step, calls


def test_every_kind_gets_a_step_in_each_turn(app):
    one, ones = counted(True, True)
    other, others = counted(False, True)
    work = LongWorkThread(app, [one, other])
    assert [work.take_turns() for _ in range(3)] == [True, True, False]
    assert len(ones) == len(others) == 3


def test_one_that_breaks_holds_up_no_other_and_is_tried_again(app, log_lines):
    def broken():
        raise RuntimeError("power cut")

    good, calls = counted(True, False)
    work = LongWorkThread(app, [broken, good])
    assert work.take_turns()
    assert not work.take_turns()
    assert len(calls) == 2
    assert "long_work_failed" in log_lines[0]


def test_it_works_until_it_is_told_to_stop(app):
    begun = threading.Event()

    def step():
        begun.set()
        return True

    work = LongWorkThread(app, [step])
    work.start()
    assert begun.wait(LONG)
    work.stop()
    assert not work.is_alive()
