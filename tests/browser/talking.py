"""What people do again and again where they text."""

from playwright.sync_api import Locator, Page, expect

from tests.patience import wait_for

# How long a real worker and the page's own questions may take.
SOON = 10_000


def open_talk(page: Page, name: str) -> None:
    page.goto("/messages/")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    # What is typed before htmx has read the page is not looked at.
    page.wait_for_load_state()


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
