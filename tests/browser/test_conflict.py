"""Two people, one setting: whoever saves second sees both, and decides."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import faults
from tests.browser.steps import enable_switch, expect_focus, go_to_location, go_to_user, row, switch

pytestmark = pytest.mark.browser

@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def late(sit_down, request):
    """Ada turns Uli off, in a page that is stale: from elsewhere, Uli has been turned off and on again."""
    early, late = sit_down("Ada"), sit_down("Ada", script=request.param)
    go_to_user(late, "Uli Brandt")
    go_to_user(early, "Uli Brandt")
    switch(early, "Uli Brandt").click()
    expect(switch(early, "Uli Brandt")).not_to_be_checked()
    switch(early, "Uli Brandt").click()
    expect(switch(early, "Uli Brandt")).to_be_checked()

    switch(late, "Uli Brandt").click()

    expect(late.get_by_role("heading", name="Texting for Uli Brandt has changed since you opened")).to_be_visible()
    expect(late.get_by_text("Nothing of yours was saved.")).to_be_visible()
    expect(row(late, "Business Texting").get_by_role("cell")).to_have_text(["on", "off"])
    expect(late).to_have_title("Error: Another person was faster · Business Texting")
    return late


def test_use_mine_instead(late):
    late.get_by_role("button", name="Use mine instead").click()

    expect(switch(late, "Uli Brandt")).not_to_be_checked()


def test_keep_theirs(late):
    late.get_by_role("link", name="Keep theirs").click()

    expect(switch(late, "Uli Brandt")).to_be_checked()


def test_a_conflict_takes_the_focus_and_outlives_a_reload(sit_down):
    early, late, plain = sit_down("Ada"), sit_down("Ada"), sit_down("Ada", script=False)
    for page in (late, plain, early):
        go_to_location(page, "Toronto")
    switch(early, "all users at Toronto").click()
    early.get_by_role("button", name="Turn off for").click()
    expect(switch(early, "all users at Toronto")).not_to_be_checked()
    early.get_by_role("button", name="Use organization default").click()
    early.get_by_role("button", name="Use the default").click()
    expect(switch(early, "all users at Toronto")).to_be_checked()

    switch(late, "all users at Toronto").click()
    expect(late.get_by_role("button", name="Use mine instead")).to_be_visible()
    assert faults(late) == []
    expect_focus(late, "section Texting for Toronto has changed since you opened the page")

    switch(plain, "all users at Toronto").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Another person was faster")
    plain.goto(plain.url)
    expect(plain.get_by_role("heading", level=1)).to_have_text("Toronto")


def test_settings_that_changed_before_the_effect_was_shown(sit_down):
    early, late = sit_down("Ada"), sit_down("Ada")
    late.goto("/admin/settings")
    early.goto("/admin/settings")
    early.get_by_text("Lock", exact=True).click()
    early.get_by_label("Locations and users cannot change this").check()
    early.get_by_label("Reason").fill("Everybody texts.")
    early.get_by_role("button", name="Save").click()
    early.get_by_role("button", name="Lock for").click()
    expect(early.get_by_role("status")).to_contain_text("Texting is on for Maple Clinic.")

    enable_switch(late).click()

    expect(row(late, "Reason").get_by_role("cell")).to_have_text(["Everybody texts.", "–"])
    late.get_by_role("button", name="Use mine instead").click()
    expect(late.get_by_role("region", name="Turn off texting for Maple Clinic?")).to_be_visible()
    late.get_by_role("button", name="Turn off for").click()
    expect(enable_switch(late)).not_to_be_checked()
