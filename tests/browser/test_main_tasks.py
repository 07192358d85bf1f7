"""What people come to the portal for, in their own language: found, pressed and read by its words, from end to end.

The same tasks as in tests/main_tasks.py, by clicks, without the one of the command line; and that of an operator who
lets an organization in, and of an auditor who releases texts.
"""

import csv
import io

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.portal import PASSWORD
from tests.browser.said import ANY, locale_of_browser
from tests.browser.talking import SOON
from tests.products import WHOLE

pytestmark = pytest.mark.browser

ATLANTIS = "There is no location Atlantis. Add it first, or correct the name."
SPAM = "You have won a parcel! Pay 2.99 at parcel-fees.example to get it"
FILE = """\
Display Name,User ID/Email (Required),Phone Number,Location,Texting
Nia Brook,nia@example.com,(416) 555-0180,Toronto,ON
Tom Vale,tom@example.com,,Atlantis,
"""


@pytest.fixture(params=["de", "pl", "fr"] if WHOLE else ["de", "pl"])
def come(request, sit_down):
    """`come("Ada")`: Ada, or a stranger, at a browser that speaks this language."""
    return lambda name="", **options: Person(
        sit_down(name, locale=locale_of_browser(request.param), reduced_motion="reduce", **options), request.param)


def test_sign_in_and_out(come):
    ada = come()
    ada.go("/")
    ada.follow("Sign in", "header")
    ada.fill(Email_address="ada@example.com", Password="wrong")
    ada.press("Sign in")
    ada.reads("There is a problem")
    ada.fill(Password=PASSWORD)
    ada.press("Sign in")
    ada.reads("Overview")
    ada.page.locator("summary", has_text="Ada Keller").click()
    ada.press("Sign out", where="header")
    ada.reads("Report spam")
    expect(ada.find("link", "Sign in", "header")).to_be_visible()


def test_find_and_switch_a_user(come):
    ada = come("Ada")
    ada.go("/admin/")
    ada.visit("Users")
    ada.fill(Search_users="Uli")
    ada.press("Search")
    ada.follow("Uli Brandt")
    switch = ada.find("switch", "Business Texting for Uli Brandt")
    for checked, answer, state in ((True, "Uli Brandt can no longer text.", "Off"),
                                   (False, "Uli Brandt can now send and receive texts.", "Can text")):
        expect(switch).to_be_checked(checked=checked)
        switch.click()
        expect(switch).to_be_checked(checked=not checked)
        ada.reads(answer, state)
    ada.press("Use organization default settings")
    ada.reads("follows Toronto (on)")


def test_switch_a_location(come):
    ada = come("Ada")
    ada.go("/admin/")
    ada.visit("Locations")
    ada.follow("Toronto")
    name = "Business Texting for all users at Toronto"
    ada.press(name, "switch")
    ada.reads("Nothing has changed yet.")
    ada.press(f"Turn off for {ANY} people")
    ada.reads("Texting is off for Toronto.")
    expect(ada.find("switch", name)).not_to_be_checked()
    ada.press(name, "switch")
    ada.press(f"Turn on for {ANY} people")
    ada.reads("Texting is on for Toronto.")


def test_switch_the_organization(come):
    ada = come("Ada")
    ada.go("/admin/")
    ada.visit("Settings")
    name = "Enable Business Texting for all users at all locations"
    ada.press(name, "switch")
    ada.reads("Nothing has changed yet.")
    ada.press(f"Turn off for {ANY} people")
    ada.reads("Texting is off for Maple Clinic.")
    expect(ada.find("switch", name)).not_to_be_checked()
    ada.visit("Overview")
    ada.reads("Off")


