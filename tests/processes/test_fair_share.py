"""A process leaves a new connection to one that has fewer, and takes it where nobody does."""

import os
import selectors
import socket
from contextlib import ExitStack

import pytest
from gunicorn.config import Config

from portal.processes.fair_share import MOST_TURNS, FairWorker

TWO = Config()
TWO.set("workers", 2)


@pytest.fixture
def workers():
    """Two workers of one server, as they are before their fork."""
    with ExitStack() as stack:
        both = []
        for _ in range(2):
            worker = FairWorker(0, os.getpid(), [], None, 30, TWO, None)
            stack.callback(worker.tmp.close)
            worker.poller = stack.enter_context(selectors.DefaultSelector())
            worker.take_place({one.place for one in both})
            both.append(worker)
        yield both
        for conn in [*both[0].arriving, *both[1].arriving]:
            conn.close()


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.setblocking(False)
        yield opened


@pytest.fixture
def visit(listener):
    """`visit()`: one more visitor waits to be let in."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection(listener.getsockname()))


def test_each_has_a_place_and_who_is_started_anew_gets_that_of_the_one_that_ended(workers):
    first, second = workers
    assert (first.place, second.place) == (0, 1)
    first.nr_conns = 7
    anew = FairWorker(0, os.getpid(), [], None, 30, TWO, None)
    anew.take_place({second.place})
    anew.tmp.close()
    assert (anew.place, anew.nr_conns) == (0, 0)


def test_a_new_connection_is_left_to_the_one_that_has_fewer(workers, listener, visit):
    first, second = workers
    first.nr_conns = 1
    visit()
    first.accept(listener)
    assert (first.nr_conns, second.nr_conns) == (1, 0)
    second.accept(listener)
    assert (first.nr_conns, second.nr_conns) == (1, 1)
    visit()
    first.accept(listener)
    assert (first.nr_conns, second.nr_conns) == (2, 1)


def test_where_the_other_is_stuck_it_is_taken_all_the_same(workers, listener, visit):
    first, second = workers
    first.nr_conns = 3
    for taken in (4, 5):
        visit()
        for _ in range(MOST_TURNS):
            first.accept(listener)
            assert first.nr_conns == taken - 1
        first.accept(listener)
        assert first.nr_conns == taken
    assert second.nr_conns == 0
