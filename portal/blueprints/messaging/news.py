"""What is new on the page of an open conversation: its lines, and the list of conversations beside it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Response, make_response, render_template

from portal.models import Conversation
from portal.services.texting import conversations
from portal.web.reader import signed_in_user

from . import bp
from .inbox import ROWS_BESIDE, RowsBeside, list_rows_beside, version_in_words
from .news_question import NewsQuestion, ask_for_news, read_news_question
from .reading import COUNTED
from .threads import conversation_composer_context, open_text_form, optout_context
from .words import LineView, is_number_still_mine, make_line_views, title_of_conversation


class PageNews(NamedTuple):
    """What a poll brings: new lines, lines that changed, the list beside them if it did, and the next question."""

    added: list[LineView]
    changed: list[LineView]
    beside: RowsBeside | None
    question: NewsQuestion


@bp.get("/<ref>/news")
def show_new_lines(ref: str) -> Response:
    """What a page that is open does not show yet; 204 when there is nothing new.

    Hundreds of pages ask this every two seconds: where no text can change, one statement says that there is nothing.
    """
    asked = read_news_question()
    version, newest = conversations.read_open_page_version(signed_in_user(), ref, ROWS_BESIDE)
    rows = version_in_words(version)
    if (asked.rows, asked.watch) == (rows, "") and newest is not None and newest <= asked.after:
        return Response(status=204)
    conversation = conversations.find_conversation(signed_in_user(), ref)
    news = read_page_news(conversation, asked, rows)
    return answer_with_news(conversation, news) if any(news[:3]) else Response(status=204)


def read_page_news(conversation: Conversation, asked: NewsQuestion, rows: str) -> PageNews:
    """What is new since a page asked; `rows` is the version of the list beside it as it is now."""
    found, watched = conversations.read_conversation_news(conversation, asked.after, asked.watched), asked.watched
    added = make_line_views(conversation, found.added, day=asked.day)
    looked = make_line_views(conversation, found.changed)
    beside = list_rows_beside(conversation.ref) if asked.rows != rows else None
    return PageNews(added, [line for line in looked if line.key != watched[line.ref]], beside, ask_for_news(
        added, [*looked, *added], found.added[-1].id if found.added else asked.after,
        beside.version if beside else rows, asked.day))


def answer_with_news(conversation: Conversation, news: PageNews) -> Response:
    """The parts that a poll brings, and after a note about opting out what may be written."""
    shows: Mapping[str, Any] = {"conversation": conversation, "now_ours": is_number_still_mine(conversation),
                                "noted": False}
    if any(line.kind == "note" for line in news.added):
        shows = {**shows, **conversation_composer_context(conversation, open_text_form(conversation)), "noted": True,
                 **optout_context(conversation)}
    part = render_template("messaging/news.html", title=title_of_conversation(conversation), **shows, **news._asdict())
    # Who reads what was added makes the counts change once more, and that says so by itself.
    return make_response(part, {"HX-Trigger": COUNTED} if news.beside and not news.added else {})
