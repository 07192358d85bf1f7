"""One conversation: read by its member alone, answered, named, blocked; new texts appear by themselves."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.models import Conversation
from portal.services.refusals import Clash
from portal.services.spam import reports
from portal.services.texting import composer, conversations, optouts
from portal.services.toggles.eligibility import Roll
from portal.web.htmx import wants_part

from . import bp
from .forms import NameForm, TextForm
from .new import send, show_composer
from .words import OPEN, Line, barred, headline, me, place, sender, shown, still_mine, title, wanted


def writing_to(conversation: Conversation, form: TextForm) -> Mapping[str, Any]:
    """What the composer of a conversation shows; no form where no text could be sent, unless one was written."""
    roll, now_ours = Roll.of(conversation.organization_id), still_mine(conversation)
    held = barred(roll)
    shows = show_composer(form, conversation.theirs, roll)
    open_to = now_ours and not held and not shows["blocked"]
    return {"conversation": conversation, "barred": held, "now_ours": now_ours, "sender": "" if held else sender(),
            "may_write": open_to or bool(form.body.data), **shows}


def page(conversation: Conversation, form: TextForm, naming: NameForm | None = None) -> str:
    """The page of a conversation."""
    ours, before = conversations.ours(conversation), place("before")
    found, older = conversations.lines(conversation, before)
    lines = [shown(message, ours.e164) for message in found]
    naming = naming or NameForm(formdata=None, name=conversation.name)
    shows = writing_to(conversation, form)
    return render_template(
        "messaging/thread.html", lines=lines, older=found[0].id if older else None, newest=before is None, ours=ours,
        title=title(conversation), naming=naming, consent=conversations.consent(conversation),
        reported=reports.reported(me(), conversation, found),
        after=found[-1].id if found else 0, watch=watching(lines),
        **{**shows, "errors": shows["errors"] or bool(naming.errors)})


def watching(lines: Iterable[Line]) -> str:
    """The texts whose state may still change, with the state that is shown, for the next poll."""
    found = [f"{line.ref}.{line.key}" for line in lines if line.kind == "out" and line.key in OPEN]
    return ",".join(found[-conversations.WATCHED:])


def watched_before() -> dict[str, str]:
    """What `watching` said when the page asked last: the state that it shows of each text, by its ref."""
    return dict(one.split(".", 1) for one in request.args.get("watch", "").split(",") if "." in one)


@bp.get("/<ref>")
def thread(ref: str) -> str:
    """The latest texts, or a page of older ones. Opening it is reading it."""
    conversation = conversations.find(me(), ref)
    conversations.mark_read(conversation)
    return page(conversation, TextForm(body=composer.to_edit(me(), conversation, request.args.get("again", ""))))


@bp.post("/<ref>")
def reply(ref: str) -> Response:
    """Send a text, or look at it first."""
    conversation, form = conversations.find(me(), ref), TextForm()
    if wanted() == "send" and (sent := send(form, conversation.theirs)):
        return accepted(conversation, sent)
    shows = part if wants_part() else page
    return make_response(shows(conversation, form), 422 if form.errors else 200)


def accepted(conversation: Conversation, sent: str) -> Response:
    """An empty composer in the place of the one whose text was sent, and a nudge for the poll; else the page anew."""
    conversations.mark_read(conversation)
    if sent != conversation.ref or not wants_part():
        return go(url_for("messaging.thread", ref=sent, _anchor="newest"))
    answer = make_response(part(conversation, TextForm(formdata=None)))
    answer.headers["HX-Trigger"] = "sent"
    return answer


def part(conversation: Conversation, form: TextForm) -> str:
    """The composer alone, and the page's title, which says when there is an error."""
    body = render_template("messaging/_composer.html", focus=not form.errors, **writing_to(conversation, form))
    return body + render_template("shared/_said.html", title=headline(conversation), errors=bool(form.errors),
                                  said="")


def go(address: str) -> Response:
    """Lead on to another page, whoever asks."""
    if wants_part():
        return Response(headers={"HX-Redirect": address})
    return make_response(redirect(address, 303))


@bp.get("/<ref>/news")
def news(ref: str) -> Response:
    """Lines that a page which is open does not show yet; 204 when there is nothing new."""
    conversation, after = conversations.find(me(), ref), place("after") or 0
    watched, ours = watched_before(), conversations.ours(conversation)
    found = conversations.news(conversation, after, watched)
    added, looked = [[shown(one, ours.e164) for one in kind] for kind in found]
    changed = [line for line in looked if line.key != watched[line.ref]]
    if not added and not changed:
        return Response(status=204)
    last = found.added[-1].id if added else after
    return make_response(brought(conversation, added, changed, after=last, watch=watching([*looked, *added])))


def brought(conversation: Conversation, added: list[Line], changed: list[Line], **poll: Any) -> str:
    """The parts that a poll brings: lines, the next poll, and after a note about opting out what may be written."""
    shows: Mapping[str, Any] = {"conversation": conversation, "now_ours": still_mine(conversation), "noted": False}
    if any(line.kind == "note" for line in added):
        shows = {**shows, **writing_to(conversation, TextForm(formdata=None)), "noted": True,
                 "consent": conversations.consent(conversation)}
    return render_template("messaging/news.html", title=title(conversation), added=added, changed=changed, **shows,
                           **poll)


@bp.post("/<ref>/name")
def name(ref: str) -> Response:
    """Name the outside number, for oneself."""
    conversation, form = conversations.find(me(), ref), NameForm()
    try:
        conversations.name(conversation, form.name.data or "")
    except Clash as clash:
        form.clash(clash.field, clash.sentence, clash.values)
        return make_response(page(conversation, TextForm(formdata=None), form), 422)
    flash(gettext("The name is saved. Nobody else sees it."))
    return go(url_for("messaging.thread", ref=ref))


@bp.post("/<ref>/block")
def block(ref: str) -> Response:
    """Show no more texts of this number to this member, or show them again."""
    conversation, on = conversations.find(me(), ref), request.form.get("on") == "y"
    conversations.block(conversation, on=on)
    flash(gettext("Blocked. You get no more texts from this number; if they text STOP, it counts all the same.")
          if on else gettext("You get texts from this number again."))
    return go(url_for("messaging.thread", ref=ref))


@bp.post("/<ref>/opt-out")
def decide(ref: str) -> Response:
    """Say whether they meant to opt out."""
    conversation, meant = conversations.find(me(), ref), request.form.get("meant") != "no"
    row = conversations.consent(conversation)
    done = row is not None and optouts.decide_likely(me(), current_user.organization, row, meant)
    flash(decided(meant) if done else gettext("It was decided meanwhile. Nothing was changed now."))
    return go(url_for("messaging.thread", ref=ref))


def decided(meant: bool) -> str:
    """What a decision about a likely opt-out leads to."""
    return str(gettext("They have opted out: nobody in your organization can text them any more.") if meant
               else gettext("They did not mean it: they can be texted again."))


@bp.get("/<ref>/name")
@bp.get("/<ref>/block")
@bp.get("/<ref>/opt-out")
def back(ref: str) -> Response:
    """A reload after an error leads back to the conversation."""
    return make_response(redirect(url_for("messaging.thread", ref=conversations.find(me(), ref).ref), 303))
