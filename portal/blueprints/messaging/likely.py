"""What a member decides about words that may mean an opt-out, and undoes again."""

from flask import Response, flash, make_response, redirect, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.models import OptOut
from portal.rules.terms import NotMeantReason
from portal.services.refusals import Clash
from portal.services.texting import conversations, likely_optouts
from portal.web.not_meant_form import NotMeantForm
from portal.web.reader import signed_in_user

from . import bp
from .threads import conversation_page, open_text_form, redirect_page_or_part


@bp.post("/<ref>/opt-out")
def decide_optout_in_conversation(ref: str) -> Response:
    """Record whether the other person meant to opt out."""
    conversation, form = conversations.find_conversation(signed_in_user(), ref), NotMeantForm()
    row = conversations.optout_of_conversation(conversation)
    try:
        if form.is_complete() or not likely_optouts.waits_for_decision(row):
            flash(record_member_decision(row, form.chosen_reason))
            return redirect_page_or_part(url_for("messaging.show_conversation", ref=ref))
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
    return make_response(conversation_page(conversation, open_text_form(conversation), deciding=form), 422)


def record_member_decision(row: OptOut | None, reason: NotMeantReason | None) -> str:
    """Record a member's decision: it was meant, or for this `reason` it was not; returns what to tell the member."""
    if row is None or not likely_optouts.decide_likely_optout(signed_in_user(), current_user.organization, row,
                                                              reason=reason):
        return str(gettext("Another person has decided already. Nothing was changed."))
    return optout_decision_in_words(meant=reason is None)


def optout_decision_in_words(*, meant: bool) -> str:
    """What a decision about a likely opt-out leads to."""
    return str(gettext("They have opted out. Nobody in your organization can text them any more.") if meant
               else gettext("They did not mean it. You can text them again."))


@bp.post("/<ref>/opt-out/undo")
def undo_optout_in_conversation(ref: str) -> Response:
    """Undo the decision of a few minutes ago."""
    conversation = conversations.find_conversation(signed_in_user(), ref)
    row = conversations.optout_of_conversation(conversation)
    done = row is not None and likely_optouts.undo_optout_decision(signed_in_user(), current_user.organization, row)
    flash(gettext("Undone. It waits for a decision again, and nobody can text them. Texts that were refused before"
                  " stay refused.") if done else gettext(
        "It is too late to undo this, or something has changed since. Nothing was changed."))
    return redirect_page_or_part(url_for("messaging.show_conversation", ref=ref))


@bp.get("/<ref>/opt-out")
@bp.get("/<ref>/opt-out/undo")
def reload_optout_decision(ref: str) -> Response:
    """A reload after an error leads back to the conversation."""
    return make_response(redirect(url_for("messaging.show_conversation",
                                          ref=conversations.find_conversation(signed_in_user(), ref).ref), 303))
