"""Token buckets in the database: they fill up evenly, count across portals and restarts, and name nobody."""

import hashlib
from datetime import timedelta

import pytest

from portal.extensions import db, writing
from portal.models import TokenBucket
from portal.services.accounts import attempts
from portal.services.accounts.attempts import Allowance, take_tokens

pytestmark = pytest.mark.usefixtures("clock", "open_app")
THREE = Allowance("three", 3, timedelta(minutes=15))
TWO = Allowance("two", 2, timedelta(minutes=15))
MINUTE = timedelta(minutes=1)


def used_up(allowance, whom="somebody"):
    while take_tokens((allowance, whom)) is None:
        pass


def test_so_many_tries_and_no_more():
    assert [take_tokens((THREE, "somebody")) is None for _ in range(5)] == [True, True, True, False, False]
    assert take_tokens((THREE, "somebody else")) is None
    assert take_tokens((TWO, "somebody")) is None


def test_the_wait_is_told_and_is_enough(clock):
    used_up(THREE)
    wait = take_tokens((THREE, "somebody"))
    assert 4 * MINUTE < wait <= 5 * MINUTE
    clock.forward(minutes=4)
    assert take_tokens((THREE, "somebody"))
    clock.forward(minutes=1)
    assert take_tokens((THREE, "somebody")) is None
    assert take_tokens((THREE, "somebody"))


def test_a_bucket_never_holds_more_than_it_can(clock):
    used_up(THREE)
    clock.forward(days=9)
    assert [take_tokens((THREE, "somebody")) is None for _ in range(4)] == [True, True, True, False]


def test_all_or_none():
    """A refusal by one bucket costs nothing in the other."""
    used_up(TWO)
    for _ in range(5):
        assert take_tokens((THREE, "somebody"), (TWO, "somebody"))
    assert [take_tokens((THREE, "somebody")) is None for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_was_set_back_neither_fills_nor_empties(clock):
    assert take_tokens((THREE, "somebody")) is None
    clock.forward(hours=-3)
    assert [take_tokens((THREE, "somebody")) is None for _ in range(3)] == [True, True, False]
    clock.forward(minutes=5)
    assert take_tokens((THREE, "somebody")) is None


def test_a_try_that_was_genuine_costs_nothing():
    for _ in range(9):
        assert take_tokens((THREE, "somebody")) is None
        with writing():
            attempts.give_back_tokens((THREE, "somebody"), (TWO, "never took one"))


def test_the_table_names_nobody_and_forgets(clock):
    take_tokens((THREE, "ada@example.com"), (TWO, "192.0.2.1"))
    rows = list(db.session.scalars(db.select(TokenBucket)))
    assert len({row.key for row in rows}) == 2
    assert all(set(row.key) <= set("0123456789abcdef") for row in rows)
    clock.forward(days=1)
    attempts.delete_full_buckets()
    assert db.session.get(TokenBucket, rows[0].key)
    clock.forward(days=1, minutes=1)
    attempts.delete_full_buckets()
    assert list(db.session.scalars(db.select(TokenBucket))) == []


@pytest.mark.parametrize(("address", "other", "same"), [
    ("192.0.2.1", "192.0.2.2", False),
    ("::ffff:192.0.2.1", "192.0.2.1", True),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", True),
    ("2001:db8:1:2::1", "2001:db8:1:ffff::1", True),  # one customer's /48
    ("2001:db8:1::1", "2001:db8:2::1", False),
    ("2001:DB8:1:0::1", "2001:db8:1::1", True),
    ("fe80::1%eth0", "fe80::2%eth1", True),
    ("", "192.0.2.1", False),
    ("64:ff9b::c000:201", "192.0.2.1", True),  # translated from IPv4
    ("64:ff9b::c000:201", "64:ff9b::c000:202", False),
    ("2002:c000:201::1", "192.0.2.1", True),  # 6to4
    ("::1", "127.0.0.1", False),
])
def test_whoever_may_choose_among_many_addresses_counts_as_one(address, other, same):
    assert (attempts.network_of_address(address) == attempts.network_of_address(other)) is same


@pytest.mark.parametrize(("written", "plain"), [
    ("203.0.113.5:4711", "203.0.113.5"), ("203.0.113.5:1", "203.0.113.5"), (" 203.0.113.5 ", "203.0.113.5"),
    ('"203.0.113.5:4711"', "203.0.113.5"), ("203.0.113.5:", "203.0.113.5"), ("[203.0.113.5]:80", "203.0.113.5"),
    ("[2001:db8::1]:9", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"), ("[2001:db8::1%eth0]:9", "2001:db8::1"),
    ("2001:db8::1%25eth0", "2001:db8::1"), ("[::ffff:203.0.113.5]:4711", "203.0.113.5"),
    ("::ffff:203.0.113.5:4711", "203.0.113.5"), ("::ffff:cb00:7105", "203.0.113.5"),
    ("203.0.113.5%eth0", "203.0.113.5"), ("203.0.113.5%eth0:4711", "203.0.113.5"),
    ("proxy.internal:4711", "proxy.internal"), ("unknown:4711", "unknown"),
])
def test_however_a_proxy_writes_an_address(written, plain):
    """A port, a zone and brackets are no part of where somebody is: each connection would be a source of its own."""
    assert attempts.network_of_address(written) == attempts.network_of_address(plain)


@pytest.mark.parametrize("odd", ["", ":", "[]", "[]:1", "%", "::", "a:b:c", "[::", "]", "1" * 5000, ":" * 5000,
                                 "\u0660"])
def test_what_is_no_address_breaks_nothing(odd):
    assert isinstance(attempts.network_of_address(odd), str)


def test_the_table_names_nobody_to_whoever_tries_addresses():
    """Only who has the key finds the bucket of an address: hashing all of them is a matter of minutes."""
    take_tokens((THREE, "192.0.2.1"))
    key, = db.session.scalars(db.select(TokenBucket.key))
    tried = {hashlib.sha256(f"{name}{mark}192.0.2.1".encode()).hexdigest()
             for name in ("", "three", "bucket", "bucket:three") for mark in ("", ":")}
    assert key not in tried
