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


@pytest.mark.slow
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


def test_an_address_can_ask_for_a_language_and_a_stranger_keeps_it(browse):
    """A link to the limitations in German is German for everybody; the next page of a stranger is, too."""
    nobody = browse()
    assert '<html lang="de">' in nobody.get("/limitations?lang=de").text
    assert '<html lang="de">' in nobody.get("/report-spam", headers={"Accept-Language": "pl"}).text
    assert '<html lang="fr-CA">' in nobody.get("/report-spam?lang=fr").text
    assert '<html lang="fr-CA">' in nobody.get("/help?lang=klingon").text
    cookie = nobody.get_cookie("language")
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("fr", True, "Lax")


def test_who_is_signed_in_keeps_their_own_setting(browse):
    uli = browse("Uli")
    assert '<html lang="pl">' in uli.get("/limitations?lang=pl").text
    assert uli.get_cookie("language") is None
    assert '<html lang="en">' in uli.get("/limitations").text


def test_strangers_find_each_language_at_the_end_of_a_page(browse):
    page = browse().get("/limitations?lang=de&x=1%262").text
    for code, name in LANGUAGES.items():
        assert f'href="/limitations?x=1%262&amp;lang={code}" lang="{code}" hreflang="{code}"' in page
        assert f">{name}</a>" in page
        assert f'<link rel="alternate" hreflang="{code}"' in page
    assert 'hreflang="de" aria-current="true"' in page
    assert 'rel="alternate"' not in browse().get("/sign-in").text
    assert 'hreflang' not in browse("Uli").get("/limitations").text


def test_a_page_that_is_kept_says_what_it_depends_on(browse):
    vary = browse().get("/limitations").headers["Vary"]
    assert {"Accept-Language", "Cookie"} <= {one.strip() for one in vary.split(",")}
