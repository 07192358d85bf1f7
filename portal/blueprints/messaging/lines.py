"""What the writer of a text can still do about it."""

from collections.abc import Mapping

from flask import Response, make_response, redirect, url_for
from flask_babel import gettext
from markupsafe import Markup

from portal import wording
from portal.models import Conversation, Message
from portal.services.spam import reports
from portal.services.texting import conversations, sending
from portal.web.compression import shows_secret
from portal.web.htmx import respond
from portal.web.reader import signed_in_user

from . import bp
from .words import NONE_REPORTED, is_number_still_mine, make_line_views, page_title_of_conversation

SENTENCE_WITH_LINK = Markup('{} <a href="{}">{}</a>')


def respond_with_text(conversation: Conversation, message: Message, said: str,
                      reported: Mapping[str, str] = NONE_REPORTED) -> Response:
    """The text as it is now, as a part or as its page, with a sentence about what was done."""
    (line,) = make_line_views(conversation, [message], reported)
    shows = {"line": line, "now_ours": is_number_still_mine(conversation), "focus": True}
    return respond("messaging/thread.html", "messaging/_line.html", shows,
                   title=page_title_of_conversation(conversation),
                   go=url_for("messaging.show_conversation", ref=conversation.ref, _anchor=f"text-{message.ref}"),
                   said=said)


@bp.post("/<ref>/texts/<text>/cancel")
def cancel_text(ref: str, text: str) -> Response:
    """Call back a text that waits."""
    conversation = conversations.find_conversation(signed_in_user(), ref)
    message = conversations.find_outgoing_text(conversation, text)
    done = sending.cancel_waiting_text(message)
    return respond_with_text(conversation, message, gettext("Canceled. It was not sent.") if done else gettext(
        "It was too late to cancel this text."))


@bp.post("/<ref>/texts/<text>/edit")
def edit_text_again(ref: str, text: str) -> Response:
    """Write anew, starting from a text that was not sent."""
    message = conversations.find_outgoing_text(conversations.find_conversation(signed_in_user(), ref), text)
    return make_response(redirect(url_for("messaging.show_conversation", ref=ref, again=message.ref, _anchor="newest"),
                                  303))


@bp.post("/<ref>/texts/<text>/sent")
def confirm_text_sent(ref: str, text: str) -> Response:
    """The writer knows that an unclear text was sent."""
    conversation = conversations.find_conversation(signed_in_user(), ref)
    message = conversations.find_outgoing_text(conversation, text)
    done = sending.mark_text_sent(message)
    return respond_with_text(conversation, message, gettext("Marked as sent.") if done else gettext(
        "The carrier has told what became of this text. Nothing was changed."))


@bp.post("/<ref>/texts/<text>/again")
def send_text_again(ref: str, text: str) -> Response:
    """Send an unclear text once more."""
    conversation = conversations.find_conversation(signed_in_user(), ref)
    message = conversations.find_outgoing_text(conversation, text)
    sent = sending.resend_unclear_text(signed_in_user(), message)
    if sent is None:
        return respond_with_text(conversation, message, gettext(
            "The carrier has told what became of this text. Nothing was changed."))
    refused = " ".join(wording.reason_in_words(reason).sentence for reason in sent.decision.blocking)
    answer = respond_with_text(conversation, message, refused or gettext("Sent again."))
    answer.headers["HX-Trigger"] = "sent"
    return answer


@bp.post("/<ref>/texts/<text>/report")
@shows_secret
def report_text(ref: str, text: str) -> Response:
    """Report a text that came in as spam. Once is enough."""
    conversation = conversations.find_conversation(signed_in_user(), ref)
    message = conversations.find_incoming_text(conversation, text)
    said = file_report_of_text(conversation, message)
    return respond_with_text(conversation, message, said,
                             reports.report_refs_by_text(signed_in_user(), conversation, [message]))


def file_report_of_text(conversation: Conversation, message: Message) -> str:
    """What became of reporting a text; its link is known only now."""
    if reports.report_refs_by_text(signed_in_user(), conversation, [message]):
        return str(gettext("You have reported this text already."))
    filed = reports.report_incoming_text(signed_in_user(), conversation, message)
    if not filed.decision.allowed:
        return " ".join(wording.reason_in_words(reason).sentence for reason in filed.decision.blocking)
    thanks = gettext("Reported, thank you. Your reference is %(reference)s.",
                     reference=reports.find_report_by_token(filed.token).ref)
    return SENTENCE_WITH_LINK.format(thanks, url_for("spam.show_report_status", token=filed.token),
                                     gettext("Follow your report"))


@bp.get("/<ref>/texts/<text>/cancel")
@bp.get("/<ref>/texts/<text>/edit")
@bp.get("/<ref>/texts/<text>/sent")
@bp.get("/<ref>/texts/<text>/again")
def reload_outgoing_text(ref: str, text: str) -> Response:
    """A reload after an error leads back to the conversation."""
    message = conversations.find_outgoing_text(conversations.find_conversation(signed_in_user(), ref), text)
    return make_response(redirect(url_for("messaging.show_conversation", ref=ref, _anchor=f"text-{message.ref}"), 303))


@bp.get("/<ref>/texts/<text>/report")
def reload_incoming_text(ref: str, text: str) -> Response:
    """The same for a text that came in."""
    message = conversations.find_incoming_text(conversations.find_conversation(signed_in_user(), ref), text)
    return make_response(redirect(url_for("messaging.show_conversation", ref=ref, _anchor=f"text-{message.ref}"), 303))
