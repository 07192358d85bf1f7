"""What two hundred open pages cost that ask for news: the server's processor time (PERF-13).

Half of them show an inbox, half a conversation, each of another member over the large database. Each page is opened and
then asks as its own elements say: by their addresses, as often, with the headers of htmx and the title of the page.
First nothing happens; then two texts arrive every second, each for one of the members, and their pages are brought up
to date. A figure is the processor time of all processes of the web server for each poll, times the polls that are
due every second: a machine that is too busy to keep up is not taken for one that has less to do.
"""

import gzip
import heapq
import html
import itertools
import os
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.extensions import db, now, writing
from portal.models import User
from portal.services.texting import lines
from tests import talks

from . import big_data
from .figures import ROUNDS, Figure, figure_of, missing_figure
from .load import HEAD_END, OpenConnection, Visitor, make_request
from .served import ServedPortal, side_by_side
from .threads import work_beside

PAGES, CONNECTIONS, SECONDS, TEXTS_A_SECOND, CONVERSATIONS = 200, 8, 6.0, 2, 10
MOST_PERCENT = 30
POLL = re.compile(r'<div id="(?P<id>news|inbox-news|counts)"\s+hx-get="(?P<address>[^"]+)"(?P<rest>[^>]*)>')
EVERY, TITLE = re.compile(r"every (\d+)s"), re.compile(r'"Page-Title": ?"([^"]*)"')
TICKS = os.sysconf("SC_CLK_TCK")


class Poll(NamedTuple):
    """An element of a page that asks again: its address, after how many seconds, and the title that it sends."""

    address: str
    every: int
    title: str


@dataclass
class OpenPage:
    """A page in a browser: who looks at it, its address, and what asks again, by the ids of the elements."""

    visitor: Visitor
    address: str
    polls: dict[str, Poll] = field(default_factory=dict)

    def take(self, answer: bytes) -> None:
        """Put in what an answer brings: an element that asks on takes the place of the one before."""
        head, _end, body = answer.partition(HEAD_END)
        if not head.startswith(b"HTTP/1.1 200"):
            return
        if b"content-encoding: gzip" in head.lower():
            body = gzip.decompress(body)
        for found in POLL.finditer(body.decode()):
            rest, kept = html.unescape(found["rest"]), self.polls.get(found["id"])
            (title,) = TITLE.findall(rest) or [kept.title if kept else ""]
            self.polls[found["id"]] = Poll(html.unescape(found["address"]), int(EVERY.findall(rest)[0]), title)

    def request_of(self, element: str) -> bytes:
        """What the browser sends when it is time."""
        poll = self.polls[element]
        title = {"Page_Title": poll.title} if poll.title else {}
        return make_request(poll.address, self.visitor, HX_Request="true", HX_Current_URL=self.address,
                            Accept_Encoding="gzip, deflate", Accept_Language="en-US,en;q=0.9", **title)


def measure() -> list[Figure]:
    """Processor time of idle polls, and of polls while texts arrive."""
    if not Path("/proc/self/stat").exists():
        return [missing_figure("PERF-13", f"{PAGES} open pages that poll", "only Linux tells it")]
    with side_by_side() as side:
        pages = open_pages(side.portal)
        watch = [run_polls(side.portal, pages) for _ in range(ROUNDS)]
        with arriving_texts(side.portal):
            busy = [run_polls(side.portal, pages) for _ in range(ROUNDS)]
    due = sum(1 / poll.every for page in pages for poll in page.polls.values())
    return [figure_of("PERF-13", f"{PAGES} open pages that poll, {what}", [one.percent(due) for one in rounds], "%",
                      limit=MOST_PERCENT, said=said_of(rounds, due))
            for what, rounds in (("idle", watch), (f"{TEXTS_A_SECOND} texts a second", busy))]


class Watched(NamedTuple):
    """What one round gave: polls that were answered, those of them that brought something, processor seconds."""

    polls: int
    brought: int
    seconds: float

    def percent(self, due: float) -> float:
        """Of one core, for so many polls a second."""
        return 100 * due * self.seconds / self.polls


