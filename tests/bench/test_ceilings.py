"""The ceilings answer as what they stand for does, under the portal's own web server."""

import subprocess
import sys

import pytest

from bench import ceilings
from bench.load import OpenConnection, length_of_answer, make_request, send_burst
from bench.served import served_ceilings, stored_a_second
from portal.databases import DATABASE_PRAGMAS


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with served_ceilings(tmp_path_factory.mktemp("ceilings")) as found:
        yield found


@pytest.fixture
def ask(served):
    connection = OpenConnection(served.address)
    yield connection.ask
    connection.close()


def test_their_databases_have_the_portal_s_settings():
    assert ceilings.PRAGMAS == DATABASE_PRAGMAS


def test_they_load_nothing_of_the_portal():
    told = "import sys, bench.ceilings; print([name for name in sys.modules if name.startswith('portal')])"
    done = subprocess.run([sys.executable, "-c", told], cwd=ceilings.__file__.rpartition("/bench/")[0],
                          capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_page(ask):
    status, answer = ask(make_request("/page"))
    assert (status, answer.count(b"<tr>"), b"Person &lt;7&gt;" in answer) == (200, 50, True)


def test_accept(ask):
    form = {"number": "+16475550110", "body": "Hello", "token": ceilings.TOKEN}
    assert ask(make_request("/accept", form=form))[0] == 303
    assert ask(make_request("/accept", form={**form, "token": "none"}))[0] == 500


def test_toggle(ask):
    said = [ask(make_request("/toggle/5", form={"word": "off"})) for _ in range(2)]
    assert [(status, b"is off" in answer, answer.count(b"<p>")) for status, answer in said] == [
        (200, True, 50), (200, False, 50)]


def test_store():
    assert stored_a_second(10, 20) > 0


def test_a_burst_asks_from_every_connection_until_its_queue_ends(served):
    asked = [iter([make_request("/page")] * many) for many in (2, 3)]
    assert len(send_burst(served.address, asked, 60, 200).times) == 5


def test_a_burst_with_another_answer_ends_the_measurement(served):
    with pytest.raises(SystemExit, match="404 instead of 200"):
        send_burst(served.address, [iter([make_request("/none")])], 60, 200)


def test_where_an_answer_ends():
    assert length_of_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab") == 43
    assert length_of_answer(b"HTTP/1.1 304 Not Modified\r\n\r\n") == 29
