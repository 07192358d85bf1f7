"""Writing to somebody, and what the portal says to a text while it is being written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from portal import wording
from portal.services.texting import composer, sending
from portal.services.texting.sending import KeyReused
from portal.services.toggles.eligibility import Roll

from . import bp
from .forms import NewTextForm, TextForm
from .words import barred, considered, me, sender, wanted


def send(form: TextForm, to: str) -> str:
    """Send what a form holds; the ref of its conversation, or "" with every reason in the form."""
    try:
        sent = sending.send(me(), to, form.body.data or "", form.key.data or "")
    except KeyReused:
        form.renew()
        form.form_errors.append(gettext("Another text has been sent from this page already. This one has not been"
                                        " sent yet: read it again, then send it."))
        return ""
    form.explain(sent.decision)
    return sent.conversation


def show_composer(form: TextForm, to: str, roll: Roll | None = None) -> Mapping[str, Any]:
    """What a form for a text shows: its fields, made plain where that was asked for, and what is said to them."""
    if request.method == "POST" and wanted() == "plain":
        form.body.data = composer.plainer(form.body.data or "")
    look = composer.look(me(), to, form.body.data or "", roll)
    look = look if form.decision is None else replace(look, decision=form.decision)
    return {"form": form, "errors": bool(form.errors), "blocked": not look.decision.allowed,
            "slowed": wording.slowed(roll.restrictions_on(me().id)) if roll else "", **considered(look, to)}


@bp.get("/new")
@bp.post("/new")
def new() -> Response:
    """A text to somebody; it leads to the conversation with them."""
    form = NewTextForm()
    if request.method == "POST" and wanted() == "send" and (ref := send(form, form.number.data or "")):
        return make_response(redirect(url_for("messaging.thread", ref=ref, _anchor="newest"), 303))
    roll = Roll.of(me().organization_id or 0)
    held = barred(roll)
    page = render_template("messaging/new.html", barred=held, sender=sender() if not held else "",
                           **show_composer(form, form.number.data or "", roll))
    return make_response(page, 422 if form.errors else 200)


@bp.post("/consider")
def consider() -> str:
    """What the portal says to a text so far. It is posted: neither number nor words stand in an address."""
    to = request.form.get("number", "")
    look = composer.look(me(), to, request.form.get("body", ""))
    return render_template("messaging/_considered.html", **considered(look, to))
