"""The member's conversations, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flask import Response, make_response, render_template, request
from flask_babel import gettext, ngettext

from portal.extensions import now
from portal.services.texting import call_tasks, conversations
from portal.services.texting.conversations import InboxVersion
from portal.services.texting.inbox_rows import InboxRow, ListedConversation
from portal.web import counts
from portal.web.pages import service_name
from portal.web.reader import signed_in_user
from portal.web.requests import read_list_position
from portal.wording import texts
from portal.wording.moments import LineMoment, write_line_moment

from . import bp
from .words import (
    LineView,
    make_line_view,
    read_reader_facts,
    snippet_of_line,
    texting_obstacle_context,
    title_of_conversation,
)

# So many conversations stand beside the one that is open.
ROWS_BESIDE = 20


class ConversationRow(NamedTuple):
    """A conversation as lists show it: `when` in short, `many` and `unread` (in words) of its new texts."""

    ref: str
    title: str
    at: LineMoment
    when: str
    line: LineView
    snippet: str
    many: int
    unread: str
    blocked: bool
    call: str


class InboxList(NamedTuple):
    """The list of an inbox: its rows, what was searched for, and where older rows begin.

    `version` says what the list shows, for the next poll; "" on older pages, which do not change by themselves.
    """

    rows: list[ConversationRow]
    search: str
    newest: bool
    older: int | None
    version: str
    barred: bool


@dataclass(frozen=True, slots=True)
class RowsBeside:
    """The newest conversations beside the one with the ref `open`, and what they show, for the next poll."""

    rows: list[ConversationRow]
    open: str
    version: str


@dataclass(frozen=True, slots=True)
class InboxNews:
    """What a poll of the inbox brings: the list as it is now, the page's title, and what is announced."""

    inbox: InboxList
    title: str
    more: str


@bp.get("/")
def show_inbox() -> str:
    """All conversations, 50 a page."""
    return inbox_page("", read_list_position("before"))


@bp.post("/")
def search_inbox() -> str:
    """Those with a name or number. It is a form that is posted, so that no number stands in an address."""
    return inbox_page(request.form.get("search", ""), read_list_position("before"))


@bp.get("/news")
@bp.post("/news")
def show_inbox_news() -> Response:
    """The first page of the list, if it is not what the page that asks shows; 204 if it is.

    What was searched for is posted, as by the search itself.
    """
    user, search = signed_in_user(), request.form.get("search", "")
    if request.values.get("seen") == version_in_words(conversations.read_inbox_version(user, search)):
        return Response(status=204)
    listed = list_inbox(search, None, barred=request.values.get("barred") == "y")
    title = f"{gettext('Messages')} · {service_name()}"
    return make_response(render_template("messaging/inbox_news.html", page=InboxNews(
        listed, title, counts.more_texts_in_words(request.values.get("unread", "")))))


def inbox_page(search: str, before: int | None) -> str:
    """A page of the list, with the reasons why the member may not text, if there are any."""
    barred = texting_obstacle_context(read_reader_facts())
    return render_template("messaging/inbox.html", barred=barred,
                           inbox=list_inbox(search, before, barred=bool(barred)))


def list_inbox(search: str, before: int | None, *, barred: bool) -> InboxList:
    """A page of the list; on the first one of all, calls to make stand above."""
    rows, more = conversations.list_inbox_rows(signed_in_user(), search, before)
    calls = call_tasks.list_calls_to_make(signed_in_user()) if not search and before is None else []
    above, moment = {call.conversation.id for call in calls}, now()
    shown = [*calls, *(row for row in rows if row.conversation.id not in above)]
    return InboxList(
        [describe_inbox_row(row, moment) for row in shown], search, before is None,
        rows[-1].conversation.last_id if more else None,
        version_in_words(conversations.version_of_rows(rows)) if before is None else "", barred)


def version_in_words(version: InboxVersion) -> str:
    """A version of the list as a poll carries it."""
    return ".".join(map(str, version))


def list_rows_beside(ref: str) -> RowsBeside:
    """The newest conversations, as they stand beside the one that is open."""
    (rows, _more), moment = conversations.list_inbox_rows(signed_in_user(), most=ROWS_BESIDE), now()
    return RowsBeside([describe_inbox_row(row, moment) for row in rows], ref,
                      version_in_words(conversations.version_of_rows(rows)))


def describe_inbox_row(row: InboxRow, moment: datetime) -> ConversationRow:
    """A conversation as lists show it at this moment."""
    conversation, last, ours = row
    line = make_line_view(last, ours, moment) if last else LineView("", "note", "", conversation.last_at)
    return ConversationRow(
        conversation.ref, title_of_conversation(conversation), write_line_moment(conversation.last_at),
        texts.inbox_moment_in_words(conversation.last_at, moment), line, snippet_of_line(line),
        conversation.unread, unread_count_in_words(conversation), conversation.blocked,
        texts.call_reason_in_words(conversation.call_reason))


def unread_count_in_words(conversation: ListedConversation) -> str:
    """How many texts have not been read, in words; "" when there is none."""
    return str(ngettext("%(num)s new text", "%(num)s new texts", conversation.unread)) if conversation.unread else ""
