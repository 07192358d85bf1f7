"""How long a text takes from the press of Send until the page itself says "Delivered", in Chromium (PERF-06).

A user of the demo writes in an open conversation, twelve texts, each when the one before is delivered; fewer than the
limit of a minute. The page asks for news by itself, in its own time.
"""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.portal import PASSWORD
from tests.browser.talking import last, say, write_to

from .figures import Figure, at_share, missing_figure
from .latency import RECIPIENT, SENDER
from .wire import demo_portal, opened_browser, what_is_missing

TEXTS, LONGEST_MS, MOST_MS = 12, 60_000, 3_000


def measure() -> list[Figure]:
    """The time within which 95 of 100 were seen."""
    if why := what_is_missing():
        return [missing_figure("PERF-06", "from Send to Delivered on the page", why)]
    with tempfile.TemporaryDirectory() as place, demo_portal(Path(place)) as portal, opened_browser() as browser:
        page = browser.new_page(base_url=portal.address)
        sign_in(page)
        write_to(page, RECIPIENT, "The first text of a conversation")
        expect(last(page)).to_contain_text("Delivered", timeout=LONGEST_MS)
        times = [send_and_see(page, number) for number in range(TEXTS)]
    said = f"p50 {at_share(times, 0.5):,.0f} ms; of {TEXTS} texts p95 is the slowest"
    return [Figure("PERF-06", "from Send to Delivered on the page, p95", at_share(times, 0.95), "ms", limit=MOST_MS,
                   low=min(times), high=max(times), said=said)]


def sign_in(page: Page) -> None:
    """Begin a session through the form."""
    page.goto("/sign-in")
    page.fill("[name=email]", SENDER)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)


def send_and_see(page: Page, number: int) -> float:
    """Milliseconds from the press to the word beside the text."""
    words = f"Measured text {number}"
    began = time.perf_counter()
    say(page, words)
    shown = last(page).filter(has_text=words)
    expect(shown).to_contain_text("Delivered", timeout=LONGEST_MS)
    return 1e3 * (time.perf_counter() - began)
