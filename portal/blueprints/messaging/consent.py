"""Writing down, beside a conversation, that a person agreed to texts."""

from flask import Response, flash, make_response, redirect, url_for
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup

from portal.services.texting import consents, conversations
from portal.web.consent_fields import NewConsentForm, store_consent_fields
from portal.web.form_tokens import make_form_token
from portal.web.kept_parts import fill_part, mark_place, write_part
from portal.web.reader import signed_in_user

from . import bp
from .threads import conversation_page, open_text_form


@bp.app_template_global()
def fill_empty_consent_form(ref: str) -> Markup:
    """The form in which nobody has written anything yet, for the conversation with this ref."""
    return fill_part(write_empty_consent_form, own={
        "address": url_for("messaging.record_conversation_consent", ref=ref), "token": make_form_token()})


def write_empty_consent_form() -> str:
    """The same with places for address and token."""
    return write_part("messaging/_consent_form.html", agreeing=NewConsentForm(formdata=None),
                      **{name: mark_place(name) for name in ("address", "token")})


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
