"""Addresses of people elsewhere that organizations entered: each answer about one, for operators."""

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.services.people import addresses_elsewhere, organizations

from . import bp


@bp.get("/addresses")
def list_refused_addresses() -> str:
    """The addresses, newest first, and on top where new ones wait."""
    after = request.args.get("after", "")
    rows, more = addresses_elsewhere.list_refused_address_rows(after)
    return render_template("operator/refused_addresses.html", rows=rows, after=after,
                           waiting=addresses_elsewhere.organizations_with_waiting_addresses(),
                           most=addresses_elsewhere.ANSWERS_PER_DAY, last=rows[-1].refused.ref if more else "")


@bp.post("/addresses")
def let_addresses_in() -> Response:
    """Let an organization enter new addresses again."""
    found = organizations.find_organization_for_operator(request.form.get("organization") or abort(404))
    addresses_elsewhere.allow_new_addresses(current_user, found)
    flash(gettext("%(name)s can enter new addresses again.", name=found.name))
    return make_response(redirect(url_for("operator.list_refused_addresses"), 303))
