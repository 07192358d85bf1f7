"""From an empty portal to two people who can text: alone on one account, or with another person as administrator."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import beside, faults
from tests.browser.steps import choose_place, row

pytestmark = pytest.mark.browser

PASSWORD = "four words in a row"


@pytest.fixture
def empty(portal):
    """The portal as DEMO=0 leaves it."""
    portal.put_back("empty")
    return portal


class Hand:
    """A person at a browser, whose clicks, typed fields and copied links are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.fields, self.links = page, 0, 0, 0

    def open_copied(self, link: str) -> None:
        self.page.goto(link)
        self.links += 1

    def fill(self, **values: str) -> None:
        for label, value in values.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)
            self.fields += 1

    def press(self, name: str, role: str = "button") -> None:
        self.page.get_by_role("main").get_by_role(role, name=name, exact=True).click()
        self.clicks += 1

    def choose_place(self, country: str, zone: str) -> None:
        choose_place(self.page, country, zone)
        self.clicks += 2

    def choose_password(self, link: str) -> None:
        self.open_copied(link)
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Choose your password")
        self.fill(New_password=PASSWORD, New_password_again=PASSWORD)
        self.press("Save password and sign in")


def make_operator(empty, page: Page) -> str:
    """The link that the command prints which the start page names."""
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text("admin create you@example.com")
    printed = empty.flask("admin", "create", "owner@example.com", "--name", "Olive Owner")
    return re.search(r"http://\S+", printed)[0]


def link_on(page: Page) -> str:
    """The sign-in link, which the page shows once."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign-in link")
    return page.locator("code").inner_text()


def test_from_nothing_to_two_people_who_can_text_alone(empty, sit_down):
    """At most 12 clicks, 10 fields that are typed and 1 link that is copied, and a text has been delivered."""
    page = sit_down()
    olive = Hand(page)
    olive.choose_password(make_operator(empty, page))

    expect(page.get_by_role("heading", level=1)).to_have_text("Add organization")
    expect(page.get_by_label("Name of the administrator")).to_be_hidden()
    expect(page.get_by_label("Calling plan")).to_be_checked()
    olive.fill(Name_of_the_organization="Bay Books", Name_of_the_location="Oakland",
               Numbers="415 555 0161\n415 555 0162")
    olive.choose_place("United States", "Pacific (Los Angeles)")
    olive.press("Add organization")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bay Books")
    expect(page.get_by_role("main")).to_contain_text("Everything is set up.")

    olive.press("Add a second person", "link")
    olive.fill(Name="Tom Vale", Email_address="tom@bay.example", Number="415 555 0162")
    olive.press("Add user")
    expect(page.get_by_role("main")).to_contain_text("Tom Vale is added.")
    handed = link_on(page)
    olive.press("Send a test text", "link")
    expect(page.get_by_label("To", exact=True)).to_have_value("+1 415 555 0110")
    olive.press("Send")
    expect(page.get_by_text("Delivered")).to_be_visible()
    assert (olive.clicks, olive.fields, olive.links) == (8, 8, 1)
    assert olive.clicks <= 12
    assert olive.fields <= 10

    page.goto("/admin/users")
    for name in ("Olive Owner", "Tom Vale"):
        expect(row(page, name)).to_contain_text("Can text")
    tom = Hand(sit_down())
    tom.choose_password(handed)
    expect(tom.page.get_by_role("heading", level=1)).to_have_text("Messages")


def test_from_nothing_with_another_administrator(empty, sit_down):
    """What is left is said to both: to the operator what is theirs, and whose the rest is."""
    page, there = sit_down(), sit_down()
    olive, abe = Hand(page), Hand(there)
    olive.choose_password(make_operator(empty, page))
    page.get_by_label("Another person").check()
    expect(page.get_by_label("Turn texting on for everybody there")).to_be_hidden()
    page.get_by_label("Calling plan").uncheck()
    olive.fill(Name_of_the_organization="Bay Books", Name_of_the_location="Oakland", Numbers="415 555 0161",
               Name_of_the_administrator="Abe Admin", Email_address_of_the_administrator="abe@bay.example")
    olive.choose_place("United States", "Pacific (Los Angeles)")
    olive.press("Add organization")
    expect(page.get_by_role("main")).to_contain_text("Still missing on your side: calling plan.")
    link = link_on(page)
    olive.press("Go to Bay Books", "link")
    expect(page.get_by_role("main")).to_contain_text("3 things are left: 1 for you, 2 for its administrators.")
    abe.choose_password(link)
    expect(there.get_by_role("heading", level=1)).to_have_text("Overview")

    page.reload()
    expect(page.get_by_role("main")).to_contain_text("2 things are left: 1 for you, 1 for its administrators.")
    page.get_by_label("Calling plan").check()
    olive.press("Save")
    expect(page.get_by_role("main")).to_contain_text("1 thing is left, for its administrators.")
    page.goto("/operator/")
    expect(row(page, "Bay Books")).to_contain_text("texting is off")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_start_can_be_read_by_everybody(empty, sit_down, scheme):
    """Nothing is too wide at 320 px, and axe finds nothing, on the form, with errors, and on the link's page."""
    page = sit_down()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 640})
    olive = Hand(page)
    olive.choose_password(make_operator(empty, page))
    for press in ("", "Add organization"):
        if press:
            olive.press(press)
            expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
        assert faults(page) == []
        assert beside(page) == []
