"""What is in the way, counted once for each user, by who can fix it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from portal.extensions import db, writing
from portal.models import AccountState, Acknowledgement, Claim, Location, Number, Organization, User
from portal.rules import RULES, Fixer, UserState
from portal.rules.facts import Campaign, CustomerType, Pstn
from portal.rules.numbers import NumberKind
from portal.services.toggles import checklist
from portal.services.toggles.checklist import ASKED
from portal.services.toggles.eligibility import OrganizationSnapshot

pytestmark = pytest.mark.usefixtures("open_app")


@pytest.fixture
def items(organizations):
    """`items()` is the checklist of Maple Clinic by rule id."""
    return lambda: {item.rule.id: item
                    for item in checklist.list_checklist_items(OrganizationSnapshot.read(organizations["Maple"].id))}


def change(statement):
    with writing() as session:
        session.execute(statement)


def date_ahead(days):
    return (datetime.now(UTC) + timedelta(days=days)).date()


BREAK = {
    "customer-type": (update(Organization).values(customer_type=CustomerType.ONLINE), 4),
    "calling-plan": (update(Organization).values(calling_plan=False), 4),
    "add-on": (update(Organization).values(add_on=False), 4),
    "location-country": (update(Location).where(Location.name == "Toronto").values(country="FR"), 4),
    "location-pstn": (update(Location).where(Location.name == "Toronto").values(pstn=Pstn.NOT_SET), 4),
    "primary-number": (delete(Number), 4),
    "number-unconfirmed": (insert(Claim).values(organization_id=1, user_id=select(User.id).where(
        User.name == "Ada Keller").scalar_subquery(), e164="+14165550177", kind=NumberKind.PLAIN), 1),
    "number-coming": (update(Number).values(from_on=date.max), 2),
    "number-gone": (update(Number).values(until_on=date.min), 2),
    "number-leaving": (update(Number).values(until_on=date_ahead(7)), 2),
    "number-source": (update(Number).values(kind=NumberKind.TOLL_FREE), 2),
    "account-inactive": (update(User).where(User.name == "Ben Okafor").values(account=AccountState.DEACTIVATED), 1),
    "campaign": (update(Organization).values(campaign=Campaign.REJECTED), 4),
    "app-version": (update(User).values(app_version="42.11"), 4),
    "hipaa-unacknowledged": (delete(Acknowledgement), 4),
}


@pytest.mark.parametrize("rule", BREAK)
def test_each_requirement_counts_who_fails_it(items, rule):
    statement, many = BREAK[rule]
    before = items()[rule]
    assert before.done == (before.users == 0)
    change(statement)
    assert (items()[rule].users, items()[rule].done) == (many, False)


def test_the_order_is_that_of_the_table_and_nothing_can_get_lost(items):
    """Every requirement is somebody's to fix, so an open one stands on one of the two lists."""
    assert list(items()) == [rule.id for rule in RULES if rule in ASKED]
    assert set(BREAK) | {"blocked"} == set(items())
    open_ = [checklist.ChecklistItem(rule, 1, done=False) for rule in ASKED]
    yours, theirs = checklist.items_for_fixer(open_, Fixer.ADMIN), checklist.items_for_fixer(open_, Fixer.PROVIDER)
    assert sorted(item.rule.id for item in (*yours, *theirs)) == sorted(items())
    assert checklist.items_for_fixer(items().values(), Fixer.PROVIDER) == []


def test_places_are_named_where_the_trouble_is(items):
    """Nobody works in Halifax, which is not in anybody's way."""
    assert items()["location-pstn"].done
    change(update(User).where(User.name == "Ben Okafor").values(
        location_id=db.session.scalar(db.select(Location.id).where(Location.name == "Halifax"))))
    found = items()
    assert [place.name for place in found["location-pstn"].locations] == ["Halifax"]
    assert found["location-pstn"].users == 1
    assert found["primary-number"].locations == ()


def test_counting_takes_few_statements(organizations, statements):
    snapshot = OrganizationSnapshot.read(organizations["Maple"].id)
    with statements() as seen:
        checklist.list_checklist_items(snapshot)
    assert len(seen) == 1


@pytest.mark.parametrize(("locations", "open_"), [
    (0, ["calling-plan", "campaign"]), (1, ["calling-plan", "location-pstn", "campaign"]),
])
def test_without_users_the_first_ones_obstacles_are_open(locations, open_):
    with writing() as session:
        empty = Organization(name="Empty", name_key="empty", add_on=True)
        session.add(empty)
        session.flush()
        session.add_all(Location(organization_id=empty.id, name="Main", name_key="main", country="US",
                                 time_zone="America/New_York") for _ in range(locations))
    found = checklist.list_checklist_items(OrganizationSnapshot.read(empty.id))
    assert [item.rule.id for item in found if not item.done] == open_
    assert {item.users for item in found} == {0}


def test_progress_counts_states_and_whom_administrators_alone_can_help(organizations):
    """Two people of Maple Clinic have no number, which its administrators can change; a missing plan they cannot."""
    found = checklist.read_progress(OrganizationSnapshot.read(organizations["Maple"].id))
    assert (found.states.total(), found.states[UserState.CAN_TEXT], found.fixable) == (4, 2, 2)
    change(update(Organization).values(calling_plan=False))
    found = checklist.read_progress(OrganizationSnapshot.read(organizations["Maple"].id))
    assert (found.states[UserState.NOT_AVAILABLE], found.fixable) == (4, 0)
