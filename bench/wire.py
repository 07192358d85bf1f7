"""What a browser loads: bytes and requests of a first view and of a next page, in Chromium (PERF-13).

Chromium goes to the portal itself, no proxy between, with htmx from the portal (HTMX=self) and an empty cache for every
first view. Bytes are those of all answers as they were sent, heads included; requests that the cache answers cost none.
A next page is the same address once more. What an open page asks for later (news) is left out. Counts of a demo; no
figure here depends on speed. The heaviest pages are asked for in every language.

`python -m bench.wire` prints what each coding makes of the limitations at each level.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from portal.processes import htmx_file
from portal.web.compression import CODINGS
from portal.wording.languages import LOCALES
from tests.browser import chromium
from tests.browser.conftest import FLAGS
from tests.browser.portal import PASSWORD, ROOT, Portal

from .figures import Figure, missing_figure

HTMX = htmx_file.path_of_htmx_file(ROOT / "instance")
# Who asks (nobody: ""), and for which page; "first" stands for the first page that its list leads to.
PAGES = {"overview": ("ada", "/admin/"), "users list": ("ada", "/admin/users"), "user": ("ada", "/admin/users first"),
         "inbox": ("uli", "/messages/"), "thread": ("uli", "/messages/ first"), "limitations": ("", "/limitations"),
         "limitations, signed in": ("uli", "/limitations"),
         "report form": ("", "/report-spam"), "sign in": ("", "/sign-in")}
OTHERS = [code for code in LOCALES if code != "en"]
HEAVIEST = ("limitations", "limitations, signed in", "users list")
FIRST_VIEW, NEXT_PAGE = (35.0, 4), (12.0, 1)


class Loaded(NamedTuple):
    """What one view took."""

    kilobytes: float
    requests: int


def measure() -> list[Figure]:
    """Bytes and requests of every page, and of the heaviest."""
    if why := what_is_missing():
        return [missing_figure("PERF-13", "bytes and requests of a page", why)]
    with tempfile.TemporaryDirectory() as place, demo_portal(Path(place)) as portal, opened_browser() as browser:
        loaded = {name: load_page(browser, portal, *asked) for name, asked in PAGES.items()}
        loaded |= {f"{name}, {code}": load_page(browser, portal, *PAGES[name], code)
                   for code in OTHERS for name in HEAVIEST}
    return [figure for name, (first, more) in loaded.items()
            for figure in (*figures_of(f"first view, {name}", first, FIRST_VIEW),
                           *figures_of(f"next page, {name}", more, NEXT_PAGE))]


def what_is_missing() -> str:
    """Why no browser can look at a page here; "" if one can."""
    if not HTMX.is_file():
        return "the htmx file is not there: make htmx"
    return "" if chromium.find() else "Chromium is not installed: make chromium"


def figures_of(what: str, loaded: Loaded, most: tuple[float, int]) -> list[Figure]:
    """Bytes, with the requests beside them; requests by themselves only where there are too many."""
    figures = [Figure("PERF-13", what, loaded.kilobytes, "kB", limit=most[0], said=f"{loaded.requests} requests")]
    if loaded.requests > most[1]:
        figures.append(Figure("PERF-13", f"{what}, requests", loaded.requests, "", limit=most[1]))
    return figures


@contextmanager
def demo_portal(folder: Path) -> Iterator[Portal]:
    """A portal with the demo, which serves htmx itself."""
    portal = Portal(folder, HTMX="self")
    portal.flask("db", "upgrade")
    portal.flask("demo")
    portal.start()
    try:
        yield portal
    finally:
        portal.stop()


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        yield started
        started.close()


def load_page(browser: Browser, portal: Portal, who: str, asked: str, code: str = "en") -> tuple[Loaded, Loaded]:
    """A first view with an empty cache, and the page once more, in the language of a browser."""
    context = browser.new_context(locale=code)
    page = context.new_page()
    if who:
        page.goto(f"{portal.address}/sign-in")
        page.fill("[name=email]", f"{who}@example.com")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
    address, _space, first = asked.partition(" ")
    if first:
        page.goto(portal.address + address)
        address = str(page.locator(f"main a[href^='{address}']").evaluate_all(
            r"(links) => links.map((one) => one.getAttribute('href')).find((one) => /\/\w{12}(#|$)/.test(one))"))
    page.goto("about:blank")
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")
    first_view = load(page, wire, portal.address + address)
    next_page = load(page, wire, portal.address + address)
    context.close()
    return first_view, next_page


def load(page: Page, wire: Any, address: str) -> Loaded:
    """Go there, and count until the page has all that it loads by itself at once."""
    answers: dict[str, float] = {}
    cached: set[str] = set()
    news: set[str] = set()

    def hear_request(told: Any) -> None:
        if told["request"]["url"].partition("?")[0].endswith("/news"):
            news.add(told["requestId"])

    listeners = {
        "Network.requestWillBeSent": hear_request,
        "Network.loadingFinished": lambda told: answers.update({told["requestId"]: told["encodedDataLength"]}),
        "Network.requestServedFromCache": lambda told: cached.add(told["requestId"]),
    }
    for name, hear in listeners.items():
        wire.on(name, hear)
    page.goto(address, wait_until="networkidle")
    for name, hear in listeners.items():
        wire.remove_listener(name, hear)
    sent = [size for request, size in answers.items() if request not in cached | news and size > 0]
    return Loaded(sum(sent) / 1e3, len(sent))


def print_levels() -> None:
    """Bytes and processor time of every coding at every level, for the limitations."""
    with tempfile.TemporaryDirectory() as place, demo_portal(Path(place)) as portal, opened_browser() as browser:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{portal.address}/limitations")
        content = page.content().encode()
    for name, coding in CODINGS.items():
        for level in range(1, coding.hardest + 1):
            began = time.process_time()
            packed = [coding.pack(content, level) for _ in range(10)]
            took = 100 * (time.process_time() - began)
            print(f"{name:4} {level:2}: {len(packed[0]):6} bytes  {took:.3f} ms")


if __name__ == "__main__":
    print_levels()
