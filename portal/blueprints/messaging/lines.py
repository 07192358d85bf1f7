"""What the writer of a text can still do about it."""

from typing import Any

from flask import Response, make_response, redirect, url_for
from flask_babel import gettext
from markupsafe import Markup

from portal import wording
from portal.models import Conversation, Message
from portal.services.spam import reports
from portal.services.texting import conversations, sending
from portal.web.htmx import respond

from . import bp
from .words import headline, me, shown, still_mine

LINKED = Markup('{} <a href="{}">{}</a>')


def answered(conversation: Conversation, message: Message, said: str, **more: Any) -> Response:
    """The text as it is now, in its place or on its page, and what has been done."""
    shows = {"line": shown(message, ""), "conversation": conversation, "now_ours": still_mine(conversation),
             "focus": True, **more}
    return respond("messaging/thread.html", "messaging/_line.html", shows, title=headline(conversation),
                   go=url_for("messaging.thread", ref=conversation.ref, _anchor=f"text-{message.ref}"), said=said)


@bp.post("/<ref>/texts/<text>/cancel")
def cancel(ref: str, text: str) -> Response:
    """Call back a text that waits."""
    conversation = conversations.find(me(), ref)
    message = conversations.line(conversation, text)
    done = sending.cancel(message)
    return answered(conversation, message, gettext("Canceled: it was not sent.") if done else gettext(
        "It was too late to cancel this text."))


@bp.post("/<ref>/texts/<text>/edit")
def edit_again(ref: str, text: str) -> Response:
    """Write anew, starting from a text that was not sent."""
    message = conversations.line(conversations.find(me(), ref), text)
    return make_response(redirect(url_for("messaging.thread", ref=ref, again=message.ref, _anchor="newest"), 303))


@bp.post("/<ref>/texts/<text>/sent")
def was_sent(ref: str, text: str) -> Response:
    """The writer knows that an unclear text was sent."""
    conversation = conversations.find(me(), ref)
    message = conversations.line(conversation, text)
    done = sending.say_sent(message)
    return answered(conversation, message, gettext("Noted: it was sent.") if done else gettext(
        "It is clear by now what became of this text."))


@bp.post("/<ref>/texts/<text>/again")
def send_again(ref: str, text: str) -> Response:
    """Send an unclear text once more."""
    conversation = conversations.find(me(), ref)
    message = conversations.line(conversation, text)
    sent = sending.send_again(me(), message)
    if sent is None:
        return answered(conversation, message, gettext("It is clear by now what became of this text."))
    refused = " ".join(wording.reason(reason).sentence for reason in sent.decision.blocking)
    answer = answered(conversation, message, refused or gettext("It is sent again."))
    answer.headers["HX-Trigger"] = "sent"
    return answer


@bp.post("/<ref>/texts/<text>/report")
def report(ref: str, text: str) -> Response:
    """Report a text that came in as spam. Once is enough."""
    conversation = conversations.find(me(), ref)
    message = conversations.incoming(conversation, text)
    said = reported(conversation, message)
    return answered(conversation, message, said, reported=reports.reported(me(), conversation, [message]))


def reported(conversation: Conversation, message: Message) -> str:
    """What became of reporting a text; its link is known only now."""
    if reports.reported(me(), conversation, [message]):
        return str(gettext("You have reported this text already."))
    filed = reports.report_line(me(), conversation, message)
    if not filed.decision.allowed:
        return " ".join(wording.reason(reason).sentence for reason in filed.decision.blocking)
    thanks = gettext("Reported. Thank you. Reference: %(reference)s.", reference=reports.find(filed.token).ref)
    return LINKED.format(thanks, url_for("spam.status", token=filed.token), gettext("Follow your report"))


@bp.get("/<ref>/texts/<text>/cancel")
@bp.get("/<ref>/texts/<text>/edit")
@bp.get("/<ref>/texts/<text>/sent")
@bp.get("/<ref>/texts/<text>/again")
def back_to(ref: str, text: str) -> Response:
    """A reload after an error leads back to the conversation."""
    message = conversations.line(conversations.find(me(), ref), text)
    return make_response(redirect(url_for("messaging.thread", ref=ref, _anchor=f"text-{message.ref}"), 303))


@bp.get("/<ref>/texts/<text>/report")
def back_to_incoming(ref: str, text: str) -> Response:
    """The same for a text that came in."""
    message = conversations.incoming(conversations.find(me(), ref), text)
    return make_response(redirect(url_for("messaging.thread", ref=ref, _anchor=f"text-{message.ref}"), 303))
