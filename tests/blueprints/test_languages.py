"""Every page that a role can open, in every language: whole, said to be in it, and not in English."""

import re

import pytest

from portal.web.reader import LANGUAGES
from tests.security.maple import settle
from tests.security.table import GETS, WHO

OTHERS = [one for one in LANGUAGES if one != "en"]
TAGS = {"fr": "fr-CA"}
# Words of the frame of every page, as they are in English.
FRAME = ("Skip to the content", "Report spam", "Limitations", "Your account", "Sign out")


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("who", WHO)
def test_every_page_of_every_role(app, browse, who, language):
    held, browser, looked = settle(app), browse(who), 0
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    for row in GETS:
        answer = browser.get(held.address(row.rule), buffered=True)
        if answer.status_code == 303 or answer.mimetype != "text/html" or "<html " not in answer.text:
            continue
        looked += 1
        assert f'<html lang="{TAGS.get(language, language)}">' in answer.text, row
        assert not re.search(r"%\(\w+\)s|%%", answer.text), row
        assert not [said for said in FRAME if f">{said}<" in answer.text], row
    assert looked > 5


@pytest.mark.parametrize(("asked", "tag"), [
    ("de-AT,de;q=0.9", "de"), ("fr-FR", "fr-CA"), ("fr-CA,en;q=0.8", "fr-CA"), ("pl", "pl"), ("it", "en"), ("", "en"),
    ("es,pl;q=0.5,en;q=0.4", "pl"), ("*", "en"),
])
def test_a_stranger_reads_the_language_of_their_browser(browse, asked, tag):
    answer = browse().get("/limitations", headers={"Accept-Language": asked} if asked else {})
    assert f'<html lang="{tag}">' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_persons_own_choice_comes_first(browse):
    uli = browse("Uli")
    zone = {"time_zone": ""}
    assert uli.post("/account", data={"language": "pl", **zone}).status_code == 303
    assert '<html lang="pl">' in uli.get("/account", headers={"Accept-Language": "de"}).text
    assert '<html lang="en">' in browse("Ben").get("/account").text
    assert uli.post("/account", data={"language": "it", **zone}).status_code == 422


def test_each_language_is_called_by_its_own_name(browse):
    page = browse("Uli").get("/account").text
    assert all(f">{name}</option>" in page for name in ("English", "Deutsch", "Polski", "Français"))
