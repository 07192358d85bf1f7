"""The first page of operators lists the background processes of all machines, where the database is one of a server."""

import re
import socket

import pytest

from portal.config import Settings
from portal.services.upkeep import worker_marks


@pytest.fixture
def olga(browse):
    return browse("Olga")


@pytest.fixture
def beat(inside, monkeypatch):
    """`beat("worker-1")`: the worker of that machine is alive, over the database of a server as the settings say."""
    monkeypatch.setattr(Settings, "embedded", property(lambda _self: False))

    def note(host):
        monkeypatch.setattr(socket, "gethostname", lambda: host)
        with inside():
            worker_marks.note_heartbeat()

    return note


@pytest.mark.sqlite
def test_the_one_worker_of_a_file_is_not_listed(olga, inside):
    with inside():
        worker_marks.note_heartbeat()
    assert "ackground process" not in olga.get("/operator/").text


def test_the_first_page_lists_the_workers_of_all_machines(olga, beat, clock):
    page = olga.get("/operator/").text
    assert ("No background process is at work" in page, "Last heard of" in page) == (True, False)
    beat("<b>worker-1")
    page = olga.get("/operator/").text
    assert "No background process" not in page
    assert re.search(r"<bdi>&lt;b&gt;worker-1</bdi>.*<bdi>/[^<]+</bdi>.*<time ", page, re.DOTALL)
    assert "silent since" not in page
    clock.forward(minutes=6)
    beat("worker-2")
    page = olga.get("/operator/").text
    assert "The background process on &lt;b&gt;worker-1 has been silent since " in page
    assert page.count(">silent</span>") == 1
    clock.forward(minutes=6)
    page = olga.get("/operator/").text
    assert ("No background process is at work" in page, page.count(">silent</span>")) == (True, 2)


def test_the_first_page_says_that_the_pretend_carrier_is_of_one_machine(olga, beat):
    beat("worker-1")
    assert "several machines" not in olga.get("/operator/").text
    beat("worker-2")
    page = olga.get("/operator/").text
    assert "texts stay with the pretend carrier: worker-1, worker-2" in page
    assert "silent since" not in page
