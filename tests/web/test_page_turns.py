"""Pages of one process are written one after the other, and nobody waits for ever."""

import threading

import pytest

from portal.web import page_turns
from portal.web.page_turns import PageTurns
from tests.patience import LONG


class Desk:
    """An application that says who comes and goes; whoever is told to stay stays until `go` is set."""

    def __init__(self):
        self.said, self.came, self.go = [], threading.Event(), threading.Event()

    def __call__(self, environ, _start_response):
        self.said.append(f"{environ['NAME']} in")
        if environ["NAME"] == "first":
            self.came.set()
            assert self.go.wait(LONG)
        self.said.append(f"{environ['NAME']} out")
        return [b""]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def ask(desk):
    """`ask(name, method)` begins a request in a thread of its own; the first one has come when this returns."""
    turns, threads = PageTurns(desk), []

    def begin(name, method="GET", path="/messages/"):
        asked = {"NAME": name, "REQUEST_METHOD": method, "PATH_INFO": path}
        thread = threading.Thread(target=turns, args=(asked, None), daemon=True)
        threads.append(thread)
        thread.start()
        if name == "first":
            assert desk.came.wait(LONG)
        return thread

    yield begin
    desk.go.set()
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_begins_when_the_one_before_has_been_written(desk, ask, monkeypatch, method):
    monkeypatch.setattr(page_turns, "LONGEST_WAIT", LONG)
    ask("first")
    second = ask("second", method)
    second.join(0.05)
    desk.go.set()
    second.join(LONG)
    assert desk.said == ["first in", "first out", "second in", "second out"]


@pytest.mark.parametrize("kind", [("POST", "/messages/new"), ("POST", "/hooks/kannel"), ("GET", "/hooks/kannel")])
def test_a_form_and_what_a_carrier_tells_take_no_turn(desk, ask, monkeypatch, kind):
    monkeypatch.setattr(page_turns, "LONGEST_WAIT", LONG)
    ask("first", *kind)
    ask("page").join(LONG)
    assert desk.said == ["first in", "page in", "page out"]


@pytest.mark.parametrize("kind", [("POST", "/messages/new"), ("POST", "/hooks/kannel"), ("GET", "/hooks/kannel")])
def test_a_form_and_what_a_carrier_tells_wait_for_no_page(desk, ask, monkeypatch, kind):
    monkeypatch.setattr(page_turns, "LONGEST_WAIT", LONG)
    ask("first")
    ask("second", *kind).join(LONG)
    assert desk.said == ["first in", "second in", "second out"]


def test_a_page_that_takes_long_holds_nobody_up_for_ever(desk, ask):
    ask("first")
    ask("second").join(LONG)
    ask("third").join(LONG)
    assert desk.said == ["first in", "second in", "second out", "third in", "third out"]


def test_a_page_that_breaks_gives_its_turn_back(monkeypatch):
    monkeypatch.setattr(page_turns, "LONGEST_WAIT", LONG)

    def broken(_environ, _start_response):
        raise ZeroDivisionError

    turns = PageTurns(broken)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            turns({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, None)
    assert turns._turn.acquire(blocking=False)


def test_the_portal_takes_part(app):
    """Whatever its proxies and names are: turns stand before all of it."""
    assert isinstance(app.wsgi_app, PageTurns)
