"""The pages about sign-in links where the portal has a mail server; here one that does not answer."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import beside, faults
from tests.browser.portal import Portal
from tests.browser.steps import expect_focus

pytestmark = pytest.mark.browser


@pytest.fixture
def portal(tmp_path, serving, cookies):
    """A portal of its own over a copy of the demo, in which the same people are signed in; it sends mail."""
    sending = Portal(tmp_path, MAIL_SERVER="smtp://127.0.0.1:9", MAIL_FROM="portal@example.com")
    shutil.copy(serving.folder / "demo.kept", sending.database)
    try:
        sending.start()
        yield sending
    finally:
        sending.stop()


def look_at(page):
    assert faults(page) == []
    assert beside(page) == []


@pytest.mark.parametrize(("colors", "width"), [("light", 1280), ("dark", 320)])
def test_a_link_is_mailed_or_shown_for_a_reason(sit_down, colors, width):
    ada = sit_down("Ada", view={"width": width, "height": 740}, color_scheme=colors, reduced_motion="reduce")
    ada.goto("/admin/users?search=Uli")
    ada.get_by_role("link", name="Uli Brandt", exact=True).first.click()
    ada.get_by_role("button", name="Send sign-in link").click()
    expect(ada.get_by_text("could not be sent")).to_be_visible()
    look_at(ada)
    show = ada.get_by_role("button", name="Show it to me")
    show.click()
    expect_focus(ada, "section There is a problem")
    look_at(ada)
    ada.get_by_label("Reason").fill("Has no mail yet")
    show.click()
    expect(ada.get_by_text("shown only now")).to_be_visible()
    look_at(ada)
