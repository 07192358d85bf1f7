"""Two machines over one database, each request to the other one in turn: people find one portal."""

import os
import re
from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser.machines import HTMX, two_machines
from tests.browser.pages import TWILIO
from tests.browser.portal import PASSWORD
from tests.browser.steps import go_to_location, go_to_user, row, switch, texting
from tests.browser.talking import SOON, last, texts, write_to
from tests.kept_databases import fresh_database
from tests.patience import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.postgresql]

# Who writes, their number, who gets it, and which machine answers first. This recipient answers by itself.
WAYS = (("Uli Brandt", "416 555 0101", "437 555 0154", 0), ("Ben Okafor", "416 555 0102", "905 555 0154", 1))
ANSWER = "Bonjour, merci de votre message."


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """The two machines."""
    assert HTMX.is_file()
    with (fresh_database(f"machines_{os.getpid()}") as url,
          two_machines(tmp_path_factory.mktemp("machines"), url) as machines):
        yield machines
        assert "Traceback" not in machines.log()
        assert '"level": "error"' not in machines.log()


@pytest.fixture(scope="module")
def cookies():
    """Nobody is signed in before a test begins."""
    return {"": None}


@pytest.fixture
def come(sit_down):
    """`come("ada")`: in a browser of their own, signed in by the page for it; nobody's name: a stranger."""
    def open_browser(name="", **options):
        page = sit_down(ignore_https_errors=True, **options)
        if name:
            sign_in(page, name)
        else:
            page.goto("/")
        return page

    return open_browser


