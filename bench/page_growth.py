"""How much processor time every main page takes, and how that grows with the data (PERF-03).

Within this process: the same pages at 100 and at 100,000 users, with 1,000 and with 1,000,000 texts, in turns with the
bare page of the ceilings. Milliseconds of processor time for a whole request, uncompressed; of each round the middle
of three where a page is quick. The statements that each page asks of the database are counted, and have to be as many.
"""

import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from tests import cast

from . import big_data, ceilings
from .figures import Figure, figure_of, ratios, take_turns

TRIES, LONG = 3, 200.0
MOST_GROWTH = 1.2
MEMBER = big_data.TALKERS[0]
# By name: who asks (administrator, member or stranger), and for what.
PAGES = {
    "users list": ("admin", "/admin/users"), "overview": ("admin", "/admin/"), "inbox": ("member", "/messages/"),
    "thread": ("member", f"/messages/t{MEMBER}0000000000"), "user": ("admin", "/admin/users/u00000000006"),
    "effect": ("admin", "/admin/organization"), "location": ("admin", ""), "settings": ("admin", "/admin/settings"),
    "audit log": ("admin", "/admin/audit"), "limitations": ("stranger", "/limitations"),
    "report form": ("stranger", "/report-spam"),
}
Ask = Callable[[], Any]


def measure() -> list[Figure]:
    """Growth of each page, and each page beside the bare one."""
    with tempfile.TemporaryDirectory() as place, big_data.over_copy(big_data.SMALL, Path(place, "small")) as small, \
            big_data.over_copy(big_data.LARGE, Path(place, "large")) as large:
        few, many = asks_of(small), asks_of(large)
        bare = ceilings.make_page_app().test_client()
        asks = {"bare": lambda: cpu_of(lambda: bare.get("/page"))}
        asks |= {f"{size} {name}": lambda ask=ask: cpu_of(ask)
                 for size, pages in (("few", few), ("many", many)) for name, ask in pages.items()}
        statements = {name: (count_statements(few[name]), count_statements(many[name])) for name in PAGES}
        took = take_turns(asks)
    return [figure for name in PAGES for figure in figures_of(name, took, statements[name])]


def figures_of(name: str, took: dict[str, list[float]], statements: tuple[int, int]) -> list[Figure]:
    """Two ratios of one page."""
    few, many = took[f"few {name}"], took[f"many {name}"]
    middle = [statistics.median(one) for one in (few, many, took["bare"])]
    counted = "statements equal" if statements[0] == statements[1] else f"STATEMENTS {statements[0]}, {statements[1]}"
    return [
        figure_of("PERF-03", f"{name}, large beside small", ratios(many, few), "×", limit=MOST_GROWTH,
                  said=f"{middle[0]:.1f} and {middle[1]:.1f} ms, {counted}"),
        figure_of("", f"{name}, processor beside the bare page", ratios(many, took["bare"]), "×",
                  said=f"bare {middle[2]:.2f} ms"),
    ]


def asks_of(app: Flask) -> dict[str, Ask]:
    """What asks for each page of an application, by name; each was asked for once."""
    app.test_client_class = cast.Browser
    browsers = {"admin": app.test_client().sign_in(big_data.ADMIN), "member": app.test_client().sign_in(MEMBER),
                "stranger": app.test_client()}
    (location, *_more) = re.findall(r'href="(/admin/locations/\w{12})"', browsers["admin"].get("/admin/locations").text)
    asks = {name: ask_for(browsers[who], path or location) for name, (who, path) in PAGES.items()}
    for ask in asks.values():
        ask()
    return asks


def ask_for(browser: Any, path: str) -> Ask:
    """What asks for one page, which has to be there."""
    def ask() -> None:
        status = browser.get(path).status_code
        if status != 200:
            raise SystemExit(f"{path} was answered with {status}.")
        cast.Browser.pages.clear()

    return ask


def cpu_of(ask: Ask) -> float:
    """Milliseconds of processor time, the middle of a few tries; one is enough where it takes long."""
    tries: list[float] = []
    while len(tries) < TRIES and sum(tries) < LONG:
        began = time.process_time()
        ask()
        tries.append(1e3 * (time.process_time() - began))
    return statistics.median(tries)


def count_statements(ask: Ask) -> int:
    """How many statements the page asks."""
    with counted() as seen:
        ask()
    return len(seen)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements within the block, beginnings and settings of transactions left out."""
    seen: list[str] = []

    def see(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", see)
