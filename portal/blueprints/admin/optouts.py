"""Opt-outs: who wants no texts, how they said it, and the likely ones that wait for a decision."""

from collections.abc import Iterator
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from wtforms import StringField
from wtforms.validators import DataRequired

from portal.models import OptOut, User
from portal.services import csv_cells
from portal.services.refusals import Clash
from portal.services.texting import conversations, erased_numbers, optouts
from portal.web.forms import Form, line, stripped
from portal.wording import texts

from . import bp

LONGEST = 200
FARTHEST = 2**62


class AddForm(Form):
    """An opt-out that was said on the phone, by mail or on paper."""

    number = StringField(lazy_gettext("Number"), [DataRequired(lazy_gettext("Enter the number."))], filters=[stripped],
                         render_kw={"type": "tel", "autocomplete": "off"})
    source = line(lazy_gettext("Source"), lazy_gettext("Say how it was said."), LONGEST)


class WithdrawForm(Form):
    """Why an entry is taken back."""

    reason = line(lazy_gettext("Reason"), lazy_gettext("Say why it is withdrawn, and what proves it."), LONGEST)


def me() -> User:
    """The signed-in person themselves, for services."""
    actor: User = current_user._get_current_object()
    return actor


def page(form: AddForm, search: str = "", before: int | None = None) -> str:
    """The list, 50 a page, with the likely ones on top of its first page."""
    digits = "".join(char for char in search if char.isdecimal())
    rows = optouts.page(current_user.organization_id, optouts.LISTED, before, digits)
    likely = optouts.page(current_user.organization_id, optouts.UNDECIDED) if before is None else []
    readers = conversations.holders(current_user.organization_id, [row.theirs for row in likely])
    return render_template(
        "admin/opt_outs.html", form=form, errors=bool(form.errors), search=search, newest=before is None,
        rows=[(row, name_of(row), texts.opt_out_source(row.source)) for row in rows[:optouts.PAGE]],
        withdrawable=[row for row in rows if optouts.can_withdraw(row)],
        older=rows[optouts.PAGE - 1].id if len(rows) > optouts.PAGE else None,
        likely=[(row, readers.get(row.theirs, [])) for row in likely])


def name_of(row: OptOut) -> str:
    """The number of an entry as people read it, if it is still known."""
    return str(gettext("Erased on request")) if erased_numbers.is_one(row.theirs) else texts.phone(row.theirs)


def place() -> int | None:
    """Where the list goes on."""
    before = request.values.get("before", type=int)
    return None if before is None else min(max(before, 0), FARTHEST)


@bp.get("/opt-outs")
def opt_outs() -> str:
    """Everybody who opted out, newest first."""
    return page(AddForm(formdata=None), before=place())


@bp.post("/opt-outs/search")
def find_opt_outs() -> str:
    """Those with these digits. It is a form that is posted, so that no number stands in an address."""
    return page(AddForm(formdata=None), request.form.get("search", ""), place())


@bp.post("/opt-outs")
def add_opt_out() -> Response:
    """Write down an opt-out that was said in another way."""
    form = AddForm()
    if form.validate_on_submit():
        try:
            optouts.add_typed(me(), current_user.organization, form.number.data or "", form.source.data or "")
            flash(gettext("The opt-out is written down. Nobody in your organization can text this number any more."))
            return make_response(redirect(url_for("admin.opt_outs"), 303))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return make_response(page(form), 422)


@bp.get("/opt-outs/<ref>")
def opt_out(ref: str) -> str:
    """One entry, and the form to take it back where that can be done here."""
    return one(optouts.find(current_user.organization_id, ref), WithdrawForm(formdata=None))


def one(row: OptOut, form: WithdrawForm) -> str:
    """The page of one entry."""
    return render_template("admin/opt_out.html", row=row, form=form, errors=bool(form.errors), title=name_of(row),
                           said=texts.opt_out_source(row.source), consent=texts.consent(row.consent),
                           can=optouts.can_withdraw(row))


@bp.post("/opt-outs/<ref>")
def withdraw_opt_out(ref: str) -> Response:
    """Take an entry back that was made by hand or on the web."""
    row, form = optouts.find(current_user.organization_id, ref), WithdrawForm()
    if form.validate_on_submit():
        try:
            optouts.withdraw(me(), current_user.organization, row, form.reason.data or "")
            flash(gettext("The opt-out is withdrawn."))
            return make_response(redirect(url_for("admin.opt_outs"), 303))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return make_response(one(row, form), 422)


@bp.post("/opt-outs/<ref>/decide")
def decide_opt_out(ref: str) -> Response:
    """Say whether somebody meant to opt out."""
    row, meant = optouts.find(current_user.organization_id, ref), request.form.get("meant") != "no"
    done = optouts.decide_likely(me(), current_user.organization, row, meant)
    flash(gettext("The decision is written down.") if done else gettext(
        "It was decided meanwhile. Nothing was changed now."))
    return make_response(redirect(url_for("admin.opt_outs"), 303))


@bp.get("/opt-outs/search")
@bp.get("/opt-outs/<ref>/decide")
def back_to_opt_outs(ref: str = "") -> Response:
    """A reload after an error leads back to the list."""
    if ref:
        optouts.find(current_user.organization_id, ref)
    return make_response(redirect(url_for("admin.opt_outs"), 303))


@bp.get("/opt-outs/export")
def export_opt_outs() -> Response:
    """All of them as CSV, for the organization's other systems."""
    answer = make_response(Response(stream_with_context(lines()), mimetype="text/csv"))
    answer.headers["Content-Disposition"] = "attachment; filename=opt-outs.csv"
    return answer


def lines() -> Iterator[str]:
    """The file, in batches."""
    organization_id, before = current_user.organization_id, None
    yield csv_cells.line(["Number", "State", "Since (UTC)", "How", "Source"])
    while rows := optouts.page(organization_id, (*optouts.LISTED, *optouts.UNDECIDED), before)[:optouts.PAGE]:
        yield "".join(csv_cells.line(cells(row)) for row in rows)
        before = rows[-1].id


def cells(row: OptOut) -> list[Any]:
    """One line of the file."""
    number = name_of(row) if erased_numbers.is_one(row.theirs) else row.theirs
    return [number, texts.consent(row.consent), row.said_at.isoformat(), texts.opt_out_source(row.source), row.note]
