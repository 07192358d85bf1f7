"""Whether somebody can text: four states, and which facts lead to which."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules import Facts, UserState, standing_from_facts
from portal.rules.facts import (
    Campaign,
    CustomerType,
    LocationFacts,
    NumberFacts,
    OrganizationFacts,
    Policy,
    Pstn,
    Registration,
    UserFacts,
)
from portal.rules.numbers import NumberKind
from portal.rules.standing import TOGGLE
from portal.rules.switches import EffectiveSetting, Level

from .examples import EXAMPLES, OWN

ON = EffectiveSetting(on=True, level=Level.USER)
OFF = EffectiveSetting(on=False, level=Level.ORGANIZATION)
ADA = Facts(
    organization=OrganizationFacts(), location=LocationFacts(), user=UserFacts(), setting=ON, restrictions=(),
    policy=Policy(),
    number=NumberFacts(OWN, NumberKind.PLAIN, from_plan=True),
)
SILENT = EffectiveSetting(on=False, level=None)
TRIAL = OrganizationFacts(customer_type=CustomerType.TRIAL)
PENDING = OrganizationFacts(campaign=Campaign.PENDING)
OLD_APP = UserFacts(app_version="42.9")
BLOCKED = EXAMPLES["blocked"].breaks.restrictions
THROTTLED = EXAMPLES["blocked"].almost.restrictions

people = st.builds(
    Facts,
    organization=st.builds(
        OrganizationFacts, customer_type=st.sampled_from(CustomerType), calling_plan=st.booleans(),
        add_on=st.booleans(), healthcare=st.booleans(), campaign=st.sampled_from(Campaign)),
    location=st.builds(LocationFacts, country=st.sampled_from(["US", "CA", "MX"]), pstn=st.sampled_from(Pstn)),
    user=st.builds(UserFacts, st.booleans(), st.sampled_from(["", "42.9", "43.1"])),
    number=st.builds(NumberFacts, st.just(OWN), st.none() | st.sampled_from(NumberKind), st.booleans()),
    setting=st.sampled_from([ON, OFF, SILENT]),
    restrictions=st.sampled_from([(), BLOCKED, THROTTLED]),
    policy=st.builds(Policy, app_version_blocks=st.booleans()),
)
quick = settings(deadline=None)


@pytest.mark.parametrize(("parts", "state", "why"), [
    ({}, UserState.CAN_TEXT, []),
    ({"setting": OFF}, UserState.OFF, ["texting-off"]),
    ({"setting": SILENT}, UserState.OFF, ["texting-off"]),
    ({"organization": PENDING}, UserState.RECEIVE_ONLY, ["campaign"]),
    ({"restrictions": BLOCKED}, UserState.RECEIVE_ONLY, ["blocked"]),
    ({"user": OLD_APP}, UserState.RECEIVE_ONLY, ["app-version"]),
    ({"user": OLD_APP, "setting": OFF}, UserState.OFF, ["texting-off"]),
    ({"location": LocationFacts(pstn=Pstn.LOCAL_GATEWAY)}, UserState.NOT_AVAILABLE, ["location-pstn"]),
    ({"number": NumberFacts(), "setting": OFF}, UserState.NOT_AVAILABLE, ["primary-number", "texting-off"]),
    ({"organization": TRIAL}, UserState.NOT_AVAILABLE, ["customer-type"]),
], ids=lambda value: value if isinstance(value, UserState) else "")
def test_the_four_states_and_what_explains_them(parts, state, why):
    """A trial customer may have plan, add-on and numbers and still cannot text."""
    found = standing_from_facts(replace(ADA, **parts))
    assert found.state is state
    assert [reason.id for reason in found.decision.blocking] == why


@quick
@given(people)
def test_not_eligible_is_never_off(facts):
    """Off means that the toggle alone is in the way; so turning it on always helps."""
    found = standing_from_facts(facts)
    if found.state is UserState.OFF:
        assert [reason.id for reason in found.use.blocking] == [TOGGLE]
        assert standing_from_facts(replace(facts, setting=ON)).state in {UserState.CAN_TEXT, UserState.RECEIVE_ONLY}
    assert found.eligible is (standing_from_facts(replace(facts, setting=ON)).state is not UserState.NOT_AVAILABLE)
    assert found.eligible is (standing_from_facts(replace(facts, setting=OFF)).state is UserState.OFF)


@quick
@given(people)
def test_can_text_means_that_nothing_blocks(facts):
    found = standing_from_facts(facts)
    assert (found.state is UserState.CAN_TEXT) is (found.use.allowed and found.send.allowed)
    assert found.decision.allowed is (found.state is UserState.CAN_TEXT)


@pytest.mark.parametrize(("restrictions", "slowed"), [
    (None, False), ((), False), (BLOCKED, False), (THROTTLED, True),
])
def test_a_throttle_slows_and_stops_nothing(restrictions, slowed):
    found = standing_from_facts(replace(ADA, restrictions=restrictions))
    assert found.slowed is slowed
    assert (found.state is UserState.CAN_TEXT) is (restrictions is not BLOCKED)


@pytest.mark.parametrize(("version", "old"), [
    ("42.9", True), ("42.11.9.1", True), ("42", True), ("9.50", True), ("0.0", True),
    ("42.12", False), ("42.12.0.5", False), ("42.13", False), ("43.1", False), ("43", False),
    ("100.0", False), ("", False), ("beta", False), ("42.x", False), ("42.", False), (".9", False),
    ("-1.0", False), ("v42.9", False),
])
def test_versions_are_compared_by_their_numbers(version, old):
    """42.9 < 42.12 < 43.1; what is no version is unknown and stops nobody."""
    found = standing_from_facts(replace(ADA, user=UserFacts(app_version=version)))
    assert (found.state is UserState.RECEIVE_ONLY) is old


def test_an_old_app_may_be_made_a_warning():
    found = standing_from_facts(replace(ADA, user=OLD_APP, policy=Policy(app_version_blocks=False)))
    assert found.state is UserState.CAN_TEXT
    assert [reason.id for reason in found.send.warnings] == ["app-version"]


@pytest.mark.parametrize(("registration", "state"), [
    (Registration.ALL, UserState.RECEIVE_ONLY), (Registration.US_RECIPIENTS, UserState.CAN_TEXT),
    (Registration.NONE, UserState.CAN_TEXT),
])
@pytest.mark.parametrize("campaign", [campaign for campaign in Campaign if campaign is not Campaign.ACTIVE])
def test_a_campaign_counts_as_far_as_the_setting_goes(registration, state, campaign):
    """Where only US recipients need it, somebody without one can still text Canada."""
    organization = OrganizationFacts(campaign=campaign)
    organization = replace(organization, registration=registration)
    found = standing_from_facts(replace(ADA, organization=organization))
    assert found.state is state


def test_a_missing_hipaa_confirmation_takes_texting_from_nobody():
    found = standing_from_facts(replace(ADA, organization=OrganizationFacts(healthcare=True)))
    assert found.state is UserState.CAN_TEXT
    assert [reason.id for reason in found.use.warnings] == ["hipaa-unacknowledged"]
