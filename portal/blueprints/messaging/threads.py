"""One conversation: its member alone reads, answers, names and blocks it. The page polls for new texts."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from portal.extensions import now
from portal.models import Conversation
from portal.services.refusals import Clash
from portal.services.spam import reports
from portal.services.texting import composer, consents, conversations, drafts
from portal.services.texting.inbox_rows import ListedLine
from portal.services.texting.optout_decisions import find_undoable_decision
from portal.web.consent_fields import NewConsentForm
from portal.web.htmx import wants_part
from portal.web.not_meant_form import NotMeantForm
from portal.web.reader import signed_in_user
from portal.web.requests import read_list_position

from . import bp
from .forms import ConversationNameForm, TextForm
from .inbox import list_rows_beside
from .new import composer_context, keep_form_draft, submit_text_form
from .news_question import ask_for_news
from .reading import mark_shown_lines_read
from .words import (
    LineView,
    is_number_still_mine,
    make_line_views,
    page_title_of_conversation,
    read_reader_facts,
    read_submit_purpose,
    texting_obstacle_context,
    title_of_conversation,
)


def conversation_composer_context(conversation: Conversation, form: TextForm) -> Mapping[str, Any]:
    """What the composer of a conversation shows; no form where no text could be sent, unless one was written."""
    known, now_ours = read_reader_facts(), is_number_still_mine(conversation)
    obstacle = texting_obstacle_context(known)
    shows = composer_context(form, conversation.theirs, known)
    open_to = now_ours and not obstacle and not shows["blocked"]
    return {"conversation": conversation, "barred": obstacle, "now_ours": now_ours,
            "may_write": open_to or (bool(form.body.data) and not form.from_draft), **shows}


def open_text_form(conversation: Conversation) -> TextForm:
    """The form for a reply that nobody has posted, with the draft that was kept."""
    return TextForm(formdata=None).go_on_with(drafts.find_draft(signed_in_user(), conversation))


def conversation_page(conversation: Conversation, form: TextForm, naming: ConversationNameForm | None = None,
                      deciding: NotMeantForm | None = None, agreeing: NewConsentForm | None = None) -> str:
    """The page of a conversation."""
    before = read_list_position("before")
    found, older = conversations.list_conversation_lines(conversation, before)
    lines = show_lines(conversation, found)
    naming = naming or ConversationNameForm(formdata=None, name=conversation.name)
    beside, shows = list_rows_beside(conversation.ref), conversation_composer_context(conversation, form)
    return render_template(
        "messaging/thread.html", lines=lines, older=found[0].id if older else None, newest=before is None,
        ours=conversations.number_of_conversation(conversation),
        title=title_of_conversation(conversation), naming=naming, agreeing=agreeing,
        consent=consents.consent_of_number(conversation.organization_id, conversation.theirs),
        **optout_context(conversation, deciding),
        seen=found[-1].ref if found else "", beside=beside,
        question=ask_for_news(lines, lines, found[-1].id if found else 0, beside.version),
        **{**shows, "errors": shows["errors"] or any(one.errors for one in (naming, deciding, agreeing) if one)})


def optout_context(conversation: Conversation, deciding: NotMeantForm | None = None) -> Mapping[str, Any]:
    """What is shown about an opt-out of the other person: the question, or a decision that can be undone."""
    row = conversations.optout_of_conversation(conversation)
    to_decide = row is not None and row.state == "likely-out"
    return {"optout": row, "undoable": find_undoable_decision(row, now()), "to_decide": to_decide,
            "deciding": deciding or (NotMeantForm(formdata=None) if to_decide else None)}


def show_lines(conversation: Conversation, found: Sequence[ListedLine]) -> list[LineView]:
    """Lines as a page shows them, each with the report that its reader made of it."""
    return make_line_views(conversation, found, reports.report_refs_by_text(signed_in_user(), conversation, found))


def older_texts_part(conversation: Conversation) -> str:
    """A page of older texts, to stand above those that a page shows."""
    found, older = conversations.list_conversation_lines(conversation, read_list_position("before"))
    return render_template(
        "messaging/older.html", conversation=conversation, older=found[0].id if older else None,
        lines=show_lines(conversation, found), now_ours=is_number_still_mine(conversation))


@bp.get("/<ref>")
def show_conversation(ref: str) -> str:
    """The latest texts, or a page of older ones. It writes nothing: what comes into view says that it is read."""
    conversation = conversations.find_conversation(signed_in_user(), ref)
    if wants_part():
        return older_texts_part(conversation)
    again = composer.read_own_text(signed_in_user(), conversation, request.args.get("again", ""))
    return conversation_page(conversation, TextForm(body=again) if again else open_text_form(conversation))


@bp.post("/<ref>")
def reply_to_conversation(ref: str) -> Response:
    """Send a text, or look at it first."""
    conversation, form = conversations.find_conversation(signed_in_user(), ref), TextForm()
    if read_submit_purpose() == "send" and (sent := submit_text_form(form, conversation.theirs)):
        mark_shown_lines_read(conversation)
        return respond_after_sending(conversation, sent)
    keep_form_draft(form, conversation=conversation)
    shows = composer_part if wants_part() else conversation_page
    return make_response(shows(conversation, form), 422 if form.errors else 200)


def respond_after_sending(conversation: Conversation, sent: str) -> Response:
    """An empty composer in the place of the one whose text was sent, and a nudge for the poll; else the page anew."""
    if sent != conversation.ref or not wants_part():
        return redirect_page_or_part(url_for("messaging.show_conversation", ref=sent, _anchor="newest"))
    answer = make_response(composer_part(conversation, TextForm(formdata=None)))
    answer.headers["HX-Trigger"] = "sent"
    return answer


def composer_part(conversation: Conversation, form: TextForm) -> str:
    """The composer alone, and the page's title, which says when there is an error."""
    body = render_template("messaging/_composer.html", focus=not form.errors,
                           **conversation_composer_context(conversation, form))
    return body + render_template("shared/_said.html", title=page_title_of_conversation(conversation),
                                  errors=bool(form.errors),
                                  toasts=[])


