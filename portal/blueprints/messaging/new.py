"""Writing to an outside number, and what the portal says about a text while the user types it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal import wording
from portal.extensions import current_settings
from portal.models import Conversation
from portal.services.texting import composer, consents, conversations, drafts, named_numbers, sending
from portal.services.texting.sender_facts import KnownSender
from portal.services.texting.sending import KeyReused, SendAnswer
from portal.web.consent_fields import is_consent_filled, is_consent_posted, store_consent_fields
from portal.web.reader import signed_in_user

from . import bp
from .first_text import fill_in_test_text
from .forms import SUBMISSION_KEY, NewTextForm, TextForm, TypedText, read_recipient
from .words import (
    describe_text_sender,
    make_sender_line,
    read_reader_facts,
    read_submit_purpose,
    text_preview_context,
    texting_obstacle_context,
)


def submit_typed_text(typed: TypedText) -> SendAnswer | None:
    """Send what was typed; None where its key came with another text before."""
    try:
        return sending.send_text(signed_in_user(), typed.number, typed.body, typed.key)
    except KeyReused:
        return None


def explain_answer(form: TextForm, answer: SendAnswer | None) -> None:
    """Say in a form every reason why its text was not sent."""
    if answer is not None:
        form.explain(answer.decision)
        return
    form.renew()
    form.form_errors.append(gettext("You have sent another text from this page already. This one has not been"
                                    " sent. Read it again, then press Send."))


def submit_text_form(form: TextForm, to: str) -> str:
    """Send what a form holds; the ref of its conversation, or "" with every reason in the form."""
    answer = submit_typed_text(TypedText(to, form.body.data or "", form.key.data or ""))
    explain_answer(form, answer)
    return answer.conversation if answer else ""


def change_typed_text(form: TextForm) -> None:
    """Make a text plain, or add the line that says who writes, where its writer pressed the button for that."""
    purpose, body = read_submit_purpose(), form.body.data or ""
    if purpose == "plain":
        form.body.data = composer.suggest_plain_text(body)
    elif purpose == "address" and current_settings().public:
        form.body.data = composer.add_line(body, make_sender_line())


def keep_form_draft(form: TextForm, typed: str = "", conversation: Conversation | None = None) -> None:
    """Change a text that was posted and not sent, where that was asked for, and keep it."""
    change_typed_text(form)
    drafts.keep_draft(signed_in_user(), conversation, typed, form.body.data or "", form.key.data or "")


def show_or_keep_draft(form: NewTextForm) -> None:
    """Show the draft of a new message in a form that nobody has posted; keep what was posted and not sent."""
    if request.method == "POST":
        keep_form_draft(form, form.number.data or "")
    else:
        form.go_on_with(drafts.find_draft(signed_in_user()))
        fill_in_test_text(form)


def composer_context(form: TextForm, to: str, known: KnownSender) -> Mapping[str, Any]:
    """What a form for a text shows: its fields and what is said to them. Words of a draft do not close it."""
    look = composer.preview_draft(signed_in_user(), to, form.body.data or "", known)
    look = look if form.decision is None else replace(look, decision=form.decision)
    closing = [one for one in look.decision.blocking if not (form.from_draft and one.rule.about == "body")]
    return {"form": form, "errors": bool(form.errors), "blocked": bool(closing),
            "slowed": wording.slowdown_in_words(known.restrictions),
            **text_preview_context(look, to, form.body.data or "")}


def submit_new_text() -> tuple[str, NewTextForm | None]:
    """Send the new text that was posted: the ref of its conversation, or "" and the form with every reason."""
    if is_consent_posted():
        form = NewTextForm()
        return submit_with_consent(form), form
    typed = TypedText.read()
    number, misnamed = read_recipient(typed.number)
    answer = submit_typed_text(typed._replace(number=number))
    if answer and answer.conversation:
        return answer.conversation, None
    form = NewTextForm()
    form.misnamed = misnamed
    explain_answer(form, answer)
    return "", form


def submit_with_consent(form: NewTextForm) -> str:
    """Write down the consent that was filled in, then send the text; "" with every reason in the form."""
    to, place = form.to, current_user.location
    agreed = not is_consent_filled(form) or store_consent_fields(form, lambda said: consents.record_typed_consent(
        signed_in_user(), current_user.organization, to, said, place.country if place else "US"))
    return submit_text_form(form, to) if agreed else ""


@bp.get("/new")
@bp.post("/new")
def write_new_text() -> Response:
    """Send a text to an outside number; show its conversation."""
    ref, form = submit_new_text() if request.method == "POST" and read_submit_purpose() == "send" else ("", None)
    if ref:
        return make_response(redirect(url_for("messaging.show_conversation", ref=ref, _anchor="newest"), 303))
    return new_text_page(form or NewTextForm())


def new_text_page(form: NewTextForm) -> Response:
    """The page with the form for a new text, and the draft that was kept or is kept now."""
    show_or_keep_draft(form)
    known = read_reader_facts()
    obstacle = texting_obstacle_context(known)
    page = render_template("messaging/new.html", barred=obstacle, sender=describe_text_sender() if not obstacle else "",
                           named=named_numbers.list_named_numbers(signed_in_user()),
                           **composer_context(form, form.to, known))
    return make_response(page, 422 if form.errors else 200)


@bp.post("/consider")
def show_text_preview() -> Response:
    """Keep a text so far, and what the portal says to it. It is posted: neither number nor words are in an address."""
    to, body = request.form.get("number", ""), request.form.get("body", "")
    if not keep_looked_at_draft(to, body):
        return Response(status=204)
    number, misnamed = read_recipient(to)
    look = composer.preview_draft(signed_in_user(), "" if misnamed else number, body)
    told = text_preview_context(look, to, body)
    return make_response(render_template("messaging/_considered.html", **{**told, "meta": misnamed or told["meta"]}))


def keep_looked_at_draft(to: str, body: str) -> bool:
    """Keep the draft of the form that asks what to say to it; False if the text has been sent already."""
    key, ref = request.form.get("key", ""), request.form.get("conversation", "")
    conversation = conversations.find_conversation(signed_in_user(), ref) if ref else None
    return not SUBMISSION_KEY.fullmatch(key) or drafts.keep_draft(signed_in_user(), conversation, to, body, key)
