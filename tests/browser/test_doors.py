"""Who may come in where: a stranger's records do not exist, an auditor reads, a user has no business here."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import go_to_location, go_to_user

pytestmark = pytest.mark.browser


def heading(page):
    return page.get_by_role("heading", level=1)


def test_otto_finds_nothing_of_maple_clinic(sit_down):
    ada, otto = sit_down("Ada"), sit_down("Otto", expected=(404,))
    addresses = []
    for step in (lambda: go_to_user(ada, "Uli Brandt"), lambda: go_to_location(ada, "Toronto"), lambda: an_event(ada)):
        step()
        addresses.append(ada.url)

    for address in [*addresses, addresses[0] + "/texting"]:
        assert otto.goto(address).status == 404
        expect(heading(otto)).to_have_text("There is nothing here")
        expect(otto.get_by_text("Uli")).to_have_count(0)


def an_event(page):
    page.goto("/admin/audit")
    page.get_by_role("link", name=re.compile("^Link to this event")).first.click()


def test_rita_reads_everything_and_changes_nothing(sit_down):
    rita = sit_down("Rita")
    go_to_user(rita, "Uli Brandt")
    address, content = rita.url, rita.get_by_role("main")
    expect(content).to_contain_text("Use organization default settings: follows Toronto (on).")
    expect(content.get_by_role("button")).to_have_count(0)
    expect(content.get_by_role("textbox").or_(content.get_by_role("radio"))).to_have_count(0)
    for path in ("/admin/settings", "/admin/organization"):
        rita.goto(path)
        expect(content.get_by_role("button")).to_have_count(0)

    token = rita.locator("[name=csrf_token]").first.get_attribute("value")
    answer = rita.request.post(f"{address}/texting", form={"csrf_token": token, "word": "off", "version": "0"})

    assert answer.status == 403
    assert re.search("<h1>You don&#39;t have access to this page</h1>", answer.text())
    rita.goto(address)
    expect(content).to_contain_text("On Can text Use organization default settings: follows Toronto (on).")


def test_uli_has_no_business_in_administration(sit_down):
    uli = sit_down("Uli", expected=(403,))

    assert uli.goto("/admin/").status == 403

    expect(heading(uli)).to_have_text("You don't have access to this page")
    expect(uli.get_by_role("link", name="Users")).to_have_count(0)
    uli.get_by_role("link", name="Go to the start page").click()
    expect(heading(uli)).to_have_text("Messages")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_one_press_comes_in_as_a_person_of_the_demo(sit_down, script):
    """And goes on to the page that asked who one is; another press is another person."""
    page = sit_down(script=script)
    page.goto("/admin/locations")
    expect(page.get_by_text("Sign in to open this page.")).to_be_visible()
    page.get_by_role("button", name="Ada Keller").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Locations")
    page.locator("summary", has_text="Ada Keller").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in")
    page.get_by_role("button", name="Uli Brandt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Messages")
