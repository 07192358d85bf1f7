"""The one cookie: what it is called, how it travels, what stands in it."""

import pytest
from flask.sessions import SecureCookieSessionInterface

from tests import cast

PUBLIC = {"PORTAL_URL": "https://texting.example.com", "TRUSTED_HOSTS": "localhost"}


def pairs(answer):
    """Name and attributes of every cookie that is set."""
    cookies = (cookie.split("; ") for cookie in answer.headers.getlist("Set-Cookie"))
    return {parts[0].split("=")[0]: {part.partition("=")[::2] for part in parts[1:]} for parts in cookies}


@pytest.mark.parametrize(("environ", "scheme", "name", "extra"), [
    ({}, "http", "session", set()),
    (PUBLIC, "https", "__Host-session", {("Secure", "")}),
])
def test_how_it_travels(another, environ, scheme, name, extra):
    """SEC-07: bound to this host and to https where there is https, out of reach of scripts and other sites."""
    nobody = another(**environ).test_client()
    answer = nobody.get("/sign-in", base_url=f"{scheme}://localhost")
    assert pairs(answer) == {name: {("HttpOnly", ""), ("Path", "/"), ("SameSite", "Lax"), *extra}}


def test_it_lasts_no_longer_than_a_session_may(browse):
    """SEC-03, SEC-07: three days at most, and only while signed in; the session in it ends much earlier."""
    nobody = browse()
    answer = nobody.post("/sign-in", data={"email": "uli@example.com", "password": cast.PASSWORD})
    assert {name for name, _ in pairs(answer)["session"]} == {"HttpOnly", "Path", "SameSite", "Expires"}


def test_it_names_nobody(app, browse, people):
    """Whoever steals a cookie learns neither id nor address; the key in it is random and ends with the session."""
    ada = browse("Ada")
    ada.get("/account")
    held = SecureCookieSessionInterface().get_signing_serializer(app).loads(ada.get_cookie("session").value)
    assert held.keys() <= {"_user_id", "_fresh", "_id", "_permanent", "used", "csrf_token"}
    assert len(held["_user_id"]) == 43
    assert str(people["Ada"].id) != held["_user_id"]


def test_signing_in_leaves_nothing_of_before(browse):
    """A session that somebody else planted in the browser is not carried on."""
    nobody = browse()
    with nobody.session_transaction() as held:
        held.update(csrf_token="planted", note="planted")
    nobody.post("/sign-in", data={"email": "uli@example.com", "password": cast.PASSWORD})
    with nobody.session_transaction() as held:
        assert "planted" not in held.values()


def test_no_cookie_for_pages_without_a_form(browse):
    """Reading the limitations leaves no trace."""
    assert "Set-Cookie" not in browse().get("/limitations").headers
