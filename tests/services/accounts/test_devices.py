"""Known browsers: one cookie for several people, which names nobody and fits one password of each."""

import time
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from portal.extensions import db
from portal.models import User
from portal.services.accounts import devices
from portal.services.accounts.devices import (
    cookie_after_links_read,
    cookie_after_sign_in,
    find_device_id,
    links_read_until,
)

pytestmark = pytest.mark.usefixtures("open_app")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def ada(row):
    return row("Ada")


@pytest.fixture
def otto(row):
    return row("Otto")


def person(number):
    """Somebody who is not in the database."""
    return User(id=number, password_hash="x")


def device_id(cookie, user):
    return find_device_id(cookie, user.id, user.password_hash)


# --- who is known --------------------------------------------------------------------------------


def test_a_browser_is_known_to_the_person_who_signed_in_there(ada, otto):
    cookie = cookie_after_sign_in("", ada)
    assert device_id(cookie, ada)
    assert device_id(cookie, otto) == ""


def test_two_people_of_one_browser_have_two_ids(ada, otto):
    """Each has tries of their own, so that one cannot use up the other's."""
    cookie = cookie_after_sign_in(cookie_after_sign_in("", ada), otto)
    assert device_id(cookie, ada)
    assert device_id(cookie, otto)
    assert device_id(cookie, ada) != device_id(cookie, otto)


def test_two_browsers_of_one_person_have_two_ids(ada):
    assert device_id(cookie_after_sign_in("", ada), ada) != device_id(cookie_after_sign_in("", ada), ada)


def test_signing_in_again_keeps_the_id(ada):
    """Or every sign-in would bring fresh tries."""
    cookie = cookie_after_sign_in("", ada)
    assert device_id(cookie_after_sign_in(cookie, ada), ada) == device_id(cookie, ada)


def test_after_a_new_password_the_browser_is_a_strangers_until_its_person_signs_in(ada):
    cookie = cookie_after_sign_in("", ada)
    before, ada.password_hash = device_id(cookie, ada), "the hash of a new password"
    assert device_id(cookie, ada) == ""
    again = cookie_after_sign_in(cookie, ada)
    assert device_id(again, ada) not in ("", before)


def test_an_account_without_a_password_knows_no_browser(ada):
    """A person who was invited has none, and nobody else's "" fits it."""
    ada.password_hash = ""
    assert device_id(cookie_after_sign_in("", ada), ada) == ""


def test_reading_about_links_makes_no_browser_known(ada):
    assert device_id(cookie_after_links_read("", ada), ada) == ""


# --- until when they have read about links ---------------------------------------------------------


def test_who_used_links_is_read_until_now_by_one_person(ada, otto, clock):
    cookie = cookie_after_links_read(cookie_after_sign_in("", ada), ada)
    assert clock.now() - timedelta(minutes=1) < links_read_until(cookie, ada) <= clock.now()
    assert links_read_until(cookie, otto) == links_read_until("", ada) == NEVER
    first = links_read_until(cookie, ada)
    clock.forward(days=3)
    assert links_read_until(cookie_after_links_read(cookie, ada), ada) - first >= timedelta(days=3)


def test_what_was_read_outlasts_sign_ins_and_passwords(ada, otto):
    cookie = cookie_after_links_read(cookie_after_sign_in("", ada), ada)
    read = links_read_until(cookie, ada)
    cookie = cookie_after_sign_in(cookie, otto)
    ada.password_hash = "the hash of a new password"
    assert links_read_until(cookie_after_sign_in(cookie, ada), ada) == read


def test_reading_keeps_the_browser_known(ada):
    cookie = cookie_after_sign_in("", ada)
    assert device_id(cookie_after_links_read(cookie, ada), ada) == device_id(cookie, ada) != ""


# --- the cookie ----------------------------------------------------------------------------------


def test_a_browser_of_many_people_keeps_a_small_cookie():
    cookie, ids = "", list(range(1000, 1030))
    for number in ids:
        cookie = cookie_after_sign_in(cookie, person(number))
    assert len(cookie) < 1000
    assert [bool(find_device_id(cookie, number, "x")) for number in ids] == [False] * 22 + [True] * 8


def test_the_person_who_used_it_least_recently_is_dropped():
    cookie = ""
    for number in (*range(1, 9), 1, 9):
        cookie = cookie_after_sign_in(cookie, person(number))
    assert [number for number in range(1, 10) if not find_device_id(cookie, number, "x")] == [2]


def test_the_cookie_names_nobody(ada):
    held = devices._signer().loads(cookie_after_sign_in("", ada))
    told = set(chain(held, *(map(str, values) for values in held.values())))
    assert not {str(ada.id), ada.ref, ada.email, ada.name, ada.password_hash} & told


@pytest.mark.parametrize(("days", "known"), [(399, True), (401, False)])
def test_it_ends_after_400_days(ada, monkeypatch, days, known):
    """The signature's own time counts, and not what a browser says about how long it may keep it."""
    cookie = cookie_after_links_read(cookie_after_sign_in("", ada), ada)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: int(time.time()) + days * 86400)
    assert bool(device_id(cookie, ada)) is known
    assert (links_read_until(cookie, ada) > NEVER) is known


@pytest.mark.parametrize("forge", [
    lambda cookie: "", lambda cookie: "x", lambda cookie: cookie[:-2], lambda cookie: cookie[::-1],
    lambda cookie: "e30.x.y", lambda cookie: "\x00", lambda cookie: "a" * 4000,
    lambda cookie: URLSafeTimedSerializer("another key", salt="device").dumps(devices._signer().loads(cookie)),
    lambda cookie: devices._signer().dumps(["no mapping"]), lambda cookie: devices._signer().dumps({"who": 1}),
    lambda cookie: devices._signer().dumps({"who": ["id", "fits", 1, "one too many"]}),
])
def test_a_cookie_that_is_not_ours_says_nothing_and_breaks_nothing(ada, forge):
    forged = forge(cookie_after_links_read(cookie_after_sign_in("", ada), ada))
    assert device_id(forged, ada) == ""
    assert links_read_until(forged, ada) == NEVER
    assert device_id(cookie_after_sign_in(forged, ada), ada), "signing in makes a good one of it"


def test_a_cookie_of_another_portal_is_a_strangers(app, ada, monkeypatch):
    cookie = cookie_after_sign_in("", ada)
    monkeypatch.setitem(app.config, "SECRET_KEY", "the key of another portal")
    assert device_id(cookie, ada) == ""


def test_the_database_is_not_asked(ada, statements):
    db.session.refresh(ada)
    with statements() as seen:
        cookie = cookie_after_links_read(cookie_after_sign_in("", ada), ada)
        links_read_until(cookie, ada)
        device_id(cookie, ada)
    assert seen == []
