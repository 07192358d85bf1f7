"""Nobody locks anybody out, and nobody guesses without end: what a try to sign in counts against."""

import itertools
import json
from datetime import timedelta

import pytest

from portal.extensions import db, writing
from portal.models import User
from portal.services.accounts import attempts, devices, links, passwords
from tests import cast

NEW_PASSWORD = "a staple for the correct battery"
OFFICE, HOME = "192.0.2.1", "198.51.100.1"


def post(browser, name, password=cast.PASSWORD, source=OFFICE):
    """The status of a try to sign in."""
    data = {"email": f"{name.lower()}@example.com", "password": password}
    return browser.post("/sign-in", data=data, environ_base={"REMOTE_ADDR": source}).status_code


def out(browser, name, source=OFFICE):
    """A browser in which somebody has signed in and out again."""
    assert post(browser, name, source=source) == 303
    assert browser.post("/sign-out").status_code == 303
    return browser


def fail(browser, name, times, source=OFFICE):
    return [post(browser, name, "wrong", source) for _ in range(times)]


@pytest.fixture
def spend(inside):
    """`spend(allowance, whom)` uses a bucket up."""

    def until_empty(allowance, whom):
        with inside():
            while attempts.take_tokens((allowance, whom)) is None:
                pass

    return until_empty


# --- nobody is locked out ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ada", "Otto"])
def test_fifty_wrong_tries_from_one_source_lock_nobody_out_elsewhere(browse, name):
    """And they are limited where they come from."""
    assert set(fail(browse(), name, 50)[20:]) == {429}
    assert post(browse(), name, source=HOME) == 303


def test_a_source_that_goes_on_for_a_day_locks_nobody_out(browse, clock):
    for _ in range(24):
        fail(browse(), "Ada", 3)
        clock.forward(hours=1)
    assert post(browse(), "Ada", source=HOME) == 303


def test_a_browser_that_was_signed_in_before_is_not_held_up(browse, spend):
    """Neither by tries from the same source nor by any number of them from everywhere."""
    known = out(browse(), "Ada")
    for where in (OFFICE, HOME):
        spend(attempts.SIGN_IN_SOURCE, where)
    spend(attempts.SIGN_IN_HERE, f"{OFFICE} ada@example.com")
    spend(attempts.SIGN_IN_ACCOUNT, "ada@example.com")
    assert [post(browse(), "Ada", source=where) for where in (OFFICE, "203.0.113.9")] == [429, 429]
    assert post(known, "Ada") == 303


def test_the_mark_of_one_person_helps_nobody_else(browse, spend):
    """Otto's browser is a stranger's to Ada, and Ada's to Otto; one that both use knows both."""
    ottos, shared = out(browse(), "Otto"), out(out(browse(), "Otto"), "Ada")
    for email in ("ada@example.com", "otto@example.com"):
        spend(attempts.SIGN_IN_ACCOUNT, email)
    assert post(ottos, "Ada") == 429
    assert [post(out(shared, name), name) for name in ("Ada", "Otto")] == [303, 303]


def test_a_known_browser_has_so_many_tries_and_no_more(browse):
    """They are its own: elsewhere one can still sign in."""
    known = out(browse(), "Ada")
    assert fail(known, "Ada", 11) == [422] * 10 + [429]
    assert post(known, "Ada") == 429
    assert post(browse(), "Ada") == 303


def test_signing_in_again_and_again_makes_no_more_tries(browse):
    known = browse()
    for _ in range(3):
        out(known, "Ada")
        fail(known, "Ada", 3)
    assert fail(known, "Ada", 2) == [422, 429]


def test_a_new_password_makes_every_other_browser_a_stranger(browse, spend, inside, people):
    """Whoever knew the old one must not guess the new one from there, with as many marks as they like."""
    known = out(browse(), "Ada")
    with inside():
        assert passwords.set_new_password(db.session.get_one(User, people["Ada"].id), NEW_PASSWORD, "Elsewhere")
    spend(attempts.SIGN_IN_ACCOUNT, "ada@example.com")
    assert post(known, "Ada", NEW_PASSWORD) == 429


