"""How quickly texts that wait leave the portal: by SMPP with a window of 10 and of 50, and by the pretend carrier.

`.venv/bin/python -m bench.drain [TEXTS]` does it for all three, with 20,000 texts unless said otherwise; `make peers`
installs the message center. `make bench` takes the pretend carrier alone, in turns with the ceiling `store` (PERF-07).
For each carrier it makes a portal in a temporary folder, where
so many texts of two people to as many numbers are due, and starts the part of the background process that hands texts
over, as `flask work` does. The message center runs on the same machine, answers at once and reports every text as
delivered.

*left*: texts a second, until a carrier has the last one. *delivered*: the same, until the last receipt is stored, while
other texts leave. *processor*: milliseconds of work of the portal for each text. TMPDIR decides on which disk the
database lies: every batch that is claimed, its results and every bundle of receipts are synced to it.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import flask_migrate
from flask import Flask
from sqlalchemy import insert, select

from portal.app import create_app
from portal.config import Settings
from portal.extensions import db, make_ref, now, writing
from portal.models import Conversation, Direction, Message, Number, TextState, User
from portal.stored_files import CARRIER_FOLDER
from tests import cast
from tests.crash.other_sides import add_carrier
from tests.crash.victim import SETTINGS, working
from tests.peers.center import PASSWORD, SYSTEM, MessageCenter

from .databases import KEYS, new_database, onlooker
from .figures import Figure, figure_of, ratios, take_turns
from .served import stored_a_second
from .sizes import size_of

WINDOWS = (10, 50)
# As many wait in real life; in turns fewer are enough to tell the rate, which does not depend on it.
TEXTS, EACH_TURN = 20_000, size_of("waiting")
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
SENDERS = ("uli@example.com", "ben@example.com")
# The last four digits of recipients: neither numbers for films nor those by which the message center has a script.
AREA_CODES, FIRST_NUMBER, NUMBERS = ("647", "416", "437", "905", "289"), 3000, 7000
LOOK_EVERY = 0.05
# Both are counted in an index: who looks must not be what is measured.
LEFT = "SELECT {texts} - count(*) FROM messages WHERE state IN ('queued', 'claimed')"
DELIVERED = "SELECT count(*) FROM receipts WHERE message_id IS NOT NULL"


class Drained(NamedTuple):
    """Texts a second that left and that were delivered, and milliseconds of processor for each."""

    left: float
    delivered: float
    processor: float


def drain(app: Flask, texts: int) -> Drained:
    """Let everything leave, and say how quickly that went."""
    with onlooker(app.config["SETTINGS"]) as counted:
        began, worked = time.perf_counter(), time.process_time()
        with working(app):
            left = seconds_until(counted, LEFT.format(texts=texts), texts, began)
            delivered = seconds_until(counted, DELIVERED, texts, began)
            worked = time.process_time() - worked
    return Drained(texts / left, texts / delivered, 1e3 * worked / texts)


def seconds_until(counted: Callable[[str], int], counts: str, texts: int, began: float) -> float:
    """From a moment until a statement counts so many."""
    while counted(counts) < texts:
        time.sleep(LOOK_EVERY)
    return time.perf_counter() - began


@contextmanager
def portal_with_texts(
        texts: int, settle: Callable[[], None] = cast.settle, senders: Sequence[str] = SENDERS,
) -> Iterator[tuple[Flask, Path]]:
    """A portal in a temporary folder in which so many texts wait, each in a conversation of its own.

    `settle` fills the empty portal with people, among them `senders` (email addresses), whose texts take turns.
    """
    with tempfile.TemporaryDirectory() as place, new_database() as environ, portal_beside_memory(
            {**SETTINGS, **KEYS, **environ}, Path(place)) as app:
        with app.app_context():
            flask_migrate.upgrade()
            settle()
            _queue_texts(texts, senders)
            db.engine.dispose()
        yield app, Path(place)


@contextmanager
def portal_beside_memory(environ: dict[str, str], folder: Path) -> Iterator[Flask]:
    """A portal whose pretend carrier keeps its file in memory, as other carriers do not write to this disk either."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as memory:
        CARRIER_FOLDER.beside(Settings.from_environ(environ, folder).database).symlink_to(memory)
        yield create_app(environ, folder)


