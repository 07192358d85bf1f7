"""Opt-outs: who wants no texts, how they said it, and the likely ones that wait for a decision."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext, lazy_gettext
from flask_login import current_user
from wtforms import StringField
from wtforms.validators import DataRequired

from portal import lengths
from portal.extensions import now
from portal.models import OptOut, WebAsk
from portal.services import csv_cells, names
from portal.services.refusals import Clash
from portal.services.texting import erased_numbers, likely_optouts, optout_decisions, optouts, web_decisions
from portal.web.downloads import csv_download
from portal.web.forms import Form, make_line_field, strip_value
from portal.web.not_meant_form import NotMeantForm
from portal.web.reader import signed_in_user
from portal.web.requests import read_list_position
from portal.wording import texts

from . import bp


class NewOptOutForm(Form):
    """An opt-out that was said on the phone, by mail or on paper."""

    number = StringField(lazy_gettext("Number"), [DataRequired(lazy_gettext("Enter the number."))],
                         filters=[strip_value],
                         render_kw={"type": "tel", "autocomplete": "off"})
    source = make_line_field(lazy_gettext("Source"), lazy_gettext("Say how it was said."), lengths.OPT_OUT_NOTE)


class WithdrawOptOutForm(Form):
    """Why an entry is taken back."""

    reason = make_line_field(lazy_gettext("Reason"), lazy_gettext("Say why it is withdrawn, and what proves it."),
                             lengths.OPT_OUT_NOTE)


def optout_list_page(form: NewOptOutForm, search: str = "", before: int | None = None) -> str:
    """The list, 50 a page, with the likely ones on top of its first page."""
    digits = names.digits_of_search(search)
    rows = optouts.list_optout_rows(current_user.organization_id, optouts.LISTED, before, digits)
    likely = optouts.list_optout_rows(current_user.organization_id, optouts.UNDECIDED) if before is None else []
    readers = likely_optouts.readers_of_numbers(current_user.organization_id, [row.theirs for row in likely])
    return render_template(
        "admin/opt_outs.html", form=form, errors=bool(form.errors), search=search, newest=before is None,
        rows=[(row, number_of_optout(row), texts.optout_source_in_words(row.source))
              for row in rows[:optouts.OPTOUTS_PER_PAGE]],
        withdrawable=[row for row in rows if optouts.can_withdraw_optout(row)],
        older=rows[optouts.OPTOUTS_PER_PAGE - 1].id if len(rows) > optouts.OPTOUTS_PER_PAGE else None,
        likely=[(row, number_of_optout(row), readers[row.theirs],
                 likely_optouts.can_admins_decide(row, readers[row.theirs])) for row in likely],
        decided=optout_decisions.count_member_decisions(current_user.organization_id, now()) if before is None else [],
        asked=requests_above_list(before),
        decided_within=web_decisions.DECIDED_WITHIN.days)


def requests_above_list(before: int | None) -> Sequence[WebAsk]:
    """The requests on the web that wait for a decision; on the first page of the list only."""
    return web_decisions.list_waiting_requests(current_user.organization_id) if before is None else ()


def number_of_optout(row: OptOut) -> str:
    """The number of an entry as people read it, if it is still known."""
    return str(gettext("Erased on request")) if erased_numbers.is_erased_number(row.theirs) else texts.display_number(
        row.theirs)


@bp.get("/opt-outs")
def list_optouts() -> str:
    """Everybody who opted out, newest first."""
    return optout_list_page(NewOptOutForm(formdata=None), before=read_list_position("before"))


@bp.post("/opt-outs/search")
def search_optouts() -> str:
    """Those with these digits. It is a form that is posted, so that no number stands in an address."""
    return optout_list_page(NewOptOutForm(formdata=None), request.form.get("search", ""), read_list_position("before"))


@bp.post("/opt-outs")
def add_optout() -> Response:
    """Write down an opt-out that was said in another way."""
    form = NewOptOutForm()
    if form.validate_on_submit():
        try:
            optouts.record_typed_optout(signed_in_user(), current_user.organization, form.number.data or "",
                                        form.source.data or "")
            flash(gettext("Opt-out added. Nobody in your organization can text this number any more."))
            return make_response(redirect(url_for("admin.list_optouts"), 303))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return make_response(optout_list_page(form), 422)


@bp.get("/opt-outs/<ref>")
def show_optout(ref: str) -> str:
    """One entry, and the form to take it back where that can be done here."""
    return optout_page(optouts.find_optout(current_user.organization_id, ref), WithdrawOptOutForm(formdata=None))


def optout_page(row: OptOut, form: WithdrawOptOutForm, deciding: NotMeantForm | None = None, quoted: str = "") -> str:
    """The page of one entry; `quoted` are the words of a likely opt-out that an administrator has just asked for."""
    waits = likely_optouts.waits_for_decision(row)
    readers = likely_optouts.readers_of_numbers(row.organization_id, [row.theirs])[row.theirs] if waits else {}
    deciding = deciding or NotMeantForm(formdata=None)
    return render_template("admin/opt_out.html", row=row, form=form, errors=bool(form.errors or deciding.errors),
                           deciding=deciding, quoted=quoted, readers=readers,
                           may_deny=likely_optouts.can_admins_decide(row, readers),
                           undoable=optout_decisions.find_undoable_decision(row, now()),
                           title=number_of_optout(row),
                           said=texts.optout_source_in_words(row.source), state=texts.optout_state_in_words(row.state),
                           can=optouts.can_withdraw_optout(row))


@bp.post("/opt-outs/<ref>")
def withdraw_optout(ref: str) -> Response:
    """Take an entry back that was made by hand or on the web."""
    row, form = optouts.find_optout(current_user.organization_id, ref), WithdrawOptOutForm()
    if form.validate_on_submit():
        try:
            optouts.withdraw_recorded_optout(signed_in_user(), current_user.organization, row, form.reason.data or "")
            flash(gettext("Opt-out withdrawn. Your organization can text this number again."))
            return make_response(redirect(url_for("admin.list_optouts"), 303))
        except Clash as clash:
            form.clash(clash.field, clash.sentence, clash.values)
    return make_response(optout_page(row, form), 422)


@bp.get("/opt-outs/search")
def reload_optouts() -> Response:
    """A reload after an error leads back to the list."""
    return make_response(redirect(url_for("admin.list_optouts"), 303))


@bp.get("/opt-outs/export")
def export_optouts() -> Response:
    """All of them as CSV, for the organization's other systems."""
    return csv_download(optout_csv_lines(), "opt-outs.csv")


def optout_csv_lines() -> Iterator[str]:
    """The file, in batches."""
    organization_id, before = current_user.organization_id, None
    yield csv_cells.csv_line(["Number", "State", "Since (UTC)", "How", "Source"])
    while rows := optouts.list_optout_rows(organization_id, (*optouts.LISTED, *optouts.UNDECIDED),
                                           before)[:optouts.OPTOUTS_PER_PAGE]:
        yield "".join(csv_cells.csv_line(csv_cells_of_optout(row)) for row in rows)
        before = rows[-1].id


def csv_cells_of_optout(row: OptOut) -> list[Any]:
    """One line of the file, in English for every reader: an import reads these words, and a STOP must stay one."""
    with force_locale("en"):
        number = number_of_optout(row) if erased_numbers.is_erased_number(row.theirs) else row.theirs
        return [number, texts.optout_state_in_words(row.state), row.said_at.isoformat(),
                texts.optout_source_in_words(row.source), row.note]
