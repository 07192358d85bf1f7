"""How long a text takes from the request to its delivered receipt while 100 texts a second are accepted (PERF-06).

The portal of a hundred thousand users runs with its background process. Sixteen connections send for five hundred
users, each text at its own moment, late or not; what the rows say at the end counts: when "delivered" was stored.
"""

import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.patience import wait_for

from . import big_data
from .accepting import SENTENCE
from .figures import Figure, at_share
from .load import OpenConnection, Visitor, make_request
from .served import ServedPortal, running
from .threads import work_in_parts

RATE, SECONDS, WARM_UP, CONNECTIONS = 100, 20, 4, 16
MOST_MS = 250
DELIVERED = ("SELECT submission_key, changed_at FROM messages WHERE id > (SELECT max(id) FROM messages) - 5000"
             " AND submission_key LIKE 'loaded-%' AND state = 'delivered'")


def measure() -> list[Figure]:
    """The time within which 95 of 100 texts were delivered, and how many a second were accepted."""
    senders = list(big_data.SENDERS)[:400]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "portal")
        with big_data.over_copy(big_data.LARGE, folder):
            portal = ServedPortal(folder)
        with running(portal, alone=False):
            visitors = dict(zip(senders, portal.sign_in(senders), strict=True))
            sent, answered = send_at_rate(portal.address, visitors)
            took = times_to_delivery(portal.database, sent)
    rate = len(sent) / (max(answered) - min(sent.values()))
    said = f"{len(took):,} texts, {rate:,.0f} a second accepted, p50 {at_share(took, 0.5):,.0f} ms"
    return [Figure("PERF-06", f"request to delivered while {RATE} texts a second are accepted, p95",
                   at_share(took, 0.95), "ms", limit=MOST_MS, low=min(took), high=max(took), said=said)]


def send_at_rate(address: str, visitors: dict[int, Visitor]) -> tuple[dict[str, float], list[float]]:
    """When each text was sent, by its submission key, and when each was answered, in seconds since 1970."""
    sent: dict[str, float] = {}
    answered: list[float] = []
    failures: list[str] = []
    starts = time.time() + 0.5

    def work(part: int) -> None:
        with closing(OpenConnection(address)) as connection:
            for number in range(part, RATE * SECONDS, CONNECTIONS):
                user_id = list(visitors)[number % len(visitors)]
                key, request = text_of(visitors[user_id], user_id, number)
                time.sleep(max(0.0, starts + number / RATE - time.time()))
                sent[key] = time.time()
                if (status := connection.ask(request)[0]) != 303:
                    failures.append(f"{status} instead of 303")
                answered.append(time.time())

    work_in_parts(work, range(CONNECTIONS), failures)
    return sent, answered


def text_of(visitor: Visitor, user_id: int, number: int) -> tuple[str, bytes]:
    """The submission key and the request of a text to a number of its own."""
    key = f"loaded-{number:09}"
    return key, make_request("/messages/new", visitor, {
        "number": f"+1647555{2000 + (user_id * 7 + number) % 7000:04}", "key": key, "body": f"{SENTENCE} {number}"})


def times_to_delivery(database: Path, sent: dict[str, float]) -> Sequence[float]:
    """Milliseconds from each request until the row says "delivered", without those sent while caches were cold."""
    with closing(sqlite3.connect(database)) as rows:
        wait_for(lambda: rows.execute(f"SELECT count(*) FROM ({DELIVERED})").fetchone()[0] == len(sent))  # noqa: S608
        stored = {key: datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
                  for key, at in rows.execute(DELIVERED)}
    warm = min(sent.values()) + WARM_UP
    return [1e3 * (stored[key] - began) for key, began in sent.items() if began >= warm]
