"""How many requests a second the main pages answer, beside the bare page of the ceilings (PERF-01, PERF-02).

Both are served by the portal's web server, the portal over 100,000 users and 1,000,000 texts, and asked in turns by
four connections that stay open, a second or so at a time, uncompressed. Each has a session of
its own.
"""

from collections.abc import Callable, Iterator
from itertools import repeat

from . import big_data
from .figures import Figure, figure_of, ratios, short_number, take_turns
from .load import Visitor, make_request, send_burst
from .served import Side, side_by_side

CONNECTIONS, SECONDS = 4, 1.5
# By the bar, name and least share of the bare page's rate: who asks (administrator, member or stranger), and for what.
PAGES = (
    ("PERF-01", "users list", 0.3, "admin", "/admin/users"),
    ("PERF-02", "inbox", 0.3, "member", "/messages/"),
    ("PERF-02", "thread", 0.3, "member", "/messages/t{member}0000000000"),
    ("", "overview", 0.3, "admin", "/admin/"),
    ("", "limitations", 0.5, "stranger", "/limitations"),
    ("", "report form", 0.5, "stranger", "/report-spam"),
)


def measure() -> list[Figure]:
    """The share of the bare page's rate, page by page."""
    with side_by_side() as side:
        readers = sign_in_readers(side)
        asks = {"page": rate_of(side.ceilings.address, [repeat(make_request("/page"))] * CONNECTIONS)}
        for _bar, name, _least, who, path in PAGES:
            queues = [repeat(make_request(path.format(member=member), visitor)) for member, visitor in readers[who]]
            asks[name] = rate_of(side.portal.address, queues)
        for ask in asks.values():
            ask()
        rates = take_turns(asks)
    return [figure_of(bar, f"{name}, of the bare page's rate", ratios(rates[name], rates["page"]), "×", limit=least,
                      at_least=True, said=said_of(rates[name], rates["page"]))
            for bar, name, least, _who, _path in PAGES]


def sign_in_readers(side: Side) -> dict[str, list[tuple[int, Visitor]]]:
    """Four of each kind, with their ids."""
    members = list(big_data.TALKERS)
    return {"admin": list(enumerate(side.portal.sign_in([big_data.ADMIN] * CONNECTIONS))),
            "member": list(zip(members, side.portal.sign_in(members), strict=True)),
            "stranger": list(enumerate([Visitor()] * CONNECTIONS))}


def rate_of(address: str, queues: list[Iterator[bytes]]) -> Callable[[], float]:
    """What asks for requests a second, with these queues."""
    return lambda: send_burst(address, queues, SECONDS, 200).rate


def said_of(rates: list[float], bare: list[float]) -> str:
    """The two rates of the middle round."""
    middle = sorted(range(len(rates)), key=lambda one: rates[one] / bare[one])[len(rates) // 2]
    return f"{short_number(rates[middle])} and {short_number(bare[middle])} a second"
