"""What people do again and again where they text."""

import sqlite3
from contextlib import closing

from playwright.sync_api import Locator, Page, expect

from tests.browser.portal import Portal
from tests.patience import LONG, wait_for

# How long a real worker and the page's own questions may take.
SOON = 60_000


def open_talk(page: Page, name: str) -> None:
    page.goto("/messages/")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    # What is typed before htmx has read the page is not looked at.
    page.wait_for_load_state()


def move_places(portal: Portal, many: int) -> None:
    """Let Uli's newest texts take their places in ten minutes: no minute runs out while a test looks at what waits."""
    with closing(sqlite3.connect(portal.database, timeout=LONG)) as database, database:
        database.execute("""UPDATE messages SET due_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '+10 minutes')
            WHERE id IN (SELECT id FROM messages WHERE direction = 'out' AND state != 'queued' AND user_id = (
                SELECT id FROM users WHERE email = 'uli@example.com') ORDER BY id DESC LIMIT ?)""", (many,))


def texts(page: Page) -> Locator:
    """The texts and notes, without the lines that name a day."""
    return page.get_by_role("list", name="Texts").locator("> li:not(.day)")


def last(page: Page) -> Locator:
    return texts(page).last


def reload_until(page: Page, words: str) -> None:
    """Without JavaScript a page shows what has come in when it is loaded again."""
    def there() -> bool:
        page.reload()
        return words in last(page).inner_text()

    wait_for(there, lambda: f"{words} does not come in")


def say(page: Page, words: str, button: str = "Send") -> None:
    page.get_by_label("Message", exact=True).fill(words)
    page.get_by_role("button", name=button, exact=True).click()


def write_to(page: Page, number: str, words: str) -> None:
    page.goto("/messages/new")
    page.get_by_label("To", exact=True).fill(number)
    say(page, words)
