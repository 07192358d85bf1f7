"""Whatever is written, in any order and by any way: facts and counts are those that counting anew finds."""

from contextlib import suppress
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from portal.dialects import upsert
from portal.extensions import db, writing
from portal.models import AccountState, Claim, Number, ProfileCount, Setting, User
from portal.models.profile_counts import COUNTING
from portal.models.user_facts import FACT_KEEPING
from portal.rules.facts import NumberSource
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level
from portal.services.upkeep.recounting import find_wrong_counts
from tests.services.toggles.houses import QUICK, Undo, found_small

DAYS = st.sampled_from([None, date(2026, 1, 1), date(2027, 6, 30)])
KINDS = st.sampled_from([NumberKind.PLAIN, NumberKind.TOLL_FREE])
SOURCES = st.sampled_from([None, NumberSource.OTHER])
SETTINGS = st.sampled_from([None, True, False])
PEOPLE, PLACES = st.integers(0, 4), st.sampled_from([None, 0, 1])


class House:
    """An organization with five users, as statements reach it."""

    def __init__(self, small):
        self.id, self.places, self.event = small
        self.users = list(db.session.scalars(select(User.id).where(User.organization_id == self.id)))
        self.added = 0
        for person in range(len(self.users)):
            set_texting(self, person, True)
            if person % 2:
                give_number(self, person, NumberKind.PLAIN, None, None, None)
            else:
                claim_number(self, person, NumberKind.PLAIN, None)

    def user(self, place, account, app):
        return {"organization_id": self.id, "location_id": None if place is None else self.places[place],
                "account": account, "app_version": app}

    def number(self, person, kind, source):
        self.added += 1
        return {"organization_id": self.id, "user_id": None if person is None else self.users[person], "kind": kind,
                "source": source, "e164": f"+1416555{self.added:04}"}

    def setting(self, person, on, level=Level.USER):
        return {"level": level, "unit_id": self.users[person], "organization_id": self.id, "on": on, "said_by": "Test",
                "event_id": self.event}


def add_user(house, place, account, app):
    house.added += 1
    name = f"new {house.added}"
    house.users.append(db.session.scalar(insert(User).returning(User.id).values(
        name=name, name_key=name, email=f"{name}@small.example", email_key=f"{name}@small.example",
        **house.user(place, account, app))))


def change_user(house, person, place, account, app):
    db.session.execute(update(User).where(User.id == house.users[person]).values(**house.user(place, account, app)))


def change_one(house, person, change):
    """One column of what a user is or has; who is at no location is not counted any more."""
    kind, column, value = change
    whose = {User: User.id, Number: Number.user_id, Claim: Claim.user_id, Setting: Setting.unit_id}[kind]
    db.session.execute(update(kind).where(whose == house.users[person]).values({column: value}))


def change_all_users(house, app):
    db.session.execute(update(User).values(app_version=app))


def leave_organization(house, person):
    db.session.execute(update(User).where(User.id == house.users[person]).values(organization_id=None))


def remove_user(house, person):
    for kind in (Number, Claim):
        db.session.execute(delete(kind).where(kind.user_id == house.users[person]))
    db.session.execute(delete(User).where(User.id == house.users[person]))
    add_user(house, 0, AccountState.ACTIVE, "")
    house.users[person] = house.users.pop()


def give_number(house, person, kind, source, first, last):
    db.session.execute(update(Number).where(Number.user_id == house.users[person]).values(user_id=None))
    db.session.execute(insert(Number).values(**house.number(person, kind, source), from_on=first, until_on=last))


def change_number(house, person, kind, source, first, last):
    db.session.execute(update(Number).where(Number.user_id == house.users[person]).values(
        kind=kind, source=source, from_on=first, until_on=last))


def pass_number_on(house, person, other):
    db.session.execute(delete(Number).where(Number.user_id == house.users[other]))
    db.session.execute(update(Number).where(Number.user_id == house.users[person]).values(user_id=house.users[other]))


def drop_numbers(house, kind):
    db.session.execute(delete(Number).where(Number.kind == kind))


def claim_number(house, person, kind, source):
    """A claim where there is one already is left out."""
    db.session.execute(upsert(Claim).on_conflict_do_nothing().values(**house.number(person, kind, source), ref="r" * (
        house.added % 10) + f"{house.added}"))


def change_claims(house, kind, source):
    db.session.execute(update(Claim).values(kind=kind, source=source))


def drop_claim(house, person):
    db.session.execute(delete(Claim).where(Claim.user_id == house.users[person]))


