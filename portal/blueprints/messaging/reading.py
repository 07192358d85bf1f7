"""What a member has seen: each text that comes into view says so, and sending says it of all that the page showed."""

from flask import Response, make_response, redirect, request, url_for

from portal.models import Conversation
from portal.services.texting import conversations
from portal.web.htmx import wants_part
from portal.web.reader import signed_in_user

from . import bp

# The event by which a page hears that counts have changed: its navigation asks for them.
COUNTED = "counted"


def mark_shown_lines_read(conversation: Conversation) -> None:
    """Record that the member has seen the lines above the form that they sent."""
    line_id = conversations.position_of_line(conversation, request.form.get("seen", ""))
    conversations.mark_read_up_to(conversation, line_id)


@bp.post("/<ref>/texts/<text>/read")
def mark_text_read(ref: str, text: str) -> Response:
    """A line has come into view, or the member pressed the button that stands there without JavaScript."""
    conversation = conversations.find_conversation(signed_in_user(), ref)
    further = conversations.mark_read_up_to(conversation, conversations.find_line(conversation, text).id)
    if not wants_part():
        return make_response(redirect(url_for("messaging.show_conversation", ref=ref, _anchor="newest"), 303))
    return Response(status=204, headers={"HX-Trigger": COUNTED} if further else None)


@bp.get("/<ref>/texts/<text>/read")
def reload_read_text(ref: str, text: str) -> Response:
    """A reload after an error leads back to the conversation."""
    line = conversations.find_line(conversations.find_conversation(signed_in_user(), ref), text)
    return make_response(redirect(url_for("messaging.show_conversation", ref=ref, _anchor=f"text-{line.ref}"), 303))
