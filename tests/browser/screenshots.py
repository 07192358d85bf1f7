"""Pictures of the demo portal, as people see it: `make screenshots` takes those of docs/screenshots/ anew.

With EVERY=1 it takes every page of tests/browser/pages.py instead, wide and on a phone, in light and dark, into
.cache/screenshots/: to look at after a change of many pages. LANGUAGE=de takes them as somebody sees them whose
browser speaks German, into a folder of that name.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from portal.processes import htmx_file
from portal.web.reader import LANGUAGES
from tests.browser import chromium
from tests.browser.conftest import FLAGS, HTMX, PATIENCE, sign_in
from tests.browser.pages import PLACES, Place
from tests.browser.portal import ROOT, Portal
from tests.browser.said import locale_of_browser, say_in

People = dict[str, Any]
Colors = Literal["light", "dark"]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
COLORS: tuple[Colors, ...] = ("light", "dark")
SHOWN = ROOT / "docs" / "screenshots"
# A machine may have a LANGUAGE of its own, such as "en_US:en".
LANGUAGE = next((code for code in LANGUAGES if code == os.environ.get("LANGUAGE")), "en")
EVERY = ROOT / ".cache" / "screenshots" / ("" if LANGUAGE == "en" else LANGUAGE)
OVERVIEW = Place("overview", "Ada", "/admin/")
CONVERSATION = Place("conversation", "Uli", "/messages/", (("link", "Jane Cooper"),))
EFFECT = Place("effect", "Ada", "/admin/locations", (
    ("link", "Toronto"), ("switch", "Business Texting for all users at Toronto")), shows="Nothing has changed yet.")
CASE = Place("case", "Olga", "/operator/cases", (("link", "*, case *"),))
# Name, page, size and colors.
PICTURES: tuple[tuple[str, Place, ViewportSize, Colors], ...] = (
    ("overview", OVERVIEW, DESK, "light"),
    ("overview-dark", OVERVIEW, DESK, "dark"),
    ("users", Place("users", "Ada", "/admin/users"), DESK, "light"),
    ("users-phone", Place("users", "Ada", "/admin/users"), PHONE, "light"),
    ("user", Place("user", "Ada", "/admin/users?search=Henry", (("link", "Henry Osei"),)), DESK, "light"),
    ("location-effect", EFFECT, DESK, "light"),
    ("conversation", CONVERSATION, DESK, "light"),
    ("conversation-phone", CONVERSATION, PHONE, "light"),
    ("conversation-phone-dark", CONVERSATION, PHONE, "dark"),
    ("case", CASE, DESK, "light"),
    ("limitations", Place("limitations", "", "/limitations"), DESK, "light"),
    ("report-spam-phone", Place("report-spam", "", "/report-spam"), PHONE, "light"),
    ("audit", Place("audit", "Ada", "/admin/audit"), DESK, "light"),
)


@contextmanager
def opened(browser: Browser, portal: Portal, who: Any, view: ViewportSize) -> Iterator[Page]:
    """A page of a person's browser, of one size."""
    context = browser.new_context(
        base_url=portal.address, viewport=view, is_mobile=view is PHONE, reduced_motion="reduce",
        locale=locale_of_browser(LANGUAGE), storage_state=who or None)
    context.set_default_timeout(PATIENCE)
    context.route(htmx_file.CDN, lambda route: route.fulfill(path=HTMX, content_type="text/javascript"))
    yield context.new_page()
    context.close()


def take_shown(browser: Browser, portal: Portal, people: People) -> None:
    """Take the pictures of the docs, each of the demo as it is when it is first opened."""
    for name, place, view, colors in PICTURES:
        portal.put_back("demo")
        with opened(browser, portal, people.get(place.who, {}), view) as page:
            page.emulate_media(color_scheme=colors)
            place.open(page)
            page.screenshot(path=SHOWN / f"{name}.png")
        print(f"{name}.png", flush=True)


def take_every(browser: Browser, portal: Portal, people: People) -> None:
    """Take each page wide and narrow, light and dark, from its top to its end."""
    said = say_in(LANGUAGE)
    for place in PLACES:
        portal.put_back("demo")
        with opened(browser, portal, people.get(place.who, {}), DESK) as page:
            place.open(page, said)
            for view, size in (("wide", DESK), ("phone", PHONE)):
                page.set_viewport_size(size)
                for colors in COLORS:
                    page.emulate_media(color_scheme=colors)
                    page.screenshot(path=EVERY / f"{place}-{view}-{colors}.png", full_page=True)
        print(f"{place}", flush=True)


def main() -> str | None:
    """What is missing, or None."""
    program = chromium.find()
    if not program:
        return "Pictures need Chromium: make test installs it."
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        portal = Portal(Path(folder))
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            portal.start()
            portal.flask("demo")
            names = {place.who for place in PLACES if place.who}
            people = {name: sign_in(browser, portal, f"{name.lower()}@example.com") for name in sorted(names)}
            portal.keep("demo")
            place, take = (EVERY, take_every) if os.environ.get("EVERY") else (SHOWN, take_shown)
            place.mkdir(parents=True, exist_ok=True)
            for old in place.glob("*.png"):
                old.unlink()
            take(browser, portal, people)
        finally:
            portal.stop()
            browser.close()
    return None


if __name__ == "__main__":
    sys.exit(main())
