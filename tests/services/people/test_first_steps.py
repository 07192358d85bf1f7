"""What is left to do: each step by itself, and whose it is."""

from types import SimpleNamespace

import pytest

from portal.extensions import db
from portal.models import Organization
from portal.rules.facts import Campaign, CustomerType, Registration
from portal.services.people import organizations
from portal.services.people.first_steps import (
    OF_PROVIDER,
    FirstStep,
    count_provider_steps,
    list_first_steps,
    steps_left,
)
from portal.services.people.organizations import OrganizationRow

pytestmark = pytest.mark.usefixtures("open_app")
DONE = OrganizationRow(
    SimpleNamespace(customer_type=CustomerType.ENTERPRISE, calling_plan=True, add_on=True, healthcare=True,
                    campaign=Campaign.ACTIVE, registration=None),
    users=2, locations=2, elsewhere=1, countries="CA,US", numbers=2, free_numbers=0, admins_signed_in=1,
    turned_on=True, hipaa=True)


def left(row):
    return steps_left(list_first_steps(row))


def changed(**facts):
    own = {name: value for name, value in facts.items() if name not in OrganizationRow._fields}
    mine = SimpleNamespace(**(vars(DONE.organization) | own))
    return DONE._replace(organization=mine, **{name: value for name, value in facts.items() if name not in own})


def test_where_everything_is_done_nothing_is_left():
    assert left(DONE) == []
    assert set(list_first_steps(DONE)) == set(FirstStep)


@pytest.mark.parametrize(("facts", "step"), [
    ({"customer_type": CustomerType.TRIAL}, FirstStep.CUSTOMER_TYPE), ({"calling_plan": False}, FirstStep.CALLING_PLAN),
    ({"add_on": False}, FirstStep.ADD_ON), ({"campaign": Campaign.PENDING}, FirstStep.CAMPAIGN),
    ({"elsewhere": 2}, FirstStep.PSTN), ({"locations": 0, "elsewhere": 0}, FirstStep.PSTN),
    ({"numbers": 0}, FirstStep.NUMBERS), ({"admins_signed_in": 0}, FirstStep.SIGNED_IN),
    ({"hipaa": False}, FirstStep.HIPAA), ({"turned_on": False}, FirstStep.TURNED_ON),
], ids=str)
def test_what_is_missing_is_the_one_step_that_is_left(facts, step):
    assert left(changed(**facts)) == [step]
    assert count_provider_steps([step]) == (step in OF_PROVIDER)


@pytest.mark.parametrize("facts", [
    {"healthcare": False, "hipaa": False}, {"campaign": Campaign.NONE, "countries": "CA"},
    {"campaign": Campaign.NONE, "registration": Registration.NONE},
], ids=str)
def test_what_is_not_needed_is_no_step(facts):
    """The notice outside of healthcare; a campaign where texts go without one."""
    assert left(changed(**facts)) == []


def test_the_clinic_of_the_tests_has_done_all_and_the_other_one_lacks_its_own_part(organizations_by_name):
    found = {name: left(organizations.find_organization_row(one)) for name, one in organizations_by_name.items()}
    assert found == {"Maple Clinic": [], "Harbor Health": [FirstStep.HIPAA, FirstStep.TURNED_ON]}


@pytest.fixture
def organizations_by_name():
    return {one.name: one for one in db.session.query(Organization)}
