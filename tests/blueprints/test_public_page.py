"""The page that says who a sender is: for everybody, in English and French, and only what was filled in."""

import re

import pytest

from portal.config import Settings
from portal.extensions import db
from portal.models import Organization
from portal.wording.public_page import PUBLIC_WORDS
from tests.blueprints.reader import Seen, look, press
from tests.talks import hold, text_out

FORM = "/admin/organization"
FILLED = {"Mailing address": "12 King Street\r\nToronto ON  M5H 1A1", "Telephone": "+1 416 555 0100",
          "Privacy contact": "privacy@maple.example"}


@pytest.fixture
def page(organizations, inside):
    with inside():
        return f"/who/{db.session.get_one(Organization, organizations['Maple'].id).ref}"


def test_an_organization_that_filled_in_nothing_shows_its_name_and_how_to_stop(browse, page):
    seen = look(browse(), page)
    assert seen.heading == "Maple Clinic"
    assert "Answer STOP" in seen.words and "Répondez ARRET" in seen.words
    for key in ("mailing_address", "telephone", "privacy_contact"):
        assert all(said[key] not in seen.words for said in PUBLIC_WORDS.values())
    assert "Healthcare" not in seen.words


def test_what_administrators_fill_in_stands_there_in_both_languages(browse, page):
    ada = browse("Ada")
    assert press(ada, look(ada, FORM), "Save", FILLED).said == "Saved."
    seen = look(browse(), page)
    for value in ("12 King Street", "Toronto ON M5H 1A1", "+1 416 555 0100", "privacy@maple.example"):
        assert seen.words.count(value) == len(PUBLIC_WORDS)
    assert [part.get("lang") for part in seen.all("section")] == ["en", "fr"]
    assert "Mailing address: – → 12 King Street" in look(ada, "/admin/audit").words
    assert "12 King Street" in look(browse("Rita"), FORM).words


def test_it_leads_to_the_form_that_stops(browse, page):
    links = look(browse(), page).links
    assert links["Stop texts to my number"] == links["Ne plus écrire à mon numéro"] == "/report-spam?stop=y"
    form = browse().get("/report-spam?stop=y").text
    assert re.search(r'<input[^>]*checked[^>]*name="stop"|<input[^>]*name="stop"[^>]*checked', form)
    assert not re.search(r'name="stop"[^>]*checked|checked[^>]*name="stop"', browse().get("/report-spam").text)


def test_nobody_finds_pages_by_trying(browse, page):
    answer = browse().get(page)
    assert (answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"]) == ("noindex", "no-store")
    for other in ("/who/1", "/who/maple", f"{page[:-1]}-"):
        assert browse().get(other).status_code == 404


def test_both_languages_say_the_same_things():
    (first, *others) = PUBLIC_WORDS.values()
    assert all(said.keys() == first.keys() and all(said.values()) for said in others)


@pytest.mark.parametrize(("url", "public"), [
    ("https://texts.maple.example", True), ("https://203.0.114.5", True), ("https://10.0.0.5", False),
    ("https://localhost", False), ("https://portal.local", False), ("https://portal", False),
    ("", False),
])
def test_which_addresses_everybody_can_open(tmp_path, url, public):
    assert Settings.from_environ({"PORTAL_URL": url} if url else {}, tmp_path).public is public


# --- the line that leads there -------------------------------------------------------------------


NEW = "/messages/new"
DRAFT = {"number": "+16475550110", "body": "Hello, your glasses are here."}


@pytest.fixture
def public(monkeypatch):
    """The portal has an address that everybody can open."""
    monkeypatch.setattr(Settings, "public", True)


def body_of(seen):
    return seen.all("textarea")[0].text.removeprefix("\n")


@pytest.mark.usefixtures("public")
def test_a_first_text_can_end_with_who_writes(app, browse, page):
    uli = browse("Uli")
    line = f"Maple Clinic: {app.config['SETTINGS'].portal_url}{page}"
    assert line in uli.post("/messages/consider", data=DRAFT).text
    seen = press(uli, press(uli, look(uli, NEW), "Check", {"To": DRAFT["number"], "Message": DRAFT["body"]}),
                 "Add this line")
    assert body_of(seen) == f"{DRAFT['body']}\n{line}"
    assert "1 text, " in seen.words
    assert "Add this line" not in seen.buttons
    assert uli.post(NEW, data={**DRAFT, "body": body_of(seen), "do": "address"}).text.count(line) == 1


def test_where_nobody_outside_can_open_it_no_line_is_offered(browse):
    uli = browse("Uli")
    assert "Add this line" not in uli.post("/messages/consider", data=DRAFT).text
    assert DRAFT["body"] == body_of(Seen(uli.post(NEW, data={**DRAFT, "do": "address"})))


@pytest.mark.usefixtures("public")
def test_only_a_first_text_is_offered_it(browse, inside, people):
    uli = browse("Uli")
    assert "Add this line" not in uli.post("/messages/consider", data={**DRAFT, "body": ""}).text
    with inside():
        hold(people["Uli"].id, text_out())
    assert "Add this line" not in uli.post("/messages/consider", data=DRAFT).text
