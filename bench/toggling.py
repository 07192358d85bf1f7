"""Turning a user's texting on and off, beside the ceiling `toggle` (PERF-04).

Requests a second from four administrators' connections, each with users of its own, among 100,000 users; as htmx sends
them, so that the answer is a part of a page. In the list, where the answer holds the row and the counts of all users,
and on the user's own page.
"""

from collections.abc import Iterator
from itertools import count, cycle

from . import big_data, ceilings
from .figures import Figure, figure_of, ratios, take_turns
from .load import Visitor, make_request, send_burst
from .page_rates import CONNECTIONS, said_of
from .served import side_by_side

SECONDS = 1.5
USERS_EACH = 20
PLACES = {"in the list of users": "row", "on the user's page": "texting"}


def measure() -> list[Figure]:
    """The share of the ceiling's rate, at both places."""
    users = list(big_data.SENDERS)
    with side_by_side() as side:
        visitors = side.portal.sign_in([big_data.ADMIN] * CONNECTIONS)
        asks = {"ceiling": (side.ceilings.address, [presses_of_ceiling(n) for n in range(CONNECTIONS)])}
        for name, end in PLACES.items():
            mine = [[users.pop() for _ in range(USERS_EACH)] for _ in visitors]
            asks[name] = (side.portal.address, [presses(visitor, end, some)
                                                for visitor, some in zip(visitors, mine, strict=True)])
        rates = take_turns({name: lambda asked=asked: send_burst(*asked, SECONDS, 200).rate
                            for name, asked in asks.items()})
    return [figure_of("PERF-04", f"turn a user on or off {name}, of the ceiling's rate",
                      ratios(rates[name], rates["ceiling"]), "×", limit=0.5, at_least=True,
                      said=said_of(rates[name], rates["ceiling"])) for name in PLACES]


def presses_of_ceiling(part: int) -> Iterator[bytes]:
    """Endless requests to the ceiling, about units that no other connection has."""
    return cycle([make_request(f"/toggle/{unit}", form={"word": "on"})
                  for unit in range(1 + part, ceilings.UNIT_COUNT, CONNECTIONS)])


def presses(visitor: Visitor, end: str, user_ids: list[int]) -> Iterator[bytes]:
    """Endless presses of the switches of these users, off and on, each from the version before."""
    for version in count():
        for user_id in user_ids:
            form = {"version": str(version), "word": ("off", "on")[version % 2]}
            yield make_request(f"/admin/users/u{user_id:011}/{end}", visitor, form, HX_Request="true",
                               Referer="http://127.0.0.1/admin/users")
