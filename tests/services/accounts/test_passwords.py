"""Passwords, sign-in, and links that open once."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from sqlalchemy import delete

from portal.extensions import db, writing
from portal.models import AccountState, SignInLink, User
from portal.services.accounts import links, passwords
from portal.services.accounts.passwords import TooManyTries
from portal.services.people import users
from portal.services.refusals import Clash
from tests import cast

NEW_PASSWORD = "a staple for the correct battery"
HERE, THERE = "192.0.2.1", "198.51.100.1"
# Nobody's address, a wrong password, a closed account (Ben), one without a password yet (Mia).
TRIES = {"stranger@example.com": cast.PASSWORD, "uli@example.com": "a wrong password",
         "ben@example.com": cast.PASSWORD, "mia@example.com": cast.PASSWORD}


def sign_in(email="ada@example.com", password=cast.PASSWORD, source=HERE):
    return passwords.sign_in_with_password(email, password, source, "Test")


def post(browser, email, password, source=HERE):
    return browser.post("/sign-in", data={"email": email, "password": password},
                        environ_base={"REMOTE_ADDR": source})


# --- passwords -----------------------------------------------------------------------------------


def strength(hashed):
    found = extract_parameters(hashed)
    return found.type, found.memory_cost, found.time_cost, found.parallelism


def test_passwords_are_hashed_at_the_owasp_floor_or_above(inside, row, strong_hashes):
    """SEC-08"""
    with inside():
        assert passwords.set_new_password(row("Ben"), NEW_PASSWORD, "Test")
        stored = row("Ben").password_hash
    kind, memory, passes, lanes = strength(stored)
    assert kind is Type.ID
    assert memory >= 19 * 1024
    assert passes >= 2
    assert lanes >= 1
    assert extract_parameters(stored).salt_len >= 16
    assert NEW_PASSWORD not in stored


def test_a_weaker_hash_is_renewed_when_its_owner_signs_in(inside, row, strong_hashes):
    """SEC-08"""
    with inside():
        with writing():
            row("Ada").password_hash = weak = PasswordHasher(time_cost=1, memory_cost=64).hash(cast.PASSWORD)
        assert sign_in(password="wrong") is None
        assert row("Ada").password_hash == weak
        for _ in range(2):
            assert sign_in()
            renewed = row("Ada").password_hash
            assert strength(renewed) == strength(passwords.HASHER.hash("anything"))


@pytest.mark.parametrize("weak", [
    "", "short", "elevenchars", "a" * 12, "abababababab", "uli@example.com", "my name is BRANDT!", "x" * 150 + "y" * 60,
])
def test_a_weak_password_is_refused_with_a_reason(inside, row, weak):
    with inside():
        before = row("Uli").password_hash
        with pytest.raises(Clash) as clash:
            passwords.set_new_password(row("Uli"), weak, "Test")
        assert clash.value.field == "password"
        assert row("Uli").password_hash == before


# --- signing in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["ada@example.com", " Ada@Example.COM "])
def test_an_address_is_known_however_it_is_written(inside, people, typed):
    with inside():
        user, key = sign_in(typed)
        assert (user.id, len(key) > 40) == (people["Ada"].id, True)


def close(name, row):
    with writing():
        row(name).account = AccountState.DEACTIVATED


def invite(name, row):
    with writing():
        row(name).account, row(name).password_hash = AccountState.INVITED, ""


def plain(answer, email):
    """An answer without what differs between any two."""
    text = answer.text.replace(email, "somebody")
    return re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", text)


def test_unknown_wrong_closed_and_invited_hear_the_same(browse, inside, row):
    """SEC-10: byte for byte, and with the same headers."""
    with inside():
        close("Ben", row)
        invite("Mia", row)
    answers = {email: post(browse(), email, password) for email, password in TRIES.items()}
    assert {answer.status_code for answer in answers.values()} == {422}
    assert len({plain(answer, email) for email, answer in answers.items()}) == 1
    assert len({tuple(sorted(set(answer.headers.keys()))) for answer in answers.values()}) == 1


class Counting:
    """A hasher that notes its work."""

    def __init__(self, hasher):
        self.hasher, self.work = hasher, []

    def verify(self, hashed, password):
        self.work.append(strength(hashed))
        return self.hasher.verify(hashed, password)

    def hash(self, password):
        raise AssertionError("one more hash than others have")


def test_every_try_that_fails_costs_the_same(inside, row, statements, monkeypatch):
    """SEC-10: one hash of full strength and as many statements, so the time tells nothing either."""
    full, work = strength(passwords.HASHER.hash("anything")), {}
    with inside():
        close("Ben", row)
        invite("Mia", row)
        passwords._nobody()
        monkeypatch.setattr(passwords, "HASHER", Counting(passwords.HASHER))
        for n, (email, password) in enumerate(TRIES.items()):
            with statements() as seen:
                assert sign_in(email, password, f"192.0.2.{n}") is None
            work[email] = len(seen)
    assert passwords.HASHER.work == [full] * len(TRIES)
    assert len(set(work.values())) == 1, work


# --- too many tries ------------------------------------------------------------------------------


def test_the_eleventh_try_at_an_account_is_refused(browse):
    """SEC-09: however the address is written; another account can still be signed in to from there."""
    tries = [post(browse(), "ada@example.com", "wrong") for _ in range(11)]
    assert [answer.status_code for answer in tries] == [422] * 10 + [429]
    assert "Try again in" in tries[-1].text
    assert post(browse(), "ADA@example.com ", cast.PASSWORD).status_code == 429
    assert post(browse(), "uli@example.com", cast.PASSWORD).status_code == 303


def test_the_twenty_first_try_from_one_address_is_refused_whoever_it_is_about(browse):
    """SEC-09"""
    browser = browse()
    codes = [post(browser, f"nobody{n}@example.com", "wrong").status_code for n in range(21)]
    assert codes == [422] * 20 + [429]
    assert post(browse(), "ada@example.com", cast.PASSWORD).status_code == 429
    assert post(browse(), "ada@example.com", cast.PASSWORD, THERE).status_code == 303


def test_tries_count_across_portals_and_restarts(app, another, browse):
    """SEC-09: two applications over one database, the second of them started in between."""
    for _ in range(5):
        assert post(browse(), "ada@example.com", "wrong").status_code == 422
    other = another()
    codes = [post(browse(which=which), "ada@example.com", "wrong").status_code for which in [app, other] * 3]
    assert codes == [422] * 5 + [429]


def test_waiting_helps_and_is_told(inside, clock):
    with inside():
        for _ in range(10):
            assert sign_in(password="wrong") is None
        with pytest.raises(TooManyTries) as many:
            sign_in()
        assert timedelta() < many.value.wait <= timedelta(seconds=90)
        clock.forward(seconds=many.value.wait.total_seconds() + 1)
        assert sign_in()


def test_who_signs_in_often_is_not_shut_out(inside):
    with inside():
        assert all(sign_in() for _ in range(25))


def test_an_unknown_address_is_refused_like_a_known_one(browse):
    """SEC-10: the throttle does not tell who has an account either."""
    answers = {email: [post(browse(), email, "wrong") for _ in range(11)]
               for email in ("ada@example.com", "stranger@example.com")}
    codes = {email: [answer.status_code for answer in some] for email, some in answers.items()}
    assert codes["ada@example.com"] == codes["stranger@example.com"]
    assert len({plain(some[-1], email) for email, some in answers.items()}) == 1


# --- links ---------------------------------------------------------------------------------------


@pytest.fixture
def link(inside, row):
    """`link("Uli")` makes a sign-in link and gives its address."""

    def make(name="Uli"):
        with inside():
            return f"/welcome/{links.make_link(row('Ada'), row(name))}"

    return make


def choose(browser, address, password=NEW_PASSWORD, again=None):
    return browser.post(address, data={"password": password, "again": again or password})


def test_a_link_opens_once(browse, link, inside):
    address = link()
    assert [browse().get(address).status_code for _ in range(3)] == [200, 200, 200]
    uli = browse()
    assert choose(uli, address).location == "/"
    assert uli.get("/account").status_code == 200
    assert browse().get(address).status_code == 410
    assert choose(browse(), address, "another fine battery").status_code == 410
    with inside():
        assert sign_in("uli@example.com", NEW_PASSWORD)
        assert sign_in("uli@example.com", "another fine battery") is None


def test_a_try_that_failed_does_not_use_a_link_up(browse, link):
    address = link()
    assert choose(browse(), address, "short").status_code == 422
    assert choose(browse(), address, NEW_PASSWORD, again="something else").status_code == 422
    assert browse().post(address, token=False, data={}).status_code == 400
    assert choose(browse(), address).status_code == 303


def test_of_two_at_once_one_is_first(browse, link, inside, row):
    """Both saw the form; the second finds that the link was used meanwhile."""
    token = link().rpartition("/")[2]
    with inside():
        assert passwords.set_new_password(row("Uli"), NEW_PASSWORD, "First", token)
        assert passwords.set_new_password(row("Uli"), "another fine battery", "Second", token) is None
        assert sign_in("uli@example.com", NEW_PASSWORD)


def test_a_link_opens_no_other_account(link, inside, row):
    token = link("Uli").rpartition("/")[2]
    with inside():
        assert passwords.set_new_password(row("Ben"), NEW_PASSWORD, "Test", token) is None


def test_a_link_lasts_two_days(browse, link, clock):
    address = link()
    clock.forward(hours=47, minutes=59)
    assert browse().get(address).status_code == 200
    clock.forward(minutes=2)
    assert browse().get(address).status_code == 410
    assert choose(browse(), address).status_code == 410


def test_a_newer_link_ends_the_others(browse, link):
    """As the page of one that does not work any more says."""
    older, newer, bens = link(), link(), link("Ben")
    assert [browse().get(address).status_code for address in (older, newer, bens)] == [410, 200, 200]
    choose(browse(), newer)
    assert [browse().get(address).status_code for address in (older, newer, bens)] == [410, 410, 200]


def test_changing_the_password_ends_open_links(browse, link):
    address = link()
    form = {"current_password": cast.PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert browse("Uli").post("/account/password", data=form).status_code == 303
    assert browse().get(address).status_code == 410


def test_a_link_lets_nobody_into_a_closed_account(browse, link, inside, row):
    address = link()
    with inside():
        users.deactivate_user(row("Ada"), row("Uli"))
    assert browse().get(address).status_code == 410
    assert choose(browse(), address).status_code == 410


def test_a_link_makes_an_invited_person_active(browse, link, inside, row):
    with inside():
        invite("Uli", row)
    assert choose(browse(), link()).status_code == 303
    with inside():
        assert row("Uli").account is AccountState.ACTIVE


def test_only_the_hash_of_a_link_is_stored(link, inside):
    token = link().rpartition("/")[2]
    assert len(token) >= 32
    with inside():
        stored = db.session.scalars(db.select(SignInLink)).one()
        assert token not in [str(getattr(stored, column.key)) for column in SignInLink.__table__.columns]


@pytest.mark.parametrize("token", ["", "x", "%00", "a" * 300, "..%2F..%2Fadmin"])
def test_other_tokens_open_nothing(browse, link, token):
    link()
    assert browse().get(f"/welcome/{token}").status_code in (404, 410)


def test_the_first_operator_comes_from_the_command_line(app, inside):
    with inside():
        token = passwords.create_operator(" First@Example.com ", "First Operator")
        user = links.link_holder(token)
        assert (user.operator, user.email, user.account) == (True, "First@Example.com", AccountState.INVITED)
        with pytest.raises(Clash):
            passwords.create_operator("first@example.com", "Again")


def test_a_portal_has_accounts_or_none(inside, database_store):
    with inside():
        assert passwords.any_account_exists() is True
        with suppress(ZeroDivisionError), writing() as session:
            database_store.let_dangle(session)
            session.execute(delete(User))
            assert passwords.any_account_exists() is False
            raise ZeroDivisionError
        assert passwords.any_account_exists() is True
