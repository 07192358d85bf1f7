"""One process of the web server beside two: pages a second, and how long the slowest accepts of a text take.

Two portals over copies of the same large database take turns, one with PROCESSES=1, the other with 2; both have as many
threads in all. Sixteen connections, so that both processes have some: which one takes a connection is chance. Without a
core of its own for each process and one for the requests, the gain in pages is less than on a machine that has them.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import cycle
from pathlib import Path

from . import big_data
from .accepting import in_turn, texts
from .figures import Figure, at_share, figure_of, ratios, take_turns
from .load import make_request, send_burst
from .page_rates import said_of
from .served import ServedPortal, running

CONNECTIONS, SECONDS = 16, 3


def measure() -> list[Figure]:
    """Rates and slowest answers, two beside one."""
    with ExitStack() as stack:
        served = {many: stack.enter_context(_served(stack.enter_context(tempfile.TemporaryDirectory()), many))
                  for many in (1, 2)}
        pages = {many: _pages(portal) for many, portal in served.items()}
        sent = {many: _texts(portal) for many, portal in served.items()}
        asks = {f"pages {many}": lambda many=many: send_burst(served[many].address, pages[many], SECONDS, 200).rate
                for many in served}
        asks |= {f"accept {many}": lambda many=many: at_share(
            send_burst(served[many].address, sent[many], SECONDS, 303).times, 0.99) for many in served}
        for ask in asks.values():
            ask()
        found = take_turns(asks)
    slow = " and ".join(f"{sorted(found[f'accept {many}'])[len(found['accept 2']) // 2]:.0f}" for many in (2, 1))
    return [
        figure_of("", "pages a second of two processes, beside one", ratios(found["pages 2"], found["pages 1"]), "×",
                  limit=1.6, at_least=True,
                  said=f"{said_of(found['pages 2'], found['pages 1'])}, {os.cpu_count()} cores"),
        figure_of("", "accept, p99 of two processes, beside one", ratios(found["accept 2"], found["accept 1"]), "×",
                  limit=1.2, said=f"{slow} ms"),
    ]


def _served(place: str, processes: int) -> AbstractContextManager[ServedPortal]:
    with big_data.over_copy(big_data.LARGE, Path(place)):
        portal = ServedPortal(Path(place), PROCESSES=str(processes))
    return running(portal, alone=True)


def _pages(portal: ServedPortal) -> list[Iterator[bytes]]:
    members = list(big_data.TALKERS) * (CONNECTIONS // len(big_data.TALKERS))
    return [cycle([make_request("/messages/", visitor), make_request(f"/messages/t{member}0000000000", visitor)])
            for member, visitor in zip(members, portal.sign_in(members), strict=True)]


def _texts(portal: ServedPortal) -> list[Iterator[bytes]]:
    senders = list(big_data.SENDERS)[:160]
    queues = [texts(visitor, user_id) for user_id, visitor in zip(senders, portal.sign_in(senders), strict=True)]
    return [in_turn(queues[part::CONNECTIONS]) for part in range(CONNECTIONS)]
