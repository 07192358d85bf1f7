"""F19: long words widen no page, not even on the narrowest screen."""

import sqlite3

import pytest

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 700}
LONG, LONGEST = "Donaudampfschifffahrtskapitaensmuetz", "Rindfleisch" * 10 + "uebertragu"


def rename(portal):
    """Ada's organization, one of its locations and all its people get names that are one word."""
    with sqlite3.connect(portal.database, timeout=30) as database:
        of = "SELECT organization_id FROM users WHERE email = 'ada@example.com'"
        database.execute(f"UPDATE organizations SET name = ? WHERE id = ({of})", [LONGEST])
        database.execute(f"UPDATE locations SET name = ? WHERE organization_id = ({of})", [LONGEST])
        database.execute(f"UPDATE users SET name = ? WHERE organization_id = ({of})", [LONG])
        database.execute("UPDATE users SET name = ? WHERE email = 'ada@example.com'", [LONGEST])


def test_long_words_widen_no_page(sit_down, portal):
    rename(portal)
    ada = sit_down("Ada", view=NARROW)
    ada.goto("/admin/users")
    user = ada.locator("main td a[href^='/admin/users/'], main th a[href^='/admin/users/']").first.get_attribute("href")
    ada.goto("/admin/locations")
    location = ada.locator("main a[href^='/admin/locations/']:not([href$='/new'])").first.get_attribute("href")
    ada.goto("/admin/organization")
    ada.get_by_label("Name", exact=True).fill("Schiff" * 20)
    ada.get_by_role("button", name="Save").click()
    wide = []
    for address in ("/admin/", user, location, "/admin/users", "/admin/locations", "/admin/settings", "/admin/audit",
                    "/admin/organization", "/admin/opt-outs", "/admin/opt-outs/import", "/admin/consents",
                    "/admin/records", "/admin/records/holds", "/account", "/notices"):
        ada.goto(address)
        if ada.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(address)
    assert wide == []
