"""What people do again and again, and what can be read off a page."""

from playwright.sync_api import Locator, Page, expect

from tests.patience import wait_for

# What holds the focus, as "button Save" or "body".
FOCUSED = """() => {
  const one = document.activeElement
  if (!one) return "nothing: the page is still on its way"
  const name = one.getAttribute("aria-label") || one.innerText || one.labels?.[0]?.innerText || one.id
  return one === document.body ? "body" : one.tagName.toLowerCase() + " " + name.trim().split("\\n")[0]
}"""


def go_to_user(page: Page, name: str) -> None:
    """Find a user through the list, as an administrator does."""
    page.goto("/admin/users")
    page.get_by_label("Search users").fill(name)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("main").get_by_role("link", name=name).click()
    page.wait_for_load_state()


def go_to_location(page: Page, name: str) -> None:
    """Open a location from the list."""
    page.goto("/admin/locations")
    page.get_by_role("link", name=name).click()
    page.wait_for_load_state()


def texting(page: Page) -> Locator:
    """The section of a user or a location that says whether they can text, and decides it."""
    return page.get_by_role("region", name="Business Texting", exact=True)


def row(page: Page, name: str) -> Locator:
    """The row of a table that is about somebody or something."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def switch(page: Page, name: str) -> Locator:
    """The switch of a user, or of the place that is named."""
    return page.get_by_role("switch", name=f"Business Texting for {name}", exact=True)


ENABLE = "Enable Business Texting for all users at all locations"


def enable_switch(page: Page) -> Locator:
    """The switch of the whole organization."""
    return page.get_by_role("switch", name=ENABLE)


def focused(page: Page) -> str:
    """What holds the focus, as in "button Save", or "body"."""
    return str(page.evaluate(FOCUSED))


def expect_focus(page: Page, wanted: str) -> None:
    """The focus comes here; with a blank at the end, to what begins so. A browser moves it after it has drawn."""

    def there() -> bool:
        here = focused(page)
        return here.startswith(wanted) if wanted.endswith(" ") else here == wanted

    wait_for(there, lambda: f"not {wanted} but {focused(page)} has the focus")


def choose_place(page: Page, country: str, zone: str) -> None:
    """Choose a country, wait for the list of zones that it brings, and choose one of these."""
    page.locator("#zones").evaluate("old => old.dataset.old = 'yes'")
    page.get_by_label("Country").select_option(label=country)
    expect(page.locator("#zones[data-old]")).to_have_count(0)
    expect(page.locator("#time_zone optgroup").first).to_have_attribute("label", country)
    page.get_by_label("Time zone").select_option(label=zone)
