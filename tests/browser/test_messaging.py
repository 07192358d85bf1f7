"""Texting, with the pretend carrier behind it: what leaves, what comes back, and what appears by itself."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import expect_focus
from tests.browser.talking import SOON, last, open_talk, reload_until, say, texts, write_to

pytestmark = pytest.mark.browser


def test_uli_writes_to_somebody_new(sit_down):
    uli = sit_down("Uli")
    uli.goto("/messages/")
    uli.get_by_role("link", name="New message").click()
    expect(uli.get_by_role("main")).to_contain_text(
        "They see Maple Clinic, +1 416 555 0101, and not your own name or number.")
    uli.get_by_label("To", exact=True).fill("(647) 555-0130")
    uli.get_by_label("Message", exact=True).press_sequentially("Hello, this is Maple Clinic.", delay=10)
    said = uli.locator("#considered")
    expect(said).to_contain_text("To +1 647 555 0130")
    expect(said).to_contain_text("1 text, 132 characters left")
    expect(said).to_contain_text("First text to this number.")
    # Looking at a text leaves its writer alone.
    expect_focus(uli, "textarea Message")
    uli.get_by_role("button", name="Send").click()
    expect(uli.get_by_role("heading", level=1)).to_have_text("+1 647 555 0130")
    expect(last(uli)).to_contain_text("Hello, this is Maple Clinic.")
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)


def test_an_answer_appears_in_place_and_the_next_can_be_written(sit_down):
    uli = sit_down("Uli")
    open_talk(uli, "Jane Cooper")
    uli.evaluate("window.untouched = true")
    for words in ("First the one", "then the other", "and a third"):
        say(uli, words)
        expect(last(uli)).to_contain_text(words, timeout=SOON)
        expect(uli.get_by_label("Message", exact=True)).to_have_value("")
        expect_focus(uli, "textarea Message")
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    written = texts(uli).locator(".body").all_inner_texts()[-3:]
    assert written == ["First the one", "then the other", "and a third"], "each once, in their order"
    assert uli.evaluate("window.untouched"), "the page was loaded anew"
    ids = uli.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_stop_comes_in_by_itself_and_counts(sit_down):
    uli = sit_down("Uli")
    write_to(uli, "647 555 0153", "Hello, this is Maple Clinic.")
    expect(texts(uli).filter(has_text="Opted out by STOP")).to_be_visible(timeout=SOON)
    expect(texts(uli).filter(has_text="Automatic answer.")).to_be_visible(timeout=SOON)
    expect(uli.locator("#said")).to_have_text("New text from +1 647 555 0153")
    say(uli, "One more thing")
    expect(uli.get_by_role("region", name="There is a problem")).to_contain_text("This person opted out", timeout=SOON)
    assert uli.title().startswith("Error: ")
    expect(uli.get_by_label("Message", exact=True)).to_have_value("One more thing")


def test_stop_and_start_while_somebody_writes(sit_down, portal):
    """What is said to a text changes, what was written does not."""
    uli = sit_down("Uli")
    open_talk(uli, "Jane Cooper")
    uli.get_by_label("Message", exact=True).fill("Half a thought")
    portal.text_in("+16475550110", "+14165550101", "STOP")
    expect(uli.locator("#considered")).to_contain_text("This person opted out", timeout=SOON)
    expect(uli.get_by_label("Message", exact=True)).to_have_value("Half a thought")
    expect_focus(uli, "textarea Message")
    uli.reload()
    expect(uli.get_by_role("region", name="This number cannot be texted now")).to_be_visible()
    portal.text_in("+16475550110", "+14165550101", "START")
    expect(uli.get_by_label("Message", exact=True)).to_be_visible(timeout=SOON)
    say(uli, "Welcome back")
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)


def test_plain_characters_by_a_button(sit_down):
    uli = sit_down("Uli")
    open_talk(uli, "Jane Cooper")
    uli.get_by_label("Message", exact=True).fill("It’s “fine”…")
    expect(uli.locator("#considered")).to_contain_text('It\'s "fine"...')
    uli.get_by_role("button", name="Replace them").click()
    expect(uli.get_by_label("Message", exact=True)).to_have_value('It\'s "fine"...')
    expect(uli.get_by_role("button", name="Replace them")).to_have_count(0)


def test_canceling_leaves_what_is_being_written_alone(sit_down):
    uli = sit_down("Uli")
    open_talk(uli, "Front desk Wellington Street")
    uli.get_by_label("Message", exact=True).fill("Half a thought")
    uli.get_by_role("button", name="Cancel").click()
    expect(last(uli)).to_contain_text("Not sent: you canceled it.")
    expect(uli.locator("#said")).to_have_text("Canceled. It was not sent.")
    expect(uli.get_by_label("Message", exact=True)).to_have_value("Half a thought")
    expect_focus(uli, "li ")
    uli.get_by_role("button", name="Edit and send again").click()
    expect(uli.get_by_label("Message", exact=True)).to_have_value(
        "The lift is out of order today; ring at the side entrance.")


def test_an_unclear_text_is_sent_again(sit_down):
    uli = sit_down("Uli")
    open_talk(uli, "Courier desk")
    uli.get_by_role("button", name="Send again").click()
    expect(texts(uli).filter(has_text="you sent it again.")).to_be_visible()
    expect(texts(uli).filter(has_text="The street is open again.")).to_have_count(2, timeout=SOON)
    expect(last(uli)).to_contain_text("Delivered", timeout=SOON)
    expect(uli.get_by_role("button", name="Send again")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_deciding_what_somebody_meant(sit_down, script):
    uli = sit_down("Uli", script=script)
    open_talk(uli, "+1 647 555 0154")
    expect(uli.get_by_role("region", name="This number cannot be texted now")).to_contain_text("no more texts")
    uli.get_by_role("button", name="No, they did not mean that").click()
    uli.get_by_role("link", name="Choose why they did not mean it.").click()
    expect(uli.get_by_label("If not: why?")).to_be_focused()
    uli.get_by_label("If not: why?").select_option("They were joking, or repeated the words of others")
    uli.get_by_role("button", name="No, they did not mean that").click()
    expect(uli.get_by_role("status")).to_contain_text("They did not mean it")
    expect(last(uli)).to_contain_text("did not mean to opt out")
    expect(uli.get_by_role("button", name="Send", exact=True)).to_be_visible()
    uli.get_by_role("button", name="Undo").click()
    expect(uli.get_by_role("status")).to_contain_text("Undone. It waits for a decision again")
    expect(uli.get_by_role("button", name="Yes, stop texting them")).to_be_visible()


def test_everything_works_without_javascript(sit_down):
    """UX-01"""
    uli = sit_down("Uli", script=False)
    uli.goto("/messages/new")
    uli.get_by_label("To", exact=True).fill("647 555 0131")
    say(uli, "It’s me", "Check")
    expect(uli.locator("#considered")).to_contain_text("To +1 647 555 0131")
    uli.get_by_role("button", name="Replace them").click()
    expect(uli.get_by_label("Message", exact=True)).to_have_value("It's me")
    uli.get_by_role("button", name="Send").click()
    expect(last(uli)).to_contain_text("It's me")
    reload_until(uli, "Delivered")
    say(uli, "A second one")
    expect(last(uli)).to_contain_text("A second one")
    uli.get_by_role("link", name="Details").click()
    uli.get_by_label("Name", exact=True).fill("Nia Brook")
    uli.get_by_role("button", name="Save name").click()
    expect(uli.get_by_role("heading", level=1)).to_have_text("Nia Brook")
    uli.get_by_role("link", name="Details").click()
    uli.get_by_role("button", name="Block this number").click()
    expect(uli.get_by_role("status")).to_contain_text("Blocked.")
    uli.goto("/messages/")
    uli.get_by_label("Search by number or name").fill("nia")
    uli.get_by_role("button", name="Search").click()
    expect(uli.get_by_role("main").get_by_role("listitem")).to_have_count(1)
    expect(uli.get_by_role("main").get_by_role("listitem")).to_contain_text("Nia Brook blocked by you")
    open_talk(uli, "Front desk Wellington Street")
    uli.get_by_role("button", name="Cancel").click()
    expect(uli.get_by_role("status")).to_contain_text("Canceled. It was not sent.")


def test_neither_numbers_nor_words_stand_in_an_address(sit_down):
    uli = sit_down("Uli")
    asked = []
    uli.on("request", lambda request: asked.append(request.url))
    uli.goto("/messages/")
    uli.get_by_label("Search by number or name").fill("6475550110")
    uli.get_by_role("button", name="Search").click()
    uli.get_by_role("link", name="Jane Cooper").click()
    uli.get_by_label("Message", exact=True).press_sequentially("quite private", delay=20)
    uli.wait_for_timeout(2_500)
    say(uli, "quite private")
    expect(last(uli)).to_contain_text("quite private", timeout=SOON)
    assert any("/news?" in url for url in asked)
    assert not [url for url in asked if re.search(r"5550110|private|Jane", url)]


def test_texts_do_nothing_in_a_real_browser(sit_down):
    """SEC-13: the watcher fails the test for a dialog, an error of a script, or whatever is asked from elsewhere."""
    uli = sit_down("Uli")
    asked = []
    uli.on("request", lambda request: asked.append(request.url))
    open_talk(uli, "<i>Mr. Tester</i>")
    uli.wait_for_timeout(2_500)
    assert not [url for url in asked if url.endswith(("/admin/", "/x"))]
    assert texts(uli).locator("a, img, script, [hx-get]").count() == texts(uli).get_by_role(
        "link", name="About this rule").count()
    expect(texts(uli).filter(has_text="right-to-left override")).to_contain_text("moc.elpmaxe//:sptth")


def test_nobody_else_opens_it(sit_down):
    uli = sit_down("Uli")
    open_talk(uli, "Jane Cooper")
    for who in ("Ada", "Rita", "Otto"):
        page = sit_down(who, expected=(404,))
        assert page.goto(uli.url.partition("#")[0]).status == 404
        expect(page.get_by_text("Jane")).to_have_count(0)
