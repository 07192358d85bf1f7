"""What HTTP does to certainty: what was never sent, what may have been, and what was refused."""

import socket
from contextlib import closing

import pytest

from portal.carriers.base import CarrierError, Certainty

from .rigs import text
from .wire import Server, Wire


@pytest.fixture
def server():
    with closing(Server(Certainty.LOOK_UP)) as server:
        yield server


def failing(carrier):
    with pytest.raises(CarrierError) as caught:
        carrier.send(text())
    return caught.value.permanent, caught.value.unsure


def test_a_carrier_that_is_not_there_never_got_the_text():
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    assert failing(Wire(f"http://127.0.0.1:{port}")) == (False, False)


def test_a_carrier_that_does_not_answer_may_have_it(server):
    server.answer = None
    carrier = Wire(server.address, timeout=0.3)
    assert failing(carrier) == (False, True)
    assert server.count("ref-1") == 1, "it had"
    assert carrier.look_up("ref-1"), "and can be asked"


def test_a_line_that_breaks_after_the_text_leaves_us_unsure(server):
    server.answer = None
    server.closing.set()
    assert failing(Wire(server.address)) == (False, True)


@pytest.mark.parametrize(("status", "permanent", "unsure"), [
    (302, True, False), (307, True, False), (400, True, False), (403, True, False), (429, False, False),
    (500, False, True), (502, False, True), (503, False, False),
])
def test_what_an_answer_means(server, status, permanent, unsure):
    server.answer = status
    assert failing(Wire(server.address)) == (permanent, unsure)


def test_an_answer_without_sense_leaves_us_unsure(server):
    server.garbled = True
    assert failing(Wire(server.address)) == (False, True)
    assert server.count("ref-1") == 1


def test_who_cannot_be_asked_says_so_and_not_none(server):
    """None would be read as "it never got the text", and the text would be sent twice."""
    carrier = Wire(server.address)
    server.close()
    with pytest.raises(CarrierError):
        carrier.look_up("ref-1")
