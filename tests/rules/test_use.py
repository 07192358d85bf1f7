"""USE: the rows that look at one of several values, each value once."""

import pytest

from portal.rules import Act, Facts, decide
from portal.rules.facts import CustomerType, LocationFacts, NumberFacts, OrganizationFacts, Pstn
from portal.rules.numbers import NumberKind

from .examples import OWN


def told(**parts: object) -> list[str]:
    return [reason.id for reason in decide(Act.USE, Facts(**parts)).blocking]


@pytest.mark.parametrize("customer_type", CustomerType)
def test_only_enterprise_customers_have_texting(customer_type):
    fine = customer_type is CustomerType.ENTERPRISE
    assert told(organization=OrganizationFacts(customer_type=customer_type)) == ([] if fine else ["customer-type"])


@pytest.mark.parametrize("country", ["US", "CA", "MX", "GB", "PR", "us", ""])
def test_only_the_us_and_canada_have_texting(country):
    fine = country in {"US", "CA"}
    assert told(location=LocationFacts(country=country)) == ([] if fine else ["location-country"])


@pytest.mark.parametrize("pstn", Pstn)
def test_only_the_providers_pstn_has_texting(pstn):
    assert told(location=LocationFacts(pstn=pstn)) == ([] if pstn is Pstn.PROVIDER else ["location-pstn"])


@pytest.mark.parametrize("from_plan", [True, False])
@pytest.mark.parametrize("kind", NumberKind)
def test_a_number_must_be_both_from_the_plan_and_geographic(kind, from_plan):
    fine = from_plan and kind is NumberKind.PLAIN
    assert told(number=NumberFacts(OWN, kind, from_plan)) == ([] if fine else ["number-source"])