def set_texting(house, person, on):
    statement = upsert(Setting).values(**house.setting(person, on))
    db.session.execute(statement.on_conflict_do_update(index_elements=["level", "unit_id"], set_={
        "on": statement.excluded.on, "version": Setting.version + 1}))


def set_texting_of_all(house, on):
    db.session.execute(update(Setting).where(Setting.level == Level.USER).values(on=on))


def set_broader(house, person, on):
    """The id of a location may be that of a user."""
    with suppress(ValueError):
        db.session.execute(upsert(Setting).on_conflict_do_nothing().values(**house.setting(person, on,
                                                                                         Level.LOCATION)))


def drop_settings(house, on):
    db.session.execute(delete(Setting).where(Setting.on.is_(on)))


ACCOUNTS, APPS = st.sampled_from(AccountState), st.sampled_from(["", "42.9", "43.1", "4|3"])
CHANGES = [
    *((User, "account", one) for one in AccountState), *((User, "app_version", one) for one in ("", "43.1")),
    (Setting, "on", None), (Setting, "on", True), (Setting, "on", False),
    *((kind, "kind", one) for kind in (Number, Claim) for one in (NumberKind.PLAIN, NumberKind.TOLL_FREE)),
    *((kind, "source", one) for kind in (Number, Claim) for one in (None, NumberSource.OTHER)),
    *((Number, day, one) for day in ("from_on", "until_on") for one in (None, date(2027, 6, 30))),
    (Number, "user_id", None), (User, "location_id", None)]
ONE_CHANGE = st.tuples(st.just(change_one), PEOPLE, st.sampled_from(CHANGES))
WRITES = st.lists(st.one_of(
    ONE_CHANGE, ONE_CHANGE, ONE_CHANGE,
    st.tuples(st.just(add_user), PLACES, ACCOUNTS, APPS),
    st.tuples(st.just(change_user), PEOPLE, PLACES, ACCOUNTS, APPS),
    st.tuples(st.just(change_all_users), APPS), st.tuples(st.just(leave_organization), PEOPLE),
    st.tuples(st.just(remove_user), PEOPLE), st.tuples(st.just(give_number), PEOPLE, KINDS, SOURCES, DAYS, DAYS),
    st.tuples(st.just(change_number), PEOPLE, KINDS, SOURCES, DAYS, DAYS),
    st.tuples(st.just(pass_number_on), PEOPLE, PEOPLE), st.tuples(st.just(drop_numbers), KINDS),
    st.tuples(st.just(claim_number), PEOPLE, KINDS, SOURCES), st.tuples(st.just(change_claims), KINDS, SOURCES),
    st.tuples(st.just(drop_claim), PEOPLE), st.tuples(st.just(set_texting), PEOPLE, SETTINGS),
    st.tuples(st.just(set_texting_of_all), SETTINGS), st.tuples(st.just(set_broader), PEOPLE, SETTINGS),
    st.tuples(st.just(drop_settings), SETTINGS)), max_size=25)


@pytest.fixture
def small(inside):
    """The ids of an organization with two locations and five users, in a context that stays open."""
    with inside():
        yield found_small()


@settings(QUICK, max_examples=60)
@given(writes=WRITES)
def test_the_counts_are_those_of_counting_anew(small, writes):
    with suppress(Undo), writing():
        house = House(small)
        for write, *given_to_it in writes:
            write(house, *given_to_it)
            assert find_wrong_counts() == 0, write.__name__
        assert db.session.scalar(select(ProfileCount.many).where(ProfileCount.many < 1)) is None
        raise Undo


def test_each_column_counts_by_itself(small):
    with suppress(Undo), writing():
        house = House(small)
        for person, change in product(range(len(house.users)), CHANGES):
            change_one(house, person, change)
            assert find_wrong_counts() == 0, change
        raise Undo


def test_what_is_taken_back_was_never_counted(small):
    before = db.session.execute(select(ProfileCount.facts, ProfileCount.many)).all()
    with suppress(Undo), writing():
        db.session.execute(update(User).values(account=AccountState.DEACTIVATED))
        assert db.session.execute(select(ProfileCount.facts, ProfileCount.many)).all() != before
        raise Undo
    assert db.session.execute(select(ProfileCount.facts, ProfileCount.many)).all() == before


@pytest.mark.sqlite
def test_every_table_that_facts_come_from_has_its_triggers(small):
    """A migration that makes one of these tables anew must not lose them."""
    rows = db.session.execute(text("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
                                   " AND (name LIKE 'profile_counts_%' OR name LIKE 'user_facts_%')"))
    assert {table for table, _sql in FACT_KEEPING} == {"users", "numbers", "claims", "words"}
    assert sorted(map(tuple, rows)) == sorted([*FACT_KEEPING, *COUNTING])
