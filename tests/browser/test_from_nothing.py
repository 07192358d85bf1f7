"""From an empty portal to two people who can text, as the three people involved do it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import choose_place, row

pytestmark = pytest.mark.browser

PASSWORD = "four words in a row"
PEOPLE = {"Nia Brook": ("nia@bay.example", "+1 415 555 0161"), "Tom Vale": ("tom@bay.example", "(415) 555-0162")}


@pytest.fixture
def empty(portal):
    """The portal as DEMO=0 leaves it."""
    portal.put_back("empty")
    return portal


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose your password")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Save password and sign in").click()


def fill(page: Page, **values: str) -> None:
    for label, value in values.items():
        field = page.get_by_label(label.replace("_", " "), exact=True)
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def link_on(page: Page) -> str:
    """The sign-in link, which the page shows once."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign-in link")
    return page.locator("code").inner_text()


def test_from_nothing_to_two_people_who_can_text(empty, sit_down):
    operator, admin, user = sit_down(), sit_down(), sit_down()
    operator.goto("/")
    expect(operator.get_by_role("main")).to_contain_text("admin create you@example.com")
    printed = empty.flask("admin", "create", "owner@example.com", "--name", "Olive Owner")
    choose_password(operator, re.search(r"http://\S+", printed)[0])

    expect(operator.get_by_role("heading", name="No organizations yet")).to_be_visible()
    operator.get_by_role("link", name="Add organization").click()
    fill(operator, Name_of_the_organization="Bay Books", Campaign_registration="Active", Name_of_the_location="Oakland",
         PSTN_connection="The provider's PSTN",
         Name_of_the_administrator="Abe Admin", Email_address_of_the_administrator="abe@bay.example")
    choose_place(operator, "United States", "Pacific (Los Angeles)")
    operator.get_by_label("Calling plan").check()
    operator.get_by_label("Add-on").check()
    operator.get_by_role("button", name="Add organization").click()
    choose_password(admin, link_on(operator))

    expect(admin.get_by_role("heading", level=1)).to_have_text("Overview")
    admin.get_by_role("link", name="Locations", exact=True).click()
    admin.get_by_role("link", name="Add location").click()
    fill(admin, Name="San Francisco")
    choose_place(admin, "United States", "Pacific (Los Angeles)")
    admin.get_by_role("button", name="Add location").click()
    expect(admin.get_by_role("main")).to_contain_text("Provider's PSTN at the location")

    operator.goto("/operator/")
    operator.get_by_role("link", name="Bay Books").click()
    operator.get_by_label("PSTN connection of San Francisco").select_option(label="The provider's PSTN")
    operator.get_by_role("button", name="Set connection of San Francisco").click()
    expect(operator.get_by_role("status")).to_contain_text("PSTN connection of San Francisco:")

    links = [add(admin, name, *who) for name, who in PEOPLE.items()]
    operator.get_by_role("link", name="Claimed numbers").click()
    expect(operator.get_by_role("main")).to_contain_text("2 numbers wait.")
    operator.get_by_role("button", name="Confirm all that nobody disputes").click()
    expect(operator.get_by_role("status")).to_contain_text("2 numbers confirmed.")
    choose_password(user, links[0])
    expect(user.get_by_role("status")).to_have_text("Your password is set and you are signed in.")

    admin.get_by_role("link", name="Settings").click()
    admin.get_by_label("Enable Business Texting for all users at all locations").check()
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#effect")).to_contain_text("2 turn on · 1 not available")
    admin.get_by_role("button", name="Confirm").click()
    expect(admin.get_by_role("status")).to_contain_text("Saved.")

    admin.goto("/admin/")
    admin.get_by_role("link", name=re.compile("^Can text 2")).click()
    for name in PEOPLE:
        expect(row(admin, name)).to_contain_text("Can text set by the organization")


def add(admin: Page, name: str, email: str, number: str) -> str:
    """Add a user with a number; the sign-in link."""
    admin.goto("/admin/users/new")
    fill(admin, Name=name, Email_address=email, Location="San Francisco", Number=number)
    admin.get_by_role("button", name="Add user").click()
    return link_on(admin)
