"""Writing down, beside a conversation, that a person agreed to texts."""

from flask import Response, flash, make_response, redirect, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.services.texting import consents, conversations
from portal.web.consent_fields import NewConsentForm, store_consent_fields
from portal.web.reader import signed_in_user

from . import bp
from .threads import conversation_page, open_text_form


@bp.post("/<ref>/consent")
def record_conversation_consent(ref: str) -> Response:
    """Write down how the person of a conversation agreed to texts."""
    conversation, form = conversations.find_conversation(signed_in_user(), ref), NewConsentForm()
    if store_consent_fields(form, lambda said: consents.record_consent(
            signed_in_user(), current_user.organization, conversation.theirs, said)):
        flash(gettext("Consent written down."))
        return make_response(redirect(url_for("messaging.show_conversation", ref=ref), 303))
    return make_response(conversation_page(conversation, open_text_form(conversation), agreeing=form), 422)


@bp.get("/<ref>/consent")
def reload_conversation_consent(ref: str) -> Response:
    """A reload after an error leads back to the conversation."""
    return make_response(redirect(url_for("messaging.show_conversation",
                                          ref=conversations.find_conversation(signed_in_user(), ref).ref), 303))
