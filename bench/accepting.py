"""Accepting a text through all rules for sending, beside the ceiling `accept` (PERF-05).

Four connections, then sixteen, ask in turns; each sends for a hundred and more of five hundred users, so that no limit
of a single user is measured, and every text is stored durably (WAL, synchronous=FULL) before it is answered. The web
server runs alone, without the background process.
"""

import random
from collections.abc import Iterator
from itertools import count

from . import big_data, ceilings
from .figures import Figure, at_share, figure_of, ratios, take_turns
from .load import Burst, Visitor, make_request, send_burst
from .page_rates import said_of
from .served import Side, side_by_side

FEW, MANY, SECONDS = 4, 16, 1.5
SENTENCE = "Your appointment is tomorrow at ten. Reply if you cannot come."
WORDS = ("maple", "river", "seven", "window", "paper", "yellow", "corner", "bread", "quiet", "station", "letter")


def measure() -> list[Figure]:
    """The share of the ceiling's rate, and how the slowest answers compare."""
    with side_by_side() as side:
        bursts = take_turns_at(side, list(big_data.SENDERS)[:400])
    rates = {name: [one.rate for one in these] for name, these in bursts.items()}
    slowest = {name: [at_share(one.times, 0.99) for one in these] for name, these in bursts.items()}
    ms = [sorted(slowest[name])[len(slowest[name]) // 2] for name in ("portal 16", "ceiling 16")]
    return [
        figure_of("PERF-05", "accept a text, of the ceiling's rate", ratios(rates["portal 4"], rates["ceiling 4"]), "×",
                  limit=0.6, at_least=True, said=said_of(rates["portal 4"], rates["ceiling 4"])),
        figure_of("PERF-05", "accept, p99 at 16 connections beside the ceiling's",
                  ratios(slowest["portal 16"], slowest["ceiling 16"]), "×", limit=2,
                  said=f"{ms[0]:.0f} and {ms[1]:.0f} ms"),
        figure_of("", "accept, 16 connections, of the ceiling's rate", ratios(rates["portal 16"], rates["ceiling 16"]),
                  "×", said=said_of(rates["portal 16"], rates["ceiling 16"])),
    ]


def take_turns_at(side: Side, senders: list[int]) -> dict[str, list[Burst]]:
    """Bursts at both servers, with few and with many connections."""
    queues = [texts(visitor, user_id) for user_id, visitor in zip(senders, side.portal.sign_in(senders), strict=True)]
    bursts: dict[str, list[Burst]] = {}

    def ask(name: str, address: str, asked: list[Iterator[bytes]]) -> float:
        bursts.setdefault(name, []).append(send_burst(address, asked, SECONDS, 303))
        return bursts[name][-1].rate

    asks = {}
    for many in (FEW, MANY):
        mine = [in_turn(queues[part::many]) for part in range(many)]
        asks[f"portal {many}"] = lambda many=many, mine=mine: ask(f"portal {many}", side.portal.address, mine)
        bare = [bare_texts(part) for part in range(many)]
        asks[f"ceiling {many}"] = lambda many=many, bare=bare: ask(f"ceiling {many}", side.ceilings.address, bare)
    take_turns(asks)
    return bursts


def in_turn(queues: list[Iterator[bytes]]) -> Iterator[bytes]:
    """One from each, again and again."""
    while True:
        for each in queues:
            yield next(each)


def texts(visitor: Visitor, user_id: int) -> Iterator[bytes]:
    """Endless texts of one user to ninety numbers, no two with the same words."""
    dice = random.Random(user_id)  # noqa: S311 - no secret
    for number in count():
        form = {"number": f"+1647555{2000 + number % 90:04}", "key": f"{user_id:09}-{number:09}",
                "body": f"Your {' '.join(dice.choices(WORDS, k=8))} is ready. Reply if you cannot come."}
        yield make_request("/messages/new", visitor, form)


def bare_texts(part: int) -> Iterator[bytes]:
    """Endless texts for the ceiling."""
    for number in count():
        yield make_request("/accept", form={"number": f"+1647555{number % 9000:04}", "token": ceilings.TOKEN,
                                            "body": f"Your appointment {part} {number} is tomorrow at ten."})
