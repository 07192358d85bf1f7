"""Long work: every kind gets its turn, what breaks rests and holds up no other, and the thread ends when it is told to.
"""

import json
import threading

import pytest

from portal.extensions import now
from portal.processes import long_work
from portal.processes.long_work import LongWork, LongWorkThread
from portal.services import imports
from portal.services.toggles import long_steps
from portal.services.upkeep import stuck_work
from portal.services.upkeep.stuck_work import WorkKind
from tests.patience import LONG


class Pieces:
    """Work of one kind: each piece takes so many steps, and those in `broken` break."""

    def __init__(self, kind=WorkKind.IMPORT, **left):
        self.left, self.broken, self.taken = {int(name[1:]): many for name, many in left.items()}, set(), []
        self.work = LongWork(kind, self.find, self.step)

    def find(self, resting):
        if long_work.FINDING in self.broken:
            raise RuntimeError("no disk")
        return next((piece for piece, many in self.left.items() if many and piece not in resting), None)

    def step(self, piece):
        self.taken.append(piece)
        if piece in self.broken:
            raise RuntimeError("power cut")
        self.left[piece] -= 1
        return self.left[piece] >= 0


@pytest.fixture
def moment():
    """The seconds that the thread's clock shows."""
    return [0.0]


@pytest.fixture
def thread(app, moment):
    """`thread(pieces, ...)` takes turns where the test says so."""
    return lambda *kinds: LongWorkThread(app, [one.work for one in kinds], lambda: moment[0])


@pytest.fixture
def stuck(inside):
    """What operators see."""

    def look():
        with inside():
            return [(one.kind, one.organization) for one in stuck_work.list_stuck_work()]

    return look


def test_every_kind_gets_a_step_in_each_turn(thread):
    one, other = Pieces(p1=2), Pieces(WorkKind.CHANGE, p7=1)
    work = thread(one, other)
    assert [work.take_turns() for _ in range(3)] == [True, True, False]
    assert (one.taken, other.taken) == ([1, 1], [7])


def test_what_breaks_holds_up_neither_its_own_kind_nor_another(thread):
    one, other = Pieces(p1=1, p2=1), Pieces(WorkKind.CHANGE, p1=1)
    one.broken = {1}
    work = thread(one, other)
    assert [work.take_turns() for _ in range(3)] == [True, True, False]
    assert (one.taken, other.taken) == ([1, 2], [1])


def test_it_is_tried_again_after_ever_longer_rests_and_then_goes_on(thread, moment, stuck):
    pieces = Pieces(p1=1)
    pieces.broken = {1}
    work, tries = thread(pieces), []
    for second in range(1000):
        moment[0] = float(second)
        before = len(pieces.taken)
        work.take_turns()
        if len(pieces.taken) > before:
            tries.append(second)
    assert tries == [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811]
    pieces.broken = set()
    moment[0] = 811 + long_work.LONGEST_REST
    assert work.take_turns()
    assert (pieces.left[1], work.rests, stuck()) == (0, {}, [])


def test_operators_see_what_stands_still_and_not_what_breaks_once(thread, moment, stuck, log_lines):
    pieces = Pieces(p1=1)
    pieces.broken = {1}
    work = thread(pieces)
    for tries in range(1, 4):
        work.take_turns()
        assert stuck() == ([(WorkKind.IMPORT, "")] if tries >= long_work.STUCK_AFTER_TRIES else [])
        moment[0] += long_work.LONGEST_REST
    said = json.loads(log_lines[-1])
    assert (said["event"], said["error"]) == ("long_work_failed", "RuntimeError")
    assert (said["kind"], said["piece"], said["tries"], said["again_in_seconds"]) == ("import", 1, 3, 4)


def test_what_is_over_by_itself_stands_still_no_longer(thread, moment, stuck):
    """A piece that rests is looked at again also where nobody finds it any more."""
    pieces = Pieces(p1=1)
    pieces.broken = {1}
    work = thread(pieces)
    for _ in range(3):
        work.take_turns()
        moment[0] += long_work.LONGEST_REST
    assert stuck()
    pieces.broken, pieces.left = set(), {1: 0}
    assert not work.take_turns()
    assert stuck() == []


def test_where_finding_work_breaks_it_rests_as_well(thread, moment, stuck):
    pieces, other = Pieces(p1=1), Pieces(WorkKind.CHANGE, p1=1)
    pieces.broken = {long_work.FINDING}
    work = thread(pieces, other)
    assert [work.take_turns() for _ in range(3)] == [True, False, False]
    assert work.rests[WorkKind.IMPORT, long_work.FINDING].tries == 1
    for _ in range(2):
        moment[0] += long_work.LONGEST_REST
        work.take_turns()
    assert stuck() == [(WorkKind.IMPORT, "")]
    pieces.broken = set()
    moment[0] += long_work.LONGEST_REST
    assert work.take_turns()
    assert stuck() == []


def test_nothing_that_is_in_work_is_found_where_nothing_is(inside):
    with inside():
        assert imports.find_file_in_work() is None
        assert long_steps.find_change_in_work() is None
        assert not imports.step_file(1)
        assert not long_steps.step_change(1)


def test_who_starts_anew_tries_everything_anew(thread, stuck, inside):
    with inside():
        stuck_work.note_stuck_work(WorkKind.CHANGE, 5, now())
    begun, pieces = threading.Event(), Pieces(p1=1)
    pieces.find = lambda _resting: begun.set()
    pieces.work = LongWork(WorkKind.IMPORT, pieces.find, pieces.step)
    work = thread(pieces)
    work.start()
    assert begun.wait(LONG)
    work.stop()
    assert not work.is_alive()
    assert stuck() == []