def test_import_users_and_let_one_in(come):
    """The one who is new comes in by the link of the file, and is greeted in the language of their own browser."""
    ada, nia = come("Ada"), come()
    ada.go("/admin/users")
    ada.follow("Import users")
    ada.field("CSV file").set_input_files({"name": "users.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    ada.press("Check file")
    ada.reads("What this file would do", ATLANTIS)
    ada.press("Import")
    ada.reads("Imported: 1 new, 0 changed, 1 left out.")
    wrong, = downloaded(ada, "link", "Download error file")
    assert wrong["Error"].startswith(ada.said(ATLANTIS))
    link, = downloaded(ada, "button", "Download sign-in links")
    nia.go(next(cell for cell in link.values() if "/welcome/" in cell))
    nia.reads("Choose your password")
    nia.fill(New_password=PASSWORD, New_password_again=PASSWORD)
    nia.press("Save password and sign in")
    nia.reads("Messages")


def downloaded(person, role, name):
    with person.page.expect_download() as saved:
        person.press(name, role)
    return list(csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))


def test_send_a_text_and_read_the_answer(come):
    uli, ben = come("Uli"), come("Ben")
    uli.go("/")
    uli.visit("Messages")
    uli.follow("New message")
    uli.fill(To="+1 416 555 0102", Message="See you at nine?")
    uli.reads(f"1 text, {ANY} characters left")
    uli.press("Send")
    uli.reads("Delivered")
    ben.go("/messages/")
    ben.follow("+1 416 555 0101")
    ben.fill(Message="Nine is fine")
    ben.press("Send")
    ben.reads("Delivered")
    expect(uli.page.locator(".texts")).to_contain_text("Nine is fine", timeout=SOON)
    uli.look()


def test_decide_an_opt_out(come):
    ada, uli = come("Ada"), come("Uli")
    ada.go("/admin/")
    ada.visit("Opt-outs")
    ada.follow("Decide about +1 416 555 0156")
    ada.press("Yes, stop texting them")
    ada.reads("Nobody in your organization can text them any more.")
    uli.go("/messages/new")
    uli.fill(To="+1 416 555 0156", Message="Hello")
    uli.press("Send")
    uli.reads("There is a problem", f"This person opted out on {ANY}.")


def test_report_spam_and_decide_the_case(come):
    """A stranger reports and follows the report, a member is warned, an operator decides."""
    ben, stranger, olga = come("Ben"), come(), come("Olga")
    ben.go("/messages/new")
    ben.fill(To="+1 647 555 0177", Message=SPAM)
    ben.press("Send")
    ben.reads("Delivered")
    stranger.go("/")
    stranger.page.locator("main strong").filter(has_text=stranger.said("Report spam")).click()
    stranger.field("Scam or phishing").check()
    stranger.fill(Number_that_sent_the_text="+1 416 555 0102", Your_number_that_received_it="+1 647 555 0177")
    stranger.field("What did the text say?").fill(SPAM)
    stranger.press("Send report")
    stranger.reads("Report received")
    stranger.follow("Follow your report")
    stranger.reads("Your report", "Received")
    olga.go("/operator/")
    olga.visit("Spam cases")
    olga.follow(f"Scam or phishing, case {ANY}")
    olga.press("Block sender", "radio")
    olga.field("Reason").select_option("fraud")
    olga.fill(Note="These texts pretend to be a parcel service.")
    olga.press(f"Block until {ANY}")
    olga.reads("Decided")


def test_read_the_audit_log(come):
    """An auditor finds what an administrator has done, alone, and takes it away as a file."""
    ada, rita = come("Ada"), come("Rita")
    ada.go("/admin/organization")
    ada.fill(Name="Maple Clinic North")
    ada.press("Save")
    ada.reads("Saved.")
    rita.go("/admin/")
    rita.visit("Audit log")
    rita.field("Who").select_option(label="Ada Keller")
    rita.press("Show")
    rita.reads("Maple Clinic North")
    rita.follow(f"Link to this event: {ANY}")
    rita.reads("Maple Clinic North")
    rita.visit("Audit log")
    file = downloaded(rita, "link", "Export")
    assert any("Maple Clinic North" in str(line) for line in file)


def test_ask_for_texts_and_release_them(come):
    """An administrator asks, an auditor releases, both read."""
    ada, rita = come("Ada"), come("Rita")
    ada.go("/admin/")
    ada.visit("Records")
    ada.fill(Outside_number="+1 647 555 0110", Reason="A patient asks", First_day="2026-01-01", Last_day="2026-01-31")
    ada.press("Ask for texts")
    ada.reads(f"Texts with {ANY}", "Asked by")
    rita.go("/admin/records")
    rita.follow("+1 647 555 0110")
    rita.press("Release")
    rita.press("Read and print")
    rita.reads("Released by")


def test_let_an_organization_in(come):
    """An operator adds it; its administrator comes in by the link, and is told what to do next."""
    olga, abe = come("Olga"), come()
    olga.go("/operator/")
    olga.follow("Add organization")
    olga.press("Another person", "radio")
    olga.fill(Name_of_the_organization="Bay Books", Name_of_the_location="Oakland", Numbers="415 555 0161",
              Name_of_the_administrator="Abe Admin", Email_address_of_the_administrator="abe@bay.example")
    olga.choose_place("US", "America/Los_Angeles")
    olga.press("Add organization")
    olga.reads("Sign-in link")
    abe.go(olga.page.locator("code").inner_text())
    abe.fill(New_password=PASSWORD, New_password_again=PASSWORD)
    abe.press("Save password and sign in")
    abe.reads("Overview")
