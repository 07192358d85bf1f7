"""Claimed numbers as operators see them: of one organization or of all, confirmed one by one or together."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import ngettext
from flask_login import current_user

from portal.models import Organization
from portal.services.people import number_claims, organizations, users

from . import bp
from .claim_forms import ClaimChoiceForm


def read_claim_filters() -> tuple[Organization | None, dict[str, Any]]:
    """The organization that the address asks for, if any, and what of it stays in addresses; 404 for a wrong one."""
    ref, disputed = request.args.get("organization", ""), request.args.get("show") == "disputed"
    kept = {"organization": ref, "show": "disputed" if disputed else ""}
    return organizations.find_organization_for_operator(ref) if ref else None, {name: value for name,
                                                                                value in kept.items() if value}


def claims_page(form: ClaimChoiceForm, code: int = 200) -> Response:
    """The list as the address asks for it, around the form."""
    (organization, kept), after = read_claim_filters(), request.args.get("after", "")
    rows, more = number_claims.list_claim_rows(organization, disputed="show" in kept, after=after)
    return make_response(render_template(
        "operator/claims.html", form=form, rows=rows, organization=organization, kept=kept, after=after,
        last=rows[-1].claim.ref if more else "", waiting=number_claims.count_claims(organization),
        earlier=number_claims.count_earlier_numbers(),
        errors=code != 200), code)


@bp.get("/claims", endpoint="claims")
def list_claims() -> Response:
    """The numbers that wait to be confirmed."""
    return claims_page(ClaimChoiceForm(formdata=None))


@bp.post("/claims")
def decide_claims() -> Response:
    """Confirm the chosen ones or all that nobody disputes, or say why the chosen ones are not confirmed."""
    form, what = ClaimChoiceForm(), request.form.get("do", "")
    if what == "all":
        return redirect_after_confirmation(*number_claims.confirm_undisputed_claims(current_user,
                                                                                    read_claim_filters()[0]))
    form.rejects = what == "reject"
    if not form.validate_on_submit():
        return claims_page(form, 422)
    if form.rejects:
        return redirect_after_rejection(number_claims.reject_claims(current_user, form.chosen.data or [],
                                                                    form.reason.data or ""))
    return redirect_after_confirmation(*number_claims.confirm_claims(current_user, form.chosen.data or []))


def redirect_after_confirmation(many: int, left: int) -> Response:
    """To the list again, with how many numbers count now and how many were left to decide."""
    flash(ngettext("%(num)s number confirmed.", "%(num)s numbers confirmed.", many))
    if left:
        flash(ngettext("%(num)s number was left alone, because several organizations want it or one has it already.",
                       "%(num)s numbers were left alone, because several organizations want them or one has them"
                       " already.", left))
    return redirect_to_claims()


def redirect_after_rejection(many: int) -> Response:
    """To the list again, with how many numbers are gone from it."""
    flash(ngettext("%(num)s number was not confirmed. The administrators read your reason in their audit log.",
                   "%(num)s numbers were not confirmed. The administrators read your reason in their audit log.", many))
    return redirect_to_claims()


def redirect_to_claims() -> Response:
    """The list that the form was sent from."""
    return make_response(redirect(url_for("operator.claims", **read_claim_filters()[1]), 303))


@bp.post("/claims/<ref>")
def confirm_claim(ref: str) -> Response:
    """Confirm one number; operators who also administer the organization return to the page of its user."""
    user_id = number_claims.find_claim_for_operator(ref).user_id
    answer = redirect_after_confirmation(*number_claims.confirm_claims(current_user, [ref]))
    user = users.find_user_for_admin(current_user, user_id)
    return answer if user is None else make_response(redirect(url_for("admin.show_user", ref=user.ref), 303))


@bp.get("/claims/<ref>")
def reload_claims(ref: str) -> Response:
    """A reload after an error leads back to the list."""
    return make_response(redirect(url_for("operator.claims", after=ref), 303))


@bp.get("/claims/earlier")
def list_earlier_numbers() -> Response:
    """Numbers that administrators brought before numbers had to be confirmed."""
    return earlier_numbers_page(ClaimChoiceForm(formdata=None))


def earlier_numbers_page(form: ClaimChoiceForm, code: int = 200) -> Response:
    """The list around its form."""
    after = request.args.get("after", "")
    rows, more = number_claims.list_earlier_number_rows(after)
    return make_response(render_template(
        "operator/earlier_numbers.html", form=form, rows=rows, after=after, last=rows[-1][0].e164 if more else "",
        errors=code != 200), code)


@bp.post("/claims/earlier")
def confirm_earlier_numbers() -> Response:
    """Confirm the chosen ones, or all of them."""
    form, every = ClaimChoiceForm(), request.form.get("do") == "all"
    if not every and not form.validate_on_submit():
        return earlier_numbers_page(form, 422)
    many = number_claims.keep_earlier_numbers(current_user, None if every else form.chosen.data or [])
    flash(ngettext("%(num)s number confirmed.", "%(num)s numbers confirmed.", many))
    return make_response(redirect(url_for("operator.list_earlier_numbers"), 303))
