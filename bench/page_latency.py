"""How long a text takes in Chromium from the press of Send until the page itself says "Delivered", and until the other
person, who has the conversation open as well, sees it (PERF-06).

A user of the demo writes to another one, twelve texts, each when the one before is delivered and seen; fewer than the
limit of a minute. Both pages ask for news by themselves, in their own time.
"""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.portal import PASSWORD
from tests.browser.talking import last, open_talk, write_to

from .figures import Figure, at_share, missing_figure
from .wire import demo_portal, opened_browser, what_is_missing

TEXTS, LONGEST_MS, MOST_MS = 12, 60_000, 3_000
WRITER, READER, READERS_NUMBER, WRITERS_NUMBER = (
    "uli@example.com", "ben@example.com", "+1 416 555 0102", "+1 416 555 0101")
# Notes when the newest text holds both of these words.
WATCH = """wanted => {
  window.shownAt = NaN
  const list = document.getElementById("texts")
  new MutationObserver((_all, watch) => {
    if (wanted.every(words => list.lastElementChild.textContent.includes(words))) {
      window.shownAt = Date.now()
      watch.disconnect()
    }
  }).observe(list, {childList: true, subtree: true, characterData: true})
}"""
WHAT = ("from Send to Delivered on the page", "from Send to the other one's open page")


def measure() -> list[Figure]:
    """The times within which 95 of 100 were delivered, and seen."""
    if why := what_is_missing():
        return [missing_figure("PERF-06", what, why) for what in WHAT]
    with tempfile.TemporaryDirectory() as place, demo_portal(Path(place)) as portal, opened_browser() as browser:
        writer, reader = (browser.new_page(base_url=portal.address) for _ in range(2))
        sign_in(writer, WRITER)
        sign_in(reader, READER)
        write_to(writer, READERS_NUMBER, "The first text of a conversation")
        expect(last(writer)).to_contain_text("Delivered", timeout=LONGEST_MS)
        open_talk(reader, WRITERS_NUMBER)
        times = [send_and_see(writer, reader, number) for number in range(TEXTS)]
    return [figure_of_times(what, [one[place] for one in times]) for place, what in enumerate(WHAT)]


def figure_of_times(what: str, times: list[float]) -> Figure:
    """Of times in milliseconds that within which 95 of 100 lie."""
    said = f"p50 {at_share(times, 0.5):,.0f} ms; of {TEXTS} texts p95 is the slowest"
    return Figure("PERF-06", f"{what}, p95", at_share(times, 0.95), "ms", limit=MOST_MS, low=min(times),
                  high=max(times), said=said)


def sign_in(page: Page, email: str) -> None:
    """Begin a session through the form."""
    page.goto("/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)


def send_and_see(writer: Page, reader: Page, number: int) -> tuple[float, float]:
    """Milliseconds from the press to the word beside the text, and to the text on the reader's page.

    Each page says by its own clock, which both share, when it showed that: to wait for one delays no other.
    """
    words = f"Measured text {number}"
    for page, shown in ((writer, "Delivered"), (reader, "")):
        page.evaluate(WATCH, [words, shown])
    writer.get_by_label("Message", exact=True).fill(words)
    began = time.time()
    writer.get_by_role("button", name="Send", exact=True).click()
    expect(last(writer).filter(has_text=words)).to_contain_text("Delivered", timeout=LONGEST_MS)
    expect(last(reader)).to_contain_text(words, timeout=LONGEST_MS)
    delivered, seen = (page.evaluate("window.shownAt") - 1e3 * began for page in (writer, reader))
    return delivered, seen