def _queue_texts(texts: int, addresses: Sequence[str]) -> None:
    senders = db.session.execute(select(User.id, User.organization_id, Number.id).join(
        Number, Number.user_id == User.id).where(User.email.in_(addresses)).order_by(User.email)).all()
    held = [_conversation(n, *senders[n % len(senders)]) for n in range(texts)]
    with writing() as session:
        session.execute(insert(Conversation), held)
        session.execute(insert(Message), [_text(one) for one in session.scalars(select(Conversation))])


def _conversation(n: int, user_id: int, organization_id: int, number_id: int) -> dict[str, Any]:
    return {"ref": make_ref(), "user_id": user_id, "organization_id": organization_id, "number_id": number_id,
            "theirs": f"+1{AREA_CODES[n // NUMBERS]}555{FIRST_NUMBER + n % NUMBERS}"}


def _text(held: Conversation) -> dict[str, Any]:
    moment = now()
    return {"ref": make_ref(), "organization_id": held.organization_id, "conversation_id": held.id,
            "user_id": held.user_id, "number_id": held.number_id, "theirs": held.theirs, "direction": Direction.OUT,
            "state": TextState.QUEUED, "at": moment, "due_at": moment, "deadline": moment + timedelta(hours=4),
            "body": f"Your appointment number {held.id} is tomorrow at ten. Reply if you cannot come.",
            "region": "CA", "segments": 1, "template": "", "submission_key": make_ref()}


def by_pretend_carrier(texts: int) -> Drained:
    """Into the file of the pretend carrier, which lies in memory; it tells of every text afterwards."""
    with portal_with_texts(texts) as (app, _folder):
        return drain(app, texts)


def by_smpp(window: int) -> Callable[[int], Drained]:
    """To a message center, with so many texts on their way at once."""
    def send(texts: int) -> Drained:
        with portal_with_texts(texts) as (app, folder), MessageCenter(folder) as center:
            add_carrier(app, "smpp", {"host": "127.0.0.1", "port": str(center.port), "tls": "", "account": SYSTEM,
                                      "window": str(window)}, {"password": PASSWORD}, window)
            done = drain(app, texts)
            if len(center.texts()) != texts:
                raise SystemExit("A text was sent twice, or not at all.")
            return done

    return send


def measure() -> list[Figure]:
    """Texts a second that leave by the pretend carrier, and what share of the ceiling `store` that is."""
    done: list[Drained] = []

    def drain_once() -> float:
        done.append(by_pretend_carrier(EACH_TURN))
        return done[-1].left

    took = take_turns({"left": drain_once, "store": lambda: stored_a_second(100, EACH_TURN)})
    delivered = statistics.median(one.delivered for one in done)
    processor = statistics.median(one.processor for one in done)
    return [
        figure_of("PERF-07", "drain texts that wait by the pretend carrier", took["left"], "texts/s", limit=3000,
                  at_least=True, said=f"{EACH_TURN:,} in each round, delivered {delivered:,.0f}/s,"
                                      f" {processor:.2f} ms of processor each"),
        figure_of("", "drain, of the ceiling of rows stored in batches of 100", ratios(took["left"], took["store"]),
                  "×", said=f"stored {statistics.median(took['store']):,.0f}/s"),
    ]


def main(texts: int) -> None:
    """Measure one after the other, and print."""
    ways = {"pretend": by_pretend_carrier, **{f"SMPP, window {window}": by_smpp(window) for window in WINDOWS}}
    print(f"{texts:,} texts; load average {' '.join(f'{one:.2f}' for one in os.getloadavg())}")
    print(f"{'':<16} {'left':>10} {'delivered':>10} {'processor':>10}")
    for name, way in ways.items():
        done = way(texts)
        print(f"{name:<16} {done.left:8.0f}/s {done.delivered:8.0f}/s {done.processor:7.1f} ms", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TEXTS)
