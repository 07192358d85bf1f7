"""Requests on the web that came with many others: an administrator decides whether each of them counts."""

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.services.texting import web_decisions
from portal.web.reader import signed_in_user

from . import bp


@bp.post("/opt-outs/requests/<ref>")
def decide_web_request(ref: str) -> Response:
    """Put a request in force, or leave the number as it is."""
    found, meant = web_decisions.find_web_request(current_user.organization_id, ref), request.form.get("meant") == "yes"
    done = web_decisions.decide_web_request(signed_in_user(), current_user.organization, found, meant)
    if not done:
        flash(gettext("Another person has decided already. Nothing was changed."))
    elif meant:
        flash(gettext("Opt-out added. Nobody in your organization can text this number any more. One automatic text"
                      " tells its owner, unless one has within 30 days."))
    else:
        flash(gettext("The request does not count. People who text the number are still warned for 30 days."))
    return make_response(redirect(url_for("admin.list_optouts"), 303))


@bp.get("/opt-outs/requests/<ref>")
def reload_web_request(ref: str) -> Response:
    """A reload after an error leads back to the list."""
    web_decisions.find_web_request(current_user.organization_id, ref)
    return make_response(redirect(url_for("admin.list_optouts"), 303))
