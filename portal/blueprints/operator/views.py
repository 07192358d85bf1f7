"""Views of operators: the organizations, and what only the provider sets for them."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from portal import wording
from portal.models import CarrierRecord, Location, Organization, User
from portal.rules import Fixer, UserState
from portal.rules.numbers import format_number
from portal.services.carriers import carrier_records
from portal.services.people import locations, number_claims, number_days, numbers, organizations
from portal.services.people.organizations import OrganizationRow
from portal.services.refusals import Changed, Clash
from portal.services.spam import cases
from portal.services.texting import web_decisions
from portal.services.toggles import checklist, toggle
from portal.services.toggles.checklist import ChecklistItem
from portal.services.toggles.eligibility import OrganizationSnapshot
from portal.services.toggles.toggle import SettingValue
from portal.services.upkeep import stuck_work
from portal.web.compression import shows_secret
from portal.web.counts import counts_for_reader, is_pretending
from portal.web.forms import Form
from portal.web.reader import signed_in_user
from portal.wording.fields import FIELDS

from . import bp
from .admin_links import admin_link_page
from .carrier_forms import NumberCarrierForm, OrganizationCarrierForm
from .carrier_shown import list_carrier_alarms
from .forms import (
    ChangeOrganizationFactsForm,
    LocationPstnForm,
    NewNumberForm,
    NewOrganizationForm,
    NumberDatesForm,
    NumberSourceForm,
    hint_of_fact,
)
from .steps import StepsLeft, describe_steps, is_own_organization, list_next_ways
from .workers_shown import show_workers

# Fewer than on other lists: it is one part of a page.
NUMBERS = 25


@bp.get("/", endpoint="organizations")
def list_organizations() -> str:
    """The organizations by name."""
    search, after = read_search_and_position()
    rows, more = organizations.list_organization_rows(search, after)
    lines = [(row, describe_steps(row)) for row in rows]
    return render_template("operator/organizations.html", lines=lines, rows=rows, search=search, after=after,
                           waiting=cases.count_open_cases(), late=cases.count_overdue_cases(),
                           appeals=counts_for_reader().get("operator.restrictions", 0),
                           claimed=number_claims.count_claims(),
                           asked=web_decisions.count_alarming_organizations(), alarms=list_carrier_alarms(),
                           stuck=stuck_work.list_stuck_work(), workers=show_workers(),
                           last=rows[-1].organization.ref if more else "")


def read_search_and_position() -> tuple[str, str]:
    """What the address asks a list for: words to search, and the entry that stands before the page."""
    return request.args.get("search", "").strip(), request.args.get("after", "")


@bp.route("/organizations/new", methods=["GET", "POST"])
@shows_secret
def add_organization() -> Response:
    """A new organization; the answer holds the sign-in link of its first admin, shown only there."""
    form = NewOrganizationForm(may_join=current_user.organization_id is None, granted=is_pretending())
    if form.validate_on_submit() and (made := create_organization_from_form(form)):
        return admin_link_page(*made, added=True) if made[2] else redirect_to_own_organization(made[0], form)
    page = render_template("operator/add_organization.html", form=form, errors=form.errors)
    return make_response(page, 422 if form.errors else 200)


def create_organization_from_form(form: NewOrganizationForm) -> tuple[Organization, User, str] | None:
    """The organization whom a form describes, its first admin and their link; None with the reason in the form."""
    try:
        return organizations.create_organization(signed_in_user(), form.organization, form.location, form.admin,
                                                 form.numbers.data or "")
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return None


def redirect_to_own_organization(made: Organization, form: NewOrganizationForm) -> Response:
    """Turn texting on where the operator, now the administrator, asked for it; then show what is left to do."""
    said = gettext("%(organization)s is added, and you administer it.", organization=made.name)
    if form.turn_on.data:
        decision = toggle.change_setting(signed_in_user(), made, SettingValue(True), 0)
        said = f"{said} {gettext('Texting is on.') if decision.allowed else gettext('Texting is still off.')}"
    return redirect_to_organization(made.ref, said)


@bp.route("/organizations/<ref>", methods=["GET", "POST"])
def show_organization(ref: str) -> Response:
    """An organization; its form sets the facts."""
    found, form = organizations.find_organization_for_operator(ref), ChangeOrganizationFactsForm()
    if not form.is_submitted():
        return organization_page(found)
    if not form.validate():
        return organization_page(found, 422, facts=form)
    try:
        organizations.save_organization_details(current_user, found, form.version.data or 0, form.facts)
    except Changed:
        return organization_conflict_page(found, form)
    return redirect_to_organization(ref, gettext("Saved. It takes effect with the next text."))


def organization_conflict_page(found: Organization, form: ChangeOrganizationFactsForm) -> Response:
    """The answer to a stale form: what stands there now beside what was chosen; Save then overwrites."""
    both = [(gettext(FIELDS[name]), wording.value_in_words(getattr(found, name), name),
             wording.value_in_words(yours, name))
            for name, yours in form.facts.items() if getattr(found, name) != yours]
    form.renew(found.version)
    return organization_page(found, 409, facts=form, both=both)


@bp.post("/organizations/<ref>/locations/<place>")
def change_location_pstn(ref: str, place: str) -> Response:
    """Set how one location reaches the telephone network."""
    found = organizations.find_organization_for_operator(ref)
    location = locations.find_location(found.id, place)
    form = LocationPstnForm.at(location)
    if not form.validate_on_submit():
        return organization_page(found, 422, place=form)
    locations.set_location_pstn(current_user, location, form.pstn.data)
    said = gettext("PSTN connection of %(location)s: %(pstn)s.", location=location.name,
                   pstn=wording.enum_in_words(location.pstn))
    return redirect_to_organization(ref, said, "locations")


@bp.post("/organizations/<ref>/numbers")
def add_number(ref: str) -> Response:
    """Give the organization a number that its admins can assign."""
    found, form = organizations.find_organization_for_operator(ref), NewNumberForm()
    if form.validate_on_submit():
        try:
            number = numbers.add_organization_number(current_user, found, form.number.data or "")
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
        else:
            return redirect_to_organization(ref, gettext("Added: %(number)s.", number=format_number(number.e164)),
                                            "numbers")
    return organization_page(found, 422, number=form)


@bp.post("/organizations/<ref>/numbers/marks")
def mark_numbers(ref: str) -> Response:
    """Say where the chosen numbers come from."""
    found, form = organizations.find_organization_for_operator(ref), NumberSourceForm()
    if not form.validate_on_submit():
        return organization_page(found, 422, mark=form)
    many = numbers.set_number_sources(current_user, found, form.numbers.data or [], form.mark)
    return redirect_to_organization(ref, ngettext("%(num)s mark has changed.", "%(num)s marks have changed.", many),
                                    "numbers")


@bp.post("/organizations/<ref>/numbers/dates")
def date_numbers(ref: str) -> Response:
    """Say on which day the chosen numbers come and leave."""
    found, form = organizations.find_organization_for_operator(ref), NumberDatesForm()
    if form.validate_on_submit():
        try:
            many = number_days.set_number_dates(current_user, found, form.numbers.data or [], form.from_on.data,
                                                form.until_on.data)
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
        else:
            said = ngettext("The dates of %(num)s number are set.", "The dates of %(num)s numbers are set.", many)
            return redirect_to_organization(ref, said, "numbers")
    return organization_page(found, 422, dates=form, mark=NumberSourceForm())


@bp.get("/organizations/<ref>/locations/<place>")
@bp.get("/organizations/<ref>/numbers")
@bp.get("/organizations/<ref>/numbers/marks")
@bp.get("/organizations/<ref>/numbers/dates")
@bp.get("/organizations/<ref>/numbers/carrier")
@bp.get("/organizations/<ref>/carrier")
def reload_organization(ref: str, place: str = "") -> Response:
    """A reload after an error leads back to the page with the form."""
    return make_response(redirect(url_for("operator.show_organization", ref=ref), 303))


def redirect_to_organization(ref: str, said: str, part: str | None = None) -> Response:
    """To the page of the organization again, at the place where something was changed."""
    flash(said)
    search, after = read_search_and_position()
    page = url_for("operator.show_organization", ref=ref, search=search or None, after=after or None, _anchor=part)
    return make_response(redirect(page, 303))


def organization_page(found: Organization, code: int = 200, **said: Any) -> Response:
    """The page of an organization. `said` holds the form with an error, in place of the empty one."""
    snapshot, row = OrganizationSnapshot.read(found.id), organizations.find_organization_row(found)
    records = carrier_records.list_carriers()
    forms = {"facts": ChangeOrganizationFactsForm(formdata=None, obj=found), "number": NewNumberForm(formdata=None),
             "mark": NumberSourceForm(formdata=None),
             "dates": NumberDatesForm(formdata=None), "place": None, "both": [], **carrier_forms_of(found, records),
             **said}
    steps = describe_steps(row, mine=is_own_organization(found))
    return make_response(render_template(
        "operator/organization.html", organization=found, admin=organizations.first_admin(found), errors=code != 200,
        standings=list_state_counts(snapshot), steps=steps, next_ways=list_next_ways(row),
        open=list_other_items(snapshot, steps),
        places=list_location_pstn_forms(found, forms["place"]), hint=hint_of_fact,
        carriers={one.id: one for one in records},
        **organization_numbers_context(row), **forms), code)


def carrier_forms_of(found: Organization, records: Sequence[CarrierRecord]) -> dict[str, Form]:
    """The forms that choose a carrier, as it is now."""
    own = next((one.ref for one in records if one.id == found.carrier_id), "")
    return {"carrier": OrganizationCarrierForm(records, formdata=None, data={"carrier": own}),
            "number_carrier": NumberCarrierForm(records, formdata=None)}


def list_other_items(snapshot: OrganizationSnapshot, steps: StepsLeft) -> list[ChecklistItem]:
    """What operators can fix for some of the users, without what is a step for all of them."""
    open_items = checklist.items_for_fixer(checklist.list_checklist_items(snapshot), Fixer.PROVIDER)
    return [item for item in open_items if item.rule.id not in steps.left]


def list_state_counts(snapshot: OrganizationSnapshot) -> list[dict[str, Any]]:
    """How many users stand how, in numbers only: operators see no list of them."""
    counts = snapshot.counts()
    return [{"key": state.value, "label": wording.enum_in_words(state), "count": counts[state]} for state in UserState]


def list_location_pstn_forms(found: Organization,
                             said: LocationPstnForm | None) -> list[tuple[Location, LocationPstnForm]]:
    """Every location with the form for its PSTN connection; `said` is the one with an error."""
    pairs = [(place, LocationPstnForm.at(place, formdata=None)) for place in locations.locations_of_organization(found)]
    return [(place, said if said is not None and said.is_at(place) else form) for place, form in pairs]


def organization_numbers_context(row: OrganizationRow) -> dict[str, Any]:
    """A page of the organization's numbers, by what the address asks for."""
    search, after = read_search_and_position()
    rows, more = numbers.list_number_rows(row.organization, search, after, NUMBERS)
    return {"claimed": number_claims.count_claims(row.organization), "numbers": rows, "search": search, "after": after,
            "many": row.numbers, "free": row.free_numbers, "last": rows[-1][0].e164 if more else ""}