def said_of(rounds: list[Watched], due: float) -> str:
    """The middle round in numbers."""
    middle = sorted(rounds, key=lambda one: one.percent(due))[len(rounds) // 2]
    return (f"{due:.0f} polls a second, {1e3 * middle.seconds / middle.polls:.2f} ms each, {middle.brought} of "
            f"{middle.polls} brought news")


def open_pages(portal: ServedPortal) -> list[OpenPage]:
    """Half inboxes, half conversations, each of another member, as a browser has them after their first load."""
    app, members = portal.in_process(), list(itertools.islice(big_data.SENDERS, PAGES))
    with app.app_context():
        users = db.session.scalars(select(User).where(User.id.in_(members)).options(joinedload(User.number))).all()
        with writing():
            refs = [hold_conversations(user) for user in users]
        db.engine.dispose()
    addresses = ("/messages/" if place % 2 else f"/messages/{ref}" for place, ref in enumerate(refs))
    pages = [OpenPage(visitor, address) for visitor, address in zip(portal.sign_in(members), addresses, strict=True)]
    connection = OpenConnection(portal.address)
    for page in pages:
        _status, answer = connection.ask(make_request(page.address, page.visitor))
        page.take(answer)
        if not page.polls:
            raise SystemExit(f"{page.address} does not poll: {answer[:300]!r}")
    connection.close()
    return pages


def hold_conversations(user: User) -> str:
    """Give a member a few conversations, in the open write transaction; the ref of the last one."""
    for place in range(CONVERSATIONS):
        mine = {"organization_id": user.organization_id, "user_id": user.id, "number_id": user.number.id,
                "theirs": number_of(user.id, place)}
        conversation_id, ref = lines.ensure_conversation(**mine)
        for row in (talks.text_out(), talks.text_in()):
            lines.store_line(conversation_id=conversation_id, at=now(), **mine, **row)
    return ref


def number_of(member: int, place: int) -> str:
    """The outside number of a member's conversation."""
    return f"+1647556{(member * CONVERSATIONS + place) % 10_000:04}"


def run_polls(portal: ServedPortal, pages: list[OpenPage]) -> Watched:
    """Let all pages ask when their time has come, for some seconds."""
    due = [(place / len(pages) * poll.every, place, element)
           for place, page in enumerate(pages) for element, poll in page.polls.items()]
    shares = [[one for one in due if one[1] % CONNECTIONS == share] for share in range(CONNECTIONS)]
    before = processor_seconds(portal)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        counted = list(pool.map(lambda share: poll_share(portal.address, pages, share), shares))
    polls, brought = map(sum, zip(*counted, strict=True))
    return Watched(polls, brought, processor_seconds(portal) - before)


def poll_share(address: str, pages: list[OpenPage], due: list[tuple[float, int, str]]) -> tuple[int, int]:
    """Ask for some pages over one connection, each when it is due; how many polls, and how many brought something."""
    connection, began, polls, brought = OpenConnection(address), time.perf_counter(), 0, 0
    heapq.heapify(due)
    while due and due[0][0] < SECONDS:
        at, place, element = heapq.heappop(due)
        time.sleep(max(0.0, began + at - time.perf_counter()))
        status, answer = connection.ask(pages[place].request_of(element))
        if status not in (200, 204):
            connection.close()
            raise RuntimeError(f"{status}: {answer[:600]!r}")
        pages[place].take(answer)
        polls, brought = polls + 1, brought + (status == 200)
        heapq.heappush(due, (max(at, time.perf_counter() - began) + pages[place].polls[element].every, place, element))
    connection.close()
    return polls, brought


def processor_seconds(portal: ServedPortal) -> float:
    """What all processes of the server have used, in it and in the kernel."""
    used = 0
    for process_id in portal.process_ids():
        after_name = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(") ")[2].split()
        used += int(after_name[11]) + int(after_name[12])
    return used / TICKS


@contextmanager
def arriving_texts(portal: ServedPortal) -> Iterator[None]:
    """Within the block texts arrive, each for the next member, written here by the portal's own service."""
    app = portal.in_process()

    def write(stop: threading.Event) -> None:
        with app.app_context():
            members = list(itertools.islice(big_data.SENDERS, PAGES))
            numbers = {one.id: one.number.e164 for one in db.session.scalars(select(User).where(User.id.in_(members)))}
            for turn in itertools.count():
                if stop.wait(1 / TEXTS_A_SECOND):
                    break
                member = members[turn * 7 % len(members)]
                talks.come(f"Text {turn}", numbers[member], number_of(member, CONVERSATIONS - 1))
                db.session.remove()
            db.engine.dispose()

    with work_beside(write):
        yield
