"""The front door: the first page, signing in, choosing a password, one's own account."""

import re
from html import unescape

import pytest
from sqlalchemy import delete

from portal.extensions import db, writing
from portal.models import AccountState, Acknowledgement, AuditEvent, Location, Number, Organization, Setting, User
from portal.services.accounts import links
from tests import cast

SIGN_IN = {"email": "uli@example.com", "password": cast.PASSWORD}
NEW = {"password": "a new pass phrase", "again": "a new pass phrase"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def link(app, people):
    """`link("Ben")` is the address of a fresh sign-in link."""
    def make(name):
        with app.app_context():
            return f"/welcome/{links.make_link(None, db.session.get(User, people[name].id))}"

    return make


# --- the first page ------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "page"), [
    ("Olga", "/operator/"), ("Ada", "/admin/"), ("Rita", "/admin/"), ("Uli", "/messages/"),
])
def test_everybody_starts_with_their_strongest_need(browse, who, page):
    """The first page after signing in answers the question that a person came with."""
    assert browse(who).get("/").location == page


def test_strangers_find_the_ways_on(browse):
    """Three clear ways on; whoever got spam comes first."""
    text = browse().get("/").text
    tiles = re.findall(r'<a class="tile" href="([^"]+)"><strong>([^<]+)', text)
    assert tiles == [("/report-spam", "Report spam"), ("/limitations", "Limitations"), ("/sign-in", "Sign in")]
    assert "flask" not in text


def test_an_empty_portal_says_what_to_run(app, browse, inside, database_store):
    """Whoever opens a new portal reads the one command that makes the first account."""
    with inside(), writing() as session:
        for kind in (Acknowledgement, Setting, Number):
            session.execute(delete(kind))
        database_store.without_trigger(session, "audit_events_no_delete")
        for kind in (AuditEvent, User, Location, Organization):
            session.execute(delete(kind))
    assert ".venv/bin/flask --app wsgi admin create you@example.com" in browse().get("/").text


# --- signing in ----------------------------------------------------------------------------------


def test_signing_in_and_out(browse):
    """SEC-03: what was open is closed again, and the old cookie opens nothing."""
    uli = browse()
    assert uli.post("/sign-in", data=SIGN_IN).location == "/"
    assert uli.get("/account").status_code == 200
    stolen = uli.get_cookie("session").value
    assert uli.post("/sign-out").location == "/"
    assert uli.get("/account").location == "/sign-in?next=/account"
    uli.set_cookie("session", stolen)
    assert uli.get("/account").location == "/sign-in?next=/account"


def test_who_is_signed_in_needs_no_form(browse):
    """The address of the form leads on, to where one wanted to go."""
    assert browse("Uli").get("/sign-in").location == "/"
    assert browse("Uli").get("/sign-in?next=/notices").location == "/notices"


@pytest.mark.parametrize("email", ["ULI@EXAMPLE.COM", "  uli@example.com "])
def test_case_and_spaces_are_no_part_of_an_address(browse, email):
    """A telephone that begins every word with a capital still signs in."""
    assert browse().post("/sign-in", data={**SIGN_IN, "email": email}).location == "/"


def test_all_failures_look_the_same(browse, inside, people):
    """SEC-10: unknown, wrong, deactivated and without a password: byte for byte one page."""
    with inside(), writing() as session:
        session.get(User, people["Ben"].id).account = AccountState.DEACTIVATED
        session.get(User, people["Mia"].id).password_hash = ""
    tries = {"nobody@example.com": "x", "uli@example.com": "wrong", "ben@example.com": cast.PASSWORD,
             "mia@example.com": "x"}
    pages = set()
    for email, password in tries.items():
        answer = browse().post("/sign-in", data={"email": email, "password": password})
        assert answer.status_code == 422
        pages.add(re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text).replace(email, ""))
    assert len(pages) == 1


def test_too_many_tries_are_told_how_long_to_wait(browse):
    """SEC-09: the eleventh try in a row is refused even with the right password, and says until when."""
    nobody = browse()
    for _ in range(10):
        assert nobody.post("/sign-in", data={**SIGN_IN, "password": "wrong"}).status_code == 422
    answer = nobody.post("/sign-in", data=SIGN_IN)
    assert answer.status_code == 429
    assert re.search("There were too many tries. Try again in [0-9]+ (seconds|minutes?)", answer.text)
    assert browse().post("/sign-in", data={**SIGN_IN, "email": "ben@example.com"}).status_code == 303


# --- the one-time link ---------------------------------------------------------------------------


