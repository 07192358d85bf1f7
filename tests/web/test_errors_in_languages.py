"""Whatever goes wrong, the page that says so is in the reader's language."""

import pytest

from tests import cast
from tests.web.test_errors import TYPED, broken, busy

# What is asked for as whom, by status; 429 and 400 stand below.
ASKED = {
    401: (cast.NOBODY, lambda browser: browser.post("/admin/organization", data=TYPED)),
    403: ("Uli", lambda browser: browser.get("/admin/")),
    404: ("Ada", lambda browser: browser.get("/nowhere")),
    405: ("Ada", lambda browser: browser.post("/privacy")),
    410: (cast.NOBODY, lambda browser: browser.get("/welcome/used")),
    413: ("Ada", lambda browser: browser.post("/admin/organization", data={"name": "x" * 300_000})),
    400: ("Ada", lambda browser: browser.post("/admin/organization", data=TYPED, token=False)),
    500: ("Ada", lambda browser: browser.post("/admin/organization", data=TYPED)),
    503: ("Ada", lambda browser: browser.post("/admin/organization", data=TYPED)),
}
ENGLISH = ("Go to the start page", "What you typed", "There is a problem", "Sign in")


def look(answer, code, tag):
    assert answer.status_code == code
    assert f'<html lang="{tag}">' in answer.text
    assert not [said for said in ENGLISH if f">{said}<" in answer.text]


@pytest.mark.parametrize(("language", "tag"), [("de", "de"), ("pl", "pl"), ("fr", "fr-CA")])
@pytest.mark.parametrize("code", ASKED)
def test_an_error_is_told_in_the_readers_language(browse, monkeypatch, code, language, tag):
    """By own setting of who is signed in, by the cookie of everybody else; the browser says another one."""
    who, ask = ASKED[code]
    browser = browse(who)
    if who == cast.NOBODY:
        browser.get(f"/limitations?lang={language}")
    else:
        browser.post("/account/language", data={"language": language})
    if code >= 500:
        monkeypatch.setattr("portal.services.people.organizations.save_organization_details",
                            busy if code == 503 else broken)
    look(ask(browser), code, tag)


def test_too_many_tries(browse):
    nobody, code = browse(), 0
    nobody.get("/limitations?lang=pl")
    for _try in range(30):
        answer = nobody.post("/sign-in", data={"email": "uli@example.com", "password": "wrong"})
        code = answer.status_code
        if code == 429:
            break
    look(answer, 429, "pl")


def test_where_the_database_is_out_of_reach_the_browser_says_it(browse, monkeypatch):
    """Nobody can be looked up then: the cookie of the last choice holds."""
    ada = browse("Ada")
    ada.post("/account/language", data={"language": "fr"})
    monkeypatch.setattr("portal.services.accounts.sessions.session_holder", busy)
    look(ada.get("/admin/"), 503, "fr-CA")


def test_a_form_of_a_stranger_without_its_token(browse):
    nobody = browse()
    nobody.get("/limitations?lang=de")
    look(nobody.post("/sign-in", data={"email": "uli@example.com"}, token=False), 400, "de")
