"""Claimed numbers as operators see them: of one organization or of all, confirmed one by one or together."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import ngettext
from flask_login import current_user

from portal.models import Organization
from portal.services.people import number_claims, organizations, users

from . import bp
from .claim_forms import ClaimsForm


def asked() -> tuple[Organization | None, dict[str, Any]]:
    """The organization that the address asks for, if any, and what of it stays in addresses; 404 for a wrong one."""
    ref, disputed = request.args.get("organization", ""), request.args.get("show") == "disputed"
    kept = {"organization": ref, "show": "disputed" if disputed else ""}
    return organizations.find(ref) if ref else None, {name: value for name, value in kept.items() if value}


def show(form: ClaimsForm, code: int = 200) -> Response:
    """The list as the address asks for it, around the form."""
    (organization, kept), after = asked(), request.args.get("after", "")
    rows, more = number_claims.page(organization, disputed="show" in kept, after=after)
    return make_response(render_template(
        "operator/claims.html", form=form, rows=rows, organization=organization, kept=kept, after=after,
        last=rows[-1].claim.ref if more else "", waiting=number_claims.count(organization),
        earlier=number_claims.count_earlier(),
        errors=code != 200), code)


@bp.get("/claims", endpoint="claims")
def list_claims() -> Response:
    """The numbers that wait to be confirmed."""
    return show(ClaimsForm(formdata=None))


@bp.post("/claims")
def decide_claims() -> Response:
    """Confirm the chosen ones or all that nobody disputes, or say why the chosen ones are not confirmed."""
    form, what = ClaimsForm(), request.form.get("do", "")
    if what == "all":
        return confirmed(*number_claims.confirm_all(current_user, asked()[0]))
    form.rejects = what == "reject"
    if not form.validate_on_submit():
        return show(form, 422)
    if form.rejects:
        return rejected(number_claims.reject(current_user, form.chosen.data or [], form.reason.data or ""))
    return confirmed(*number_claims.confirm(current_user, form.chosen.data or []))


def confirmed(many: int, left: int) -> Response:
    """To the list again, with how many numbers count now and how many were left to decide."""
    flash(ngettext("%(num)s number confirmed.", "%(num)s numbers confirmed.", many))
    if left:
        flash(ngettext("%(num)s number was left: several organizations want it, or one has it already.",
                       "%(num)s numbers were left: several organizations want them, or one has them already.", left))
    return back()


def rejected(many: int) -> Response:
    """To the list again, with how many numbers are gone from it."""
    flash(ngettext("%(num)s number was not confirmed. The administrators read your reason in their audit log.",
                   "%(num)s numbers were not confirmed. The administrators read your reason in their audit log.", many))
    return back()


def back() -> Response:
    """The list that the form was sent from."""
    return make_response(redirect(url_for("operator.claims", **asked()[1]), 303))


@bp.post("/claims/<ref>")
def confirm_claim(ref: str) -> Response:
    """Confirm one number from the page of its user, for whoever administers the organization as well."""
    user_id = number_claims.find(ref).user_id
    answer = confirmed(*number_claims.confirm(current_user, [ref]))
    user = users.of_ours(current_user, user_id)
    return answer if user is None else make_response(redirect(url_for("admin.user", ref=user.ref), 303))


@bp.get("/claims/<ref>")
def whole_list(ref: str) -> Response:
    """A reload after an error leads back to the list."""
    return make_response(redirect(url_for("operator.claims", after=ref), 303))


@bp.get("/claims/earlier")
def earlier_numbers() -> Response:
    """Numbers that administrators brought before numbers had to be confirmed."""
    return show_earlier(ClaimsForm(formdata=None))


def show_earlier(form: ClaimsForm, code: int = 200) -> Response:
    """The list around its form."""
    after = request.args.get("after", "")
    rows, more = number_claims.earlier(after)
    return make_response(render_template(
        "operator/earlier_numbers.html", form=form, rows=rows, after=after, last=rows[-1][0].e164 if more else "",
        errors=code != 200), code)


@bp.post("/claims/earlier")
def confirm_earlier() -> Response:
    """Confirm the chosen ones, or all of them."""
    form, every = ClaimsForm(), request.form.get("do") == "all"
    if not every and not form.validate_on_submit():
        return show_earlier(form, 422)
    many = number_claims.keep_earlier(current_user, None if every else form.chosen.data or [])
    flash(ngettext("%(num)s number confirmed.", "%(num)s numbers confirmed.", many))
    return make_response(redirect(url_for("operator.earlier_numbers"), 303))
