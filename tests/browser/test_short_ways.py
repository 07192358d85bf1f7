"""How short the ways are to what people do most: clicks, fields and pages, none more than is written here."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import PHONE
from tests.browser.steps import enable_switch, row, switch
from tests.browser.talking import SOON, last

pytestmark = pytest.mark.browser


class Way:
    """A person on their way, and what it costs them."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.typed, self.pages = page, 0, 0, 0

    def begin(self, address: str) -> None:
        """Open the first page, which every way begins with."""
        self.page.goto(address)
        self.page.wait_for_load_state()
        self.page.on("request", self._count)

    def _count(self, request: Request) -> None:
        self.pages += request.is_navigation_request() and not request.redirected_from

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()

    def follow(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name).first)
        self.page.wait_for_load_state()

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name).first)

    def fill(self, label: str, words: str) -> None:
        self.typed += 1
        self.page.get_by_label(label, exact=True).fill(words)


def find_and_assign_a_number(way: Way) -> None:
    way.follow("Users")
    way.fill("Search users", "Henry")
    expect(row(way.page, "Ada Keller")).to_have_count(0, timeout=SOON)
    way.follow("Henry Osei")
    way.press("Assign")
    expect(way.page.get_by_role("main")).to_contain_text("All set: Henry Osei can text.")


def turn_off_a_location(way: Way) -> None:
    way.follow("Locations")
    way.click(switch(way.page, "all users at Toronto"))
    way.press("Turn off for")
    expect(switch(way.page, "all users at Toronto")).not_to_be_checked()


def override_a_user(way: Way) -> None:
    way.follow("Users")
    way.click(switch(way.page, "Ada Keller"))
    expect(switch(way.page, "Ada Keller")).not_to_be_checked()


def turn_off_and_take_it_back(way: Way) -> None:
    override_a_user(way)
    way.press("Undo")
    expect(switch(way.page, "Ada Keller")).to_be_checked()


def turn_off_the_organization(way: Way) -> None:
    way.follow("Settings")
    way.click(enable_switch(way.page))
    way.press("Turn off for")
    expect(enable_switch(way.page)).not_to_be_checked()


def read_what_changed_on_a_day(way: Way) -> None:
    way.follow("Audit log")
    way.fill("From", "2025-03-04")
    way.fill("Until", "2025-03-04")
    way.press("Show")
    expect(way.page.get_by_role("main")).to_contain_text("No event fits")


def answer_a_text(way: Way) -> None:
    way.follow("Jane Cooper")
    way.fill("Message", "There is, behind the house.")
    way.press("Send")
    expect(last(way.page)).to_contain_text("behind the house", timeout=SOON)
    expect(last(way.page)).to_be_in_viewport()


def decide_a_case(way: Way) -> None:
    way.follow("Spam cases")
    way.click(way.page.locator("main a[href^='/operator/cases/']").first)
    way.click(way.page.get_by_label("Did not break the rules"))
    way.click(way.page.locator("#act"))
    expect(way.page.get_by_role("status")).to_contain_text("decided", timeout=SOON)


@pytest.mark.parametrize(("who", "start", "go", "clicks", "typed", "pages"), [
    ("Ada", "/admin/", find_and_assign_a_number, 3, 1, 3),
    ("Ada", "/admin/", turn_off_a_location, 3, 0, 2),
    ("Ada", "/admin/", override_a_user, 2, 0, 1),
    ("Ada", "/admin/", turn_off_and_take_it_back, 3, 0, 2),
    ("Ada", "/admin/", turn_off_the_organization, 3, 0, 1),
    ("Ada", "/admin/", read_what_changed_on_a_day, 2, 2, 2),
    ("Uli", "/messages/", answer_a_text, 2, 1, 1),
    ("Olga", "/operator/", decide_a_case, 4, 0, 3),
])
def test_what_people_do_most_takes_few_steps(sit_down: Callable[..., Page], who: str, start: str,
                                             go: Callable[[Way], None], clicks: int, typed: int, pages: int) -> None:
    way = Way(sit_down(who, **({"view": PHONE} if who == "Uli" else {})))
    way.begin(start)
    go(way)
    assert (way.clicks, way.typed) == (clicks, typed)
    assert way.pages <= pages
