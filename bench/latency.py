"""How long a text takes from the button to its delivered receipt, with the pretend carrier.

`.venv/bin/python -m bench.latency [TEXTS]` prints every figure, for 200 texts unless said otherwise; `make bench` sends
fewer (PERF-06). bench/latency_kannel.py does the same through Kannel. It starts a portal of its own, web server and
background process, over a demo in a temporary folder, signs in over HTTP and sends one text after the other, each when
the one before is delivered.

Three figures for every text. *answered*: from the request to the answer that it was accepted. *delivered*:
from the request until another connection to the database sees the state "delivered", which is after the
commit. *stored*: what the rows themselves say, from the text's `at` to the `changed_at` of its delivery.
The time between two texts is not counted; meanwhile the earlier text is dated back, so that no limit on how
much one person may send comes into it. TMPDIR decides on which disk the database lies: the figures are
mostly what that disk takes to sync.
"""

import http.client
import os
import random
import re
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.browser.portal import PASSWORD, Portal

from .figures import Figure, at_share

SENDER, RECIPIENT = "uli@example.com", "+16475553112"
TEXTS = 100
WARM_UP = 20
LONGEST = 30
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Took(NamedTuple):
    """Milliseconds of one text."""

    answered: float
    delivered: float
    stored: float


class Person:
    """A person with a browser: one connection, cookies by name, and the token of the forms."""

    def __init__(self, address: str) -> None:
        self.link = http.client.HTTPConnection(urlsplit(address).netloc, timeout=LONGEST)
        self.cookies: dict[str, str] = {}
        self.token = ""

    def ask(self, method: str, path: str, **form: str) -> None:
        """Send a request and leave its answer for later."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"csrf_token": self.token, **form}) if form else None
        self.link.request(method, path, body, head)

    def hear(self, status: int) -> str:
        """The answer to the latest request, which has to have this status."""
        answer = self.link.getresponse()
        page = answer.read().decode()
        if answer.status != status:
            raise SystemExit(f"{answer.status} instead of {status}:\n{page}")
        for told in answer.headers.get_all("Set-Cookie", ()):
            name, _is, value = told.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = _TOKEN.search(page)
        self.token = found[1] if found else self.token
        return page

    def sign_in(self) -> None:
        """Begin a session through the form."""
        self.ask("GET", "/sign-in")
        self.hear(200)
        self.ask("POST", "/sign-in", email=SENDER, password=PASSWORD)
        self.hear(303)
        self.ask("GET", "/messages/new")
        self.hear(200)


def send_one(person: Person, database: sqlite3.Connection, number: int) -> Took:
    """Send a text, wait until it is delivered, and date it back."""
    words = f"Measured text {number}"
    began = time.perf_counter()
    person.ask("POST", "/messages/new", number=RECIPIENT, body=words, key=secrets.token_urlsafe(16))
    with ThreadPoolExecutor(1) as aside:
        answered = aside.submit(_hear_answer, person)
        row_id, at, changed_at = _delivered(database, words, began)
        seen = time.perf_counter()
    _date_back(database, row_id)
    stored = datetime.fromisoformat(changed_at) - datetime.fromisoformat(at)
    return Took((answered.result() - began) * 1e3, (seen - began) * 1e3, stored / timedelta(milliseconds=1))


def _hear_answer(person: Person) -> float:
    person.hear(303)
    return time.perf_counter()


def _delivered(database: sqlite3.Connection, words: str, began: float) -> tuple[int, str, str]:
    found = "SELECT id, at, changed_at FROM messages WHERE body = ? AND state = 'delivered' AND id > ?"
    newest = database.execute("SELECT max(id) FROM messages").fetchone()[0] - 1
    while time.perf_counter() - began < LONGEST:
        row = database.execute(found, (words, newest)).fetchone()
        if row:
            return row[0], row[1], row[2]
        time.sleep(0.001)
    raise SystemExit(f"Not delivered within {LONGEST} seconds: {words}")


def _date_back(database: sqlite3.Connection, row_id: int) -> None:
    earlier = str(datetime.now() - timedelta(days=3))  # noqa: DTZ005 - as the column holds it
    database.execute("UPDATE messages SET at = ?, due_at = ? WHERE id = ?", (earlier, earlier, row_id))


def send_texts(portal: Portal, texts: int) -> Iterator[Took]:
    """What each text took, after some that nobody counts; a random pause keeps them out of step with timers."""
    database = sqlite3.connect(portal.database, isolation_level=None, timeout=LONGEST)
    person = Person(portal.address)
    person.sign_in()
    for number in range(WARM_UP + texts):
        pause()
        took = send_one(person, database, number)
        if number >= WARM_UP:
            yield took
    database.close()


def pause() -> None:
    """Wait for a moment by chance."""
    time.sleep(random.uniform(0.02, 0.12))  # noqa: S311 - no secret


def line(name: str, times: Iterable[float]) -> str:
    """A row of the result: the fastest, the middle, 99 of 100, and the slowest."""
    ordered = sorted(times)
    p50, p99 = at_share(ordered, 0.5), at_share(ordered, 0.99)
    return f"{name:<16} min {ordered[0]:7.1f}  p50 {p50:7.1f}  p99 {p99:7.1f}  max {ordered[-1]:7.1f} ms"


def measure_pretend_carrier(texts: int) -> Mapping[str, Sequence[float]]:
    """Start the portal, measure, and stop it; milliseconds of each text by what they are."""
    with tempfile.TemporaryDirectory() as folder:
        portal = Portal(Path(folder))
        portal.flask("db", "upgrade")
        portal.flask("demo")
        portal.start()
        try:
            took = list(send_texts(portal, texts))
        finally:
            portal.stop()
    return {name: [getattr(one, name) for one in took] for name in Took._fields}


def measure() -> list[Figure]:
    """The middle and the slowest of the times to the receipt."""
    return figures_of(measure_pretend_carrier(TEXTS), "through the pretend carrier")


def figures_of(took: Mapping[str, Sequence[float]], way: str) -> list[Figure]:
    """What the bars ask of a way to the receipt."""
    delivered, answered = took["delivered"], at_share(took["answered"], 0.5)
    said = f"{len(delivered)} texts, of which p99 is the slowest; answered after {answered:.0f} ms"
    return [Figure("PERF-06", f"submit to delivered {way}, p{share}", at_share(delivered, share / 100), "ms",
                   limit=limit, low=min(delivered), high=max(delivered), said=said)
            for share, limit in ((50, 35), (99, 100))]


def show(texts: int, took: Mapping[str, Sequence[float]]) -> None:
    """Print a row for each figure."""
    print(f"{texts} texts; load average {' '.join(f'{one:.2f}' for one in os.getloadavg())}")
    for name, times in took.items():
        print(line(name, times))


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    show(wanted, measure_pretend_carrier(wanted))
