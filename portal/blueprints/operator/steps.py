"""What is left to do before an organization can text, as operators read it: on its page and in the list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal.marks import N_
from portal.models import Organization
from portal.services.people import first_steps
from portal.services.people.first_steps import OF_PROVIDER, FirstStep
from portal.services.people.organizations import OrganizationRow
from portal.web.counts import is_pretending

# What is to be done, and its name in a list of several.
STEPS: Mapping[FirstStep, tuple[str, str]] = {
    FirstStep.CUSTOMER_TYPE: (N_("Make it an enterprise customer"), N_("type of customer")),
    FirstStep.CALLING_PLAN: (N_("Grant the calling plan"), N_("calling plan")),
    FirstStep.ADD_ON: (N_("Grant the Business Texting add-on"), N_("add-on")),
    FirstStep.CAMPAIGN: (N_("Enter its campaign as active"), N_("campaign")),
    FirstStep.PSTN: (N_("Connect a location to the provider's PSTN"), N_("PSTN connection")),
    FirstStep.NUMBERS: (N_("Add numbers"), N_("numbers")),
    FirstStep.SIGNED_IN: (N_("An administrator signs in"), N_("administrator's sign-in")),
    FirstStep.HIPAA: (N_("An administrator confirms the HIPAA notice"), N_("HIPAA notice")),
    FirstStep.TURNED_ON: (N_("An administrator turns texting on"), N_("texting is off")),
}
# The part of the page where a step is done.
PLACES = {FirstStep.PSTN: "locations", FirstStep.NUMBERS: "numbers", FirstStep.SIGNED_IN: "admin-heading"}
# Where the reader does it who administers the organization as well.
OWN_PLACES = {FirstStep.HIPAA: "notices.show_notices", FirstStep.TURNED_ON: "admin.show_settings"}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step that is left: in words, and where the reader does it ("" where others do)."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class StepsLeft:
    """What is left for one organization: by itself, in one sentence, in a few words for a list, and step by step."""

    left: list[FirstStep]
    sentence: str
    short: str
    lines: list[StepLine]


def describe_steps(row: OrganizationRow, *, mine: bool = False) -> StepsLeft:
    """What is left for an organization; `mine`: the reader administers it as well."""
    left = first_steps.steps_left(first_steps.list_first_steps(row))
    return StepsLeft(left, _sentence(len(left), len(left) if mine else first_steps.count_provider_steps(left)),
                     name_steps(left),
                     [StepLine(gettext(STEPS[step][0]), _address(step, mine)) for step in left])


def name_steps(steps: Iterable[FirstStep]) -> str:
    """Steps by their names, with commas between."""
    return ", ".join(gettext(STEPS[step][1]) for step in steps)


def _sentence(left: int, yours: int) -> str:
    if yours == left:
        return str(ngettext("%(num)s thing is left, and it is yours.", "%(num)s things are left, all yours.", left)
                   if left else gettext("Everything is set up."))
    if not yours:
        return str(ngettext("%(num)s thing is left, for its administrators.",
                            "%(num)s things are left, all for its administrators.", left))
    return str(gettext("%(left)s things are left: %(yours)s for you, %(others)s for its administrators.", left=left,
                       yours=yours, others=left - yours))


def _address(step: FirstStep, mine: bool) -> str:
    if mine and step in OWN_PLACES:
        return url_for(OWN_PLACES[step])
    here = step in OF_PROVIDER or step is FirstStep.SIGNED_IN
    return f"#{PLACES.get(step, 'facts-heading')}" if here else ""


def is_own_organization(organization: Organization) -> bool:
    """Whether the reader administers this organization, besides being an operator."""
    return bool(current_user.admin and current_user.organization_id == organization.id)


def list_next_ways(row: OrganizationRow) -> list[StepLine]:
    """Where an operator goes on who administers the organization: more people, a first text."""
    if not is_own_organization(row.organization):
        return []
    more = gettext("Add a second person") if row.users < 2 else gettext("Add another person")
    test = [] if not is_pretending() else [
        StepLine(gettext("Send a test text"), url_for("messaging.write_new_text", test=1))]
    return [StepLine(more, url_for("admin.add_user")), *test]
