"""The PostgreSQL server goes away while texts flow, and comes back: nobody has to lend a hand."""

import itertools
import re
import time
from contextlib import nullcontext

import pytest

from tests.browser.portal import Portal
from tests.patience import wait_for
from tests.processes.test_two_servers import Person
from tests.stoppable_server import stoppable_server

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
AWAY = 10.0
NEW, BODY = "/messages/new", "Your shoes are ready."
NUMBERS = itertools.count(10)


class ServedPortal(Portal):
    """A portal of which whoever comes first answers."""

    def answering(self, _server):
        return nullcontext()


@pytest.fixture(scope="module")
def server():
    with stoppable_server() as running:
        yield running


@pytest.fixture(scope="module")
def portal(server, tmp_path_factory):
    served = ServedPortal(tmp_path_factory.mktemp("away"), DATABASE_URL=server.url, DEMO="1", PROCESSES="2")
    served.flask("db", "upgrade")
    served.flask("demo")
    served.start("serve")
    try:
        yield served
    finally:
        served.stop()


@pytest.fixture
def chloe(server, portal):
    """She is signed in; at the end the server runs, whatever became of the test."""
    person = Person(portal)
    assert person.sign_in("chloe", 0) == 303
    yield person
    server.start()


def write(person):
    """Write a text as a person does; the status of the last answer, and a sentence of its page."""
    status, page = person.ask(0, "GET", NEW)
    if status != 200:
        return status, page
    key = re.search(r'name="key"[^>]*value="([^"]+)"', page)[1]
    return person.ask(0, "POST", NEW, number=f"+164755531{next(NUMBERS)}", body=BODY, key=key)


def unfinished(server):
    """How many texts of this test have not left; the demo has some of its own that wait."""
    return server.ask(f"SELECT count(*) FROM messages WHERE state IN ('queued', 'claimed') AND body = '{BODY}'")[0]


def failures(portal):
    return portal.log().count("_failed")


def test_pages_say_so_workers_wait_and_all_go_on(server, portal, chloe):
    assert write(chloe)[0] == 303
    server.stop()
    began, before = time.monotonic(), failures(portal)
    while time.monotonic() < began + AWAY:
        status, page = write(chloe)
        assert status == 503, page
        assert "Traceback" not in page
        assert chloe.ask(0, "GET", "/health/ready")[0] == 503, portal.log()
        assert chloe.ask(0, "GET", "/health/live")[0] == 200
    # Each thread rests for a second after it failed; those of two processes are few.
    assert 0 < failures(portal) - before < 8 * (time.monotonic() - began)
    server.start()
    assert write(chloe)[0] == 303, "the first page after it is back"
    # Seconds later the same connection has asked something else.
    wait_for(lambda: server.ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")[0], portal.log)
    wait_for(lambda: not unfinished(server), portal.log)
    wait_for(lambda: chloe.ask(0, "GET", "/health/ready")[0] == 200, portal.log)


def test_no_page_notices_a_short_restart(server, chloe):
    for _ in range(3):
        server.stop()
        server.start()
        assert {chloe.ask(0, "GET", "/messages/")[0] for _ in range(6)} == {200}
