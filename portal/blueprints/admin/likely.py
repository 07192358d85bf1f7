"""Likely opt-outs as administrators see them: decide, read the words in question, undo."""

from flask import Response, flash, make_response, redirect, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.services.refusals import Clash
from portal.services.texting import likely_optouts, optouts
from portal.web.not_meant_form import NotMeantForm
from portal.web.reader import signed_in_user

from . import bp
from .optouts import WithdrawOptOutForm, optout_page


@bp.post("/opt-outs/<ref>/decide")
def decide_optout(ref: str) -> Response:
    """Record whether the person who texted meant to opt out."""
    row, form = optouts.find_optout(current_user.organization_id, ref), NotMeantForm()
    try:
        if form.is_complete() or not likely_optouts.waits_for_decision(row):
            done = likely_optouts.decide_likely_optout(signed_in_user(), current_user.organization, row,
                                                       reason=form.chosen_reason)
            return redirect_to_optout(ref, gettext("Your decision is saved.") if done else gettext(
                "Another person has decided already. Nothing was changed."))
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
    return make_response(optout_page(row, WithdrawOptOutForm(formdata=None), deciding=form), 422)


def redirect_to_optout(ref: str, said: str) -> Response:
    """Back to the entry, with a sentence about what was done."""
    flash(said)
    return make_response(redirect(url_for("admin.show_optout", ref=ref), 303))


@bp.post("/opt-outs/<ref>/undo")
def undo_optout(ref: str) -> Response:
    """Undo the decision of a few minutes ago."""
    row = optouts.find_optout(current_user.organization_id, ref)
    done = likely_optouts.undo_optout_decision(signed_in_user(), current_user.organization, row)
    return redirect_to_optout(ref, gettext(
        "Undone. It waits for a decision again, and nobody can text them. Texts that were refused before stay"
        " refused.") if done else gettext(
        "It is too late to undo this, or something has changed since. Nothing was changed."))


@bp.post("/opt-outs/<ref>/read")
def read_optout_words(ref: str) -> Response:
    """Show the words that were heard, this once; the log and the member are told."""
    row = optouts.find_optout(current_user.organization_id, ref)
    try:
        words = likely_optouts.read_likely_words(signed_in_user(), current_user.organization, row)
    except Clash as clash:
        return redirect_to_optout(ref, str(gettext(clash.sentence)))
    return make_response(optout_page(row, WithdrawOptOutForm(formdata=None), quoted=words))


@bp.get("/opt-outs/<ref>/decide")
@bp.get("/opt-outs/<ref>/undo")
@bp.get("/opt-outs/<ref>/read")
def reload_optout(ref: str) -> Response:
    """A reload after an error leads back to the entry."""
    found = optouts.find_optout(current_user.organization_id, ref)
    return make_response(redirect(url_for("admin.show_optout", ref=found.ref), 303))