def sign_in(page, name):
    """By the page for it."""
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(f"{name}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()


@pytest.mark.parametrize(("name", "ours", "theirs", "first"), WAYS)
def test_a_text_from_the_switch_to_the_decision(portal, come, name, ours, theirs, first):
    portal.proxy.begin_with(first)
    words = f"You have won parcel {theirs}! Pay 2.99 at parcel-fees.example to get it"
    ada, member = come("ada"), come(name.split()[0].lower())
    for way in ("off", "on"):
        turn(ada, name, way)
        member.goto("/messages/new")
        expect(member.get_by_label("Message", exact=True)).to_have_count(1 if way == "on" else 0)
    write_to(member, theirs, words)
    expect(texts(member).filter(has_text=words)).to_contain_text("Delivered", timeout=SOON)
    expect(last(member)).to_contain_text(ANSWER, timeout=SOON)
    report(come(), ours, theirs, words)
    olga = come("olga")
    decide(olga, name, words)
    expect_in_log(ada, f"turned texting on for {name}")
    expect_answers_of_both(portal)


def turn(ada, name, way):
    """In place, without another page."""
    go_to_user(ada, name)
    ada.evaluate("window.untouched = true")
    switch(ada, name).click()
    expect(switch(ada, name)).to_be_checked(checked=way == "on")
    expect(texting(ada)).to_contain_text(f"Override default settings: {way}, set by Ada Keller")
    assert ada.evaluate("window.untouched"), "the page was loaded anew"


def report(stranger, ours, theirs, words):
    """By the public form, as far as the page that tells what becomes of it."""
    stranger.get_by_role("main").get_by_role("link", name="Report spam").click()
    for label, value in (("Number that sent the text", ours), ("What did the text say?", words),
                         ("Your number that received it", theirs)):
        stranger.get_by_label(label, exact=True).fill(value)
    stranger.get_by_label("Scam or phishing").check()
    stranger.get_by_role("button", name="Send report").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Report received")
    stranger.get_by_role("link", name="Follow your report").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Your report")


def decide(olga, sender, words):
    """As soon as the report was looked into."""
    link = olga.get_by_role("row").filter(has_text=sender).get_by_role("link", name=re.compile(", case ")).first

    def waits():
        olga.goto("/operator/cases")
        return link.count()

    wait_for(waits)
    link.click()
    expect(olga.get_by_role("main")).to_contain_text(words)
    olga.get_by_label("Block sender").check()
    olga.get_by_label("Reason", exact=True).select_option("fraud")
    olga.get_by_label("Note", exact=True).fill("These texts pretend to be a parcel service.")
    olga.get_by_role("button", name=re.compile("^Block until ")).click()
    expect(olga.get_by_role("region", name="Decided")).to_be_visible()


def expect_in_log(ada, *sentences):
    """The newest first."""
    ada.get_by_role("navigation", name="Main").get_by_role("link", name="Audit log").click()
    for sentence in sentences:
        expect(ada.get_by_role("main")).to_contain_text(sentence)


def expect_answers_of_both(portal):
    """Both machines answered, about as often, pages as well as forms, and none of them with an error."""
    passed = portal.proxy.passed
    assert [one for one in passed if one.status >= 400] == []
    assert {(one.machine, one.method) for one in passed} == {(0, "GET"), (0, "POST"), (1, "GET"), (1, "POST")}
    first, second = ([one.machine for one in passed].count(number) for number in (0, 1))
    # A question that is under way when a browser closes is not counted.
    assert abs(first - second) <= 4


# --- what a machine remembers -------------------------------------------------------------------


@pytest.fixture(params=(0, 1))
def machines(request, portal):
    """`one, other = machines`: blocks in which the one or the other answers everything."""
    return tuple(partial(portal.proxy.only, number) for number in (request.param, 1 - request.param))


def there_and_back(machines, show, changes):
    """Both machines know how it is; what one changes the other shows at once, and the other way round."""
    one, other = machines
    for machine in machines:
        with machine():
            show(changes[1][1])
    for (changing, showing), (change, shown) in zip(((one, other), (other, one)), changes, strict=True):
        with changing():
            change()
        with showing():
            show(shown)


def test_the_setting_of_a_location(machines, come):
    ada = come("ada")
    all_there = switch(ada, "all users at Montréal")

    def turn_all(word):
        go_to_location(ada, "Montréal")
        all_there.click()
        ada.get_by_role("button", name=re.compile(f"^Turn {word} for 2 ")).click()
        expect(all_there).to_be_checked(checked=word == "on")

    def show(state):
        for name in ("Chloe Gagnon", "Liam Tremblay"):
            ada.goto("/admin/users?search=" + name.replace(" ", "+"))
            expect(row(ada, name)).to_contain_text(state)

    there_and_back(machines, show, ((partial(turn_all, "off"), "Off"), (partial(turn_all, "on"), "Can text")))


def test_the_name_of_an_organization(machines, come):
    """On a page for strangers."""
    ada, stranger = come("ada"), come()
    ada.goto("/admin/organization")
    public = ada.get_by_role("link", name="Your public page").get_attribute("href")

    def name_it(name):
        ada.goto("/admin/organization")
        ada.get_by_label("Name", exact=True).fill(name)
        ada.get_by_role("button", name="Save").first.click()
        expect(ada.get_by_role("status")).to_contain_text("Saved.")

    def show(name):
        stranger.goto(public)
        expect(stranger.get_by_role("heading", level=1)).to_have_text(name)

    there_and_back(machines, show, ((partial(name_it, "Birch Clinic"), "Birch Clinic"),
                                    (partial(name_it, "Maple Clinic"), "Maple Clinic")))


def test_the_role_of_a_person(machines, come):
    """The navigation, which a machine keeps for each role; who gets another one signs in again."""
    # Her page asks for news while it is signed out.
    ada, rita = come("ada"), come(expected=(401,))

    def give(auditor):
        go_to_user(ada, "Rita Sandoval")
        ada.get_by_label("Auditor").set_checked(auditor)
        ada.get_by_role("button", name="Change role").click()
        expect(ada.get_by_role("status")).not_to_be_empty()

    def show(many):
        rita.context.clear_cookies()
        sign_in(rita, "rita")
        entries = rita.get_by_role("navigation", name="Main")
        expect(entries.get_by_role("link", name="Audit log")).to_have_count(many)

    there_and_back(machines, show, ((partial(give, False), 0), (partial(give, True), 1)))


def test_the_language_of_a_person(machines, come):
    chloe = come("chloe")

    def choose(language):
        chloe.goto("/messages/")
        chloe.locator("summary", has_text="Chloe Gagnon").click()
        chloe.get_by_role("button", name=language).click()

    def show(title):
        chloe.goto("/messages/")
        expect(chloe.get_by_role("heading", level=1)).to_have_text(title)

    there_and_back(machines, show, ((partial(choose, "Deutsch"), "Nachrichten"),
                                    (partial(choose, "English"), "Messages")))


def test_a_carrier(portal, come):
    """Whom an operator adds at one machine can call the other, where texts then do not only pretend to leave."""
    olga, pretending = come("olga"), "Nothing leaves this machine."
    for machine in (0, 1):
        with portal.proxy.only(machine):
            olga.goto("/operator/")
            expect(olga.get_by_role("contentinfo")).to_contain_text(pretending)
    with portal.proxy.only(0):
        olga.goto("/operator/carriers/new/twilio")
        for label, value in TWILIO:
            olga.get_by_label(label, exact=True).fill(value)
        olga.get_by_role("button", name="Add carrier").click()
        expect(olga.get_by_role("heading", name="North & South", level=1)).to_be_visible()
    hook = olga.url.replace("/operator/carriers/", "/hooks/")
    with portal.proxy.only(1):
        assert olga.request.post(hook, form={"MessageSid": "SM1"}).status == 401
        olga.goto("/operator/")
        expect(olga.get_by_role("contentinfo")).not_to_contain_text(pretending)


@pytest.mark.parametrize("path", ["/", "/limitations", "/privacy", "/accessibility", "/limitations.json"])
def test_public_pages_are_the_same_to_the_byte(portal, come, path):
    """What a browser keeps of one machine's answer holds at the other."""
    stranger, answers = come(), []
    for machine in (0, 1):
        with portal.proxy.only(machine):
            answers.append(stranger.request.get(path))
    assert answers[0].body() == answers[1].body()
    assert answers[0].headers.get("etag") == answers[1].headers.get("etag")