def test_the_browser_in_which_the_password_was_changed_stays_known(browse, spend):
    ada = browse()
    post(ada, "Ada")
    change = {"current_password": cast.PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert ada.post("/account/password", data=change).status_code == 303
    ada.post("/sign-out")
    spend(attempts.SIGN_IN_ACCOUNT, "ada@example.com")
    assert post(ada, "Ada", NEW_PASSWORD) == 303


def test_somebody_signed_in_changes_the_password_whatever_strangers_do(browse, spend):
    ada = browse("Ada")
    fail(browse(), "Ada", 30)
    spend(attempts.SIGN_IN_ACCOUNT, "ada@example.com")
    change = {"current_password": cast.PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert ada.post("/account/password", data=change).status_code == 303


def test_a_borrowed_session_uses_up_no_tries_of_another(browse):
    borrowed, own = browse("Ada"), browse("Ada")
    wrong = {"current_password": "wrong", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert [borrowed.post("/account/password", data=wrong).status_code for _ in range(11)] == [422] * 10 + [429]
    assert post(browse(), "Ada") == 303
    assert own.post("/account/password", data={**wrong, "current_password": cast.PASSWORD}).status_code == 303


# --- nobody guesses without end ------------------------------------------------------------------


def test_many_sources_together_are_limited(browse, inside, monkeypatch):
    """However many there are, an account has so many tries a day from where nobody has signed in to it."""
    with inside():
        monkeypatch.setattr(passwords, "_matching", lambda _hashed, _password: None)
        sources = (f"192.0.{a}.{b}" for a, b in itertools.product(range(2, 8), range(1, 100)))
        for tried, source in enumerate(sources):  # noqa: B007 - the count is what is asked for
            try:
                passwords.sign_in_with_password("ada@example.com", "wrong", source, "Test")
            except passwords.TooManyTries as many:
                assert many.wait <= timedelta(days=1) / 300
                break
    assert tried == attempts.SIGN_IN_ACCOUNT.most


def test_so_many_sources_are_needed_to_keep_new_browsers_away():
    """One network cannot do it, nor ten; and a person who mistypes is not kept away by the count of a day."""
    assert attempts.SIGN_IN_ACCOUNT.most / attempts.SIGN_IN_HERE_DAY.most >= 15
    assert attempts.SIGN_IN_HERE_DAY.most > attempts.SIGN_IN_HERE.most


def test_one_customer_of_ipv6_is_one_source(browse):
    """23 tries, each from a network of its own within a /48."""
    codes = [post(browse(), f"nobody{n}", "wrong", f"2001:db8:7:{n:x}::1") for n in range(23)]
    assert codes == [422] * 20 + [429] * 3
    assert post(browse(), "Ada", source="2001:db8:8::1") == 303


def test_ports_written_by_a_proxy_make_no_new_source(another, browse):
    """`X-Forwarded-For: address:port` is another port with every connection."""
    behind, codes = another(PROXY_HOPS="1"), []
    for n in range(23):
        written = {"X-Forwarded-For": f"198.51.100.8:{40000 + n}"}
        data = {"email": f"nobody{n}@example.com", "password": "wrong"}
        codes.append(browse(which=behind).post("/sign-in", data=data, headers=written).status_code)
    assert codes == [422] * 20 + [429] * 3


# --- the cookie ----------------------------------------------------------------------------------


def test_a_forged_or_borrowed_mark_is_a_strangers(app, browse, inside, people, spend):
    """Made up, cut, of another key, or of nobody: the answer is as without one."""
    spend(attempts.SIGN_IN_ACCOUNT, "ada@example.com")
    good = out(browse(), "Otto").get_cookie("device").value
    for forged in ("", "x", good, good[:-2], good[::-1], "e30.x.y", "\x00", "a" * 4000):
        browser = browse()
        browser.set_cookie("device", forged)
        assert post(browser, "Ada") == 429


def test_the_mark_outlasts_sessions(browse):
    cookie = out(browse(), "Ada").get_cookie("device")
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.max_age == devices.COOKIE_LASTS.total_seconds()


def test_https_binds_the_mark_to_the_host(another, people):
    public = another(PORTAL_URL="https://texting.example.com", TRUSTED_HOSTS="localhost")
    browser = public.test_client()
    answer = browser.post("/sign-in", base_url="https://localhost",
                          data={"email": "ada@example.com", "password": cast.PASSWORD})
    mark, = (one for one in answer.headers.getlist("Set-Cookie") if "device" in one)
    assert mark.startswith("__Host-device=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(mark.split("; "))
    assert "Domain" not in mark


def test_who_fails_to_sign_in_gets_no_mark(browse):
    nobody = browse()
    fail(nobody, "Ada", 1)
    assert nobody.get_cookie("device") is None


# --- the log -------------------------------------------------------------------------------------


def test_failed_tries_are_logged_with_account_and_keyed_source(browse, people, log_lines, inside):
    """Nobody reads an address in the log, and tries from one source belong together."""
    def failed():
        return [json.loads(line) for line in log_lines if "authn_login_fail" in line]

    fail(browse(), "Ada", 1)
    fail(browse(), "Otto", 1)
    fail(browse(), "Ada", 1, HOME)
    fail(browse(), "stranger", 1)
    fail(browse(), "Ada", 10)
    lines = failed()
    accounts_told = [people["Ada"].id, people["Otto"].id, people["Ada"].id, None]
    assert [line["account"] for line in lines[:4]] == accounts_told
    here, again, there, _stranger = [line["source"] for line in lines[:4]]
    assert here == again != there
    refused, = [json.loads(line) for line in log_lines if "excess_rate_limit" in line]
    assert (refused["account"], refused["source"]) == (people["Ada"].id, here)
    assert not [line for line in log_lines if OFFICE in line or HOME in line or "@" in line]


# --- one session in one browser ------------------------------------------------------------------


def thief_of(browser):
    thief, cookie = browser.application.test_client(), browser.get_cookie("session")
    thief.set_cookie(cookie.key, cookie.value)
    return thief


@pytest.mark.parametrize("second", ["Ada", "Otto"])
def test_signing_in_over_a_session_ends_it(browse, second):
    browser = browse()
    post(browser, "Ada")
    thief = thief_of(browser)
    assert thief.get("/account").status_code == 200
    assert post(browser, second) == 303
    assert thief.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200


def test_a_failed_try_ends_no_session(browse):
    browser = browse()
    post(browser, "Ada")
    assert post(browser, "Otto", "wrong") == 422
    assert browser.get("/account").status_code == 200


def test_a_link_opened_over_a_session_ends_it(browse, inside, people):
    browser = browse("Ada")
    thief = thief_of(browser)
    with inside(), writing():
        token = links.add_link(None, db.session.get_one(User, people["Uli"].id))
    assert browser.post(f"/welcome/{token}", data={"password": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code == 303
    assert thief.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200
