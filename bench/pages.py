"""How heavy a first view and a next page are, and what compressing them costs.

Repeat with `.venv/bin/python -m bench.pages`. It fills a demo in a temporary folder and asks for each page within its
own process, TRIES times with and without compression in turns; the quickest counts. *sent*: bytes of the body as a
browser gets it. *first view*: the page with everything that it loads from here; htmx counts as with HTMX=self. CPU is
that of the whole request in milliseconds, *packing* what compressing takes by itself. Below, the page of users at every
level of zlib.
"""

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import flask_migrate
from flask import Flask

from portal import demo
from portal.app import create_app
from portal.extensions import db
from portal.models import User
from portal.processes import htmx_file
from portal.web.compression import pack_content
from tests import cast

TRIES = 40
GZIP = {"Accept-Encoding": "gzip"}
# Who asks for which address; of the last two the heaviest page that a list leads to.
PAGES = {"overview": ("ada", "/admin/"), "users": ("ada", "/admin/users"), "inbox": ("uli", "/messages/"),
         "sign in": ("", "/sign-in"), "user": ("ada", "/admin/users"), "thread": ("uli", "/messages/")}
LISTED = {"user": "/admin/users/", "thread": "/messages/"}
ROOT = Path(__file__).resolve().parents[1]


class Weight(NamedTuple):
    """Bytes of a page and of what it loads, and CPU in milliseconds."""

    plain: int
    sent: int
    first: int
    cpu_plain: float
    cpu_sent: float
    packing: float


def least_cpu(*asks: Callable[[], Any]) -> list[float]:
    """Milliseconds of CPU for each, one after the other TRIES times, so that a busy machine is fair to all."""
    least = [float("inf")] * len(asks)
    for _ in range(TRIES):
        for place, ask in enumerate(asks):
            began = time.process_time()
            ask()
            least[place] = min(least[place], 1000 * (time.process_time() - began))
    return least


def weigh(browser: Any, address: str) -> Weight:
    """One page of the portal."""
    plain, sent = browser.get(address), browser.get(address, headers=GZIP)
    loaded = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', plain.text))
    files = sum(len(browser.get(one, headers=GZIP).data) for one in loaded)
    times = least_cpu(lambda: browser.get(address), lambda: browser.get(address, headers=GZIP),
                      lambda: pack_content(plain.data))
    return Weight(len(plain.data), len(sent.data), len(sent.data) + files, *times)


def find_heaviest(browser: Any, address: str, begins: str) -> str:
    """The address of the heaviest page of one record that a list leads to."""
    found = set(re.findall(rf'href="({begins}\w{{12}})["#]', browser.get(address).text))
    return max(sorted(found), key=lambda one: len(browser.get(one).data))


def measure(app: Flask) -> dict[str, Weight]:
    """Every page by its name."""
    with app.app_context():
        ids = {user.email_key.partition("@")[0]: user.id for user in db.session.query(User)}
    browsers = {who: app.test_client().sign_in(ids[who]) if who else app.test_client() for who, _ in PAGES.values()}
    found = {}
    for name, (who, address) in PAGES.items():
        begins = LISTED.get(name)
        found[name] = weigh(browsers[who], find_heaviest(browsers[who], address, begins) if begins else address)
    return found


def print_levels(page: bytes) -> None:
    """Bytes and CPU at every level of zlib."""
    for level in range(1, 10):
        (took,) = least_cpu(lambda level=level: pack_content(page, level))
        print(f"  level {level}: {len(pack_content(page, level)):6} bytes  {took:.3f} ms")


def main(folder: Path) -> None:
    """Measure and print."""
    htmx_file.install_htmx_file(folder, htmx_file.path_of_htmx_file(ROOT / "instance"))
    app = create_app({"HTMX": "self"}, folder)
    app.test_client_class = cast.Browser
    with app.app_context():
        flask_migrate.upgrade()
        demo.build_demo(app.config["SETTINGS"])
    print(f"{'':10}{'plain':>8}{'sent':>8}{'first view':>12}{'CPU plain':>12}{'CPU sent':>11}{'packing':>9}")
    for name, one in measure(app).items():
        print(f"{name:10}{one.plain:8}{one.sent:8}{one.first:12}"
              f"{one.cpu_plain:12.2f}{one.cpu_sent:11.2f}{one.packing:9.3f}")
    with app.app_context():
        ada = app.test_client().sign_in(db.session.query(User).filter_by(email_key="ada@example.com").one().id)
    print_levels(ada.get("/admin/users").data)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
