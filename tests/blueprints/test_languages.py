"""Every page that a role can open, in every language: whole, said to be in it, and not in English."""

import re

import pytest

from portal.extensions import writing
from portal.models import User
from portal.rules.terms import AnswerLanguage
from portal.services.accounts import links
from portal.web.reader import LANGUAGES
from tests import cast
from tests.products import WHOLE
from tests.security.maple import settle
from tests.security.table import GETS, WHO

OTHERS = [one for one in LANGUAGES if one != "en"]
TAGS = {"fr": "fr-CA"}
# Words of the frame of every page, as they are in English.
FRAME = ("Skip to the content", "Report spam", "Limitations", "Your account", "Sign out")


@pytest.mark.slow
@pytest.mark.parametrize(("who", "language"), [
    (who, language) for place, who in enumerate(WHO) for number, language in enumerate(OTHERS)
    if WHOLE or place % len(OTHERS) == number])
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


def test_over_https_the_cookie_belongs_to_this_host(another):
    """And a page that sets it is kept by nobody but this reader."""
    nobody = another(PORTAL_URL="https://texting.example.com", TRUSTED_HOSTS="localhost").test_client()
    answer = nobody.get("/limitations?lang=de", base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-language=de; ")
    assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in answer.headers["Set-Cookie"]
    assert set(answer.headers["Cache-Control"].split(", ")) == {"no-cache", "private"}
    assert '<html lang="de">' in nobody.get("/limitations", base_url="https://localhost").text


def test_who_is_signed_in_keeps_their_own_setting(browse):
    uli = browse("Uli")
    assert '<html lang="pl">' in uli.get("/limitations?lang=pl").text
    assert uli.get_cookie("language") is None
    assert '<html lang="en">' in uli.get("/limitations").text


def links_of(answer):
    """What the buttons of the header lead to, by language."""
    return dict(re.findall(r'<a class="button" href="([^"]*)" lang="(\w+)" hreflang="\2"', answer.text))


def test_strangers_find_each_language_in_the_header(browse):
    answer = browse().get("/limitations?lang=de&x=1%262")
    page = answer.text.partition("</header>")[0]
    for code, name in LANGUAGES.items():
        assert f'href="/limitations?x=1%262&amp;lang={code}" lang="{code}" hreflang="{code}"' in page
        assert f">{name}</a>" in page
    assert 'hreflang="de" aria-current="true"' in page
    assert page.count("aria-current") == 1


def test_public_pages_name_themselves_in_every_language(browse):
    page = browse().get("/limitations?lang=de&x=1").text
    named = dict(re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="[^"]*?(/[^/"]*)">', page))
    assert named.pop("x-default") == "/limitations?x=1"
    assert named == {code: f"/limitations?x=1&amp;lang={code}" for code in LANGUAGES}
    assert 'rel="alternate"' not in browse().get("/sign-in").text
    assert 'hreflang' not in browse("Uli").get("/limitations").text


@pytest.mark.parametrize(("method", "address", "behind", "leads"), [
    ("post", "/sign-in", "", "/sign-in"), ("post", "/report-spam", "", "/report-spam"),
    ("post", "/report-spam", "http://localhost/report-spam?from=%2B1416&lang=pl", "/report-spam?from=%2B1416"),
    ("post", "/account/sessions/AAAAAAAAAAAA", "", "/"), ("get", "/nowhere", "", "/nowhere"),
    ("get", "/a%20b%3Fc", "", "/a%20b%3Fc"), ("get", "/%2Fevil.example/x", "", "/evil.example/x"),
    ("get", "/sign-in?next=//evil.example", "", "/sign-in"),
    ("get", "/sign-in?next=/account", "", "/sign-in?next=%2Faccount"),
])
def test_a_button_leads_to_a_page_of_this_portal(browse, method, address, behind, leads):
    """Also from an answer to a form, whose address need not be a page, and from addresses that somebody made up."""
    sent = {"data": {"typed": "x"}} if method == "post" else {}
    answer = getattr(browse(), method)(address, headers={"Referer": behind}, **sent)
    mark = "&amp;" if "?" in leads else "?"
    assert links_of(answer) == {f"{leads}{mark}lang={code}": code for code in LANGUAGES}


def test_a_button_changes_the_setting_of_who_is_signed_in(browse):
    """The same setting as on the page of the account; the page opens again where it was."""
    uli = browse("Uli")
    page = uli.get("/limitations?lang=pl&x=1").text
    assert 'name="back" value="/limitations?x=1"' in page
    assert re.findall(r'name="language" value="(\w+)" lang="\1" aria-current', page) == ["pl"]
    answer = uli.post("/account/language", data={"language": "fr", "back": "/limitations?x=1"})
    assert (answer.status_code, answer.location) == (303, "/limitations?x=1")
    assert '<option selected value="fr">' in uli.get("/account", headers={"Accept-Language": "de"}).text
    assert uli.post("/account/language", data={"language": "fr", "back": "//evil.example"}).location == "/"
    assert uli.post("/account/language", data={"language": "it"}).status_code == 404


def test_the_time_zone_stays_as_it_is(browse):
    uli = browse("Uli")
    uli.post("/account", data={"language": "", "time_zone": "Europe/Berlin"})
    uli.post("/account/language", data={"language": "de"})
    assert '<option selected value="Europe/Berlin">' in uli.get("/account").text


def test_the_page_to_sign_in_is_in_the_language_of_who_signed_out(browse, clock):
    uli = browse("Uli")
    uli.post("/account/language", data={"language": "pl"})
    uli.post("/sign-out")
    assert '<html lang="pl">' in uli.get("/sign-in").text
    signed_in = uli.post("/sign-in", data={"email": "uli@example.com", "password": cast.PASSWORD})
    assert signed_in.status_code == 303
    assert uli.get_cookie("language").value == "pl"
    clock.forward(hours=13)
    assert '<html lang="pl">' in uli.get("/account", follow_redirects=True).text


def test_whose_session_has_ended_chooses_all_the_same(browse, clock):
    uli = browse("Uli")
    clock.forward(hours=13)
    answer = uli.post("/account/language", data={"language": "de", "back": "/account"})
    assert (answer.status_code, answer.location) == (303, "/account")
    assert '<html lang="de">' in uli.get("/account", follow_redirects=True).text


def test_signing_in_brings_the_own_language_and_else_keeps_what_was_chosen_before(browse):
    ben, who = browse(), {"email": "ben@example.com", "password": cast.PASSWORD}
    ben.get("/sign-in?lang=fr")
    ben.post("/sign-in", data=who)
    assert '<html lang="fr-CA">' in ben.get("/account").text
    ben.post("/account/language", data={"language": "de"})
    another = browse()
    another.get("/sign-in?lang=fr")
    another.post("/sign-in", data=who)
    assert '<html lang="de">' in another.get("/account").text
    assert another.get_cookie("language").value == "de"


def test_a_language_that_an_import_brought_and_the_portal_does_not_speak_leaves_the_choice_as_it_is(
        browse, people, inside):
    with inside(), writing() as session:
        session.get_one(User, people["Ben"].id).language = "es_ES"
    ben = browse()
    ben.get("/sign-in?lang=fr")
    ben.post("/sign-in", data={"email": "ben@example.com", "password": cast.PASSWORD})
    assert ben.get_cookie("language").value == "fr"
    assert '<html lang="fr-CA">' in ben.get("/account").text


def test_as_the_browser_says_forgets_what_was_chosen(browse):
    uli = browse("Uli")
    uli.post("/account/language", data={"language": "pl"})
    saved = uli.post("/account", data={"language": "", "time_zone": ""}, follow_redirects=True)
    assert uli.get_cookie("language") is None
    assert '<html lang="en">' in saved.text


def test_what_is_saved_is_told_in_the_new_language(browse):
    uli = browse("Uli")
    saved = uli.post("/account", data={"language": "de", "time_zone": ""}, follow_redirects=True)
    assert "Your settings are saved." not in saved.text
    assert "gespeichert" in saved.text


def test_a_page_says_when_a_choice_would_cost_what_was_typed(browse):
    """On an answer to a form always; else the stylesheet shows it once something is typed."""
    nobody = browse()
    assert '<p class="hint unkept">' in nobody.get("/report-spam").text
    assert '<p class="hint">' in nobody.post("/sign-in", data={}).text.partition("</header>")[0]


def test_a_page_that_is_kept_says_what_it_depends_on(browse):
    vary = browse().get("/limitations").headers["Vary"]
    assert {"Accept-Language", "Cookie"} <= {one.strip() for one in vary.split(",")}


@pytest.fixture
def invited(inside, people):
    """`invited("pl", "both")`: the address of Ben's invitation, with this language, at a location that answers so."""
    def make(own, of_place="keyword"):
        with inside():
            with writing() as session:
                ben = session.get_one(User, people["Ben"].id)
                ben.language, ben.location.answer_language = own, AnswerLanguage(of_place)
            return f"/welcome/{links.make_link(None, ben)}"
    return make


@pytest.mark.parametrize(("own", "of_place", "tag"), [
    ("pl", "keyword", "pl"), ("", "both", "fr-CA"), ("de", "french", "de"), ("tlh", "french", "fr-CA"),
    ("", "keyword", "pl"), ("tlh", "keyword", "pl")])
def test_who_is_invited_is_welcomed_in_the_language_of_the_letter(browse, invited, own, of_place, tag):
    """It stays on the pages after it. Without one the browser says which, as everywhere."""
    nobody, address = browse(), invited(own, of_place)
    nobody.environ_base["HTTP_ACCEPT_LANGUAGE"] = "pl"
    pages = [nobody.get(address).text, nobody.post(address, data={"password": "x"}).text, nobody.get("/sign-in").text]
    assert [f'<html lang="{tag}">' in page for page in pages] == [True, True, True]


def test_what_the_invited_person_chooses_wins(browse, invited):
    """By the menu of the page, or in this browser before."""
    nobody, address = browse(), invited("fr")
    assert '<html lang="fr-CA">' in nobody.get(address).text
    assert '<html lang="de">' in nobody.get(f"{address}?lang=de").text
    assert '<html lang="de">' in nobody.get(address).text


def test_who_is_signed_in_keeps_their_own_language(browse, invited):
    """Ada looks where the link leads that she hands out; her browser says English."""
    ada = browse("Ada")
    ada.get(invited("fr"))
    assert '<html lang="en">' in ada.get("/admin/").text
