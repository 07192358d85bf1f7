"""Names that try to be something else: they are shown as they are, on every page, and do nothing."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PLACES
from tests.browser.steps import choose_place, go_to_location, go_to_user, switch

pytestmark = pytest.mark.browser

CORPUS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>',
    '<b hx-get="/sign-out" hx-trigger="load">', "<hx-partial hx-target=body>gone</hx-partial>", "{{ 7 * 7 }}",
    "javascript:alert(1)", "</title><script>alert(1)</script>",
)
LONGEST = " ".join(CORPUS)[:120]
# What the portal's own pages hold, and nothing else.
STRANGE = """() => [...document.querySelectorAll(
    "script:not([src*='htmx']), iframe, object, img:not([src$='.svg']), [onerror], [onload], [hx-get='/sign-out']")]
  .map(one => one.outerHTML)"""


def type_everywhere(ada: Page) -> None:
    """Whatever can be typed, in whatever shape."""
    go_to_user(ada, "Ben Okafor")
    for hostile in CORPUS:
        ada.get_by_label("Name", exact=True).fill(hostile)
        ada.get_by_role("button", name="Update details").click()
        expect(ada.get_by_role("heading", level=1)).to_have_text(hostile)
    go_to_location(ada, "Boston")
    switch(ada, "all users at Boston").click()
    ada.get_by_role("button", name="Turn on for").click()
    expect(switch(ada, "all users at Boston")).to_be_checked()
    ada.get_by_text("Lock", exact=True).click()
    ada.get_by_label("Users cannot change this").check()
    ada.get_by_label("Reason").fill(LONGEST)
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator("#said")).to_contain_text("Texting is on for Boston.")
    ada.goto("/admin/locations/new")
    ada.get_by_label("Name").fill(LONGEST)
    choose_place(ada, "Canada", "Eastern (Toronto)")
    ada.get_by_role("button", name="Add location").click()
    expect(ada.get_by_role("status")).to_contain_text("<script>alert(1)</script>")
    ada.goto("/admin/organization")
    ada.get_by_label("Name", exact=True).fill("Maple Clinic </title><img src=x onerror=alert(1)>")
    ada.get_by_label("Help contact").fill("<img src=x onerror=alert(1)>")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_role("status")).to_contain_text("Saved.")


def test_hostile_names_do_nothing_anywhere(sit_down):
    statuses = tuple(place.status for place in PLACES)
    people = {name: sit_down(name, expected=statuses) for name in {place.who for place in PLACES}}
    type_everywhere(people["Ada"])
    for place in PLACES:
        page = people[place.who]
        if not (place.who == "Olga" and place.clicks):
            place.open(page)
            assert page.evaluate(STRANGE) == [], place
    people["Olga"].goto("/operator/")
    people["Olga"].get_by_role("link", name="Maple Clinic").click()
    assert people["Olga"].evaluate(STRANGE) == []


@pytest.mark.parametrize("hostile", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>"])
def test_hostile_addresses_do_nothing(sit_down, hostile):
    ada = sit_down("Ada", expected=(404, 410))
    for address in ("/admin/users?search={}", "/admin/audit?who={}", "/admin/users?location={}", "/sign-in?next={}",
                    "/admin/users/{}", "/welcome/{}", "/{}"):
        ada.goto(address.format(hostile.replace("/", "%2F")))
        assert ada.evaluate(STRANGE) == []
