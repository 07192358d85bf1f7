"""Token buckets in the database: they fill up evenly, count across portals and restarts, and name nobody."""

from datetime import timedelta

import pytest

from portal.extensions import db, writing
from portal.models import Bucket
from portal.services import throttle
from portal.services.throttle import Allowance, take

THREE = Allowance("three", 3, timedelta(minutes=15))
TWO = Allowance("two", 2, timedelta(minutes=15))
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _opened(inside, clock):
    with inside():
        yield


def used_up(allowance, whom="somebody"):
    while take((allowance, whom)) is None:
        pass


def test_so_many_tries_and_no_more():
    assert [take((THREE, "somebody")) is None for _ in range(5)] == [True, True, True, False, False]
    assert take((THREE, "somebody else")) is None
    assert take((TWO, "somebody")) is None


def test_the_wait_is_told_and_is_enough(clock):
    used_up(THREE)
    wait = take((THREE, "somebody"))
    assert 4 * MINUTE < wait <= 5 * MINUTE
    clock.forward(minutes=4)
    assert take((THREE, "somebody"))
    clock.forward(minutes=1)
    assert take((THREE, "somebody")) is None
    assert take((THREE, "somebody"))


def test_a_bucket_never_holds_more_than_it_can(clock):
    used_up(THREE)
    clock.forward(days=9)
    assert [take((THREE, "somebody")) is None for _ in range(4)] == [True, True, True, False]


def test_all_or_none():
    """A refusal by one bucket costs nothing in the other."""
    used_up(TWO)
    for _ in range(5):
        assert take((THREE, "somebody"), (TWO, "somebody"))
    assert [take((THREE, "somebody")) is None for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_was_set_back_neither_fills_nor_empties(clock):
    assert take((THREE, "somebody")) is None
    clock.forward(hours=-3)
    assert [take((THREE, "somebody")) is None for _ in range(3)] == [True, True, False]
    clock.forward(minutes=5)
    assert take((THREE, "somebody")) is None


def test_a_try_that_was_genuine_costs_nothing():
    for _ in range(9):
        assert take((THREE, "somebody")) is None
        with writing():
            throttle.give_back((THREE, "somebody"), (TWO, "never took one"))


def test_the_table_names_nobody_and_forgets(clock):
    take((THREE, "ada@example.com"), (TWO, "192.0.2.1"))
    rows = list(db.session.scalars(db.select(Bucket)))
    assert len({row.key for row in rows}) == 2
    assert all(set(row.key) <= set("0123456789abcdef") for row in rows)
    clock.forward(days=1)
    throttle.forget_full()
    assert db.session.get(Bucket, rows[0].key)
    clock.forward(days=1, minutes=1)
    throttle.forget_full()
    assert list(db.session.scalars(db.select(Bucket))) == []


@pytest.mark.parametrize(("address", "other", "same"), [
    ("192.0.2.1", "192.0.2.2", False),
    ("::ffff:192.0.2.1", "192.0.2.1", True),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", True),
    ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ("fe80::1%eth0", "fe80::2%eth0", True),
    ("", "192.0.2.1", False),
])
def test_whoever_may_choose_among_many_addresses_counts_as_one(address, other, same):
    assert (throttle.network(address) == throttle.network(other)) is same
