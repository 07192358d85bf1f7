"""Browsers in front of a real portal: the demo as it is first opened, and its people signed in.

A test asks for `sit_down`: `ada = sit_down("Ada")` is a page in a browser of Ada's own. Every complaint
of a browser fails the test, and so does every request to another address than the portal; the address of
htmx is answered with the file that lies under instance/, which the browser checks against the hash in the page.
What a test does or measures on a page waits until the page is loaded, as people do: words may stand there before style
and script have come, on a machine that is busy.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

from portal.processes import htmx_file
from tests.browser import chromium
from tests.browser.portal import PASSWORD, ROOT, Portal

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)
HTMX = htmx_file.path_of_htmx_file(ROOT / "instance")
PEOPLE = ("Ada", "Uli", "Ben", "Rita", "Otto", "Olga", "Oskar")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
# The browser complains about every answer from 400 on; a clash and an error in a form are answers we give.
OURS = (409, 422)

# Patience costs nothing where things go well, and a busy machine is no fault.
PATIENCE = 15_000
# Seconds.
SIGN_IN_AGAIN = 15 * 60
expect.set_options(timeout=PATIENCE)

SitDown = Callable[..., Page]
ACTS = {
    Locator: ("bounding_box", "check", "click", "evaluate", "evaluate_all", "fill", "focus", "hover", "press",
              "press_sequentially", "scroll_into_view_if_needed", "select_option", "set_checked", "set_input_files",
              "uncheck"),
    Page: ("evaluate",),
}


@pytest.fixture(scope="session", autouse=True)
def patience_with_pages() -> Iterator[None]:
    """Every act on a page, and every look at what style and script have made of it, waits for both.

    Keys and the mouse by themselves do not: they go to whatever has the focus.
    """
    with pytest.MonkeyPatch.context() as patch:
        for kind, names in ACTS.items():
            for name in names:
                patch.setattr(kind, name, _after_loading(getattr(kind, name)))
        yield


def _after_loading(act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def wait_and_act(target: Locator | Page, *given: Any, **named: Any) -> Any:
        page = target if isinstance(target, Page) else target.page
        page.wait_for_load_state()
        return act(target, *given, **named)

    return wait_and_act


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; a missing one fails them, it never skips them."""
    program = chromium.find()
    assert program, "The browser tests need Chromium: make test installs it."
    assert HTMX.is_file(), "The browser tests need the htmx file: make htmx puts it under instance/."
    with _real_clock():
        playwright = sync_playwright().start()
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
    yield started
    started.close()
    playwright.stop()


@contextmanager
def _real_clock() -> Iterator[None]:
    """Where the clock is moved (tests/clocks.py) it is the portal's: Chromium does not start under a library that
    changes its own. Cookies work all the same, since Chromium reckons with the difference between the clocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LD_PRELOAD", raising=False)
        yield


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The running portal, with an empty and a demo database kept beside it."""
    portal = Portal(tmp_path_factory.mktemp("portal"))
    try:
        portal.start()
        portal.keep("empty")
        portal.flask("demo")
        yield portal
    finally:
        portal.stop()


@dataclass
class Sessions:
    """What the people's browsers remember after signing in, by name, and when they sign in again.

    Half an hour without a press ends the session of whoever has a role; all tests of a slow machine take longer.
    """

    cookies: dict[str, Any] = field(default_factory=dict)
    until: float = 0

    def begin(self, serving: Portal, browser: Browser) -> None:
        """Sign everybody in through the sign-in page of the demo, and keep that with it."""
        self.cookies = {name: sign_in(browser, serving, f"{name.lower()}@example.com") for name in PEOPLE}
        self.until = time.monotonic() + SIGN_IN_AGAIN
        serving.keep("demo")


@pytest.fixture(scope="session")
def sessions(serving: Portal, browser: Browser) -> Sessions:
    """The people's sessions."""
    found = Sessions()
    found.begin(serving, browser)
    return found


@pytest.fixture
def cookies(serving: Portal, browser: Browser, sessions: Sessions) -> dict[str, Any]:
    """What a browser of each person remembers, of a session that goes on for a while."""
    if time.monotonic() > sessions.until:
        serving.put_back("demo")
        sessions.begin(serving, browser)
    return sessions.cookies


@pytest.fixture
def portal(serving: Portal, cookies: dict[str, Any]) -> Portal:
    """The portal with the demo as it is when it is first opened."""
    serving.put_back("demo")
    return serving


@pytest.fixture
def sit_down(portal: Portal, browser: Browser, cookies: dict[str, Any]) -> Iterator[SitDown]:
    """`sit_down("Ada")` opens a browser; `script=False` one without JavaScript, `view=PHONE` a small one.

    `expected` lists further statuses, such as 404, and beginnings of sentences that it may complain about.
    """
    opened: list[tuple[BrowserContext, list[str], set[Request]]] = []

    def open_browser(name: str = "", *, script: bool = True, view: dict[str, int] = WIDE,
                     expected: tuple[int | str, ...] = (), **options: Any) -> Page:
        context = browser.new_context(
            base_url=portal.address, java_script_enabled=script, viewport=view, is_mobile=view is PHONE,
            storage_state=cookies[name] if name else None, **options)
        context.set_default_timeout(PATIENCE)
        opened.append((context, _watch(context, portal.address, OURS + expected), _follow_requests(context)))
        return context.new_page()

    yield open_browser
    complaints = [complaint for _context, said, _underway in opened for complaint in said]
    for context, _said, underway in opened:
        _let_finish(context, underway)
        context.close()
    assert complaints == []


def _follow_requests(context: BrowserContext) -> set[Request]:
    """What this browser has asked and not heard yet, kept up to date."""
    underway: set[Request] = set()

    def begin(request: Request) -> None:
        underway.add(request)

    def end(request: Request) -> None:
        underway.discard(request)

    context.on("request", begin)
    context.on("requestfinished", end)
    context.on("requestfailed", end)
    return underway


def _let_finish(context: BrowserContext, underway: set[Request]) -> None:
    """Ask nothing more, and wait for what was asked: a late answer would write into the next test's database."""
    context.route("**", lambda route: route.abort())
    for _ in range(PATIENCE // 20):
        if not any(request.frame.page in context.pages for request in underway):
            return
        context.pages[0].wait_for_timeout(20)


def sign_in(browser: Browser, portal: Portal, email: str) -> Any:
    """What a browser remembers after signing in."""
    with browser.new_context(base_url=portal.address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("navigation", name="Main").wait_for()
        return context.storage_state()


def _watch(context: BrowserContext, home: str, expected: tuple[int | str, ...]) -> list[str]:
    """Collect what must not happen in this browser."""
    complaints: list[str] = []
    harmless = re.compile("|".join(
        re.escape(one) if isinstance(one, str) else rf"Failed to load resource: .* status of {one}\b"
        for one in expected))

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not harmless.match(message.text):
            complaints.append(f"{message.text} ({message.page.url if message.page else ''})")

    def answer(route: Route) -> None:
        if route.request.url == htmx_file.CDN:
            route.fulfill(path=HTMX, content_type="text/javascript")
        else:
            complaints.append(f"wanted {route.request.url}")
            route.abort()

    def refuse(dialog: Any) -> None:
        complaints.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    context.on("console", listen)
    context.on("weberror", lambda error: complaints.append(f"a script broke: {error.error}"))
    context.on("dialog", refuse)
    context.route(re.compile(rf"^(?!{re.escape(home)}(/|$))"), answer)
    return complaints
