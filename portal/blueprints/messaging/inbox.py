"""The member's conversations, newest first."""

from typing import Any

from flask import render_template, request
from flask_babel import ngettext

from portal.models import Conversation
from portal.services.texting import call_tasks, conversations
from portal.services.texting.conversations import InboxRow
from portal.web.reader import signed_in_user
from portal.web.requests import read_list_position
from portal.wording import texts

from . import bp
from .words import (
    LineView,
    make_line_view,
    snippet_of_line,
    texting_obstacle_context,
    title_of_conversation,
)


@bp.get("/")
def show_inbox() -> str:
    """All conversations, 50 a page."""
    return inbox_page("", read_list_position("before"))


@bp.post("/")
def search_inbox() -> str:
    """Those with a name or number. It is a form that is posted, so that no number stands in an address."""
    return inbox_page(request.form.get("search", ""), read_list_position("before"))


def inbox_page(search: str, before: int | None) -> str:
    """A page of the list, with the reasons why the member may not text, if there are any."""
    rows, more = conversations.list_inbox_rows(signed_in_user(), search, before)
    calls = call_tasks.list_calls_to_make(signed_in_user()) if not search and before is None else []
    above = {call.conversation.id for call in calls}
    shown = [*calls, *(row for row in rows if row.conversation.id not in above)]
    return render_template(
        "messaging/inbox.html", rows=[describe_inbox_row(row) for row in shown], search=search,
        barred=texting_obstacle_context(),
        newest=before is None, older=rows[-1].conversation.last_id if more else None)


def describe_inbox_row(row: InboxRow) -> dict[str, Any]:
    """A conversation as the list shows it."""
    conversation, last, ours = row
    line = make_line_view(last, ours) if last else LineView("", "note", "", conversation.last_at)
    return {"ref": conversation.ref, "title": title_of_conversation(conversation), "at": conversation.last_at,
            "line": line, "snippet": snippet_of_line(line),
            "unread": unread_count_in_words(conversation), "blocked": conversation.blocked,
            "call": texts.call_reason_in_words(conversation.call_reason)}


def unread_count_in_words(conversation: Conversation) -> str:
    """How many texts have not been read, in words; "" when there is none."""
    return str(ngettext("%(num)s new text", "%(num)s new texts", conversation.unread)) if conversation.unread else ""
