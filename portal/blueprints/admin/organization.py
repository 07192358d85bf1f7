"""The organization: what its administrators set about it."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.services.people import organizations
from portal.services.refusals import Changed

from . import bp
from .conflict import tell_theirs
from .forms import OrganizationForm


def page(form: OrganizationForm, code: int = 200) -> Response:
    """The page around a form."""
    return make_response(render_template("admin/organization.html", form=form, organization=current_user.organization,
                                         errors=code != 200), code)


@bp.get("/organization")
def organization() -> Response:
    """Name, and what people who answer by keyword get to read."""
    return page(OrganizationForm.of(current_user.organization))


@bp.post("/organization")
def update_organization() -> Response:
    """Change them."""
    form = OrganizationForm()
    if not form.validate_on_submit():
        return page(form, 422)
    try:
        organizations.update(current_user, current_user.organization, form.version.data or 0, values(form))
    except Changed:
        tell_theirs(form, OrganizationForm.of(current_user.organization))
        return page(form, 409)
    flash(gettext("Saved."))
    return make_response(redirect(url_for("admin.organization"), 303))


def values(form: OrganizationForm) -> dict[str, str]:
    """What the form says about the organization."""
    return {"name": form.name.data or "", "reply_name": form.reply_name.data or "",
            "help_contact": form.help_contact.data or ""}
