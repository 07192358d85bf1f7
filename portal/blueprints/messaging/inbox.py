"""The member's conversations, newest first."""

from typing import Any

from flask import render_template, request
from flask_babel import ngettext

from portal.models import Conversation
from portal.services.texting import conversations
from portal.services.texting.conversations import Row

from . import bp
from .words import Line, barred, me, place, shown, snippet, title


@bp.get("/")
def inbox() -> str:
    """All conversations, 50 a page."""
    return page("", place("before"))


@bp.post("/")
def search() -> str:
    """Those with a name or number. It is a form that is posted, so that no number stands in an address."""
    return page(request.form.get("search", ""), place("before"))


def page(search: str, before: int | None) -> str:
    """A page of the list, with the reasons why the member may not text, if there are any."""
    rows, more = conversations.page(me(), search, before)
    return render_template(
        "messaging/inbox.html", rows=[listed(row) for row in rows], search=search, barred=barred(),
        newest=before is None, older=rows[-1].conversation.last_id if more else None)


def listed(row: Row) -> dict[str, Any]:
    """A conversation as the list shows it."""
    held, last, ours = row
    line = shown(last, ours) if last else Line("", "note", "", held.last_at)
    return {"ref": held.ref, "title": title(held), "at": held.last_at, "line": line, "snippet": snippet(line),
            "unread": unread(held), "blocked": held.blocked}


def unread(conversation: Conversation) -> str:
    """How many texts have not been read, in words; "" when there is none."""
    return str(ngettext("%(num)s new text", "%(num)s new texts", conversation.unread)) if conversation.unread else ""
