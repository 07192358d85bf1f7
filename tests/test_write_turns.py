"""Writers stand in line: one at a time, nobody twice before another, nobody for ever, and not behind the dead."""

import multiprocessing
import os
import signal
import threading

import pytest

from portal.write_turns import NoTurnError, turn_to_write
from tests.patience import LONG, wait_for

PROCESSES = multiprocessing.get_context("spawn")


def take_turns(file, record, times, ready, start):
    """One process with two threads: note who comes in and who goes out, one letter each."""
    ready.release()
    start.wait(LONG)
    threads = [threading.Thread(target=note_turns, args=(file, record, times)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def note_turns(file, record, times):
    me = str(os.getpid())
    for _ in range(times):
        with turn_to_write(file, LONG), record.open("a") as noted:
            noted.write(f"{me} in\n")
            noted.flush()
            noted.write(f"{me} out\n")


def hold_turn(file, held):
    with turn_to_write(file, LONG):
        held.set()
        signal.pause()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "turn"


@pytest.fixture
def holder(file):
    """Another process that holds the turn until it is killed."""
    held = PROCESSES.Event()
    child = PROCESSES.Process(target=hold_turn, args=(file, held))
    child.start()
    assert held.wait(LONG)
    yield child
    child.kill()
    child.join(LONG)


def test_one_writes_at_a_time_whichever_process_it_is(file, tmp_path):
    record, ready, start = tmp_path / "record", PROCESSES.Semaphore(0), PROCESSES.Event()
    children = [PROCESSES.Process(target=take_turns, args=(file, record, 20, ready, start)) for _ in range(3)]
    for child in children:
        child.start()
    for _ in children:
        assert ready.acquire(timeout=LONG)
    start.set()
    for child in children:
        child.join(LONG)
        assert child.exitcode == 0
    lines = record.read_text().splitlines()
    assert len(lines) == 3 * 2 * 20 * 2
    for came, went in zip(lines[::2], lines[1::2], strict=True):
        assert (came.split()[0], came.split()[1], went.split()[1]) == (went.split()[0], "in", "out")


def test_who_has_written_gets_in_only_behind_a_process_that_waits(file, tmp_path):
    """Two threads here write without a pause; another process that stands in line is let in between them."""
    record, ready, start = tmp_path / "record", PROCESSES.Semaphore(0), PROCESSES.Event()
    other = PROCESSES.Process(target=take_turns, args=(file, record, 1, ready, start))
    other.start()
    assert ready.acquire(timeout=LONG)
    done = threading.Event()

    def write_on():
        while not done.is_set():
            with turn_to_write(file, LONG):
                pass

    threads = [threading.Thread(target=write_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    start.set()
    try:
        wait_for(lambda: record.exists() and len(record.read_text().splitlines()) == 4)
    finally:
        done.set()
        for thread in threads:
            thread.join()
        other.join(LONG)


def test_nobody_waits_longer_than_they_want(file):
    with turn_to_write(file, LONG), pytest.raises(NoTurnError), turn_to_write(file, 0.01):
        pytest.fail("two at once")
    with turn_to_write(file, LONG):
        pass


def test_who_gave_up_leaves_the_line(file, holder):
    """Another process holds the turn: who gave up holds neither the turn nor the place of the next."""
    for _ in range(3):
        with pytest.raises(NoTurnError), turn_to_write(file, 0.01):
            pytest.fail("two at once")
    holder.kill()
    with turn_to_write(file, LONG):
        pass


def test_the_turn_of_a_process_that_is_killed_is_over(file, holder):
    waiting, came = threading.Event(), threading.Event()

    def wait_in_line():
        waiting.set()
        with turn_to_write(file, LONG):
            came.set()

    thread = threading.Thread(target=wait_in_line)
    thread.start()
    assert waiting.wait(LONG)
    assert not came.is_set()
    holder.kill()
    thread.join()
    assert came.is_set()


def test_what_fails_inside_gives_the_turn_back(file):
    with pytest.raises(ZeroDivisionError), turn_to_write(file, LONG):
        _ = 1 / 0
    with turn_to_write(file, LONG):
        assert file.read_bytes() == b""
        assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("account", "given"), [(0, True), (1000, False)])
def test_a_command_of_root_leaves_the_file_to_the_portals_account(file, monkeypatch, account, given):
    """Else nobody could write from then on."""
    owners = []
    monkeypatch.setattr(os, "geteuid", lambda: account)
    monkeypatch.setattr(os, "fchown", lambda _opened, *owner: owners.append(owner))
    with turn_to_write(file, LONG):
        pass
    folder = file.parent.stat()
    assert owners == [(folder.st_uid, folder.st_gid)] * given
