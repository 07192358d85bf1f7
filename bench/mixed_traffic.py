"""What a busy day is made of: pages, polls, switches, texts that are accepted and texts that come in, all at once.

Each part asks from connections of its own, so many times a second, by the clock: who waits for an answer for long asks
less often, and nobody asks again at once. Every answer is looked at, also after one went wrong. In the end the
database and the file of the pretend carrier say whether what was promised is there, once.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, cycle
from typing import NamedTuple

from portal.carriers.base import IncomingText
from portal.carriers.pretend.webhooks import write_webhook_body
from portal.carriers.signing import sign_webhook
from portal.stored_files import CARRIER_FOLDER, PRETEND_LEDGER, WEBHOOK_KEY_FILE
from tests.patience import wait_for

from . import big_data
from .accepting import in_turn, texts
from .figures import Figure
from .load import OpenConnection, Visitor, make_request
from .served import ServedPortal
from .toggling import presses

SENDERS, LONGEST_DRAIN = 300, 120


class TrafficPart(NamedTuple):
    """Requests of one kind: how many a second from all connections together, and the answer that each has to get."""

    status: int
    per_second: float
    queues: list[Iterator[bytes]]


@dataclass(slots=True)
class Answers:
    """Of one kind: milliseconds of each, and of those that went wrong the beginning."""

    times: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def parts_of(portal: ServedPortal) -> dict[str, TrafficPart]:
    """Some hundred users who read, write and wait, one who administers, and the carrier that tells of texts."""
    members, senders = list(big_data.TALKERS), list(big_data.SENDERS)[:SENDERS]
    readers = list(zip(members, portal.sign_in(members), strict=True))
    writers = list(zip(senders, portal.sign_in(senders), strict=True))
    (admin,) = portal.sign_in([big_data.ADMIN])
    return {
        "pages": TrafficPart(200, 12, [pages_of(member, visitor) for member, visitor in readers]
                             + [cycle([make_request("/admin/users", admin), make_request("/limitations")])]),
        "polls": TrafficPart(200, 20, [in_turn([polls_of(visitor) for _id, visitor in writers[part::4]])
                                       for part in range(4)]),
        "switches": TrafficPart(200, 1, [presses(admin, "texting", [senders.pop() for _ in range(10)])]),
        "accepted": TrafficPart(303, 8, [in_turn([texts(visitor, user_id) for user_id, visitor in writers[part:-10:4]])
                                         for part in range(4)]),
        "webhooks": TrafficPart(204, 20, [texts_in(portal, part) for part in range(2)]),
    }


def pages_of(member: int, visitor: Visitor) -> Iterator[bytes]:
    """Endless requests of a member for the inbox and for a long conversation."""
    return cycle([make_request("/messages/", visitor), make_request(f"/messages/t{member}0000000000", visitor)])


def polls_of(visitor: Visitor) -> Iterator[bytes]:
    """Endless questions of an open page whether something new waits; mostly nothing does."""
    return cycle([make_request("/notices/counts", visitor, HX_Request="true")])


def texts_in(portal: ServedPortal, part: int) -> Iterator[bytes]:
    """Endless webhooks of the pretend carrier, each twice, as after a lost answer: texts to the four members."""
    with closing(sqlite3.connect(portal.database)) as rows:
        ours = [rows.execute("SELECT e164 FROM numbers WHERE user_id = ?", (one,)).fetchone()[0]
                for one in big_data.TALKERS]
    key = WEBHOOK_KEY_FILE.inside(CARRIER_FOLDER.beside(portal.database)).read_text("ascii").strip().encode()
    for number in count():
        name, moment = f"soak-{part}-{number}", datetime.now(UTC)
        body = write_webhook_body(IncomingText(
            name, f"+1604555{2000 + number % 2000:04}", ours[number % len(ours)], f"Thanks, {name}.", 0,
            moment))
        for _ in range(2):
            yield signed_request(body, sign_webhook(key, name, moment, body))


def signed_request(body: bytes, heads: Mapping[str, str]) -> bytes:
    """A webhook as bytes."""
    lines = ["POST /hooks/pretend HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
             f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in heads.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask_for_all(address: str, parts: Mapping[str, TrafficPart], seconds: float,
                each_second: Callable[[], None] = lambda: None) -> dict[str, Answers]:
    """Let all parts ask for so long; `each_second` is called meanwhile."""
    answers = {name: Answers() for name in parts}
    ends = time.monotonic() + seconds
    threads = [threading.Thread(target=_ask_on, args=(address, queue, part, ends, answers[name]))
               for name, part in parts.items() for queue in part.queues]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        each_second()
        time.sleep(1)
    return answers


def _ask_on(address: str, requests: Iterator[bytes], part: TrafficPart, ends: float, answers: Answers) -> None:
    connection, apart = OpenConnection(address), len(part.queues) / part.per_second
    due = time.monotonic()
    while due < ends:
        time.sleep(max(0.0, due - time.monotonic()))
        request, began = next(requests), time.perf_counter()
        try:
            status, answer = connection.ask(request)
        except (OSError, SystemExit) as error:
            status, answer = 0, repr(error).encode()
            connection.close()
        answers.times.append(1e3 * (time.perf_counter() - began))
        if status != part.status:
            answers.wrong.append(f"{status} instead of {part.status}: {request[:80]!r} {answer[:300]!r}")
        due = max(due + apart, time.monotonic())
    connection.close()


def figure_of_wrong_answers(bar: str, answers: Mapping[str, Answers]) -> Figure:
    """How many answers were not what they have to be, the first of them in words."""
    wrong = [one for part in answers.values() for one in part.wrong]
    many = sum(len(part.times) for part in answers.values())
    return Figure(bar, "wrong answers", len(wrong), "", limit=0, said=wrong[0] if wrong else f"{many:,} answers")


def broken_promises(portal: ServedPortal, answers: Mapping[str, Answers]) -> list[str]:
    """What was accepted and is not there, or is there twice, or never left; waits until all texts have left."""
    accepted = len(answers["accepted"].times) - len(answers["accepted"].wrong)
    came = (len(answers["webhooks"].times) - len(answers["webhooks"].wrong)) // 2
    with closing(sqlite3.connect(portal.database, timeout=60)) as rows, closing(sqlite3.connect(
            PRETEND_LEDGER.inside(CARRIER_FOLDER.beside(portal.database)), timeout=60)) as ledger:
        def one(database: sqlite3.Connection, asked: str) -> int:
            return int(database.execute(asked).fetchone()[0])

        new = "FROM messages WHERE submission_key LIKE '_________-_________'"
        wait_for(lambda: one(rows, f"SELECT count(*) {new} AND state IN ('queued', 'claimed')") == 0,
                 seconds=LONGEST_DRAIN)
        found = {
            "texts stored": one(rows, f"SELECT count(*) {new}"),
            "texts delivered": one(rows, f"SELECT count(*) {new} AND state = 'delivered'"),
            "texts that the carrier took": one(ledger, "SELECT count(*) FROM texts"),
            "different texts that it took": one(ledger, "SELECT count(DISTINCT reference) FROM texts"),
        }
        arrived = one(rows, "SELECT count(*) FROM messages WHERE direction = 'in' AND body LIKE 'Thanks, soak-%'")
    wrong = [f"{accepted} accepted, {many} {what}" for what, many in found.items() if many != accepted]
    return wrong + [f"{came} came in, {arrived} stored"] * (abs(arrived - came) > 1)
