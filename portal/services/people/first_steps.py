"""What is left to do before anybody at an organization can text, by operators and by its administrators."""

from collections.abc import Iterable
from enum import StrEnum

from portal.extensions import current_settings
from portal.rules.facts import Campaign, CustomerType, Registration
from portal.rules.registration import decide_registration

from .organizations import OrganizationRow


class FirstStep(StrEnum):
    """One thing to do, in the order in which it is done."""

    CUSTOMER_TYPE = "customer-type"
    CALLING_PLAN = "calling-plan"
    ADD_ON = "add-on"
    CAMPAIGN = "campaign"
    PSTN = "location-pstn"
    NUMBERS = "numbers"
    SIGNED_IN = "signed-in"
    HIPAA = "hipaa-unacknowledged"
    TURNED_ON = "turned-on"


# What only operators can do; the rest is for the organization's administrators.
OF_PROVIDER = frozenset({FirstStep.CUSTOMER_TYPE, FirstStep.CALLING_PLAN, FirstStep.ADD_ON, FirstStep.CAMPAIGN,
                         FirstStep.PSTN, FirstStep.NUMBERS})


def list_first_steps(row: OrganizationRow) -> dict[FirstStep, bool]:
    """Every step of an organization, and whether it is done. A step that it does not need is left out."""
    mine = row.organization
    steps = {
        FirstStep.CUSTOMER_TYPE: mine.customer_type is CustomerType.ENTERPRISE,
        FirstStep.CALLING_PLAN: mine.calling_plan,
        FirstStep.ADD_ON: mine.add_on,
        FirstStep.CAMPAIGN: mine.campaign is Campaign.ACTIVE,
        FirstStep.PSTN: row.locations > row.elsewhere,
        FirstStep.NUMBERS: row.numbers > 0,
        FirstStep.SIGNED_IN: row.admins_signed_in > 0,
        FirstStep.HIPAA: row.hipaa,
        FirstStep.TURNED_ON: row.turned_on,
    }
    needless = {FirstStep.HIPAA: not mine.healthcare, FirstStep.CAMPAIGN: not _needs_campaign(row)}
    return {step: done for step, done in steps.items() if not needless.get(step)}


def _needs_campaign(row: OrganizationRow) -> bool:
    """Whether every text of the organization needs an active campaign."""
    usual = Registration(current_settings().registration_required)
    return decide_registration(row.organization.registration, usual, row.countries.split(",")) is Registration.ALL


def steps_left(steps: dict[FirstStep, bool]) -> list[FirstStep]:
    """The steps that are not done, in their order."""
    return [step for step, done in steps.items() if not done]


def count_provider_steps(steps: Iterable[FirstStep]) -> int:
    """How many of these steps only operators can do."""
    return sum(step in OF_PROVIDER for step in steps)