def redirect_page_or_part(address: str) -> Response:
    """Redirect to another page; htmx needs a header of its own for that."""
    if wants_part():
        return Response(headers={"HX-Redirect": address})
    return make_response(redirect(address, 303))


@bp.post("/<ref>/name")
def name_conversation(ref: str) -> Response:
    """Name the outside number, for oneself."""
    conversation, form = conversations.find_conversation(signed_in_user(), ref), ConversationNameForm()
    try:
        conversations.set_conversation_name(conversation, form.name.data or "")
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return make_response(conversation_page(conversation, open_text_form(conversation), form), 422)
    flash(gettext("The name is saved. Nobody else sees it."))
    return redirect_page_or_part(url_for("messaging.show_conversation", ref=ref))


@bp.post("/<ref>/block")
def block_conversation(ref: str) -> Response:
    """Show no more texts of this number to this member, or show them again."""
    conversation, on = conversations.find_conversation(signed_in_user(), ref), request.form.get("on") == "y"
    conversations.set_conversation_block(conversation, on=on)
    flash(gettext("Blocked. You won't see texts from this number. STOP still works.")
          if on else gettext("Unblocked. You see texts from this number again."))
    return redirect_page_or_part(url_for("messaging.show_conversation", ref=ref))


@bp.get("/<ref>/name")
@bp.get("/<ref>/block")
@bp.get("/<ref>/called")
def reload_conversation(ref: str) -> Response:
    """A reload after an error leads back to the conversation."""
    return make_response(redirect(url_for("messaging.show_conversation",
                                          ref=conversations.find_conversation(signed_in_user(), ref).ref), 303))
