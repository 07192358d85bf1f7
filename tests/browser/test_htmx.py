"""What the portal relies on in exactly this version of htmx."""

import pytest
from playwright.sync_api import expect

from portal.processes import htmx_file
from tests.browser.conftest import HTMX
from tests.browser.steps import go_to_user, switch

pytestmark = pytest.mark.browser

PUT_IN = """html => {
  const box = document.createElement("div")
  box.innerHTML = html
  document.querySelector("main").append(box)
  htmx.process(box)
}"""
ASKING = '<p hx-get="/health/live" hx-trigger="load">Hello</p>'


def test_another_file_is_refused_and_the_forms_work_without_it(sit_down):
    ada = sit_down("Ada", expected=("Failed to find a valid digest in the 'integrity' attribute",))
    other = HTMX.read_text(encoding="utf-8") + "\n"
    ada.context.route(htmx_file.CDN, lambda route: route.fulfill(body=other, content_type="text/javascript"))
    go_to_user(ada, "Uli Brandt")
    assert ada.evaluate("typeof htmx") == "undefined"

    switch(ada, "Uli Brandt").click()

    expect(switch(ada, "Uli Brandt")).not_to_be_checked()


def test_hx_ignore_keeps_foreign_attributes_quiet(sit_down):
    ada = sit_down("Ada")
    ada.goto("/privacy")
    ada.evaluate(PUT_IN, f"<div hx-ignore>{ASKING}</div>")
    with ada.expect_request("**/health/live") as asked:
        ada.evaluate(PUT_IN, f'<section id="open">{ASKING}</section>')
    expect(ada.locator("#open")).to_contain_text("alive")
    expect(ada.locator("[hx-ignore]")).to_have_text("Hello")
    assert asked.value.headers["hx-request"] == "true"


def test_what_htmx_sends_carries_the_token_of_its_form(sit_down):
    ada = sit_down("Ada")
    go_to_user(ada, "Uli Brandt")
    with ada.expect_request("**/texting") as sent:
        switch(ada, "Uli Brandt").click()
    assert "hx-request" in sent.value.headers
    assert "csrf_token=" in sent.value.post_data
    expect(switch(ada, "Uli Brandt")).not_to_be_checked()