def test_a_link_lets_somebody_in_once(browse, link):
    """Looking does not use it up, choosing a password does; the person is signed in then."""
    ben, address = browse(), link("Ben")
    assert ben.get(address).status_code == 200
    assert "Ben Okafor" in ben.get(address).text
    assert ben.post(address, data=NEW).location == "/"
    assert "Your password is set and you are signed in." in ben.get("/account").text
    for again in (browse().get(address), browse().post(address, data=NEW)):
        assert again.status_code == 410
        assert "This link does not work any more" in again.text
    assert browse().post("/sign-in", data={"email": "ben@example.com", **NEW}).status_code == 303


def test_a_weak_password_does_not_use_the_link_up(browse, link):
    """Whoever is told why can try again."""
    address = link("Ben")
    assert browse().post(address, data={"password": "ben okafor 1", "again": "ben okafor 1"}).status_code == 422
    assert browse().get(address).status_code == 200


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "..%2f..%2fetc"])
def test_made_up_links_open_nothing(browse, token):
    """The answer is the same as for one that was used."""
    assert browse().get(f"/welcome/{token}").status_code in (404, 410)


# --- one's own account ---------------------------------------------------------------------------


def test_language_and_time_zone(browse):
    """One's own choice is kept, and times follow it."""
    ada = browse("Ada")
    assert ada.post("/account", data={"language": "en", "time_zone": "Asia/Tokyo"}).location == "/account"
    page = ada.get("/account").text
    assert "Your settings are saved." in page
    assert '<option selected value="Asia/Tokyo">' in page
    assert "Japan Standard Time" in ada.get("/admin/audit").text


@pytest.mark.parametrize(("typed", "said"), [
    ({"password": "short", "again": "shorter"}, ["Use at least 12 characters", "The two passwords differ."]),
    ({"password": "a new pass phrase", "again": "another"}, ["The two passwords differ."]),
    ({"password": "short", "again": "short"}, ["Use at least 12 characters"]),
])
def test_all_that_is_wrong_with_a_password_is_said_at_once(browse, link, typed, said):
    """By a link and on one's own page alike."""
    for browser, address, more in ((browse(), link("Ben"), {}),
                                   (browse("Uli"), "/account/password", {"current_password": cast.PASSWORD})):
        answer = browser.post(address, data={**typed, **more})
        assert answer.status_code == 422
        told = re.findall(r'<li><a href="#[a-z]+">([^<]*)</a>', answer.text)
        assert [one.startswith(begin) for one, begin in zip(told, said, strict=True)] == [True] * len(said)


def test_a_new_password_ends_the_other_sessions(browse):
    """SEC-03: here one stays signed in; wherever else one was, one has to sign in anew."""
    here, elsewhere = browse("Uli"), browse("Uli")
    assert here.post("/account/password", data={"current_password": cast.PASSWORD, **NEW}).location == "/account"
    assert "Your other sessions have ended." in here.get("/account").text
    assert elsewhere.get("/account").status_code == 303
    assert browse().post("/sign-in", data={**SIGN_IN, **NEW}).status_code == 303


def test_a_borrowed_session_does_not_find_the_password_by_trying(browse):
    """SEC-09: the present password can be tried as often as at the sign-in, and no more."""
    uli, wrong = browse("Uli"), {"current_password": "wrong", **NEW}
    codes = [uli.post("/account/password", data=wrong).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert uli.post("/account/password", data={**wrong, "current_password": cast.PASSWORD}).status_code == 429


@pytest.mark.parametrize(("agent", "shown"), [
    (FIREFOX, "Firefox, Linux"), (EDGE, "Edge, Windows"), (SAFARI, "Safari, iPhone"), ("curl/8.1", "curl/8.1"),
    ("", "Unknown"), ("<script>alert(1)</script>", "<script>alert(1)</script>"),
])
def test_sessions_go_by_their_browser(browse, agent, shown):
    """Enough to tell two of them apart, nothing that could be run."""
    uli = browse()
    uli.post("/sign-in", data=SIGN_IN, headers={"User-Agent": agent})
    page = uli.get("/account").text
    assert shown in unescape(page)
    assert "<script>alert" not in page


def test_ending_another_session(browse):
    """The list names this one; the other one ends where it is."""
    here, elsewhere = browse("Uli"), browse("Uli")
    page = here.get("/account").text
    assert page.count("(this one)") == 1
    address = re.search(r"Test browser\s*</th>.*?(/account/sessions/[^\"]+)", page, re.DOTALL).group(1)
    assert here.post(address).location == "/account"
    assert elsewhere.get("/account").status_code == 303
    assert here.post(address).status_code == 404
