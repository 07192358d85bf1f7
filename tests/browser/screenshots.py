"""Pictures of the demo portal, as people see it: `make screenshots` takes those of docs/screenshots/ anew.

With EVERY=1 it takes every page of tests/browser/pages.py instead, wide and on a phone, in light and dark, into
.cache/screenshots/: to look at after a change of many pages.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from portal.processes import htmx_file
from tests.browser import chromium
from tests.browser.conftest import FLAGS, HTMX, PATIENCE, PHONE, sign_in
from tests.browser.pages import PLACES, Place
from tests.browser.portal import ROOT, Portal

DESK = {"width": 1280, "height": 800}
SHOWN = ROOT / "docs" / "screenshots"
EVERY = ROOT / ".cache" / "screenshots"
OVERVIEW = Place("overview", "Ada", "/admin/")
CONVERSATION = Place("conversation", "Uli", "/messages/", (("link", "Jane Cooper"),))
EFFECT = Place("effect", "Ada", "/admin/locations", (
    ("link", "Toronto"), ("switch", "Business Texting for all users at Toronto")))
CASE = Place("case", "Olga", "/operator/cases", (("link", re.compile(", case ")),))
# Name, page, whether on a phone, and in which colors.
PICTURES = (
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
def opened(browser: Browser, portal: Portal, who: dict[str, object], view: dict[str, int],
           colors: str) -> Iterator[Page]:
    """A page of a person's browser, of one size and in one color scheme."""
    context = browser.new_context(
        base_url=portal.address, viewport=view, is_mobile=view is PHONE, color_scheme=colors,  # type: ignore[arg-type]
        reduced_motion="reduce", device_scale_factor=1, storage_state=who or None)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    context.route(htmx_file.CDN, lambda route: route.fulfill(path=HTMX, content_type="text/javascript"))
    yield context.new_page()
    context.close()


def take(browser: Browser, portal: Portal, people: dict[str, dict[str, object]]) -> None:
    """Take the pictures, each of the demo as it is when it is first opened."""
    every = [(f"{place}-{name}-{colors}", place, view, colors) for place in PLACES
             for name, view in (("wide", DESK), ("phone", PHONE)) for colors in ("light", "dark")]
    folder, pictures = (EVERY, every) if os.environ.get("EVERY") else (SHOWN, PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    for name, place, view, colors in pictures:
        portal.put_back("demo")
        with opened(browser, portal, people.get(place.who, {}), view, colors) as page:
            place.open(page)
            page.screenshot(path=folder / f"{name}.png", full_page=folder is EVERY)
        print(folder.joinpath(f"{name}.png").relative_to(ROOT), flush=True)


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
            take(browser, portal, people)
        finally:
            portal.stop()
            browser.close()
    return None


if __name__ == "__main__":
    sys.exit(main())
