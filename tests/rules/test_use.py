"""USE: the rows that look at one of several values, each value once."""

import pytest

from portal.rules import Act, Facts, decide
from portal.rules.facts import CustomerType, LocationFacts, NumberFacts, OrganizationFacts, Pstn
from portal.rules.numbers import NumberKind
from portal.rules.switches import Level, SettingValue, resolve_settings

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


SET = "Texting is off for the %(level)s."
LOCKED = "Texting is off and locked for the %(level)s."
UNSET = "Nobody has turned texting on yet, for the user, the location or the organization."


@pytest.mark.parametrize("locked", [True, False])
@pytest.mark.parametrize("level", Level)
def test_texting_that_an_administrator_turned_off_says_where(level, locked):
    setting = resolve_settings({level: SettingValue(on=False, locked=locked)})
    (reason,) = decide(Act.USE, Facts(setting=setting)).reasons
    assert (reason.id, reason.notice) == ("texting-off", LOCKED if locked else SET)
    assert reason.values == {"level": level}
    assert ("unlock it" in reason.remedy) == locked


def test_texting_that_nobody_has_decided_names_who_can_switch_it_on():
    """There is no level to name, and no lock."""
    (reason,) = decide(Act.USE, Facts(setting=resolve_settings({}))).reasons
    assert (reason.id, reason.notice) == ("texting-off", UNSET)
    assert reason.remedy == "An administrator can turn it on for the user, the location or the whole organization."
