"""The organization: what its administrators set about it."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.services.people import organizations
from portal.services.refusals import Changed
from portal.services.toggles.eligibility import OrganizationSnapshot

from . import bp
from .conflict import add_conflict_error
from .forms import OrganizationDetailsForm


def own_organization_page(form: OrganizationDetailsForm, code: int = 200) -> Response:
    """The page around a form."""
    snapshot = OrganizationSnapshot.read(current_user.organization_id)
    return make_response(render_template("admin/organization.html", form=form, organization=current_user.organization,
                                         theirs=snapshot.organization_facts(), errors=code != 200), code)


@bp.get("/organization")
def show_own_organization() -> Response:
    """Name, and what people who answer by keyword get to read."""
    return own_organization_page(OrganizationDetailsForm.of(current_user.organization))


@bp.post("/organization")
def change_own_organization() -> Response:
    """Change them."""
    form = OrganizationDetailsForm()
    if not form.validate_on_submit():
        return own_organization_page(form, 422)
    try:
        organizations.save_organization_details(current_user, current_user.organization, form.version.data or 0,
                                                values_of_organization_form(form))
    except Changed:
        add_conflict_error(form, OrganizationDetailsForm.of(current_user.organization))
        return own_organization_page(form, 409)
    flash(gettext("Saved."))
    return make_response(redirect(url_for("admin.show_own_organization"), 303))


def values_of_organization_form(form: OrganizationDetailsForm) -> dict[str, Any]:
    """What the form says about the organization; a switch that nobody has moved keeps following healthcare."""
    lines = (form.name, form.reply_name, form.help_contact, form.mailing_address, form.telephone, form.privacy_contact)
    mine, ticked = current_user.organization, bool(form.answers_unread.data)
    return {**{field.short_name: field.data or "" for field in lines}, "consent_required": form.consent_required.data,
            "answers_unread": mine.answers_unread if ticked == mine.answers_unread_texts else ticked}
